import { messageOf } from '../../../errors.ts'
import { isEnglish } from '../../language-names.ts'
import { compileRegex } from '../../regex.ts'
import type { RegexOptions } from '../../schema.ts'
import { compileWaitFunction } from '../../wait-function.ts'
import type { PathPart } from '../finding.ts'
import { itemsAt, objectAt, type Rule, type Tell, transcribersOf, valueAt, voicesOf } from './rule.ts'

const plan = 'startSpeakingPlan'

/** Rules of turn taking (reference: vapi-api.md 4.3 and 4.4). */
export const speakingRules: readonly Rule[] = [
  {
    code: 'two-endpointing-switches',
    check({ assistant }, tell) {
      const start = objectAt(assistant, plan)
      const off = start?.smartEndpointingEnabled === undefined || start.smartEndpointingEnabled === false
      if (!off && start?.smartEndpointingPlan !== undefined)
        tell(
          'warning',
          [plan, 'smartEndpointingEnabled'],
          'smartEndpointingPlan is set too and wins',
          'leave smartEndpointingEnabled out',
        )
    },
  },
  {
    code: 'livekit-language',
    check({ assistant }, tell) {
      const start = objectAt(assistant, plan)
      const livekit =
        objectAt(start, 'smartEndpointingPlan')?.provider === 'livekit' ||
        start?.smartEndpointingEnabled === 'livekit'
      const language = valueAt(assistant, 'transcriber', 'language')
      if (!livekit || typeof language !== 'string' || isEnglish(language)) return
      tell(
        'warning',
        [plan, objectAt(start, 'smartEndpointingPlan') ? 'smartEndpointingPlan' : 'smartEndpointingEnabled'],
        `livekit knows English only; the transcriber listens to ${language}`,
        'smartEndpointingPlan: { provider: vapi }',
      )
    },
  },
  {
    code: 'flux-language',
    check({ assistant }, tell) {
      for (const { value, at } of transcribersOf(assistant)) {
        const { model, language } = value
        if (model !== 'flux-general-en' || typeof language !== 'string' || isEnglish(language)) continue
        const message = `${model} knows English only, not ${language}`
        tell('warning', [...at, 'language'], message, 'model: flux-general-multi')
      }
    },
  },
  {
    code: 'transcriber-turns-off',
    check({ assistant }, tell) {
      const smart = objectAt(assistant, plan, 'smartEndpointingPlan')
      const transcriber = objectAt(assistant, 'transcriber')
      // These names mean that there is no such plan.
      if (smart === null || transcriber === null || /^(deepgram-flux|assembly)/.test(String(smart.provider)))
        return
      const flux = transcriber.provider === 'deepgram' && /^flux/.test(String(transcriber.model))
      const assembly = /^assembly/.test(String(transcriber.provider))
      if (flux || assembly)
        tell(
          'warning',
          [plan, 'smartEndpointingPlan'],
          `it turns the end of turn of ${flux ? 'Deepgram Flux' : 'AssemblyAI'} off`,
          'leave it out',
        )
    },
  },
  {
    code: 'wait-function',
    check({ assistant }, tell) {
      const source = valueAt(assistant, plan, 'smartEndpointingPlan', 'waitFunction')
      if (typeof source !== 'string') return
      try {
        compileWaitFunction(source, 'waitFunction')
      } catch (error) {
        tell('warning', [plan, 'smartEndpointingPlan', 'waitFunction'], messageOf(error), '200 + 8000 * x')
      }
    },
  },
  {
    code: 'endpointing-not-used',
    check({ assistant }, tell) {
      const start = objectAt(assistant, plan)
      const smart = objectAt(start, 'smartEndpointingPlan')
      const flux = /^flux/.test(String(valueAt(assistant, 'transcriber', 'model')))
      if (smart !== null && start?.transcriptionEndpointingPlan !== undefined)
        tell(
          'warning',
          [plan, 'transcriptionEndpointingPlan'],
          'it is not asked while smartEndpointingPlan is set',
          'leave one of them out',
        )
      if (smart === null && flux) {
        for (const field of ['customEndpointingRules', 'transcriptionEndpointingPlan']) {
          if (valueAt(start, field) !== undefined)
            tell(
              'warning',
              [plan, field],
              'Deepgram Flux ends the turns itself; this is not asked without a smartEndpointingPlan',
            )
        }
      }
      if (smart !== null && valueAt(assistant, 'transcriber', 'provider') === 'assembly-ai') {
        for (const field of assemblyTurns) {
          if (valueAt(assistant, 'transcriber', field) !== undefined)
            tell('warning', ['transcriber', field], 'it is not used while a smartEndpointingPlan is set')
        }
      }
    },
  },
  {
    code: 'voice-seconds-not-used',
    check({ assistant }, tell) {
      const stop = objectAt(assistant, 'stopSpeakingPlan')
      if (typeof stop?.numWords === 'number' && stop.numWords > 0 && stop.voiceSeconds !== undefined)
        tell('warning', ['stopSpeakingPlan', 'voiceSeconds'], 'it is used only where numWords is 0')
    },
  },
  {
    code: 'invalid-regex',
    check({ assistant }, tell) {
      for (const { value, at } of itemsAt(assistant, plan, 'customEndpointingRules')) {
        for (const field of ['regex', 'assistantRegex', 'customerRegex'])
          checkRegex(
            value[field],
            value[field === 'regex' ? 'regexOptions' : `${field}Options`],
            [...at, field],
            tell,
          )
      }
      for (const voice of voicesOf(assistant)) {
        for (const { value, at } of itemsAt(voice.value, 'chunkPlan', 'formatPlan', 'replacements')) {
          if (value.type === 'regex')
            checkRegex(value.regex, value.options, [...voice.at, ...at, 'regex'], tell)
        }
      }
    },
  },
]

const assemblyTurns = [
  'endOfTurnConfidenceThreshold',
  'minEndOfTurnSilenceWhenConfident',
  'maxTurnSilence',
  'vadAssistedEndpointingEnabled',
]

function checkRegex(source: unknown, options: unknown, at: readonly PathPart[], tell: Tell): void {
  if (typeof source !== 'string') return
  if (source === '') tell('warning', at, 'an empty regular expression fits every text')
  try {
    compileRegex(source, Array.isArray(options) ? (options as RegexOptions) : undefined, '')
  } catch (error) {
    tell(
      'error',
      at,
      messageOf(error)
        .trim()
        .replace(/^is not a/, 'not a'),
    )
  }
}
