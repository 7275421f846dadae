/**
 * AssemblyAI's universal streaming, version 3 (assemblyai.com/docs: Streaming API, Message Sequence, Turn Detection, Multilingual
 * streaming, Common session errors and closures).
 */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { VapiError } from '../../errors.ts'
import { isLoopback } from '../../net/proxy-settings.ts'
import type { Heard, ProtocolSession, SocketAddress, StreamingProtocol } from './protocol.ts'
import { createStreamingTranscriber } from './streaming.ts'
import type { TranscriberOptions, TranscriberProvider } from './types.ts'
import { bytesOfSamples, meanConfidence, textsIn } from './wire.ts'

/** Pieces are from 50 to 1000 ms long; that is the length it advises. */
const PIECE_MS = 60
/** It breaks off where sound comes much faster than it was spoken. */
const MAXIMUM_PACE = 2
/** A word is over some time after its end, in milliseconds; silence follows anyway. */
const FADE_MS = 100

export const assemblyAi: TranscriberProvider = {
  id: 'assembly-ai',
  baseUrl: 'https://streaming.assemblyai.com',
  proof: { by: 'client-library', name: 'assemblyai' },
  typicalMs: 300,
  create: options =>
    createStreamingTranscriber({
      name: options.name,
      capabilities: {
        endOfTurn: true,
        partials: options.settings.disablePartialTranscripts !== true,
        languages: modelOf(options) === 'universal-streaming-english' ? ['en'] : 'any',
      },
      protocol: assemblyProtocol(options),
      http: options.http,
      context: {
        vendor: options.vendor,
        stage: 'transcriber',
        key: options.access.key,
        endedReason: refusedReason,
      },
    }),
}

function refusedReason(status: number | null, said: string): string | undefined {
  const reason = 'call.in-progress.error-vapifault-assembly-ai-returning-'
  if (/insufficient|balance|funds/i.test(said)) return `${reason}400-insufficent-funds`
  if (/paid|credit card|free tier/i.test(said)) return `${reason}400-paid-only-feature`
  return status === 401 ? `${reason}401-invalid-credentials` : undefined
}

function modelOf({ model, settings }: TranscriberOptions): string {
  // The API knows `speechModel` alone; `model` is what --transcriber names.
  if (model !== null) return model
  return typeof settings.speechModel === 'string' ? settings.speechModel : 'universal-streaming-english'
}

function assemblyProtocol(options: TranscriberOptions): StreamingProtocol {
  return {
    address: () => addressOf(options),
    session: () => createTurnSession(options),
    pieceMs: PIECE_MS,
    maximumPace: MAXIMUM_PACE,
    closeStatus: statusOf,
  }
}

/** Where it listens, with its parameters. Throws VapiError where `realtimeUrl` is no address of a WebSocket. */
function addressOf(options: TranscriberOptions): SocketAddress {
  const { access, settings } = options
  const own = typeof settings.realtimeUrl === 'string' && settings.realtimeUrl !== ''
  const address = own ? String(settings.realtimeUrl) : `${access.baseUrl.replace(/^http/, 'ws')}/v3/ws`
  if (!URL.canParse(address) || !/^wss?:/.test(address))
    throw new VapiError({
      code: 'invalid-url',
      message: `transcriber.realtimeUrl: ${address} is not an address that begins with wss://`,
    })
  const url = new URL(address)
  for (const [name, value] of parametersOf(options)) url.searchParams.set(name, value)
  // An assistant is not to send the user's key just anywhere, nor in the clear.
  const isVendor = url.protocol === 'wss:' && /(^|\.)assemblyai\.com$/.test(url.hostname)
  const trusted = !own || isVendor || isLoopback(url.hostname)
  return {
    url: url.href,
    ...(trusted && access.key !== null && { headers: { authorization: access.key } }),
  }
}

function parametersOf(options: TranscriberOptions): [name: string, value: string][] {
  const { settings, language } = options
  const model = modelOf(options)
  const isUniversal = model.startsWith('universal-streaming')
  const terms = [...new Set([...textsIn(settings.keytermsPrompt), ...textsIn(settings.wordBoost)])]
  const codes = textsIn(settings.languageCodes)
  const wanted = codes.length > 0 ? codes : settings.language === 'en' ? ['en'] : []
  const detects = model !== 'universal-streaming-english' && language !== 'en'
  return [
    ['sample_rate', String(SAMPLE_RATE)],
    ['encoding', 'pcm_s16le'],
    ['speech_model', model],
    ['min_turn_silence', String(settings.minEndOfTurnSilenceWhenConfident ?? 160)],
    ['max_turn_silence', String(settings.maxTurnSilence ?? 400)],
    ...(isUniversal
      ? ([
          ['end_of_turn_confidence_threshold', String(settings.endOfTurnConfidenceThreshold ?? 0.7)],
          ['format_turns', String(settings.formatTurns !== false)],
        ] as [string, string][])
      : [
          ...named('mode', settings.mode),
          ...named('prompt', settings.prompt),
          ...named('agent_context', settings.agentContext),
          ...named('language_codes', wanted.length > 0 ? JSON.stringify(wanted) : undefined),
        ]),
    ...named('keyterms_prompt', terms.length > 0 ? JSON.stringify(terms) : undefined),
    ...named('language_detection', detects ? 'true' : undefined),
  ]
}

function named(name: string, value: unknown): [string, string][] {
  return typeof value === 'string' && value !== '' ? [[name, value]] : []
}

/**
 * A turn is told when it is formatted, where that was asked for: the unformatted end of it comes just before. `rest` and the
 * next turn give one whose formatted form did not come.
 */
function createTurnSession(options: TranscriberOptions): ProtocolSession {
  const { settings, endsTurns = true } = options
  const formats = settings.formatTurns !== false && modelOf(options).startsWith('universal-streaming')
  const withPartials = settings.disablePartialTranscripts !== true
  let toldOrder = -1
  let unformatted: { order: number; heard: Heard } | null = null

  function readTurn(message: Readonly<Record<string, unknown>>): Heard[] {
    const order = Number(message.turn_order ?? 0)
    const before = unformatted !== null && unformatted.order < order ? takeUnformatted() : []
    const heard = transcriptOf(message)
    if (order <= toldOrder || heard === null) return before
    if (message.end_of_turn !== true)
      return withPartials ? [...before, { ...heard, transcriptType: 'partial' }] : before
    const final = { ...heard, transcriptType: 'final', endOfTurn: true } as const
    if (formats && message.turn_is_formatted !== true) {
      unformatted = { order, heard: final }
      return before
    }
    toldOrder = order
    unformatted = null
    return [...before, final]
  }

  function takeUnformatted(): Heard[] {
    if (unformatted === null) return []
    const { order, heard } = unformatted
    toldOrder = order
    unformatted = null
    return [heard]
  }

  return {
    waitsForReady: true,
    sound: bytesOfSamples,
    read: message => {
      if (message.type === 'Begin') return [{ type: 'ready' }]
      if (message.type === 'Turn') return readTurn(message)
      if (message.type === 'Termination') return [{ type: 'ended' }]
      if (typeof message.error !== 'string') return []
      const status = statusOf(Number(message.error_code), message.error)
      return [{ type: 'error', status, message: message.error }]
    },
    speechStopped: () => (endsTurns ? null : JSON.stringify({ type: 'ForceEndpoint' })),
    finish: JSON.stringify({ type: 'Terminate' }),
    rest: takeUnformatted,
  }
}

/** Words that are not certain yet are in `words` alone. */
function transcriptOf({ transcript, words, language_code: language }: Readonly<Record<string, unknown>>) {
  const told = (Array.isArray(words) ? words : []) as { text?: unknown; end?: unknown }[]
  const joined = told.flatMap(word => (typeof word.text === 'string' ? [word.text] : [])).join(' ')
  const certain = typeof transcript === 'string' ? transcript : ''
  const text = joined.length > certain.length ? joined : certain
  if (text === '') return null
  const confidence = meanConfidence(words)
  const endMs = told.at(-1)?.end
  return {
    type: 'transcript',
    text,
    streamMs: typeof endMs === 'number' ? endMs + FADE_MS : null,
    ...(confidence !== null && { confidence }),
    ...(typeof language === 'string' && { language }),
  } as const
}

const REFUSED: Readonly<Record<number, number>> = {
  1008: 401,
  3006: 400,
  3009: 429,
  4000: 400,
  4001: 401,
  4002: 402,
  4003: 402,
  4029: 429,
  4101: 400,
  4102: 429,
}

/** Codes of its errors and closing frames. After the others, such as the end of the longest session, another connection may do. */
function statusOf(code: number, said: string): number | null {
  if (code === 1008 && /concurrent/i.test(said)) return 429
  return REFUSED[code] ?? null
}
