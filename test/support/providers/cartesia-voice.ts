/**
 * Cartesia as its documentation has it (API reference 2026-03-01: Text to Speech (SSE); API errors): events with sound in
 * base64, events with the times of words, one that says that all is told.
 */
import { bytesOf, MS_PER_CHARACTER, pieces, type SpeechProtocol, toneFor, withLead } from './speech-server.ts'

export const CARTESIA_KEY = 'sk_car_0123456789'

const FIELDS = [
  'model_id',
  'transcript',
  'voice',
  'output_format',
  'language',
  'generation_config',
  'add_timestamps',
  'add_phoneme_timestamps',
  'use_normalized_timestamps',
  'pronunciation_dict_id',
  'context_id',
]
const STATUSES: Readonly<Record<number, [string | null, string, string]>> = {
  401: ['unauthorized', 'Unauthorized', 'The API key is missing or invalid.'],
  403: [null, 'Forbidden', 'Your plan does not include this.'],
  404: ['voice_not_found', 'Voice not found', 'There is no voice with this id.'],
  429: [
    'concurrency_limited',
    'Too many concurrent requests',
    "You have exceeded your plan's concurrency limit.",
  ],
  500: [null, 'Internal error', 'Something went wrong.'],
}
const REQUEST_ID = '550e8400-e29b-41d4-a716-446655440000'

export interface CartesiaOptions {
  /** An error event follows after so many events. */
  errorAfter?: number
  /** The closing event is missing. */
  unfinished?: boolean
  /** Silence before the first word, in milliseconds. */
  leadMs?: number
}

export function cartesiaProtocol({
  errorAfter,
  unfinished,
  leadMs = 0,
}: CartesiaOptions = {}): SpeechProtocol {
  const error = (status: number) => {
    const [code, title, message] = STATUSES[status] ?? [null, 'Error', `status ${status}`]
    return { error_code: code, title, message, request_id: REQUEST_ID }
  }
  return {
    contentType: 'text/event-stream',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/tts/sse') return { status: 404, body: error(404) }
      if (headers.authorization !== `Bearer ${CARTESIA_KEY}`) return { status: 401, body: error(401) }
      const format = (body.output_format ?? {}) as Record<string, unknown>
      const voice = (typeof body.voice === 'string' ? { id: body.voice } : (body.voice ?? {})) as Record<
        string,
        unknown
      >
      const unknown = Object.keys(body).filter(name => !FIELDS.includes(name))
      if (
        !/^\d{4}-\d\d-\d\d$/.test(String(headers['cartesia-version'])) ||
        unknown.length > 0 ||
        typeof body.model_id !== 'string' ||
        typeof body.transcript !== 'string' ||
        typeof voice.id !== 'string' ||
        format.container !== 'raw' ||
        format.encoding !== 'pcm_s16le'
      )
        return {
          status: 400,
          body: { ...error(400), title: 'Bad request', message: `wrong: ${unknown.join() || 'the request'}` },
        }
      return voice.id === 'nobody' ? { status: 404, body: error(404) } : null
    },
    speak({ body }, silent) {
      const text = String(body.transcript)
      const rate = Number((body.output_format as Record<string, unknown>).sample_rate)
      const sound = bytesOf(withLead(toneFor(silent ? '' : text, rate), silent ? 0 : leadMs, rate))
      const common = { done: false, status_code: 206, context_id: body.context_id ?? 'c' }
      const chunks = pieces(sound, rate).map(data => ({
        type: 'chunk',
        data: data.toString('base64'),
        step_time: 12,
        ...common,
      }))
      const words = [...text.replace(/<[^>]*>/g, tag => ' '.repeat(tag.length)).matchAll(/[^\s.,!?]+/g)]
      const seconds = (place: number) => (place * MS_PER_CHARACTER + leadMs) / 1000
      const half = Math.ceil(words.length / 2)
      const timestamps = [words.slice(0, half), words.slice(half)].map(some => ({
        type: 'timestamps',
        word_timestamps: {
          words: some.map(([word]) => word),
          start: some.map(({ index }) => seconds(index)),
          end: some.map(({ index, 0: word }) => seconds(index + word.length)),
        },
        ...common,
      }))
      const events: object[] = [
        ...chunks.slice(0, 1),
        ...(body.add_timestamps === true && !silent ? timestamps : []),
        ...chunks.slice(1),
      ]
      if (errorAfter !== undefined)
        events.splice(errorAfter, events.length, {
          type: 'error',
          ...common,
          done: true,
          status_code: 500,
          ...error(500),
        })
      else if (unfinished !== true) events.push({ type: 'done', ...common, done: true, status_code: 200 })
      return events.map(event =>
        Buffer.from(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`),
      )
    },
  }
}
