/** OpenAI's speech endpoint (platform.openai.com, Create speech): 24 kHz samples, as they are made. */
import { createHttpVoice, readPcm } from './http-voice.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000

export const openai: VoiceProvider = {
  id: 'openai',
  proof: { by: 'nothing' },
  typicalMs: 500,
  create: ({ name, vendor, access, http, voiceId }) =>
    createHttpVoice({
      name,
      http,
      context: { vendor, stage: 'voice', key: access.key },
      request: (text, { model, speed, instructions }) => {
        return {
          method: 'POST',
          url: `${access.baseUrl}/audio/speech`,
          headers: {
            'content-type': 'application/json',
            ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
          },
          body: JSON.stringify({
            model: model ?? 'tts-1',
            voice: voiceId,
            input: text,
            response_format: 'pcm',
            speed,
            instructions,
          }),
        }
      },
      read: reply => readPcm(reply, SAMPLE_RATE),
    }),
}
