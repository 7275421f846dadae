/** Inworld's stream as its documentation has it (docs.inworld.ai, Synthesize speech (stream)): lines of JSON, each a WAV file. */
import { wavHeader } from './playht-voice.ts'
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const INWORLD_KEY = 'aW53b3JsZDowMTIz'

const FIELDS = [
  'text',
  'voiceId',
  'modelId',
  'audioConfig',
  'temperature',
  'timestampType',
  'applyTextNormalization',
  'language',
]

export function inworldProtocol(): SpeechProtocol {
  const error = (status: number) => ({ code: 3, message: `status ${status}`, details: [] })
  return {
    contentType: 'application/json',
    error,
    check({ method, path, headers, body }) {
      if (method !== 'POST' || path !== '/tts/v1/voice:stream') return { status: 404, body: error(404) }
      if (headers.authorization !== `Basic ${INWORLD_KEY}`) return { status: 401, body: error(401) }
      const unknown = Object.keys(body).filter(name => !FIELDS.includes(name))
      const isWhole = ['text', 'voiceId', 'modelId'].every(name => typeof body[name] === 'string')
      return isWhole && unknown.length === 0 ? null : { status: 400, body: error(400) }
    },
    speak({ body }, silent) {
      const { sampleRateHertz: rate } = body.audioConfig as { sampleRateHertz: number }
      const sound = pieces(bytesOf(toneFor(silent ? '' : String(body.text), rate)), rate / 5)
      return sound.map(samples => {
        const audioContent = Buffer.concat([wavHeader(rate), samples]).toString('base64')
        const result = { audioContent, usage: { processedCharactersCount: 1, modelId: body.modelId } }
        return Buffer.from(`${JSON.stringify({ result })}\n`)
      })
    },
  }
}
