/**
 * ElevenLabs (elevenlabs.io/docs, API reference: Stream speech with timing; help page "Do pauses and SSML phoneme tags work
 * with the API?"): lines of JSON with sound and the times of its characters. Its WebSocket is for text that comes in parts
 * and brings the first sound of a whole one no sooner (help page "What is the Text-to-Speech WebSockets API?";
 * bench/voices.mjs).
 */
import type { VoicePiece, WordTiming } from '../../engine/ports/voice.ts'
import { usageError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { ErrorContext } from '../provider-error.ts'
import { createEventReader, fromBase64 } from './event-reader.ts'
import { createHttpVoice, type SoundReader } from './http-voice.ts'
import type { VoiceProvider } from './types.ts'
import { createCharacterJoiner, createWordFinder, type SpokenWord } from './word-times.ts'

/** The rate of a call: nothing to convert. */
const SAMPLE_RATE = 16_000
/** What the hosted platform asks for where the assistant names none (API: ElevenLabsVoice). */
const DEFAULT_MODEL = 'eleven_turbo_v2'
const DEFAULT_LATENCY = 3

/** Models that can be held to one language. */
export const LANGUAGE_MODELS = ['eleven_turbo_v2_5', 'eleven_flash_v2_5', 'eleven_v3'] as const

/** Names of the API's list of voices, and what ElevenLabs knows them by; null where that is not published. */
const PRESETS: Readonly<Record<string, string | null>> = {
  andrea: null,
  burt: '4YYIPFl9wE5c4L2eu2Gb',
  drew: '29vD33N1CtxCmqQRPOHJ',
  joseph: 'Zlb1dXrM653N07WRdFW3',
  marissa: null,
  mark: null,
  matilda: 'XrExE9yKIg1WjnnlVkGX',
  mrb: null,
  myra: null,
  paul: '5Q0t7uMcjvnagumLfvZi',
  paula: null,
  phillip: null,
  ryan: 'wViXBPUzp2ZZixB1xQuM',
  sarah: 'EXAVITQu4vr4xnSDxMaL',
  steve: null,
}

export const elevenLabs: VoiceProvider = {
  id: '11labs',
  proof: { by: 'client-library', name: '@elevenlabs/elevenlabs-js' },
  // Its model page says about 75 for Flash, its help page about 300 for Turbo v2.5.
  typicalMs: 300,
  create({ name, vendor, access, http, voiceId, settings: configured }) {
    const id = idOf(voiceId)
    const context: ErrorContext = { vendor, stage: 'voice', key: access.key, endedReason: refusedReason }
    return createHttpVoice({
      name,
      http,
      context,
      capabilities: { wordTiming: true, markup: configured.enableSsmlParsing === true },
      request: ({ text, settings }) => ({
        method: 'POST',
        url: `${access.baseUrl}/v1/text-to-speech/${encodeURIComponent(id)}/stream/with-timestamps?${queryOf(settings)}`,
        headers: {
          'content-type': 'application/json',
          ...(access.key !== null && { 'xi-api-key': access.key }),
        },
        body: JSON.stringify({ text, ...bodyOf(settings) }),
      }),
      reader: ({ text }) => createTimedReader(text, context),
    })
  },
}

function idOf(voiceId: string): string {
  const id = Object.hasOwn(PRESETS, voiceId) ? PRESETS[voiceId] : voiceId
  if (id !== null && id !== undefined && id !== 'default') return id
  throw usageError(
    id === null
      ? `${voiceId} is a name of the hosted platform; ElevenLabs takes the id of a voice`
      : 'a voice of ElevenLabs is named by its id',
    'copy the id from your voices at ElevenLabs: --voice 11labs/ID, or voice.voiceId',
  )
}

/** Codes of its error answers (help pages "API - Error Code 400 or 401", "API - Error Code 429"), and the API's `endedReason` for them. */
const REFUSALS: Readonly<Record<string, string>> = {
  invalid_api_key: 'invalid-api-key',
  max_character_limit_exceeded: 'max-character-limit-exceeded',
  missing_permissions: 'unauthorized-access',
  quota_exceeded: 'quota-exceeded',
  system_busy: 'system-busy-and-requested-upgrade',
  too_many_concurrent_requests: 'blocked-concurrent-requests-and-requested-upgrade',
  voice_not_found: 'voice-not-found',
}

function refusedReason(status: number | null, said: string): string | undefined {
  if (status === 500 || status === 503)
    return `call.in-progress.error-providerfault-eleven-labs-${status}-server-error`
  const code = Object.keys(REFUSALS).find(known => said.includes(`"${known}"`))
  const reason = code === undefined ? status === 401 && 'invalid-api-key' : REFUSALS[code]
  return reason ? `call.in-progress.error-vapifault-eleven-labs-${reason}` : undefined
}

type Settings = Readonly<Record<string, unknown>>

function queryOf({ optimizeStreamingLatency, model }: Settings): string {
  // Eleven v3 has no such optimisation.
  const latency = optimizeStreamingLatency ?? (model === 'eleven_v3' ? undefined : DEFAULT_LATENCY)
  return new URLSearchParams({
    output_format: `pcm_${SAMPLE_RATE}`,
    ...(latency !== undefined && { optimize_streaming_latency: String(latency) }),
  }).toString()
}

function bodyOf(settings: Settings): Record<string, unknown> {
  const { model = DEFAULT_MODEL, language, pronunciationDictionaryLocators: locators } = settings
  const { stability, similarityBoost, style, speed, useSpeakerBoost } = settings
  const voice = {
    stability,
    similarity_boost: similarityBoost,
    style,
    speed,
    use_speaker_boost: useSpeakerBoost,
  }
  const takesLanguage = LANGUAGE_MODELS.some(known => known === model)
  return {
    model_id: model,
    ...(Object.values(voice).some(value => value !== undefined) && { voice_settings: voice }),
    // ISO 639-1: the country is not for it.
    ...(typeof language === 'string' && takesLanguage && { language_code: language.split('-')[0] }),
    ...(Array.isArray(locators) &&
      locators.length > 0 && {
        pronunciation_dictionary_locators: locators.filter(isObject).map(locator => ({
          pronunciation_dictionary_id: locator.pronunciationDictionaryId,
          version_id: locator.versionId,
        })),
      }),
  }
}

function createTimedReader(text: string, context: ErrorContext): SoundReader {
  const find = createWordFinder(text)
  const joiner = createCharacterJoiner()
  let soundMs = 0
  let toldMs = 0
  const lines = createEventReader({
    framing: 'lines',
    sampleRate: SAMPLE_RATE,
    context,
    read({ audio_base64: sound, alignment, detail, error }) {
      if (sound === undefined && (detail ?? error) !== undefined)
        return { refusal: { status: null, said: JSON.stringify(detail ?? error) } }
      const characters = charactersOf(alignment)
      // Times count from the first sound of the answer; should they count from that of the line, they would run backwards.
      const isAnew = (characters[0]?.startMs ?? toldMs) < toldMs - 50
      const timed = isAnew ? characters.map(character => later(character, soundMs)) : characters
      toldMs = timed.at(-1)?.endMs ?? toldMs
      const bytes = fromBase64(sound)
      soundMs += ((bytes?.length ?? 0) / 2 / SAMPLE_RATE) * 1000
      return { ...(bytes !== undefined && { bytes }), words: find(joiner.push(timed)) }
    },
  })
  return {
    push: lines.push,
    end() {
      const pieces = lines.end?.() ?? []
      return [...pieces, ...told(find(joiner.end()))]
    },
    broken: () => told(find(joiner.end(), true)),
  }
}

function told(words: WordTiming[]): VoicePiece[] {
  return words.length === 0 ? [] : [{ audio: { type: 'silent', durationMs: 0 }, words }]
}

function later({ word, startMs, endMs }: SpokenWord, byMs: number): SpokenWord {
  return { word, startMs: startMs + byMs, endMs: endMs + byMs }
}

function charactersOf(alignment: unknown): SpokenWord[] {
  if (!isObject(alignment)) return []
  const { characters, character_start_times_seconds: starts, character_end_times_seconds: ends } = alignment
  if (!Array.isArray(characters) || !Array.isArray(starts) || !Array.isArray(ends)) return []
  return characters.flatMap((word: unknown, place) => {
    const [start, end]: unknown[] = [starts[place], ends[place]]
    if (typeof word !== 'string' || typeof start !== 'number' || typeof end !== 'number') return []
    return [{ word, startMs: start * 1000, endMs: end * 1000 }]
  })
}
