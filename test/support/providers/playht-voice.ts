/**
 * PlayHT's streaming endpoint as its documentation has it (docs.play.ht, Text to speech HTTP streaming): a WAV file whose
 * length is not known when it begins.
 */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const PLAYHT_KEY = 'ak-0123456789playht'
export const PLAYHT_USER = 'user-0123456789'

const FIELDS = [
  'text',
  'voice',
  'voice_engine',
  'quality',
  'output_format',
  'speed',
  'sample_rate',
  'seed',
  'temperature',
  'emotion',
  'voice_guidance',
  'style_guidance',
  'text_guidance',
  'language',
]

export function playHtProtocol(): SpeechProtocol {
  const error = (status: number) => ({
    error_message: `status ${status}`,
    error_id: status === 401 ? 'UNAUTHORIZED' : 'ERROR',
  })
  return {
    contentType: 'audio/wav',
    error,
    check({ method, path, headers, body }) {
      // Clients that go through a proxy name the whole address.
      if (method !== 'POST' || !path.endsWith('/api/v2/tts/stream')) return { status: 404, body: error(404) }
      const isKnown = headers.authorization === PLAYHT_KEY && headers['x-user-id'] === PLAYHT_USER
      if (!isKnown) return { status: 401, body: error(401) }
      const unknown = Object.keys(body).filter(name => !FIELDS.includes(name))
      const isWhole = typeof body.text === 'string' && typeof body.voice === 'string'
      return unknown.length === 0 && isWhole ? null : { status: 400, body: error(400) }
    },
    speak({ body }, silent) {
      const rate = Number(body.sample_rate ?? 24_000)
      const sound = bytesOf(toneFor(silent ? '' : String(body.text), rate))
      return [wavHeader(rate), ...pieces(sound, rate / 5)]
    },
  }
}

/** Of a file whose length is not known; with a chunk that no reader needs. */
export function wavHeader(sampleRate: number, channels = 1, bits = 16): Buffer {
  const header = Buffer.alloc(12 + 8 + 16 + 8 + 4 + 8)
  header.write('RIFF', 0)
  header.writeUInt32LE(0xffff_ffff, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE((sampleRate * channels * bits) / 8, 28)
  header.writeUInt16LE((channels * bits) / 8, 32)
  header.writeUInt16LE(bits, 34)
  header.write('LIST', 36)
  header.writeUInt32LE(4, 40)
  header.write('INFO', 44)
  header.write('data', 48)
  header.writeUInt32LE(0xffff_ffff, 52)
  return header
}
