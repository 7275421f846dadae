import { z } from 'zod'
import type { AnsweredBy, AssistantPlan, VoicemailPlan } from '../engine/plan.ts'
import { plainWords } from '../engine/text/phrases.ts'
import { defaults } from './defaults.ts'
import type { Assistant } from './schema.ts'
import type { Render } from './variables.ts'

const between = (minimum: number, maximum: number) => z.number().min(minimum).max(maximum)

const answers = [
  'machine_start',
  'human',
  'fax',
  'unknown',
  'machine_end_beep',
  'machine_end_silence',
  'machine_end_other',
] as const satisfies readonly AnsweredBy[]

/** How machines are told from people (API: voicemailDetection). */
export const voicemailDetectionSchema = z.union([
  z.literal('off'),
  z.discriminatedUnion('provider', [
    z.looseObject({
      provider: z.enum(['google', 'openai', 'vapi']),
      type: z.enum(['audio', 'transcript']).optional(),
      beepMaxAwaitSeconds: between(0, 30).optional(),
      backoffPlan: z
        .looseObject({
          startAtSeconds: z.number().min(0).optional(),
          frequencySeconds: z.number().min(2.5).optional(),
          maxRetries: z.number().int().min(1).max(10).optional(),
        })
        .nullish(),
    }),
    z.looseObject({
      provider: z.literal('twilio'),
      enabled: z.boolean().optional(),
      voicemailDetectionTypes: z.array(z.enum(answers)).optional(),
      machineDetectionTimeout: between(3, 59).optional(),
      machineDetectionSpeechThreshold: between(1000, 6000).optional(),
      machineDetectionSpeechEndThreshold: between(500, 5000).optional(),
      machineDetectionSilenceTimeout: between(2000, 10_000).optional(),
    }),
  ]),
])

/** Settings that end a call, with their documented ranges. */
export const endFields = {
  silenceTimeoutSeconds: between(5, 3600).optional(),
  maxDurationSeconds: between(10, 43_200).optional(),
  customerJoinTimeoutSeconds: between(1, 60).optional(),
  endCallMessage: z.string().max(1000).nullish(),
  endCallPhrases: z.array(z.string().min(2).max(140)).nullish(),
  voicemailMessage: z.string().max(1000).nullish(),
  voicemailDetection: voicemailDetectionSchema.nullish(),
}

type EndPlan = Pick<
  AssistantPlan,
  | 'silenceTimeoutMs'
  | 'maximumDurationMs'
  | 'joinTimeoutMs'
  | 'endCallMessage'
  | 'endCallPhrases'
  | 'voicemail'
>

/** What ends a call by itself, and what is said then. */
export function compileEnds(assistant: Assistant, render: Render): EndPlan {
  const { endCallMessage, endCallPhrases } = assistant
  return {
    silenceTimeoutMs: milliseconds(assistant.silenceTimeoutSeconds, defaults.silenceTimeoutMs),
    maximumDurationMs: milliseconds(assistant.maxDurationSeconds, defaults.maximumDurationMs),
    joinTimeoutMs: milliseconds(assistant.customerJoinTimeoutSeconds, defaults.joinTimeoutMs),
    endCallMessage: endCallMessage ? render(endCallMessage, 'endCallMessage') : null,
    endCallPhrases: (endCallPhrases ?? [])
      .map((phrase, place) => plainWords(render(phrase, `endCallPhrases[${place}]`)))
      .filter(phrase => phrase !== ''),
    voicemail: compileVoicemail(assistant, render),
  }
}

/** How it is found out that a machine has answered; null where it is not (row 69: off unless it is set). */
function compileVoicemail(assistant: Assistant, render: Render): VoicemailPlan | null {
  const { voicemailDetection: settings, voicemailMessage } = assistant
  if (settings === null || settings === undefined || settings === 'off') return null
  const message = voicemailMessage ? render(voicemailMessage, 'voicemailMessage') : null
  const { voicemail } = defaults
  if (settings.provider !== 'twilio') {
    const { startAtSeconds, frequencySeconds, maxRetries } = settings.backoffPlan ?? {}
    return {
      method: 'words',
      message,
      beepMaximumMs: milliseconds(settings.beepMaxAwaitSeconds, voicemail.beepMaximumMs),
      listensToSound: settings.type !== 'transcript',
      startMs: milliseconds(startAtSeconds, voicemail.startMs),
      frequencyMs: milliseconds(frequencySeconds, voicemail.frequencyMs),
      maximumChecks: maxRetries ?? voicemail.maximumChecks,
    }
  }
  if (settings.enabled === false) return null
  return {
    method: 'speech',
    message,
    // Its answers tell of the end of the greeting themselves.
    beepMaximumMs: 0,
    answers: settings.voicemailDetectionTypes ?? voicemail.answers,
    longMs: settings.machineDetectionSpeechThreshold ?? voicemail.longMs,
    endMs: settings.machineDetectionSpeechEndThreshold ?? voicemail.endMs,
    silenceMs: settings.machineDetectionSilenceTimeout ?? voicemail.silenceMs,
    maximumMs: milliseconds(settings.machineDetectionTimeout, voicemail.maximumMs),
  }
}

/** What the user should know of these settings in a local call. */
export function endWarnings(assistant: Assistant): string[] {
  const warnings: string[] = []
  if ((assistant.silenceTimeoutSeconds ?? 10) < 10)
    warnings.push('silenceTimeoutSeconds under 10 is refused by the hosted API')
  const { voicemailDetection: settings } = assistant
  if (typeof settings === 'object' && settings !== null && settings.provider !== 'twilio')
    warnings.push(
      `voicemailDetection: no model of ${settings.provider} is asked in a local call; phrases of the transcript${settings.type === 'transcript' ? '' : ', and a beep in the sound,'} tell a machine`,
    )
  if (
    assistant.model?.tools?.some(
      ({ type, ...tool }) => type === 'voicemail' && tool.beepDetectionEnabled === true,
    )
  )
    warnings.push(
      'beepDetectionEnabled of the tool voicemail has no effect in a local call: it is of Twilio’s calls',
    )
  return warnings
}

function milliseconds(seconds: number | undefined, otherwise: number): number {
  return seconds === undefined ? otherwise : Math.round(seconds * 1000)
}
