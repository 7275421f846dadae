/** Hume's streamed JSON as its documentation has it (dev.hume.ai, Text-to-speech: Streamed JSON; Timestamps guide). */
import { bytesOf, MS_PER_CHARACTER, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const HUME_KEY = 'hume-0123456789'

const RATE = 48_000
const FIELDS = [
  'context',
  'format',
  'include_timestamp_types',
  'num_generations',
  'split_utterances',
  'strip_headers',
  'temperature',
  'utterances',
  'version',
  'instant_mode',
]
const UTTERANCE = ['text', 'description', 'speed', 'trailing_silence', 'voice']
const PARENTS = { request_id: 'r1', generation_id: 'g1', snippet_id: 's1' }

interface Utterance {
  text: string
  voice?: { id?: string; name?: string; provider?: string }
}

export function humeProtocol(): SpeechProtocol {
  const error = (status: number) => ({ code: `E0${status}`, error: 'refused', message: `status ${status}` })
  const utterancesOf = (body: Record<string, unknown>) =>
    (Array.isArray(body.utterances) ? body.utterances : []) as Utterance[]
  return {
    contentType: 'application/json',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/v0/tts/stream/json') return { status: 404, body: error(404) }
      if (headers['x-hume-api-key'] !== HUME_KEY) return { status: 401, body: error(401) }
      const utterances = utterancesOf(body)
      const unknown = [
        ...Object.keys(body).filter(name => !FIELDS.includes(name)),
        ...utterances.flatMap(one => Object.keys(one).filter(name => !UTTERANCE.includes(name))),
      ]
      const isWhole = utterances.length > 0 && utterances.every(({ text }) => typeof text === 'string')
      const isTimed = body.include_timestamp_types === undefined || body.version === '2'
      const hasVoice = body.instant_mode !== true || utterances[0]?.voice !== undefined
      const isRight = isWhole && isTimed && hasVoice && unknown.length === 0
      return isRight ? null : { status: 422, body: { ...error(422), message: `wrong: ${unknown.join()}` } }
    },
    speak({ body }, silent) {
      const text = utterancesOf(body)
        .map(utterance => utterance.text)
        .join(' ')
      const chunks = pieces(bytesOf(toneFor(silent ? '' : text, RATE)), RATE / 5)
      const lines: object[] = chunks.map((audio, place) => ({
        type: 'audio',
        ...PARENTS,
        text,
        audio: audio.toString('base64'),
        audio_format: 'pcm',
        chunk_index: place,
        is_last_chunk: place === chunks.length - 1,
        utterance_index: 0,
      }))
      const words = body.include_timestamp_types === undefined ? [] : [...text.matchAll(/[^\s.,!?]+/g)]
      lines.splice(
        1,
        0,
        ...words.map(({ index, 0: word }) => ({
          type: 'timestamp',
          ...PARENTS,
          timestamp: {
            type: 'word',
            text: word,
            time: { begin: index * MS_PER_CHARACTER, end: (index + word.length) * MS_PER_CHARACTER },
          },
        })),
      )
      return lines.map(line => Buffer.from(`${JSON.stringify(line)}\n`))
    },
  }
}
