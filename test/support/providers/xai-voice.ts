/** xAI's speech endpoint as its documentation has it (docs.x.ai, Model capabilities: Text to speech). */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const XAI_KEY = 'xai-0123456789'

const FIELDS = [
  'text',
  'voice_id',
  'language',
  'output_format',
  'speed',
  'optimize_streaming_latency',
  'text_normalization',
]

export function xaiProtocol(): SpeechProtocol {
  const error = (status: number) => ({ code: 'refused', error: `status ${status}` })
  return {
    contentType: 'audio/pcm',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/v1/tts') return { status: 404, body: error(404) }
      if (headers.authorization !== `Bearer ${XAI_KEY}`) return { status: 401, body: error(401) }
      const { codec } = (body.output_format ?? {}) as Record<string, unknown>
      const unknown = Object.keys(body).filter(name => !FIELDS.includes(name))
      const isWhole = typeof body.text === 'string' && typeof body.language === 'string' && codec === 'pcm'
      return isWhole && unknown.length === 0 ? null : { status: 400, body: error(400) }
    },
    speak({ body }, silent) {
      const rate = Number((body.output_format as Record<string, unknown>).sample_rate)
      return pieces(bytesOf(toneFor(silent ? '' : String(body.text), rate)), rate / 5)
    },
  }
}
