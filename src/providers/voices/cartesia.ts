/**
 * Cartesia (docs.cartesia.ai, API version 2026-03-01: Text to Speech (SSE); API errors; Volume, speed and emotion; SSML
 * tags): events with sound, and others with the times of words. Its WebSocket brings the first sound no sooner, see
 * bench/voices.mjs.
 */
import { usageError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { ErrorContext } from '../provider-error.ts'
import { createEventReader, fromBase64 } from './event-reader.ts'
import { createHttpVoice, type SoundReader } from './http-voice.ts'
import type { VoiceProvider } from './types.ts'
import { createWordFinder, type SpokenWord } from './word-times.ts'

/** The rate of a call: nothing to convert. */
const SAMPLE_RATE = 16_000
export const CARTESIA_VERSION = '2026-03-01'
/** The newest that takes speed and volume; the API names none where the assistant does not. */
const DEFAULT_MODEL = 'sonic-3'

export const cartesia: VoiceProvider = {
  id: 'cartesia',
  proof: { by: 'client-library', name: '@cartesia/cartesia-js' },
  // Its documentation names none.
  typicalMs: null,
  create({ name, vendor, access, http, voiceId, settings: configured }) {
    if (voiceId === 'default')
      throw usageError(
        'a voice of Cartesia is named by its id',
        'copy the id from play.cartesia.ai: --voice cartesia/ID, or voice.voiceId',
      )
    const context: ErrorContext = { vendor, stage: 'voice', key: access.key }
    return createHttpVoice({
      name,
      http,
      context,
      capabilities: { wordTiming: true, markup: configured.enableSsmlParsing !== false },
      request: ({ text, settings }) => ({
        method: 'POST',
        url: `${access.baseUrl}/tts/sse`,
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          'cartesia-version': CARTESIA_VERSION,
          ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
        },
        body: JSON.stringify({ transcript: text, voice: { mode: 'id', id: voiceId }, ...bodyOf(settings) }),
      }),
      reader: ({ text }) => createReader(text, context),
    })
  },
}

function bodyOf({
  model,
  language,
  generationConfig,
  pronunciationDictId,
}: Readonly<Record<string, unknown>>) {
  const { speed, volume, emotion } = isObject(generationConfig) ? generationConfig : {}
  const generation = { speed, volume, emotion }
  return {
    model_id: model ?? DEFAULT_MODEL,
    output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: SAMPLE_RATE },
    add_timestamps: true,
    language,
    pronunciation_dict_id: pronunciationDictId,
    ...(Object.values(generation).some(value => value !== undefined) && { generation_config: generation }),
  }
}

function createReader(text: string, context: ErrorContext): SoundReader {
  const find = createWordFinder(text)
  return createEventReader({
    framing: 'events',
    sampleRate: SAMPLE_RATE,
    context,
    saysItsEnd: true,
    read(event) {
      switch (event.type) {
        case 'chunk':
          return { bytes: fromBase64(event.data) ?? new Uint8Array() }
        case 'timestamps':
          return { words: find(wordsOf(event.word_timestamps)) }
        case 'done':
          return { isLast: true }
        case 'error':
          return { refusal: { status: statusOf(event), said: JSON.stringify(event) } }
        default:
          // An error in place of the stream has no type.
          return event.title === undefined
            ? {}
            : { refusal: { status: statusOf(event), said: JSON.stringify(event) } }
      }
    },
  })
}

function statusOf({ status_code: status }: Readonly<Record<string, unknown>>): number | null {
  return typeof status === 'number' ? status : null
}

function wordsOf(timestamps: unknown): SpokenWord[] {
  if (!isObject(timestamps)) return []
  const { words, start, end } = timestamps
  if (!Array.isArray(words) || !Array.isArray(start) || !Array.isArray(end)) return []
  return words.flatMap((word: unknown, place) => {
    const [from, to]: unknown[] = [start[place], end[place]]
    if (typeof word !== 'string' || typeof from !== 'number' || typeof to !== 'number') return []
    return [{ word, startMs: from * 1000, endMs: to * 1000 }]
  })
}
