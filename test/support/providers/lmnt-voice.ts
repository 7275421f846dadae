/** LMNT's speech endpoint as its documentation has it (docs.lmnt.com, Speech API: Generate speech). */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const LMNT_KEY = 'lmnt-0123456789'

const FIELDS = [
  'text',
  'voice',
  'debug',
  'format',
  'language',
  'model',
  'sample_rate',
  'temperature',
  'top_p',
]

export function lmntProtocol(): SpeechProtocol {
  const error = (status: number) => ({ error: `status ${status}` })
  return {
    contentType: 'application/octet-stream',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/v1/ai/speech/bytes') return { status: 404, body: error(404) }
      if (headers['x-api-key'] !== LMNT_KEY) return { status: 401, body: error(401) }
      const unknown = Object.keys(body).filter(name => !FIELDS.includes(name))
      const isWhole = typeof body.text === 'string' && typeof body.voice === 'string'
      const isRight = Boolean(headers['lmnt-version']) && body.format === 'pcm_s16le'
      return isWhole && isRight && unknown.length === 0 ? null : { status: 400, body: error(400) }
    },
    speak({ body }, silent) {
      const rate = Number(body.sample_rate ?? 24_000)
      return pieces(bytesOf(toneFor(silent ? '' : String(body.text), rate)), rate / 5)
    },
  }
}
