import { usageError, type VapiError } from '../errors.ts'
import { compileGeminiLive, GEMINI_LIVE_MODELS } from './realtime-gemini.ts'
import type { Assistant, AssistantVoice } from './schema.ts'

/** A speech-to-speech model: it takes the customer's sound and gives the assistant's (seed: OpenAI Realtime). */
export interface RealtimeModel {
  provider: 'openai' | 'google'
  /** As in `model.model`; a name that begins with it and goes on with a version counts too. */
  name: string
  /**
   * Which form of the protocol it was made for: of OpenAI's, the sessions with a type, or those before them; of Google's,
   * its Live API.
   */
  form: 'current' | 'preview' | 'gemini'
}

/** The API's realtime models (seed: OpenAI Realtime, Available models; vapi-api.md 4.7 and row 50). */
export const REALTIME_MODELS: readonly RealtimeModel[] = [
  { provider: 'openai', name: 'gpt-4o-mini-realtime-preview', form: 'preview' },
  { provider: 'openai', name: 'gpt-4o-realtime-preview', form: 'preview' },
  { provider: 'openai', name: 'gpt-realtime', form: 'current' },
  ...GEMINI_LIVE_MODELS.map(name => ({ provider: 'google', name, form: 'gemini' }) as const),
]

/** The voices of OpenAI's realtime models. */
export const REALTIME_VOICES = ['alloy', 'echo', 'shimmer', 'marin', 'cedar'] as const
/** Those that only realtime models have. */
const EXCLUSIVE_VOICES: readonly string[] = ['marin', 'cedar']
/** What the session writes down the customer's words with. */
const TRANSCRIPTION_MODEL = 'gpt-4o-transcribe'

/** The realtime model of an assistant; null where its model is another one. */
export function realtimeModelOf(model: Assistant['model']): RealtimeModel | null {
  if (model === undefined) return null
  const provider = model.provider ?? 'openai'
  const name = model.model ?? ''
  return (
    REALTIME_MODELS.find(
      known => known.provider === provider && (name === known.name || name.startsWith(`${known.name}-`)),
    ) ?? null
  )
}

/** An assistant as its parts are compiled from. */
export interface RealtimeCompiled {
  model: RealtimeModel | null
  /** The same assistant; where a realtime model speaks and listens, with what it does itself in the place of other providers. */
  assistant: Assistant
  warnings: string[]
}

/**
 * What a realtime model makes of an assistant: the voice is one of its own, the transcriber its session's, and nothing
 * is formatted, because the sound is the model's. A voice that does not go with the model is `refused` with a usage error,
 * which is thrown unless somebody takes it; then the model's own voice stands in its place.
 */
export function compileRealtime(
  assistant: Assistant,
  refused: (error: VapiError) => void = throwRefusal,
): RealtimeCompiled {
  const { model: configured } = assistant
  const model = realtimeModelOf(configured)
  if (configured === undefined || model === null) {
    refuseExclusiveVoices(assistant, refused)
    return { model, assistant, warnings: [] }
  }
  const { usable, dropped } = usableModel(configured, configured.model ?? model.name)
  if (model.form === 'gemini') {
    const gemini = compileGeminiLive({ ...assistant, model: usable }, configured.model ?? model.name, refused)
    return { model, ...gemini, warnings: [...gemini.warnings, ...dropped] }
  }
  const name = configured.model ?? model.name
  const voice = voiceOf(assistant.voice, name, refused)
  const { transcriber } = assistant
  return {
    model,
    assistant: {
      ...assistant,
      model: usable,
      voice: voice.voice,
      transcriber: {
        provider: 'openai',
        model: TRANSCRIPTION_MODEL,
        ...(transcriber?.language !== undefined && { language: transcriber.language }),
      },
    },
    warnings: [...voice.warnings, ...withoutEffect(assistant, model, name), ...dropped],
  }
}

function voiceOf(
  configured: Assistant['voice'],
  name: string,
  refused: (error: VapiError) => void,
): { voice: AssistantVoice; warnings: string[] } {
  const format = { chunkPlan: { formatPlan: { enabled: false } } }
  const [own] = REALTIME_VOICES
  // Nobody listens: the model writes.
  if (configured?.provider === 'silent') return { voice: { ...configured, ...format }, warnings: [] }
  if (configured === undefined)
    return {
      voice: { provider: 'openai', voiceId: own, ...format },
      warnings: [
        `${name} speaks itself, with a voice of its own: ${own}, because the assistant names none (voice)`,
      ],
    }
  const hint = `voice.provider: openai with voice.voiceId ${REALTIME_VOICES.slice(0, -1).join(', ')} or ${REALTIME_VOICES.at(-1)}`
  if (configured.provider !== 'openai') {
    const fault = `voice.provider: ${name} speaks itself, and not with a voice of ${configured.provider}`
    refused(usageError(fault, hint))
    return { voice: { provider: 'openai', voiceId: own, ...format }, warnings: [] }
  }
  const { voiceId = own } = configured
  if (!REALTIME_VOICES.some(known => known === voiceId))
    refused(usageError(`voice.voiceId: ${name} has no voice ${voiceId}`, hint))
  const { chunkPlan: _chunkPlan, fallbackPlan: _fallbackPlan, ...settings } = configured
  const dropped = ['chunkPlan', 'fallbackPlan'].filter(key => isSet(configured[key]))
  return {
    voice: { ...settings, voiceId, ...format },
    warnings: dropped.map(
      key =>
        `voice.${key} has no effect with the realtime model ${name}: the sound is that of the model, as it says it`,
    ),
  }
}

/** What the configuration says to parts that a realtime model does without. */
function withoutEffect({ transcriber }: Assistant, { form }: RealtimeModel, name: string): string[] {
  const settings = Object.entries(transcriber ?? {}).filter(
    ([key, value]) => key !== 'language' && isSet(value),
  )
  return [
    ...(settings.length > 0
      ? [
          `the transcriber of the assistant has no effect: the realtime model ${name} listens itself${transcriber?.language === undefined ? '' : '; only its language counts'}`,
        ]
      : []),
    ...(form === 'preview'
      ? [
          `${name} is a preview model: OpenAI has switched off the form of its realtime protocol that it was made for, and may not answer; gpt-realtime-2025-08-28 is the one for use`,
        ]
      : []),
  ]
}

/** The model without what other parts of a call would do for it, and what to tell about that. */
function usableModel(
  model: NonNullable<Assistant['model']>,
  name: string,
): { usable: NonNullable<Assistant['model']>; dropped: string[] } {
  const {
    fallbackModels: _models,
    numFastTurns: _turns,
    knowledgeBase,
    knowledgeBaseId,
    tools,
    ...own
  } = model
  const others = tools?.filter(({ type }) => type !== 'query')
  const isAsked = isSet(knowledgeBase) || isSet(knowledgeBaseId) || others?.length !== tools?.length
  return {
    usable: { ...own, ...(others !== undefined && { tools: others }) },
    dropped: [
      ...(isAsked ? [`knowledge bases are not available with the realtime model ${name}`] : []),
      ...['fallbackModels', 'numFastTurns']
        .filter(key => isSet(model[key]) && model[key] !== 0)
        .map(key => `model.${key} has no effect: no other model takes over from the realtime model ${name}`),
    ],
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function throwRefusal(error: VapiError): never {
  throw error
}

function refuseExclusiveVoices({ voice }: Assistant, refused: (error: VapiError) => void): void {
  const all = voice === undefined ? [] : [voice, ...(voice.fallbackPlan?.voices ?? [])]
  for (const [place, { provider, voiceId = '' }] of all.entries()) {
    if (provider !== 'openai' || !EXCLUSIVE_VOICES.includes(voiceId)) continue
    const path = place === 0 ? 'voice' : `voice.fallbackPlan.voices[${place - 1}]`
    const hint =
      'use a realtime model such as gpt-realtime-2025-08-28, or another voice: alloy, echo, shimmer …'
    refused(usageError(`${path}.voiceId: only realtime models have the voice ${voiceId}`, hint))
  }
}
