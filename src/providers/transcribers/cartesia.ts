/**
 * Cartesia's Ink (docs.cartesia.ai: Realtime speech to text, manual and auto). `ink-whisper` transcribes when it is told that
 * speech has ended; `ink-2` finds the ends of turns by itself.
 */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberProvider } from './types.ts'
import { createUtterance } from './utterance.ts'
import { bytesOfSamples, languageOf, numberOf, socketUrl, textsIn } from './wire.ts'

const VERSION = '2026-03-01'

export const cartesia: TranscriberProvider = {
  id: 'cartesia',
  proof: { by: 'client-library', name: '@cartesia/cartesia-js' },
  typicalMs: 88,
  create: ({ vendor, access, http, name, model, language, settings }) => {
    const ink = model ?? 'ink-whisper'
    const findsTurns = !ink.startsWith('ink-whisper')
    return createStreamingTranscriber({
      name,
      capabilities: { endOfTurn: findsTurns, partials: true, languages: 'any' },
      http,
      context: { vendor, stage: 'transcriber', key: access.key },
      protocol: {
        // As its examples.
        pieceMs: 100,
        address: () => ({
          url: socketUrl(access.baseUrl, findsTurns ? '/stt/turns/websocket' : '/stt/websocket', {
            model: ink,
            encoding: 'pcm_s16le',
            sample_rate: SAMPLE_RATE,
            keyterm: textsIn(settings.keyterm),
            ...(!findsTurns && { language: languageOf(language) }),
          }),
          headers: {
            'cartesia-version': VERSION,
            ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
          },
        }),
        session: findsTurns ? createTurnSession : createManualSession,
      },
    })
  },
}

/** Counts the sound that was sent, for a provider that gives no times. */
function createCounter() {
  let samples = 0
  return {
    sound(piece: Int16Array): Uint8Array {
      samples += piece.length
      return bytesOfSamples(piece)
    },
    sentMs: () => (samples / SAMPLE_RATE) * 1000,
  }
}

function createManualSession(): ProtocolSession {
  const counter = createCounter()
  const utterance = createUtterance('')
  /** How much sound there was at each `finalize` that has no answer yet. */
  const asked: number[] = []
  return {
    sound: counter.sound,
    read(message) {
      if (message.type === 'transcript') {
        const text = typeof message.text === 'string' ? message.text : ''
        const nowMs = asked[0] ?? counter.sentMs()
        if (message.is_final !== true) return utterance.soFar(text, null)
        // Its text comes with the spaces that belong between the pieces.
        const heard = utterance.add({
          text,
          startMs: nowMs,
          endMs: nowMs,
          ...(typeof message.language === 'string' && { language: message.language }),
        })
        return [...heard, ...utterance.soFar('', null)]
      }
      if (message.type === 'flush_done') {
        const streamMs = asked.shift() ?? null
        const heard = utterance.end(false, streamMs)
        return heard.length === 0 && streamMs !== null ? [{ type: 'covered', streamMs }] : heard
      }
      if (message.type === 'done') return [...utterance.end(false, null), { type: 'ended' }]
      return message.type === 'error' ? [errorOf(message)] : []
    },
    speechStopped() {
      asked.push(counter.sentMs())
      return 'finalize'
    },
    finish: 'close',
    rest: () => utterance.end(false, null),
  }
}

function createTurnSession(): ProtocolSession {
  const counter = createCounter()
  /** Where our voice activity detection has found the end of the speech under way. */
  let stoppedMs: number | null = null
  return {
    sound: counter.sound,
    speech(edge, streamMs) {
      if (edge === 'stopped') stoppedMs = Math.min(streamMs, counter.sentMs())
    },
    read(message) {
      const text = typeof message.transcript === 'string' ? message.transcript.trim() : ''
      if (message.type === 'turn.update' || message.type === 'turn.eager_end')
        return text === '' ? [] : [{ type: 'transcript', transcriptType: 'partial', text, streamMs: null }]
      if (message.type === 'turn.end') {
        const streamMs = stoppedMs
        stoppedMs = null
        if (text === '') return []
        return [{ type: 'transcript', transcriptType: 'final', text, streamMs, endOfTurn: true }]
      }
      return message.type === 'error' ? [errorOf(message)] : []
    },
    // It closes the connection when all is told.
    finish: JSON.stringify({ type: 'close' }),
  }
}

function errorOf({ status_code, code, title, message }: Readonly<Record<string, unknown>>): Heard {
  const status = numberOf(status_code) ?? numberOf(code) ?? null
  const said = [title, message].filter(text => typeof text === 'string' && text !== '').join(': ')
  return { type: 'error', status, message: said }
}
