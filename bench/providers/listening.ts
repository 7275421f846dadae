/** Transcribers of the network at the pace of speech: our share, and what a broken connection costs. */
import { FRAME_SAMPLES } from '../../src/engine/ports/audio-input.ts'
import type { Transcriber } from '../../src/engine/ports/transcriber.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { TRANSCRIBERS } from '../../src/providers/transcribers/table.ts'
import { findVendor } from '../../src/providers/vendors.ts'
import { sayWords } from '../../test/support/providers/ears.ts'
import { soundOf, VOCABULARY } from '../../test/support/providers/words.ts'
import type { Peer, Peers } from './peers.ts'
import { nowMs, type Passed } from './tap.ts'

const FRAME_MS = 20
/** A word and the silence behind it, after which it is told. */
const LINE_MS = 1000
const STOP_MS = 200
/** So many providers are measured at a time. */
const TOGETHER = 3
/** Smaller messages are settings. */
const SOUND_BYTES = 640

interface Row {
  id: string
  settings?: Readonly<Record<string, unknown>>
  /** How its server hears words: by marks at their beginning, or by their level. */
  ears: 'marks' | 'levels'
}

const ROWS: readonly Row[] = [
  { id: 'deepgram', ears: 'marks' },
  { id: 'deepgram', ears: 'marks', settings: { model: 'flux-general-en' } },
  { id: 'assembly-ai', ears: 'marks' },
  ...[
    'openai',
    '11labs',
    'gladia',
    'speechmatics',
    'soniox',
    'cartesia',
    'azure',
    'xai',
    'custom-transcriber',
  ].map((id): Row => ({ id, ears: 'levels' })),
]

const nameOf = ({ id, settings }: Row) => (settings?.model === undefined ? id : `${id} ${settings.model}`)

interface Session {
  transcriber: Transcriber
  peer: Peer
  /** Final texts. */
  heard: string[]
  failures: unknown[]
  /** When frames were given, and when transcripts came. */
  pushedMs: number[]
  toldMs: number[]
  close(): Promise<void>
}

async function open(peers: Peers, row: Row, delayMs: number): Promise<Session> {
  const peer = await peers.open('transcriber', row.id, delayMs)
  const http: HttpClient = createHttpClient()
  const provider = TRANSCRIBERS.find(known => known.id === row.id)
  const vendor = provider?.vendor ?? findVendor(row.id)
  if (provider === undefined || vendor === undefined) throw new Error(`there is no ${row.id}`)
  const url = row.id === 'custom-transcriber' ? peer.url.replace('http', 'ws') : peer.url
  const { settings = {} } = row
  const transcriber = provider.create({
    vendor,
    access: { baseUrl: url + peer.path, key: peer.key },
    http,
    name: row.id,
    model: typeof settings.model === 'string' ? settings.model : null,
    language: 'en',
    settings,
    serverHeaders: async () => ({}),
  })
  const session: Session = {
    transcriber,
    peer,
    heard: [],
    failures: [],
    pushedMs: [],
    toldMs: [],
    close: async () => {
      await transcriber.close()
      http.close()
      await peer.close()
    },
  }
  await transcriber.start({
    transcript: ({ transcriptType, text }) => {
      session.toldMs.push(nowMs())
      if (transcriptType === 'final') session.heard.push(text)
    },
    failed: error => session.failures.push(error),
  })
  return session
}

/** Says a word every `LINE_MS` at the pace of speech; what was said. `between` runs before each word. */
async function speak(
  session: Session,
  ears: Row['ears'],
  count: number,
  between: (line: number) => void = () => {},
): Promise<string[]> {
  const said: string[] = []
  const startMs = performance.now()
  let audioMs = 0
  let lastLoudMs: number | null = null
  for (let line = 0; line < count; line++) {
    const word = VOCABULARY[line % VOCABULARY.length] ?? 'one'
    said.push(word)
    between(line)
    const samples = ears === 'marks' ? sayWords(word) : joined(soundOf([word]))
    for (let from = 0; from < LINE_MS * 16; from += FRAME_SAMPLES) {
      const frame = new Int16Array(FRAME_SAMPLES)
      frame.set(samples.subarray(from, from + FRAME_SAMPLES))
      const dueMs = startMs + audioMs + FRAME_MS
      while (performance.now() < dueMs) await later(dueMs - performance.now())
      session.pushedMs.push(nowMs())
      session.transcriber.push({ samples: frame, assistant: new Int16Array(FRAME_SAMPLES), audioMs })
      const isLoud = frame.some(sample => sample !== 0)
      if (isLoud && lastLoudMs === null) session.transcriber.speech('started', audioMs)
      if (isLoud) lastLoudMs = audioMs + FRAME_MS
      else if (lastLoudMs !== null && audioMs - lastLoudMs > STOP_MS) {
        session.transcriber.speech('stopped', lastLoudMs)
        lastLoudMs = null
      }
      audioMs += FRAME_MS
    }
  }
  return said
}

/**
 * From the frame to the network, and from the network to the transcript: the share of each transcript told. A process has one call
 * where this has `TOGETHER` times `sessions`.
 */
export async function* transcriberShares(
  peers: Peers,
  sessions: number,
  lines: number,
): AsyncGenerator<[string, number[]]> {
  for (let from = 0; from < ROWS.length; from += TOGETHER) {
    const group = ROWS.slice(from, from + TOGETHER).map(row => ({ row, shares: [] as number[] }))
    await Promise.all(
      group.flatMap(({ row, shares }, place) =>
        Array.from({ length: sessions }, async (_, number) => {
          await later(place * 137 + number * 61)
          const session = await open(peers, row, 5)
          await speak(session, row.ears, lines)
          const passed = await session.peer.log()
          for (const toldMs of session.toldMs) shares.push(...shareOf(toldMs, session.pushedMs, passed))
          await session.close()
        }),
      ),
    )
    for (const { row, shares } of group) yield [nameOf(row), shares]
  }
}

/** What came last before a transcript was told: the answer from the network, and the frame that went out before that. */
function shareOf(toldMs: number, pushedMs: readonly number[], passed: readonly Passed[]): number[] {
  const answer = passed.findLast(({ kind, atMs }) => kind !== 'sent' && atMs <= toldMs)
  const sent = passed.findLast(({ kind, atMs }) => kind === 'sent' && atMs <= (answer?.atMs ?? 0))
  const pushed = pushedMs.findLast(atMs => atMs <= (sent?.atMs ?? 0))
  if (answer === undefined || sent === undefined || pushed === undefined) return []
  return [sent.atMs - pushed + (toldMs - answer.atMs)]
}

export interface Reconnects {
  name: string
  /** From the break to the first sound on the new connection. */
  timesMs: number[]
  said: number
  lost: number
  doubled: number
}

/** Connections broken in the middle of words, every third word. The custom transcriber's server knows one word alone: it is not asked. */
export async function reconnects(peers: Peers, sessions: number, lines: number): Promise<Reconnects[]> {
  return Promise.all(
    ROWS.filter(({ id }) => id !== 'custom-transcriber').map(async (row, place) => {
      const result: Reconnects = { name: nameOf(row), timesMs: [], said: 0, lost: 0, doubled: 0 }
      const talk = async (number: number) => {
        await later(place * 53 + number * 17)
        const session = await open(peers, row, 0)
        const said = await speak(session, row.ears, lines, line => {
          if (line % 3 === 1)
            setTimeout(() => void session.peer.breakOff(), 20 + ((line * 37 + number * 71) % 300))
        })
        const passed = await session.peer.log()
        for (const broken of passed.filter(({ kind }) => kind === 'broken')) {
          const again = passed.find(
            ({ kind, connection, bytes }) =>
              kind === 'sent' && connection > broken.connection && bytes >= SOUND_BYTES,
          )
          // Without sound on a new connection there is no time: the words that it cost are counted.
          result.timesMs.push((again?.atMs ?? Number.POSITIVE_INFINITY) - broken.atMs)
        }
        await session.close()
        const heard = session.heard.flatMap(text => text.toLowerCase().match(/[a-z]+/g) ?? [])
        result.said += said.length
        for (const word of VOCABULARY) {
          const more = count(heard, word) - count(said, word)
          if (more > 0) result.doubled += more
          else result.lost -= more
        }
        if (session.failures.length > 0) throw session.failures[0]
      }
      await Promise.all(Array.from({ length: sessions }, (_, number) => talk(number)))
      return result
    }),
  )
}

function count(words: readonly string[], word: string): number {
  return words.filter(other => other === word).length
}

function joined(frames: readonly { samples: Int16Array }[]): Int16Array {
  return Int16Array.from(frames.flatMap(({ samples }) => [...samples]))
}

export function later(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
