/** Rime's streaming endpoint as its documentation has it (docs.rime.ai: Arcana and Mist v2, Streaming HTTP; Playback speed). */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const RIME_KEY = 'rime-0123456789'

const COMMON = [
  'text',
  'speaker',
  'modelId',
  'lang',
  'samplingRate',
  'pauseBetweenBrackets',
  'phonemizeBetweenBrackets',
  'inlineSpeedAlpha',
]
const OWN: Readonly<Record<string, readonly string[]>> = {
  arcana: ['timeScaleFactor', 'temperature', 'top_p', 'repetition_penalty', 'max_tokens'],
  mistv2: ['speedAlpha', 'reduceLatency'],
}

export function rimeProtocol(): SpeechProtocol {
  const error = (status: number) => ({ error: `status ${status}` })
  return {
    contentType: 'audio/pcm',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/v1/rime-tts') return { status: 404, body: error(404) }
      if (headers.authorization !== `Bearer ${RIME_KEY}`) return { status: 401, body: error(401) }
      const fields = [...COMMON, ...(OWN[String(body.modelId)] ?? [])]
      const unknown = Object.keys(body).filter(name => !fields.includes(name))
      const isWhole = typeof body.text === 'string' && typeof body.speaker === 'string'
      const isRight = unknown.length === 0 && isWhole && headers.accept === 'audio/pcm'
      return isRight ? null : { status: 400, body: { error: `unknown: ${unknown.join()}` } }
    },
    speak({ body }, silent) {
      const rate = Number(body.samplingRate)
      return pieces(bytesOf(toneFor(silent ? '' : String(body.text), rate)), rate / 5)
    },
  }
}
