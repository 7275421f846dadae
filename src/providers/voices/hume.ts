/**
 * Hume's Octave (dev.hume.ai, Text-to-speech: Streamed JSON; Timestamps guide): one JSON object a line, with sound of 48 kHz
 * and, from Octave 2 on, the times of words.
 */
import type { WordTiming } from '../../engine/ports/voice.ts'
import { isObject } from '../../is-object.ts'
import { createEventReader, fromBase64, type SoundEvent } from './event-reader.ts'
import { createHttpVoice } from './http-voice.ts'
import { numberOf, textOf } from './settings.ts'
import type { VoiceProvider } from './types.ts'
import { createWordFinder, type WordFinder } from './word-times.ts'

const SAMPLE_RATE = 48_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export const hume: VoiceProvider = {
  id: 'hume',
  proof: { by: 'client-library', name: 'hume' },
  typicalMs: null,
  create({ name, vendor, access, http, voiceId, settings }) {
    const context = { vendor, stage: 'voice', key: access.key } as const
    return createHttpVoice({
      name,
      http,
      context,
      capabilities: { wordTiming: settings.model === 'octave2' },
      request: ({ text, settings: { model, description, isCustomHumeVoice, speed } }) => ({
        method: 'POST',
        url: `${access.baseUrl}/v0/tts/stream/json`,
        headers: {
          ...(access.key !== null && { 'x-hume-api-key': access.key }),
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          utterances: [
            {
              text,
              description: textOf(description),
              speed: numberOf(speed),
              voice: {
                ...(UUID.test(voiceId) ? { id: voiceId } : { name: voiceId }),
                provider: isCustomHumeVoice === true ? 'CUSTOM_VOICE' : 'HUME_AI',
              },
            },
          ],
          version: model === 'octave2' ? '2' : model === 'octave' ? '1' : undefined,
          include_timestamp_types: model === 'octave2' ? ['word'] : undefined,
          format: { type: 'pcm' },
          strip_headers: true,
          instant_mode: true,
          num_generations: 1,
        }),
      }),
      reader({ text }) {
        const find = createWordFinder(text)
        return createEventReader({
          framing: 'lines',
          sampleRate: SAMPLE_RATE,
          context,
          read: event => readEvent(event, find),
        })
      },
    })
  },
}

/** `{type: "audio", audio}` has sound, `{type: "timestamp", timestamp: {type, text, time: {begin, end}}}` times in ms. */
function readEvent(event: Readonly<Record<string, unknown>>, find: WordFinder): SoundEvent {
  if (event.type === 'timestamp') return { words: timesOf(event.timestamp, find) }
  const bytes = fromBase64(event.audio)
  if (bytes !== undefined) return { bytes }
  const isError = event.type === 'error' || 'error' in event || 'message' in event
  return isError ? { refusal: { status: null, said: JSON.stringify(event) } } : {}
}

function timesOf(timestamp: unknown, find: WordFinder): WordTiming[] {
  if (!isObject(timestamp) || timestamp.type !== 'word' || typeof timestamp.text !== 'string') return []
  const { begin, end } = isObject(timestamp.time) ? timestamp.time : {}
  if (typeof begin !== 'number' || typeof end !== 'number') return []
  return find([{ word: timestamp.text, startMs: begin, endMs: end }])
}
