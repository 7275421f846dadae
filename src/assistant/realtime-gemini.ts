/** Gemini as a realtime model: what its session takes of an assistant (API: GoogleModel.realtimeConfig). */
import { usageError, type VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { Assistant } from './schema.ts'

/** The API names the first one alone; those after it are names of Google's own that speak the same protocol. */
export const GEMINI_LIVE_MODELS = [
  'gemini-2.0-flash-realtime-exp',
  'gemini-2.0-flash-live',
  'gemini-live-2.5-flash',
  'gemini-2.5-flash-native-audio',
  'gemini-2.5-flash-preview-native-audio',
] as const

/** The voices that the API names for Gemini's realtime model. */
export const GEMINI_VOICES = ['Puck', 'Charon', 'Kore', 'Fenrir', 'Aoede'] as const

/** Those that Google's speech generation has beside them, for models of Google's own names. */
const OTHER_VOICES =
  'Zephyr Leda Orus Callirrhoe Autonoe Enceladus Iapetus Umbriel Algieba Despina Erinome Algenib Rasalgethi Laomedeia Achernar Alnilam Schedar Gacrux Pulcherrima Achird Zubenelgenubi Vindemiatrix Sadachbia Sadaltager Sulafat'.split(
    ' ',
  )

const VOICE_PATH = 'model.realtimeConfig.speechConfig.voiceConfig.prebuiltVoiceConfig.voiceName'
/** Settings of `model.realtimeConfig` that go to the session as they are. */
const GENERATION = ['topP', 'topK', 'presencePenalty', 'frequencyPenalty'] as const

/** The same assistant, whose parts are the session's, and what the user should know. Unknown voices are `refused`. */
export function compileGeminiLive(
  assistant: Assistant,
  name: string,
  refused: (error: VapiError) => void,
): { assistant: Assistant; warnings: string[] } {
  const { voice, transcriber, model } = assistant
  const isSilent = voice?.provider === 'silent'
  const voiceId = voiceOf(assistant, refused)
  const format = { chunkPlan: { formatPlan: { enabled: false } } }
  const listens = Object.entries(transcriber ?? {}).some(
    ([key, value]) => key !== 'language' && isGiven(value),
  )
  const [ofTheApi] = GEMINI_LIVE_MODELS
  const unknown = Object.keys(isObject(model?.realtimeConfig) ? model.realtimeConfig : {}).filter(
    key => key !== 'speechConfig' && !GENERATION.some(known => known === key),
  )
  return {
    assistant: {
      ...assistant,
      voice: isSilent ? { ...voice, ...format } : { provider: 'google', voiceId, ...format },
      transcriber: {
        provider: 'google',
        model: name,
        ...(transcriber?.language !== undefined && { language: transcriber.language }),
      },
    },
    warnings: [
      ...(voice !== undefined && !isSilent && voice.provider !== 'google'
        ? [
            `the voice of the assistant (${voice.provider}) has no effect: the realtime model ${name} speaks itself, with ${voiceId} (${VOICE_PATH})`,
          ]
        : []),
      ...(listens || transcriber?.language !== undefined
        ? [
            `the transcriber of the assistant has no effect: the realtime model ${name} listens itself, and finds out the language itself`,
          ]
        : []),
      ...unknown.map(key => `model.realtimeConfig.${key} is not known to a local call and has no effect`),
      ...(isSilent
        ? []
        : [
            `${name} cannot be made to say given words: the first message and other texts are asked for in a second session, and it may say them in other words (which is told); an answer that is interrupted moves the conversation to a new session, as text`,
          ]),
      ...(name === ofTheApi || name.startsWith('gemini-2.0-') || name.startsWith('gemini-live-2.5-')
        ? [
            `${name} may not answer: Google has switched off its Live models of that generation; gemini-2.5-flash-native-audio-preview-12-2025 is what it names in their place`,
          ]
        : []),
      ...(name === ofTheApi
        ? []
        : [`${name} is not among the models of the API: a local call alone runs it, an account may not`]),
    ],
  }
}

/** What a session is generated with, as `model.realtimeConfig` has it. */
export function geminiGeneration({ model }: Assistant): Readonly<Record<string, unknown>> {
  const configured = isObject(model?.realtimeConfig) ? model.realtimeConfig : {}
  return Object.fromEntries(
    GENERATION.flatMap(key => (isGiven(configured[key]) ? [[key, configured[key]]] : [])),
  )
}

function voiceOf({ model, voice }: Assistant, refused: (error: VapiError) => void): string {
  const named = ['speechConfig', 'voiceConfig', 'prebuiltVoiceConfig', 'voiceName'].reduce<unknown>(
    (value, key) => (isObject(value) ? value[key] : undefined),
    model?.realtimeConfig,
  )
  const own = voice?.provider === 'google' ? voice.voiceId : undefined
  const voiceId = typeof named === 'string' ? named : (own ?? GEMINI_VOICES[0])
  const all: readonly string[] =
    model?.model === GEMINI_LIVE_MODELS[0] ? GEMINI_VOICES : [...GEMINI_VOICES, ...OTHER_VOICES]
  if (all.includes(voiceId)) return voiceId
  const path = typeof named === 'string' ? VOICE_PATH : 'voice.voiceId'
  refused(usageError(`${path}: ${model?.model} has no voice ${voiceId}`, `its voices are ${all.join(', ')}`))
  return voiceId
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
