/** Smallest AI's events as its OpenAPI document has them (smallest-inc/smallest-ai-documentation, Waves TTS API). */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const SMALLEST_KEY = 'sk_0123456789smallest'

const FIELDS = [
  'text',
  'voice_id',
  'model',
  'sample_rate',
  'speed',
  'language',
  'output_format',
  'pronunciation_dicts',
]
const MODELS = ['lightning_v3.1', 'lightning_v3.1_pro']

export function smallestProtocol(): SpeechProtocol {
  const error = (status: number) => ({ error: 'Refused', message: `status ${status}` })
  return {
    contentType: 'text/event-stream',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/waves/v1/tts/live') return { status: 404, body: error(404) }
      if (headers.authorization !== `Bearer ${SMALLEST_KEY}`) return { status: 401, body: error(401) }
      const unknown = Object.keys(body).filter(name => !FIELDS.includes(name))
      const isWhole = typeof body.text === 'string' && typeof body.voice_id === 'string'
      const isModel = body.model === undefined || MODELS.includes(String(body.model))
      return isWhole && isModel && unknown.length === 0 ? null : { status: 400, body: error(400) }
    },
    speak({ body }, silent) {
      const rate = Number(body.sample_rate)
      const sound = pieces(bytesOf(toneFor(silent ? '' : String(body.text), rate)), rate / 5)
      return [
        ...sound.map(part =>
          Buffer.from(`event: audio\ndata: ${JSON.stringify({ audio: part.toString('base64') })}\n\n`),
        ),
        Buffer.from('data: {"done": true}\n\n'),
      ]
    },
  }
}
