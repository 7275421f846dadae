/** Calls at random, by a seed: who speaks, thinks and listens in which order, what is said, and what goes wrong. */
import type { Behaviour } from '../providers/speech-server.ts'
import type { Fault as DeepgramFault } from '../providers/transcriber-server.ts'
import type { Fault as ScribeFault } from '../providers/transcription-server.ts'
import { wordOf } from './words.ts'

export const TRANSCRIBERS = ['deepgram/nova-3', '11labs/scribe_v2_realtime', 'deepgram/nova-2'] as const
export const MODELS = ['gpt-4o', 'gpt-4.1', 'gpt-4o-mini', 'gpt-4.1-mini'] as const
export const VOICES = ['11labs/first', '11labs/second', '11labs/third', 'openai/alloy'] as const

/** What happens to one answer of the model. `at` counts pieces of its text. */
export type ModelFault =
  | { type: 'status'; status: number }
  | { type: 'page' }
  | { type: 'cut'; at: number }
  | { type: 'half-sign'; at: number }
  | { type: 'malformed'; at: number }
  | { type: 'silence'; at: number }
  | { type: 'slow'; firstMs: number; betweenMs: number }
  | { type: 'pieces'; bytes: number }

/** What happens to one answer of a voice. */
export type VoiceFault = Omit<Behaviour, 'until' | 'waitAfter'> & {
  /** Nothing more comes after so many bytes. */
  silentAfter?: number
  /** A line that is no JSON after so many lines. */
  malformedAfter?: number
}

export interface Utterance {
  words: string[]
  /** Said while the assistant speaks. */
  interrupts: boolean
  /** After the assistant has spoken, in milliseconds. */
  pauseMs: number
}

export interface CallPlan {
  seed: number
  transcribers: string[]
  models: string[]
  voices: string[]
  utterances: Utterance[]
  /** Texts of the model, one for each request. */
  reply(): string
  deepgram: DeepgramFault[]
  scribe: ScribeFault[]
  model(): ModelFault | null
  voice(): VoiceFault
}

export interface PlanOptions {
  turns: number
  /** Faults too that are only noticed after tens of seconds. */
  long: boolean
}

export function planCall(seed: number, { turns, long }: PlanOptions): CallPlan {
  const random = createRandom(seed)
  const { chance, between, pick } = random
  let word = between(0, 4000)
  const words = (count: number) => Array.from({ length: count }, () => wordOf(word++))
  const part = <Item>(list: readonly Item[]) =>
    list.slice(0, pick([1, 2, list.length, list.length, list.length]))
  /** How much goes wrong in this call. */
  const rate = pick([0.03, 0.1, 0.2])

  const transcribers = part(TRANSCRIBERS)
  const voices = part(VOICES)
  return {
    seed,
    transcribers,
    models: part(MODELS),
    voices,
    utterances: Array.from({ length: turns }, (_, place) => ({
      words: words(between(1, 4)),
      interrupts: place > 0 && chance(0.12),
      pauseMs: between(50, 400),
    })),
    reply() {
      const sentence = () => {
        const text = words(between(2, 5)).join(pick([' ', ' ', ', ']))
        return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${pick(['.', '.', '!', '?', '…'])}`
      }
      return Array.from({ length: between(1, 3) }, sentence).join(' ')
    },
    deepgram: Array.from({ length: 60 }, () => (chance(rate * 4) ? deepgramFault(random, long) : {})),
    scribe: Array.from({ length: 60 }, () => (chance(rate * 4) ? scribeFault(random) : {})),
    model: () => (chance(rate) ? modelFault(random, long) : chance(0.3) ? modelBother(random) : null),
    voice: () => (chance(rate) ? voiceFault(random) : chance(0.3) ? voiceBother(random) : {}),
  }
}

interface Random {
  chance(share: number): boolean
  /** A whole number; both ends are possible. */
  between(from: number, to: number): number
  pick<Item>(items: readonly Item[]): Item
}

function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    chance: share => next() < share,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: items => items[Math.floor(next() * items.length)] as (typeof items)[number],
  }
}

function deepgramFault({ between, pick }: Random, long: boolean): DeepgramFault {
  const ms = () => between(200, 6000)
  return pick<() => DeepgramFault>([
    () => ({ refuse: { status: 401, body: '{"err_msg":"Invalid credentials."}' } }),
    () => ({ refuse: { status: 429, body: '{"err_msg":"Too many requests."}' } }),
    () => ({ refuse: { status: 500 } }),
    () => ({ breaksAfterMs: ms() }),
    () => ({ breaksAfterMs: ms() }),
    () => ({ breaksAfterMs: ms() }),
    () => ({ closesAfterMs: { ms: ms(), code: pick([1000, 1011, 1013]) } }),
    () => ({ closesAfterMs: { ms: ms() } }),
    () => ({ saysAfterMs: { ms: ms(), data: '{"type":"Results","chan' } }),
    () => ({ saysAfterMs: { ms: ms(), data: Uint8Array.of(0x7b, 0x22, 0xc3) } }),
    () => ({ saysAfterMs: { ms: ms(), data: '[1, 2]' } }),
    () => ({ delayMs: between(100, 1500) }),
    () => ({ delayMs: between(100, 1500), breaksAfterMs: ms() }),
    () => ({ twice: true }),
    () => ({ holdsBack: isInterim }),
    () => ({ holdsBack: isInterim, delayMs: between(50, 600) }),
    () => (long ? { silentAfterMs: ms() } : { delayMs: 900 }),
    () => (long ? { silent: true } : { repeats: 'each' }),
    () => (long ? { hangs: true } : { refuse: { status: 503 } }),
    () => (long ? { stopsReadingAfterMs: ms() } : { breaksAfterMs: ms() }),
  ])()
}

const isInterim = (message: object) => 'is_final' in message && message.is_final === false

function scribeFault({ between, pick }: Random): ScribeFault {
  const ms = () => between(200, 6000)
  return pick<() => ScribeFault>([
    () => ({ refuses: 401 }),
    () => ({ refuses: 429 }),
    () => ({ refuses: 500 }),
    () => ({ breaksAfterMs: ms() }),
    () => ({ breaksAfterMs: ms() }),
    () => ({ babblesAfterMs: ms() }),
    () => ({ error: pick(['rate_limited', 'transcriber_error', 'queue_overflow', 'auth_error']) }),
    () => ({ lateMs: between(100, 1500) }),
    () => ({ lateMs: between(100, 1500), breaksAfterMs: ms() }),
    () => ({ binary: true }),
  ])()
}

function modelFault({ between, pick }: Random, long: boolean): ModelFault {
  const at = between(0, 5)
  return pick<ModelFault>([
    { type: 'status', status: pick([401, 429, 500, 503]) },
    { type: 'status', status: pick([401, 429, 500, 503]) },
    { type: 'page' },
    { type: 'cut', at },
    { type: 'cut', at },
    { type: 'half-sign', at },
    { type: 'malformed', at },
    long ? { type: 'silence', at } : { type: 'cut', at },
  ])
}

function modelBother({ between, pick }: Random): ModelFault {
  return pick<ModelFault>([
    { type: 'slow', firstMs: between(100, 1500), betweenMs: between(0, 60) },
    { type: 'pieces', bytes: between(1, 9) },
  ])
}

function voiceFault({ between, pick }: Random): VoiceFault {
  return pick<VoiceFault>([
    { status: pick([401, 429, 500]) },
    { status: pick([401, 429, 500]) },
    { instead: { contentType: 'text/html', body: '<h1>Bad gateway</h1>' } },
    { closeAfter: between(1, 30_000) },
    { closeAfter: between(1, 30_000) },
    { closeAfter: between(1, 30_000), pieceBytes: between(50, 900) },
    { malformedAfter: between(0, 3) },
    { silent: true },
    { silentAfter: between(0, 20_000) },
  ])
}

function voiceBother({ between, pick }: Random): VoiceFault {
  return pick<VoiceFault>([
    { pieceBytes: between(7, 700) },
    { pieceBytes: between(500, 3000), paceMs: between(1, 30) },
  ])
}
