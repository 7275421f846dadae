/**
 * MiniMax as its documentation has it (platform.minimax.io, Text to Speech (T2A) HTTP): events with samples in hexadecimal
 * digits; what is wrong comes with status 200, as one JSON object.
 */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const MINIMAX_KEY = 'eyJ0123456789minimax'

export interface MiniMaxOptions {
  /** Repeats the whole sound at the end, asked or not. */
  aggregated?: boolean
  /** The last event is missing. */
  unfinished?: boolean
}

export function miniMaxProtocol({ aggregated, unfinished }: MiniMaxOptions = {}): SpeechProtocol {
  const error = (status: number) => ({
    base_resp: { status_code: status === 401 ? 1004 : 1000, status_msg: `status ${status}` },
  })
  return {
    contentType: 'text/event-stream',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/t2a_v2') return { status: 404, body: error(404) }
      if (headers.authorization !== `Bearer ${MINIMAX_KEY}`) return { status: 200, body: error(401) }
      const { format } = (body.audio_setting ?? {}) as Record<string, unknown>
      const { voice_id: voice } = (body.voice_setting ?? {}) as Record<string, unknown>
      const isRight = body.stream === true && format === 'pcm' && typeof voice === 'string'
      const invalid = { base_resp: { status_code: 2013, status_msg: 'invalid params' } }
      return isRight && typeof body.text === 'string' ? null : { status: 200, body: invalid }
    },
    speak({ body }, silent) {
      const rate = Number((body.audio_setting as Record<string, unknown>).sample_rate)
      const sound = bytesOf(toneFor(silent ? '' : String(body.text), rate))
      const { exclude_aggregated_audio: excluded } = (body.stream_options ?? {}) as Record<string, unknown>
      const event = (audio: string, status: number) => ({
        data: { audio, status, ced: '' },
        trace_id: '01b8bf9bb7433cc75c18eee6cfa8fe21',
        base_resp: { status_code: 0, status_msg: 'success' },
        ...(status === 2 && { extra_info: { audio_sample_rate: rate, audio_format: 'pcm' } }),
      })
      const events = pieces(sound, rate / 5).map(part => event(part.toString('hex'), 1))
      const whole = excluded !== true || aggregated === true ? sound.toString('hex') : ''
      if (unfinished !== true) events.push(event(whole, 2))
      return events.map(one => Buffer.from(`data: ${JSON.stringify(one)}\n\n`))
    },
  }
}
