/** Speechmatics in real time (docs.speechmatics.com: Realtime API reference, Turn detection, Authentication). */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { isObject } from '../../is-object.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberOptions, TranscriberProvider } from './types.ts'
import { createUtterance, type Piece } from './utterance.ts'
import { bytesOfSamples, numberOf, socketUrl } from './wire.ts'

const EUROPE = 'https://eu.rt.speechmatics.com'
const UNITED_STATES = 'https://us.rt.speechmatics.com'
/** What it takes as `max_delay`, in seconds. */
const DELAY_SECONDS = [0.7, 4] as const

export const speechmatics: TranscriberProvider = {
  id: 'speechmatics',
  baseUrl: EUROPE,
  proof: { by: 'client-library', name: '@speechmatics/real-time-client' },
  typicalMs: null,
  create: options => {
    const { access, settings } = options
    const isUnitedStates = settings.region === 'us' && access.baseUrl === EUROPE
    return createStreamingTranscriber({
      name: options.name,
      capabilities: { endOfTurn: true, partials: true, languages: 'any' },
      http: options.http,
      context: { vendor: options.vendor, stage: 'transcriber', key: access.key },
      protocol: {
        pieceMs: 40,
        // It acknowledges each piece of sound.
        saysSomethingEveryMs: 10_000,
        address: () => ({
          url: socketUrl(isUnitedStates ? UNITED_STATES : access.baseUrl, '/v2', {}),
          ...(access.key !== null && { headers: { authorization: `Bearer ${access.key}` } }),
        }),
        session: () => createSession(options),
        closeStatus: code => CLOSE_STATUSES[code] ?? null,
      },
    })
  },
}

function createSession(options: TranscriberOptions): ProtocolSession {
  const { settings } = options
  const utterance = createUtterance('')
  const shortestMs = (numberOf(settings.minimumSpeechDuration) ?? 0) * 1000
  let pieces = 0
  let beganMs: number | null = null

  /** Words that took less time than the configured minimum count as noise. */
  function end(endOfTurn: boolean): Heard[] {
    const heard = utterance.end(endOfTurn)
    const lastedMs = Math.max(0, ...heard.map(told => endOf(told) - (beganMs ?? 0)))
    beganMs = null
    return lastedMs < shortestMs ? heard.map(told => ({ type: 'covered', streamMs: endOf(told) })) : heard
  }

  function add(piece: Piece): Heard[] {
    if (piece.text.trim() !== '') beganMs ??= piece.startMs
    return utterance.add(piece)
  }

  return {
    opening: [JSON.stringify(startMessage(options))],
    waitsForReady: true,
    sound(samples) {
      pieces++
      return bytesOfSamples(samples)
    },
    read(message) {
      switch (message.message) {
        case 'RecognitionStarted':
          return [{ type: 'ready' }]
        case 'AddPartialTranscript': {
          const { text, endMs } = pieceOf(message)
          return utterance.soFar(text, endMs)
        }
        case 'AddTranscript':
          return add(pieceOf(message))
        case 'EndOfUtterance':
          return end(true)
        case 'EndOfTranscript':
          return [...end(false), { type: 'ended' }]
        case 'Error': {
          const type = String(message.type ?? '')
          const status = STATUSES[type] ?? (type.startsWith('invalid_') ? 400 : null)
          return [{ type: 'error', status, message: String(message.reason ?? type) }]
        }
        case 'Warning':
          return [{ type: 'warning', message: String(message.reason ?? message.type ?? '') }]
        default:
          return []
      }
    },
    rest: () => end(false),
    get finish() {
      return JSON.stringify({ message: 'EndOfStream', last_seq_no: pieces })
    },
  }
}

function startMessage({ language, settings }: TranscriberOptions): object {
  const delaySeconds = (numberOf(settings.maxDelay) ?? 3000) / 1000
  const words = Array.isArray(settings.customVocabulary) ? settings.customVocabulary : []
  return {
    message: 'StartRecognition',
    audio_format: { type: 'raw', encoding: 'pcm_s16le', sample_rate: SAMPLE_RATE },
    transcription_config: {
      // Spanish and English together are a domain of Spanish.
      ...(language === 'en_es' ? { language: 'es', domain: 'bilingual-en' } : { language }),
      model: settings.operatingPoint === 'standard' ? 'standard' : 'enhanced',
      enable_partials: true,
      max_delay: Math.min(DELAY_SECONDS[1], Math.max(DELAY_SECONDS[0], delaySeconds)),
      conversation_config: {
        end_of_utterance_silence_trigger: silenceSeconds(numberOf(settings.endOfTurnSensitivity) ?? 0.5),
      },
      ...(settings.enableDiarization === true && { diarization: 'speaker' }),
      ...(settings.removeDisfluencies === true && {
        transcript_filtering_config: { remove_disfluencies: true },
      }),
      ...(words.length > 0 && { additional_vocab: words.flatMap(vocabularyEntry) }),
    },
  }
}

/**
 * Silence that ends an utterance. It asks for 0.5 to 0.8 s of voice assistants; nobody documents how the platform turns its
 * sensitivity of 0 to 1 into seconds: here the middle is 0.5 s, and the ends are 0.8 and 0.2 s.
 */
export function silenceSeconds(sensitivity: number): number {
  return Math.round((0.8 - 0.6 * Math.min(1, Math.max(0, sensitivity))) * 100) / 100
}

function vocabularyEntry(item: unknown): unknown[] {
  if (typeof item === 'string') return [item]
  if (!isObject(item) || typeof item.content !== 'string') return []
  const { content, soundsLike } = item
  return [{ content, ...(Array.isArray(soundsLike) && { sounds_like: soundsLike }) }]
}

function pieceOf(message: Readonly<Record<string, unknown>>): Piece {
  const metadata = isObject(message.metadata) ? message.metadata : {}
  const results = (Array.isArray(message.results) ? message.results : []).filter(isObject)
  const words = results
    .filter(({ type }) => type !== 'punctuation')
    .map(({ alternatives }) =>
      Array.isArray(alternatives) && isObject(alternatives[0]) ? alternatives[0] : {},
    )
  const confidences = words.map(({ confidence }) => confidence).filter(value => typeof value === 'number')
  const language = words.map(word => word.language).find(value => typeof value === 'string')
  // The times of the words: those of the whole begin where the last one ended.
  const [first] = results
  const last = results.at(-1)
  return {
    text: typeof metadata.transcript === 'string' ? metadata.transcript : '',
    startMs: (numberOf(first?.start_time) ?? numberOf(metadata.start_time) ?? 0) * 1000,
    endMs: (numberOf(last?.end_time) ?? numberOf(metadata.end_time) ?? 0) * 1000,
    ...(confidences.length > 0 && {
      confidence: confidences.reduce((sum, value) => sum + value, 0) / confidences.length,
    }),
    ...(language !== undefined && { language }),
  }
}

function endOf(heard: Heard): number {
  return heard.type === 'transcript' ? (heard.streamMs ?? 0) : 0
}

/** Its own closing codes as statuses of HTTP. */
const CLOSE_STATUSES: Readonly<Record<number, number>> = {
  4001: 401,
  4003: 403,
  4004: 400,
  4005: 429,
  4006: 402,
}

/** Its error types as statuses of HTTP; the others are worth another attempt. */
const STATUSES: Readonly<Record<string, number>> = {
  not_authorised: 401,
  not_allowed: 403,
  timelimit_exceeded: 402,
  quota_exceeded: 429,
}
