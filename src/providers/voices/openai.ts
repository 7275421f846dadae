/**
 * OpenAI's speech endpoint (platform.openai.com: API reference, Create speech; guide Text to speech): 24 kHz samples, as they
 * are made.
 */
import { createHttpVoice, createPcmReader } from './http-voice.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000
/** Voices that the two `tts-1` models do not have. */
const NEWER_VOICES = ['ballad', 'cedar', 'marin', 'verse']

export const openai: VoiceProvider = {
  id: 'openai',
  proof: { by: 'client-library', name: 'openai' },
  typicalMs: null,
  create: ({ name, vendor, access, http, voiceId }) =>
    createHttpVoice({
      name,
      http,
      context: { vendor, stage: 'voice', key: access.key },
      request: ({ text, settings: { model, speed, instructions } }) => ({
        method: 'POST',
        url: `${access.baseUrl}/audio/speech`,
        headers: {
          'content-type': 'application/json',
          ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
        },
        body: JSON.stringify({
          model: model ?? defaultModel(voiceId, instructions),
          voice: voiceId,
          input: text,
          response_format: 'pcm',
          speed,
          instructions,
        }),
      }),
      reader: () => createPcmReader(SAMPLE_RATE),
    }),
}

function defaultModel(voiceId: string, instructions: unknown): string {
  return instructions !== undefined || NEWER_VOICES.includes(voiceId) ? 'gpt-4o-mini-tts' : 'tts-1'
}
