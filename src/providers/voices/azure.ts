/**
 * Azure AI Speech over its REST endpoint (learn.microsoft.com, Text to speech REST API): markup in, bare samples out, which
 * can be played while they come. `microsoft` is the same service with its newer voices.
 */
import { azureVoice, localeOf } from './azure-voices.ts'
import { createHttpVoice, createPcmReader } from './http-voice.ts'
import { numberOf, textOf } from './settings.ts'
import { toSsml } from './ssml.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000

export const azure: VoiceProvider = {
  id: 'azure',
  baseUrl: 'https://{region}.tts.speech.microsoft.com',
  proof: {
    by: 'documentation',
    url: 'https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech',
  },
  typicalMs: null,
  create: ({ name, vendor, access, http, voiceId, language: usual }) =>
    createHttpVoice({
      name,
      http,
      context: { vendor, stage: 'voice', key: access.key },
      request: ({ text, settings: { speed, style, styleDegree, role }, language }) => {
        const voice = azureVoice(voiceId, language ?? usual)
        return {
          method: 'POST',
          url: `${access.baseUrl}/cognitiveservices/v1`,
          headers: {
            ...(access.key !== null && { 'ocp-apim-subscription-key': access.key }),
            'content-type': 'application/ssml+xml',
            'x-microsoft-outputformat': 'raw-24khz-16bit-mono-pcm',
            'user-agent': 'vapi',
          },
          body: toSsml({
            text,
            voice,
            locale: localeOf(voice),
            rate: numberOf(speed),
            style: textOf(style),
            styleDegree: numberOf(styleDegree),
            role: textOf(role),
          }),
        }
      },
      reader: () => createPcmReader(SAMPLE_RATE),
    }),
}

export const microsoft: VoiceProvider = { ...azure, id: 'microsoft' }
