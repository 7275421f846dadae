/**
 * PlayHT's streaming endpoint (docs.play.ht, Text to speech HTTP streaming). It is asked for WAV: the header says what
 * the samples are.
 */
import { createHttpVoice } from './http-voice.ts'
import { englishLanguage } from './language-codes.ts'
import { numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'
import { createWavReader } from './wav-reader.ts'

const SAMPLE_RATE = 24_000

/** Names that stand for voices (API: PlayHTVoice). */
const PRESETS: Readonly<Record<string, string>> = {
  jennifer: 's3://voice-cloning-zero-shot/801a663f-efd0-4254-98d0-5c175514c3e8/jennifer/manifest.json',
  melissa: 's3://peregrine-voices/mel21/manifest.json',
  will: 's3://peregrine-voices/mel22/manifest.json',
  chris: 's3://voice-cloning-zero-shot/028a32d4-6a79-4ca3-a303-d6559843114b/chris/manifest.json',
  matt: 's3://voice-cloning-zero-shot/09b5c0cc-a8f4-4450-aaab-3657b9965d0b/podcaster/manifest.json',
  jack: 's3://peregrine-voices/mel28/manifest.json',
  ruby: 's3://voice-cloning-zero-shot/d9ff78ba-d016-47f6-b0ef-dd630f59414e/female-cs/manifest.json',
  davis: 's3://peregrine-voices/a10/manifest.json',
  donna: 's3://peregrine-voices/donna_parrot_saad/manifest.json',
  michael: 's3://voice-cloning-zero-shot/7c339a9d-370f-4643-adf5-4134e3ec9886/mlae02/manifest.json',
}

/** What Play3.0-mini speaks, by its names. */
const LANGUAGES = new Set(
  'afrikaans albanian amharic arabic bengali bulgarian catalan croatian czech danish dutch english french galician german greek hebrew hindi hungarian indonesian italian japanese korean malay mandarin polish portuguese russian serbian spanish swedish tagalog thai turkish ukrainian urdu xhosa'.split(
    ' ',
  ),
)
const OTHER_NAMES: Readonly<Record<string, string>> = { chinese: 'mandarin', filipino: 'tagalog' }

export const playht: VoiceProvider = {
  id: 'playht',
  proof: { by: 'client-library', name: 'playht' },
  typicalMs: null,
  create({ name, vendor, access, http, voiceId }) {
    const context = { vendor, stage: 'voice', key: access.key } as const
    return createHttpVoice({
      name,
      http,
      context,
      request: ({ text, settings, language }) => {
        const engine = textOf(settings.model) ?? 'Play3.0-mini'
        return {
          method: 'POST',
          url: `${access.baseUrl}/api/v2/tts/stream`,
          headers: {
            ...(access.key !== null && { authorization: access.key }),
            ...(access.account !== undefined && { 'x-user-id': access.account }),
            accept: 'audio/basic',
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            text,
            voice: Object.hasOwn(PRESETS, voiceId) ? PRESETS[voiceId] : voiceId,
            voice_engine: engine,
            output_format: 'wav',
            sample_rate: SAMPLE_RATE,
            speed: numberOf(settings.speed),
            temperature: numberOf(settings.temperature),
            emotion: textOf(settings.emotion),
            voice_guidance: numberOf(settings.voiceGuidance),
            style_guidance: numberOf(settings.styleGuidance),
            text_guidance: numberOf(settings.textGuidance),
            language: textOf(settings.language) ?? languageName(language, engine),
          }),
        }
      },
      reader: () => createWavReader({ sampleRate: SAMPLE_RATE, context }),
    })
  },
}

/** The detected language under its name; PlayHT's older engines know English alone. */
function languageName(language: string | undefined, engine: string): string | undefined {
  if (language === undefined || engine.startsWith('PlayHT2')) return undefined
  const english = englishLanguage(language)?.toLowerCase() ?? ''
  const name = Object.hasOwn(OTHER_NAMES, english) ? (OTHER_NAMES[english] ?? '') : english
  return LANGUAGES.has(name) ? name : undefined
}
