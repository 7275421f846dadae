/** Rime's streaming endpoint (docs.rime.ai, API reference: Arcana and Mist v2, Streaming HTTP; Playback speed). */
import { createHttpVoice, createPcmReader } from './http-voice.ts'
import { baseLanguage } from './language-codes.ts'
import { booleanOf, numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000
/** The mist models name languages by three letters. */
const THREE_LETTERS: Readonly<Record<string, string>> = { en: 'eng', es: 'spa', fr: 'fra', de: 'ger' }

export const rime: VoiceProvider = {
  id: 'rime-ai',
  proof: { by: 'documentation', url: 'https://docs.rime.ai/api-reference/arcana/http' },
  // Its documentation's first page: under 200.
  typicalMs: 200,
  create: ({ name, vendor, access, http, voiceId }) =>
    createHttpVoice({
      name,
      http,
      context: { vendor, stage: 'voice', key: access.key },
      request: ({ text, settings }) => {
        const modelId = textOf(settings.model) ?? 'arcana'
        const isMist = /^(v1|mist|mistv2)$/.test(modelId)
        const speed = numberOf(settings.speed)
        // Both are lengths: more than 1 is slower.
        const pace = speed === undefined ? undefined : 1 / speed
        return {
          method: 'POST',
          url: `${access.baseUrl}/v1/rime-tts`,
          headers: {
            ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
            accept: 'audio/pcm',
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            text,
            speaker: voiceId,
            modelId,
            samplingRate: SAMPLE_RATE,
            lang: languageOf(settings.language, isMist),
            ...(isMist ? { speedAlpha: pace } : { timeScaleFactor: pace }),
            ...(isMist && { reduceLatency: booleanOf(settings.reduceLatency) }),
            pauseBetweenBrackets: booleanOf(settings.pauseBetweenBrackets),
            phonemizeBetweenBrackets: booleanOf(settings.phonemizeBetweenBrackets),
            inlineSpeedAlpha: textOf(settings.inlineSpeedAlpha),
          }),
        }
      },
      reader: () => createPcmReader(SAMPLE_RATE),
    }),
}

/** Only as set: it must be the one of the speaker. */
function languageOf(language: unknown, isMist: boolean): string | undefined {
  const set = textOf(language)
  return set === undefined || !isMist ? set : (THREE_LETTERS[baseLanguage(set)] ?? set)
}
