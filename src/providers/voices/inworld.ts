/**
 * Inworld's streaming endpoint (docs.inworld.ai, Synthesize speech (stream)): one JSON object a line, each with sound of its
 * own that may begin with the header of a WAV file.
 */
import { isObject } from '../../is-object.ts'
import { createEventReader, fromBase64, type SoundEvent } from './event-reader.ts'
import { createHttpVoice } from './http-voice.ts'
import { numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'

const SAMPLE_RATE = 24_000

export const inworld: VoiceProvider = {
  id: 'inworld',
  proof: {
    by: 'documentation',
    url: 'https://docs.inworld.ai/api-reference/ttsAPI/texttospeech/synthesize-speech-stream',
  },
  typicalMs: null,
  create({ name, vendor, access, http, voiceId }) {
    const context = { vendor, stage: 'voice', key: access.key } as const
    return createHttpVoice({
      name,
      http,
      context,
      request: ({ text, settings: { model, languageCode, temperature, speakingRate } }) => ({
        method: 'POST',
        url: `${access.baseUrl}/tts/v1/voice:stream`,
        headers: {
          ...(access.key !== null && { authorization: `Basic ${access.key}` }),
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          text,
          voiceId,
          modelId: textOf(model) ?? 'inworld-tts-1',
          language: textOf(languageCode),
          temperature: numberOf(temperature),
          audioConfig: {
            audioEncoding: 'LINEAR16',
            sampleRateHertz: SAMPLE_RATE,
            speakingRate: numberOf(speakingRate),
          },
        }),
      }),
      reader: () =>
        createEventReader({ framing: 'lines', sampleRate: SAMPLE_RATE, context, read: readEvent }),
    })
  },
}

/** `{result: {audioContent}}`; or `{error: {code, message}}`, or `{code, message}` in place of all. */
function readEvent({ result, ...others }: Readonly<Record<string, unknown>>): SoundEvent {
  if (isObject(result)) return { bytes: fromBase64(result.audioContent) }
  return { refusal: { status: null, said: JSON.stringify(others) } }
}
