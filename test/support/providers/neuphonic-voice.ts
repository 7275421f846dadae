/** Neuphonic's events, as its own Python library reads them (neuphonic/pyneuphonic) and other clients send for them. */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const NEUPHONIC_KEY = 'neu-0123456789'

export function neuphonicProtocol(): SpeechProtocol {
  const error = (status: number) => ({ status_code: status, errors: [`status ${status}`], data: null })
  return {
    contentType: 'text/event-stream',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || !/^\/sse\/speak\/[a-z]{2}$/.test(path))
        return { status: 404, body: error(404) }
      if (headers['x-api-key'] !== NEUPHONIC_KEY) return { status: 401, body: error(401) }
      const isRight = typeof body.text === 'string' && body.encoding === 'pcm_linear'
      return isRight ? null : { status: 422, body: error(422) }
    },
    speak({ body }, silent) {
      const rate = Number(body.sampling_rate)
      const sound = pieces(bytesOf(toneFor(silent ? '' : String(body.text), rate)), 4410)
      return sound.map(audio => {
        const data = { audio: audio.toString('base64'), text: String(body.text), sampling_rate: rate }
        return Buffer.from(`event: message\ndata: ${JSON.stringify({ status_code: 200, data })}\n\n`)
      })
    },
  }
}
