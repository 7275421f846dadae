/** Neuphonic over server-sent events (docs.neuphonic.com, Text to speech: SSE). */
import { isObject } from '../../is-object.ts'
import { createEventReader, fromBase64, type SoundEvent } from './event-reader.ts'
import { createHttpVoice } from './http-voice.ts'
import { numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 22_050

export const neuphonic: VoiceProvider = {
  id: 'neuphonic',
  proof: { by: 'nothing' },
  typicalMs: null,
  create({ name, vendor, access, http, voiceId }) {
    const context = { vendor, stage: 'voice', key: access.key } as const
    return createHttpVoice({
      name,
      http,
      context,
      request: ({ text, settings: { language, speed, model } }) => {
        const code = textOf(language) ?? 'en'
        return {
          method: 'POST',
          url: `${access.baseUrl}/sse/speak/${encodeURIComponent(code)}`,
          headers: {
            ...(access.key !== null && { 'x-api-key': access.key }),
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            text,
            voice_id: voiceId,
            lang_code: code,
            model: textOf(model),
            speed: numberOf(speed),
            encoding: 'pcm_linear',
            sampling_rate: SAMPLE_RATE,
          }),
        }
      },
      reader: () =>
        createEventReader({ framing: 'events', sampleRate: SAMPLE_RATE, context, read: readEvent }),
    })
  },
}

/** `{status_code, data: {audio}}`, or `{status_code, errors: […]}`. */
function readEvent({ status_code: code, data, errors }: Readonly<Record<string, unknown>>): SoundEvent {
  const status = typeof code === 'number' && code >= 400 ? code : null
  if (status !== null || (Array.isArray(errors) && errors.length > 0))
    return { refusal: { status, said: Array.isArray(errors) ? errors.map(String).join('; ') : '' } }
  return { bytes: isObject(data) ? fromBase64(data.audio) : undefined }
}
