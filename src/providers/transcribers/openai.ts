/**
 * OpenAI's transcription sessions (developers.openai.com: Realtime transcription; API reference: Realtime server events). Its
 * voice activity detection cuts the sound into items; each is transcribed for itself, and they may be ready in another order.
 */

import { createResampler, type Resampler } from '../../audio/resample.ts'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { isObject } from '../../is-object.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberOptions, TranscriberProvider } from './types.ts'
import { base64Of, confidenceOf, languageOf, socketUrl } from './wire.ts'

/** The only rate that it takes. */
const OPENAI_RATE = 24_000
/** Silence that ends an item. Its own default is 500; our plans decide about turns, so that a pause between words is enough. */
const SILENCE_MS = 300

/** So many items wait for the transcript of one before them; then it does not come any more. */
const MAXIMUM_HELD = 3

export const openai: TranscriberProvider = {
  id: 'openai',
  proof: { by: 'client-library', name: 'openai' },
  typicalMs: null,
  create(options) {
    const { access } = options
    let resampler: Resampler
    return createStreamingTranscriber({
      name: options.name,
      capabilities: { endOfTurn: false, partials: true, languages: 'any' },
      http: options.http,
      context: { vendor: options.vendor, stage: 'transcriber', key: access.key },
      protocol: {
        pieceMs: 40,
        closeStatus: (_code, reason) => (/invalid_api_key/.test(reason) ? 401 : null),
        address: async () => {
          resampler = await createResampler(SAMPLE_RATE, OPENAI_RATE)
          return {
            url: socketUrl(access.baseUrl, '/realtime', { intent: 'transcription' }),
            ...(access.key !== null && { headers: { authorization: `Bearer ${access.key}` } }),
          }
        },
        session: () => createSession(options, samples => resampler.process(samples)),
      },
    })
  },
}

/** A stretch of speech. */
interface Item {
  id: string
  /** End of its speech, from the first sample of the connection; null: not told. */
  endMs: number | null
  /** What it says as far as it is transcribed. */
  partial: string
  /** The final transcript. */
  done: Heard[] | null
}

function createSession(
  { model, language }: TranscriberOptions,
  resample: (samples: Int16Array) => Int16Array,
): ProtocolSession {
  const name = model ?? 'gpt-4o-transcribe'
  const code = languageOf(language)
  /** Speech without a final transcript that was passed on, in the order in which it was spoken. */
  const items: Item[] = []
  let configured = false
  let speaking = false
  /** What is still to be told before the end: the answer to `finish`, and the items. */
  let finishing: 'no' | 'asked' | 'answered' = 'no'

  const configuration = {
    type: 'session.update',
    session: {
      type: 'transcription',
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: OPENAI_RATE },
          transcription: { model: name, ...(code !== undefined && { language: code }) },
          turn_detection: { type: 'server_vad', silence_duration_ms: SILENCE_MS },
        },
      },
      // Whisper gives no probabilities.
      ...(name.startsWith('gpt-4o') && { include: ['item.input_audio_transcription.logprobs'] }),
    },
  }

  function itemOf(message: Readonly<Record<string, unknown>>): Item {
    const id = String(message.item_id)
    const found = items.find(item => item.id === id)
    if (found !== undefined) return found
    const item: Item = { id, endMs: null, partial: '', done: null }
    items.push(item)
    return item
  }

  /** Tells what is ready, in order, and what the first of the others says so far. */
  function release(): Heard[] {
    const heard: Heard[] = []
    if (items.filter(({ done }) => done !== null).length > MAXIMUM_HELD && items[0]?.done === null)
      return [{ type: 'error', status: null, message: 'it left out the transcript of an item' }]
    while (items[0]?.done) heard.push(...(items.shift()?.done ?? []))
    const [first] = items
    if (first !== undefined && first.partial.trim() !== '')
      heard.push({
        type: 'transcript',
        transcriptType: 'partial',
        text: first.partial.trim(),
        streamMs: first.endMs,
      })
    return [...heard, ...ending()]
  }

  function ending(): Heard[] {
    return finishing === 'answered' && items.length === 0 ? [{ type: 'ended' }] : []
  }

  function complete(item: Item, message: Readonly<Record<string, unknown>>): Heard[] {
    const text = String(message.transcript ?? '').trim()
    const parts = Array.isArray(message.logprobs) ? message.logprobs : []
    const confidence = confidenceOf(parts.map(part => (isObject(part) ? part.logprob : null)))
    item.done =
      text === ''
        ? [{ type: 'covered', streamMs: item.endMs }]
        : [
            {
              type: 'transcript',
              transcriptType: 'final',
              text,
              streamMs: item.endMs,
              ...(confidence !== undefined && { confidence }),
            },
          ]
    return release()
  }

  return {
    opening: [JSON.stringify(configuration)],
    waitsForReady: true,
    sound: samples =>
      JSON.stringify({ type: 'input_audio_buffer.append', audio: base64Of(resample(samples)) }),
    read(message) {
      switch (message.type) {
        case 'session.updated':
          configured = true
          return [{ type: 'ready' }]
        case 'input_audio_buffer.speech_started':
          speaking = true
          itemOf(message)
          return []
        case 'input_audio_buffer.speech_stopped':
          speaking = false
          // It counts the silence that it waited for.
          if (typeof message.audio_end_ms === 'number')
            itemOf(message).endMs = Math.max(0, message.audio_end_ms - SILENCE_MS)
          return []
        case 'input_audio_buffer.committed':
          itemOf(message)
          if (finishing === 'asked') finishing = 'answered'
          return []
        case 'input_audio_buffer.cleared':
          if (finishing === 'asked') finishing = 'answered'
          return ending()
        case 'conversation.item.input_audio_transcription.delta':
          itemOf(message).partial += String(message.delta ?? '')
          return itemOf(message) === items[0] ? release() : []
        case 'conversation.item.input_audio_transcription.completed':
          return complete(itemOf(message), message)
        case 'conversation.item.input_audio_transcription.failed':
          // The words of this item are to be had by another connection only.
          return [{ type: 'error', status: null, message: saidOf(message) }]
        case 'error':
          return readError(message)
        default:
          return []
      }
    },
    get finish() {
      finishing = 'asked'
      // Without speech under way, what is committed would be silence, and a transcript of it an invention.
      return JSON.stringify({ type: speaking ? 'input_audio_buffer.commit' : 'input_audio_buffer.clear' })
    },
  }

  function readError(message: Readonly<Record<string, unknown>>): Heard[] {
    const { error } = message
    const code = isObject(error) ? String(error.code ?? error.type ?? '') : ''
    if (code === 'input_audio_buffer_commit_empty') {
      finishing = 'answered'
      return ending()
    }
    const status = STATUSES[code] ?? (configured ? null : 400)
    // Most errors leave the session open: they are about one message of ours.
    if (configured && isObject(error) && error.type === 'invalid_request_error' && !(code in STATUSES))
      return [{ type: 'warning', message: saidOf(message) }]
    return [{ type: 'error', status, message: saidOf(message) }]
  }
}

/** Error codes that end the session; null: another session may do better. */
const STATUSES: Readonly<Record<string, number | null>> = {
  invalid_api_key: 401,
  model_not_found: 404,
  insufficient_quota: 402,
  rate_limit_exceeded: 429,
  session_expired: null,
  server_error: null,
}

function saidOf({ error }: Readonly<Record<string, unknown>>): string {
  return isObject(error) && typeof error.message === 'string' ? error.message : ''
}
