import type { VoicePlan } from '../engine/plan.ts'
import { usageError } from '../errors.ts'
import { FORMATTER_NAMES, type FormatPlan, type FormatterName, type Replacement } from '../format/plan.ts'
import { defaults } from './defaults.ts'
import { voiceFailedReason } from './ended-reasons.ts'
import { voiceLanguage } from './languages.ts'
import { compileMarkup, providerSettings, type VoiceMarkup } from './pronunciation.ts'
import { compileRegex } from './regex.ts'
import type { Assistant, AssistantVoice } from './schema.ts'
import { compileSpeed } from './speeds.ts'
import { voiceSettingWarnings } from './voice-settings.ts'

export interface CompiledVoices {
  plan: VoicePlan
  format: FormatPlan
  /** The settings of each voice as configured, parallel to the plan's voices. */
  settings: Readonly<Record<string, unknown>>[]
  /** What each voice does with markup and dictionaries, parallel to the plan's voices. */
  markup: VoiceMarkup[]
  warnings: string[]
}

/** Compiles the voice, its fallbacks in order, and its chunk and format plans. */
export function compileVoices(voice: Assistant['voice']): CompiledVoices {
  const configured: AssistantVoice = voice ?? { provider: 'vapi', voiceId: 'Elliot' }
  const all = [configured, ...(voice?.fallbackPlan?.voices ?? [])]
  const chunkPlan = configured.chunkPlan ?? {}
  const formatPlan = chunkPlan.formatPlan ?? {}
  const enabled = chunkPlan.enabled ?? true
  const format: FormatPlan = {
    enabled: enabled && (formatPlan.enabled ?? true),
    numberToDigitsCutoff: formatPlan.numberToDigitsCutoff ?? defaults.numberToDigitsCutoff,
    formattersEnabled: formatPlan.formattersEnabled?.map(formatterName) ?? null,
    replacements: formatPlan.replacements?.map(replacement) ?? [],
  }
  const placeOf = (place: number) => (place === 0 ? 'voice' : `voice.fallbackPlan.voices[${place - 1}]`)
  const marked = all.map((one, place) => compileMarkup(one, placeOf(place), format))
  const paced = all.map(
    (
      { provider, voiceId: _voiceId, chunkPlan: _chunkPlan, fallbackPlan: _fallbackPlan, ...settings },
      place,
    ) => compileSpeed(provider, settings, placeOf(place)),
  )
  return {
    plan: {
      voices: all.map(one => ({
        name: `${one.provider}/${one.voiceId ?? 'default'}`,
        endedReason: voiceFailedReason(one.provider),
        language: voiceLanguage(one),
      })),
      chunks: {
        enabled,
        minimumCharacters: chunkPlan.minCharacters ?? defaults.minimumCharacters,
        boundaries: [...(chunkPlan.punctuationBoundaries ?? defaults.punctuationBoundaries)],
        format: enabled && (formatPlan.enabled ?? true),
      },
    },
    format: { ...format, ssml: marked.some(({ markup }) => markup.ssml) },
    settings: all.map(({ provider }, place) =>
      providerSettings(provider, paced[place].settings, marked[place].markup),
    ),
    markup: marked.map(({ markup }) => markup),
    warnings: [
      ...[...marked, ...paced].flatMap(({ warnings }) => warnings),
      ...all.flatMap(({ provider }, place) =>
        voiceSettingWarnings(provider, paced[place]?.settings ?? {}, placeOf(place)),
      ),
    ],
  }
}

function formatterName(name: string, index: number): FormatterName {
  const known = FORMATTER_NAMES.find(candidate => candidate === name)
  if (known !== undefined) return known
  throw usageError(
    `voice.chunkPlan.formatPlan.formattersEnabled[${index}]: there is no formatter ${name}`,
    `known are ${FORMATTER_NAMES.join(', ')}`,
  )
}

type ReplacementConfig = NonNullable<
  NonNullable<NonNullable<AssistantVoice['chunkPlan']>['formatPlan']>['replacements']
>[number]

function replacement(config: ReplacementConfig, index: number): Replacement {
  if (config.type === 'exact') {
    return {
      type: 'exact',
      key: config.key,
      value: config.value,
      replaceAllEnabled: config.replaceAllEnabled ?? false,
    }
  }
  const path = `voice.chunkPlan.formatPlan.replacements[${index}].regex`
  return {
    type: 'regex',
    pattern: compileRegex(config.regex, config.options, path, 'g'),
    value: config.value,
  }
}
