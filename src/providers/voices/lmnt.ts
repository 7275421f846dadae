/** LMNT's speech endpoint (docs.lmnt.com, Speech API: Generate speech), which streams bare samples. */
import { createHttpVoice, createPcmReader } from './http-voice.ts'
import { baseLanguage } from './language-codes.ts'
import { numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000
const API_VERSION = '1.1'
const LANGUAGES = new Set(
  'ar as bn cs da de en es fi fr hi id it ja ko ml mr nl pl pt ru sk sv ta te th tr uk ur vi zh'.split(' '),
)

export const lmnt: VoiceProvider = {
  id: 'lmnt',
  proof: { by: 'client-library', name: 'lmnt-node' },
  typicalMs: null,
  create: ({ name, vendor, access, http, voiceId }) =>
    createHttpVoice({
      name,
      http,
      context: { vendor, stage: 'voice', key: access.key },
      request: ({ text, settings, language }) => ({
        method: 'POST',
        url: `${access.baseUrl}/v1/ai/speech/bytes`,
        headers: {
          ...(access.key !== null && { 'x-api-key': access.key }),
          'lmnt-version': API_VERSION,
          accept: 'application/octet-stream',
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          text,
          voice: voiceId,
          format: 'pcm_s16le',
          sample_rate: SAMPLE_RATE,
          language: textOf(settings.language) ?? knownLanguage(language),
          temperature: numberOf(settings.temperature),
          top_p: numberOf(settings.topP),
        }),
      }),
      reader: () => createPcmReader(SAMPLE_RATE),
    }),
}

function knownLanguage(language: string | undefined): string | undefined {
  const base = language === undefined ? '' : baseLanguage(language)
  return LANGUAGES.has(base) ? base : undefined
}
