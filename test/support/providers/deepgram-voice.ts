/** Deepgram's Aura as its documentation has it (API reference: Single Text Request; Errors). */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const DEEPGRAM_KEY = '0123456789deepgram'

const STATUSES: Readonly<Record<number, [string, string]>> = {
  401: ['INVALID_AUTH', 'Invalid credentials.'],
  403: ['INSUFFICIENT_PERMISSIONS', 'User does not have sufficient permissions.'],
  404: ['Not Found', 'No such model.'],
  429: ['TOO_MANY_REQUESTS', 'Too many requests. Please try again later'],
  500: ['INTERNAL_SERVER_ERROR', 'An unexpected error occurred.'],
}

export function deepgramVoiceProtocol(): SpeechProtocol {
  const error = (status: number) => {
    const [err_code, err_msg] = STATUSES[status] ?? ['Bad Request', `status ${status}`]
    return { err_code, err_msg, request_id: '1c2a3b' }
  }
  return {
    contentType: 'audio/l16',
    error,
    check({ method, path, headers, query, body }) {
      if (method !== 'POST' || path !== '/v1/speak') return { status: 404, body: error(404) }
      if (headers.authorization !== `Token ${DEEPGRAM_KEY}`) return { status: 401, body: error(401) }
      const known = [
        'model',
        'encoding',
        'container',
        'sample_rate',
        'mip_opt_out',
        'bit_rate',
        'speed',
        'tag',
      ]
      const isKnown =
        [...query.keys()].every(name => known.includes(name)) && Object.keys(body).join() === 'text'
      const isRaw = query.get('encoding') === 'linear16' && query.get('container') === 'none'
      const rates = ['8000', '16000', '24000', '32000', '48000']
      if (!isKnown || !isRaw || !rates.includes(query.get('sample_rate') ?? '24000'))
        return { status: 400, body: error(400) }
      return /^aura-(2-)?[a-z]+-[a-z]{2}$/.test(query.get('model') ?? '')
        ? null
        : { status: 404, body: error(404) }
    },
    speak({ body, query }, silent) {
      const rate = Number(query.get('sample_rate') ?? 24_000)
      return pieces(bytesOf(toneFor(silent ? '' : String(body.text), rate)), rate / 5)
    },
  }
}
