/** Smallest AI over server-sent events (its documentation's OpenAPI: Waves TTS API, Stream speech (SSE)). */
import { createEventReader, fromBase64, type SoundEvent } from './event-reader.ts'
import { createHttpVoice } from './http-voice.ts'
import { baseLanguage } from './language-codes.ts'
import { numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000
const LANGUAGES = new Set('en hi mr kn ta bn gu te ml pa or es de fr it pl nl ru ar he sv pt'.split(' '))

export const smallest: VoiceProvider = {
  id: 'smallest-ai',
  proof: {
    by: 'documentation',
    url: 'https://github.com/smallest-inc/smallest-ai-documentation/blob/main/fern/apis/waves/openapi/tts-openapi.yaml',
  },
  typicalMs: null,
  create({ name, vendor, access, http, voiceId }) {
    const context = { vendor, stage: 'voice', key: access.key } as const
    return createHttpVoice({
      name,
      http,
      context,
      request: ({ text, settings: { model, speed }, language }) => ({
        method: 'POST',
        url: `${access.baseUrl}/waves/v1/tts/live`,
        headers: {
          ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          text,
          voice_id: voiceId,
          // `lightning` is the name of a family: the provider's own choice of it speaks.
          model: model === 'lightning' ? undefined : textOf(model),
          sample_rate: SAMPLE_RATE,
          output_format: 'pcm',
          speed: numberOf(speed),
          language: knownLanguage(language),
        }),
      }),
      reader: () =>
        createEventReader({
          framing: 'events',
          sampleRate: SAMPLE_RATE,
          context,
          saysItsEnd: true,
          read: readEvent,
        }),
    })
  },
}

/** `{audio}`, at last `{done: true}`; or `{error, message}`. */
function readEvent(event: Readonly<Record<string, unknown>>): SoundEvent {
  if (typeof event.error === 'string') return { refusal: { status: null, said: JSON.stringify(event) } }
  return { bytes: fromBase64(event.audio), isLast: event.done === true }
}

function knownLanguage(language: string | undefined): string | undefined {
  const base = language === undefined ? '' : baseLanguage(language)
  return LANGUAGES.has(base) ? base : undefined
}
