/** OpenAI's speech endpoint as its documentation has it (API reference: Create speech; guide: Error codes). */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const OPENAI_KEY = 'sk-0123456789openai'

const RATE = 24_000
const FIELDS = ['model', 'voice', 'input', 'response_format', 'speed', 'instructions', 'stream_format']
const TYPES: Readonly<Record<number, [string, string]>> = {
  401: ['invalid_request_error', `Incorrect API key provided: ${OPENAI_KEY.slice(0, 6)}.`],
  403: ['invalid_request_error', 'Country, region, or territory not supported'],
  404: ['invalid_request_error', 'The model does not exist or you do not have access to it.'],
  429: ['requests', 'Rate limit reached for requests'],
  500: ['server_error', 'The server had an error while processing your request'],
}

export function openAiVoiceProtocol(): SpeechProtocol {
  const error = (status: number) => {
    const [type, message] = TYPES[status] ?? ['invalid_request_error', `status ${status}`]
    return { error: { message, type, param: null, code: null } }
  }
  return {
    contentType: 'audio/pcm',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/v1/audio/speech') return { status: 404, body: error(404) }
      if (headers.authorization !== `Bearer ${OPENAI_KEY}`) return { status: 401, body: error(401) }
      const isKnown = Object.keys(body).every(name => FIELDS.includes(name))
      const isWhole = ['model', 'voice', 'input'].every(name => typeof body[name] === 'string')
      const speed = body.speed ?? 1
      const isRight =
        typeof speed === 'number' && speed >= 0.25 && speed <= 4 && body.response_format === 'pcm'
      return isKnown && isWhole && isRight ? null : { status: 400, body: error(400) }
    },
    speak({ body }, silent) {
      return pieces(bytesOf(toneFor(silent ? '' : String(body.input), RATE)), RATE / 5)
    },
  }
}
