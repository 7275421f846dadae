/** xAI's speech endpoint (docs.x.ai, Model capabilities: Text to speech). */
import { createHttpVoice, createPcmReader } from './http-voice.ts'
import { numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000

export const xai: VoiceProvider = {
  id: 'xai',
  proof: {
    by: 'documentation',
    url: 'https://docs.x.ai/developers/model-capabilities/audio/text-to-speech',
  },
  typicalMs: null,
  create: ({ name, vendor, access, http, voiceId }) =>
    createHttpVoice({
      name,
      http,
      context: { vendor, stage: 'voice', key: access.key },
      request: ({ text, settings: { language, speed } }) => ({
        method: 'POST',
        url: `${access.baseUrl}/tts`,
        headers: {
          ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          text,
          voice_id: voiceId,
          // By itself it hears which language a text is in.
          language: textOf(language) ?? 'auto',
          output_format: { codec: 'pcm', sample_rate: SAMPLE_RATE },
          speed: numberOf(speed),
        }),
      }),
      reader: () => createPcmReader(SAMPLE_RATE),
    }),
}
