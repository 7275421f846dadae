/** MiniMax over server-sent events (platform.minimax.io, Text to Speech (T2A) HTTP): samples in hexadecimal digits. */
import { isObject } from '../../is-object.ts'
import { createEventReader, type SoundEvent } from './event-reader.ts'
import { createHttpVoice } from './http-voice.ts'
import { baseLanguage, englishLanguage } from './language-codes.ts'
import { booleanOf, numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000
const CHINA = 'https://api.minimaxi.com/v1'
/** What their codes of errors mean as a status; they come with status 200. */
const STATUSES: Readonly<Record<number, number>> = {
  1002: 429,
  1004: 401,
  1008: 402,
  1039: 429,
  2013: 400,
  2049: 401,
}

/** What the hint of a language may name. */
const LANGUAGES = new Set(
  'Chinese English Arabic Russian Spanish French Portuguese German Turkish Dutch Ukrainian Vietnamese Indonesian Japanese Italian Korean Thai Polish Romanian Greek Czech Finnish Hindi Bulgarian Danish Hebrew Malay Persian Slovak Swedish Croatian Filipino Hungarian Norwegian Slovenian Catalan Nynorsk Tamil Afrikaans'.split(
    ' ',
  ),
)

export const minimax: VoiceProvider = {
  id: 'minimax',
  proof: { by: 'documentation', url: 'https://platform.minimax.io/docs/api-reference/speech-t2a-http' },
  typicalMs: null,
  create({ name, vendor, access, http, voiceId }) {
    const context = { vendor, stage: 'voice', key: access.key } as const
    return createHttpVoice({
      name,
      http,
      context,
      request: ({ text, settings, language }) => {
        const inChina = settings.region === 'china' && access.baseUrl === vendor.baseUrl
        return {
          method: 'POST',
          url: `${inChina ? CHINA : access.baseUrl}/t2a_v2`,
          headers: {
            ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            model: textOf(settings.model) ?? 'speech-02-turbo',
            text,
            stream: true,
            // Else the last event repeats the whole sound.
            stream_options: { exclude_aggregated_audio: true },
            language_boost: textOf(settings.languageBoost) ?? languageName(language),
            voice_setting: {
              voice_id: voiceId,
              speed: numberOf(settings.speed),
              vol: numberOf(settings.volume),
              pitch: numberOf(settings.pitch),
              emotion: textOf(settings.emotion),
              text_normalization: booleanOf(settings.textNormalizationEnabled),
            },
            audio_setting: { sample_rate: SAMPLE_RATE, format: 'pcm', channel: 1 },
          }),
        }
      },
      reader: () =>
        createEventReader({
          framing: 'events',
          sampleRate: SAMPLE_RATE,
          context,
          saysItsEnd: true,
          read: createEventReading(),
        }),
    })
  },
}

/**
 * `{data: {audio, status}, base_resp: {status_code, status_msg}}`. A status of 2 is the last; what it has is the whole sound
 * once more where that was not asked for, else its rest.
 */
function createEventReading(): (event: Readonly<Record<string, unknown>>) => SoundEvent {
  let digits = 0
  return ({ data, base_resp: outcome }) => {
    if (isObject(outcome) && typeof outcome.status_code === 'number' && outcome.status_code !== 0) {
      const { status_code: code, status_msg: said } = outcome
      return { refusal: { status: STATUSES[code] ?? null, said: `${String(said ?? '')} (${code})`.trim() } }
    }
    if (!isObject(data)) return {}
    const isLast = data.status === 2
    const { audio } = data
    if (typeof audio !== 'string' || (isLast && digits > 0 && audio.length >= digits)) return { isLast }
    digits += audio.length
    return { bytes: Buffer.from(audio, 'hex'), isLast }
  }
}

function languageName(language: string | undefined): string | undefined {
  if (language === undefined) return undefined
  if (baseLanguage(language) === 'yue' || /^zh[-_]hk$/i.test(language)) return 'Chinese,Yue'
  const name = englishLanguage(language) ?? ''
  return LANGUAGES.has(name) ? name : undefined
}
