/**
 * ElevenLabs as its documentation has it (API reference: Stream speech with timing; help page "API - Error Code 400 or
 * 401"): lines of JSON, each with sound in base64 and the times of the characters in it.
 */
import {
  bytesOf,
  MS_PER_CHARACTER,
  type SpeechProtocol,
  type SpeechRequest,
  toneFor,
  withLead,
} from './speech-server.ts'

export const ELEVENLABS_KEY = 'sk_0123456789elevenlabs'

const VOICE_SETTINGS = ['stability', 'similarity_boost', 'style', 'speed', 'use_speaker_boost']
const FIELDS = [
  'text',
  'model_id',
  'language_code',
  'voice_settings',
  'pronunciation_dictionary_locators',
  'seed',
  'previous_text',
  'next_text',
  'previous_request_ids',
  'next_request_ids',
  'use_pvc_as_ivc',
  'apply_text_normalization',
  'apply_language_text_normalization',
]
const STATUSES: Readonly<Record<number, [string, string]>> = {
  401: ['invalid_api_key', 'Invalid API key'],
  403: ['missing_permissions', 'The API key you used is missing the permission text_to_speech.'],
  404: ['voice_not_found', 'A voice with that voice_id was not found.'],
  429: ['too_many_concurrent_requests', 'Too many concurrent requests.'],
  500: ['internal_error', 'Something went wrong.'],
}

export interface ElevenLabsOptions {
  /** Characters in one line; 12 unless given. */
  charactersPerLine?: number
  /** Times count anew in each line. */
  relativeTimes?: boolean
  /** Silence before the first word, in milliseconds. */
  leadMs?: number
}

export function elevenLabsProtocol(options: ElevenLabsOptions = {}): SpeechProtocol {
  const { charactersPerLine = 12, relativeTimes = false, leadMs = 0 } = options
  const error = (status: number) => {
    const [code, message] = STATUSES[status] ?? ['error', `status ${status}`]
    return { detail: { status: code, message } }
  }
  return {
    contentType: 'text/event-stream',
    error,
    check({ method, path, headers, query, body }) {
      const [, voiceId] = /^\/v1\/text-to-speech\/([^/]+)\/stream\/with-timestamps$/.exec(path) ?? []
      if (method !== 'POST' || voiceId === undefined) return { status: 404, body: { detail: 'Not Found' } }
      if (headers['xi-api-key'] !== ELEVENLABS_KEY) return { status: 401, body: error(401) }
      if (voiceId === 'nobody') return { status: 404, body: error(404) }
      const settings = (body.voice_settings ?? {}) as Record<string, unknown>
      const unknown = [
        ...Object.keys(body).filter(name => !FIELDS.includes(name)),
        ...Object.keys(settings).filter(name => !VOICE_SETTINGS.includes(name)),
      ]
      const format = query.get('output_format') ?? 'mp3_44100_128'
      const latency = Number(query.get('optimize_streaming_latency') ?? 0)
      if (
        unknown.length > 0 ||
        typeof body.text !== 'string' ||
        !/^pcm_(8000|16000|22050|24000|44100)$/.test(format) ||
        !(latency >= 0 && latency <= 4)
      )
        return {
          status: 422,
          body: { detail: [{ loc: ['body'], msg: `wrong: ${unknown.join()}`, type: 'value_error' }] },
        }
      return null
    },
    speak(request, silent) {
      const text = spoken(request)
      const rate = Number(request.query.get('output_format')?.split('_')[1])
      const samples = withLead(toneFor(silent ? '' : text, rate), silent ? 0 : leadMs, rate)
      const lead = (leadMs * rate) / 1000
      const perCharacter = (MS_PER_CHARACTER * rate) / 1000
      const lines: Buffer[] = []
      for (let from = 0; from < text.length; from += charactersPerLine) {
        const characters = [...text.slice(from, from + charactersPerLine)]
        const base = relativeTimes ? 0 : from
        const seconds = (place: number) => ((base + place) * MS_PER_CHARACTER + leadMs) / 1000
        const sound = samples.subarray(
          from === 0 ? 0 : lead + from * perCharacter,
          lead + (from + characters.length) * perCharacter,
        )
        const alignment = {
          characters,
          character_start_times_seconds: characters.map((_, place) => seconds(place)),
          character_end_times_seconds: characters.map((_, place) => seconds(place + 1)),
        }
        const message = {
          audio_base64: bytesOf(sound).toString('base64'),
          alignment: silent ? null : alignment,
          normalized_alignment: silent ? null : alignment,
        }
        lines.push(Buffer.from(`${JSON.stringify(message)}\n`))
      }
      return lines
    },
  }
}

function spoken({ body }: SpeechRequest): string {
  return String(body.text)
}
