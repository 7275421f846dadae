/** xAI's speech to text (docs.x.ai: Speech to text, Streaming). It locks long speech in pieces of 3 s before its end. */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberProvider } from './types.ts'
import { createUtterance } from './utterance.ts'
import { bytesOfSamples, languageOf, numberOf, socketUrl, textsIn } from './wire.ts'

export const xai: TranscriberProvider = {
  id: 'xai',
  proof: {
    by: 'documentation',
    url: 'https://docs.x.ai/developers/rest-api-reference/inference/speech-to-text',
  },
  typicalMs: null,
  create: ({ vendor, access, http, name, language, settings }) =>
    createStreamingTranscriber({
      name,
      capabilities: { endOfTurn: false, partials: true, languages: 'any' },
      http,
      context: { vendor, stage: 'transcriber', key: access.key },
      protocol: {
        // It asks for pieces of about 0.1 s.
        pieceMs: 100,
        address: () => ({
          url: socketUrl(access.baseUrl, '/stt', {
            sample_rate: SAMPLE_RATE,
            encoding: 'pcm',
            interim_results: true,
            language: languageOf(language),
            keyterm: textsIn(settings.keyterm),
          }),
          ...(access.key !== null && { headers: { authorization: `Bearer ${access.key}` } }),
        }),
        session: createSession,
      },
    }),
}

function createSession(): ProtocolSession {
  const utterance = createUtterance(' ')

  function readPartial(message: Readonly<Record<string, unknown>>): Heard[] {
    const text = typeof message.text === 'string' ? message.text.trim() : ''
    const startMs = (numberOf(message.start) ?? 0) * 1000
    const endMs = startMs + (numberOf(message.duration) ?? 0) * 1000
    // What begins where an earlier piece began says that piece again.
    utterance.dropFrom(startMs)
    if (message.is_final !== true) return utterance.soFar(text, endMs)
    const long = text === '' ? [] : utterance.add({ text, startMs, endMs })
    return message.speech_final === true
      ? [...long, ...utterance.end(false)]
      : [...long, ...utterance.soFar('', endMs)]
  }

  return {
    waitsForReady: true,
    sound: bytesOfSamples,
    read(message) {
      if (message.type === 'transcript.created') return [{ type: 'ready' }]
      if (message.type === 'transcript.partial') return readPartial(message)
      if (message.type === 'error')
        return [{ type: 'error', status: null, message: String(message.message ?? '') }]
      if (message.type !== 'transcript.done') return []
      // What is left of an utterance without an end: it stands for the pieces of it that were locked.
      const text = typeof message.text === 'string' ? message.text.trim() : ''
      if (text === '') return [...utterance.end(false), { type: 'ended' }]
      utterance.dropFrom(0)
      return [
        {
          type: 'transcript',
          transcriptType: 'final',
          text,
          streamMs: (numberOf(message.duration) ?? 0) * 1000,
        },
        { type: 'ended' },
      ]
    },
    finish: JSON.stringify({ type: 'audio.done' }),
    rest: () => utterance.end(false),
  }
}
