/** Deepgram Flux, which hears turns (developers.deepgram.com, Flux: Quickstart, State Machine, Configuration, Close Stream). */
import { deepgramAddress, deepgramCloseStatus, each, type Query } from './deepgram-request.ts'
import type { Heard, ProtocolSession, StreamingProtocol } from './protocol.ts'
import type { TranscriberOptions } from './types.ts'
import { bytesOfSamples, meanConfidence, textsIn } from './wire.ts'

/** As its documentation advises, in milliseconds. */
const PIECE_MS = 80
/** It tells of every quarter of a second of sound, also of silence. */
const UPDATES_MS = 5000

export function deepgramFlux(options: TranscriberOptions): StreamingProtocol {
  const { settings, language } = options
  const model = options.model ?? 'flux-general-en'
  const hints = textsIn(settings.languages)
  const named = settings.language === undefined || language === 'multi' ? [] : [language]
  const query: Query = [
    ['model', model],
    ['eot_threshold', String(between(settings.eotThreshold ?? 0.7, 0.5, 0.9))],
    ['eot_timeout_ms', String(between(settings.eotTimeoutMs ?? 5000, 500, 10_000))],
    ...each(
      'redact',
      textsIn(settings.redaction).filter(kind => kind === 'numbers'),
    ),
    ...each('keyterm', textsIn(settings.keyterm)),
    ...each('language_hint', model !== 'flux-general-multi' ? [] : hints.length > 0 ? hints : named),
  ]
  return {
    address: () => deepgramAddress(options, '/v2/listen', query),
    session: createFluxSession,
    pieceMs: PIECE_MS,
    saysSomethingEveryMs: UPDATES_MS,
    closeStatus: deepgramCloseStatus,
  }
}

function createFluxSession(): ProtocolSession {
  /** Of the turn that is under way. */
  let open: Heard | null = null

  function readTurn(message: Readonly<Record<string, unknown>>): Heard[] {
    const text = typeof message.transcript === 'string' ? message.transcript.trim() : ''
    const streamMs = Number(message.audio_window_end ?? 0) * 1000
    const ends = message.event === 'EndOfTurn'
    if (text === '') return []
    const confidence = meanConfidence(message.words)
    const [language] = textsIn(message.languages)
    const heard = {
      type: 'transcript',
      text,
      streamMs,
      ...(confidence !== null && { confidence }),
      ...(language !== undefined && { language }),
    } as const
    open = ends ? null : { ...heard, transcriptType: 'final' }
    return [
      ends ? { ...heard, transcriptType: 'final', endOfTurn: true } : { ...heard, transcriptType: 'partial' },
    ]
  }

  return {
    waitsForReady: true,
    sound: bytesOfSamples,
    read: message => {
      if (message.type === 'Connected') return [{ type: 'ready' }]
      if (message.type === 'TurnInfo') return readTurn(message)
      if (message.type !== 'Error') return []
      const { code, description } = message
      return [{ type: 'error', status: statusOf(code), message: String(description ?? code ?? 'an error') }]
    },
    finish: JSON.stringify({ type: 'CloseStream' }),
    // It ends without the end of the turn that is under way.
    rest: () => (open === null ? [] : [open]),
  }
}

/** `UNPARSABLE_CLIENT_MESSAGE` and the like are our fault; of others, another connection may know nothing. */
function statusOf(code: unknown): number | null {
  return /UNPARSABLE|INVALID|BAD_REQUEST/.test(String(code)) ? 400 : null
}

function between(value: unknown, minimum: number, maximum: number): number {
  return Math.min(maximum, Math.max(minimum, Number(value)))
}
