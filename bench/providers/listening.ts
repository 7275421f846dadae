/** Transcribers of the network at the pace of speech: our share, and what a broken connection costs. */
import { FRAME_SAMPLES } from '../../src/engine/ports/audio-input.ts'
import type { Transcriber } from '../../src/engine/ports/transcriber.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { TRANSCRIBERS } from '../../src/providers/transcribers/table.ts'
import { findVendor } from '../../src/providers/vendors.ts'
import { ASSEMBLY_KEY, startAssemblyAi } from '../../test/support/providers/assembly-ai.ts'
import { startAzureSpeech } from '../../test/support/providers/azure-speech.ts'
import { startCartesiaStt } from '../../test/support/providers/cartesia-stt.ts'
import { DEEPGRAM_KEY, startDeepgram } from '../../test/support/providers/deepgram.ts'
import { sayWords } from '../../test/support/providers/ears.ts'
import { startElevenLabsScribe } from '../../test/support/providers/elevenlabs-scribe.ts'
import { startGladiaLive } from '../../test/support/providers/gladia-live.ts'
import { startOpenAiTranscription } from '../../test/support/providers/openai-transcription.ts'
import { startSonioxRealtime } from '../../test/support/providers/soniox-realtime.ts'
import { startSpeechmaticsRealtime } from '../../test/support/providers/speechmatics-realtime.ts'
import { startTranscriberPeer, words } from '../../test/support/providers/transcriber-peer.ts'
import { KEY } from '../../test/support/providers/transcription-server.ts'
import { soundOf, VOCABULARY } from '../../test/support/providers/words.ts'
import { startXaiStt } from '../../test/support/providers/xai-stt.ts'
import { openTap, type Tap } from './tap.ts'

const FRAME_MS = 20
/** A word and the silence behind it, after which it is told. */
const LINE_MS = 1000
const STOP_MS = 200
/** Smaller messages are settings. */
const SOUND_BYTES = 640

interface Server {
  readonly url: string
  close(): Promise<void>
}

interface Row {
  id: string
  start(): Promise<Server>
  key?: string | null
  path?: string
  settings?: Readonly<Record<string, unknown>>
  /** How its server hears words: by marks at their beginning, or by their level. */
  ears: 'marks' | 'levels'
}

const ROWS: readonly Row[] = [
  { id: 'deepgram', start: startDeepgram, key: DEEPGRAM_KEY, ears: 'marks' },
  {
    id: 'deepgram',
    start: startDeepgram,
    key: DEEPGRAM_KEY,
    ears: 'marks',
    settings: { model: 'flux-general-en' },
  },
  { id: 'assembly-ai', start: startAssemblyAi, key: ASSEMBLY_KEY, ears: 'marks' },
  { id: 'openai', start: startOpenAiTranscription, path: '/v1', ears: 'levels' },
  { id: '11labs', start: startElevenLabsScribe, ears: 'levels' },
  { id: 'gladia', start: startGladiaLive, ears: 'levels' },
  { id: 'speechmatics', start: startSpeechmaticsRealtime, ears: 'levels' },
  { id: 'soniox', start: startSonioxRealtime, ears: 'levels' },
  { id: 'cartesia', start: startCartesiaStt, ears: 'levels' },
  { id: 'azure', start: startAzureSpeech, ears: 'levels' },
  { id: 'xai', start: startXaiStt, path: '/v1', ears: 'levels' },
  {
    id: 'custom-transcriber',
    start: () =>
      startTranscriberPeer({
        heard: (side, samples, connection) => {
          if (side === 'customer' && samples.some(sample => sample !== 0)) connection.reply(words('one'))
        },
      }),
    key: null,
    path: '/api/custom-transcriber',
    ears: 'levels',
  },
]

const nameOf = ({ id, settings }: Row) => (settings?.model === undefined ? id : `${id} ${settings.model}`)

interface Session {
  transcriber: Transcriber
  tap: Tap
  /** Final texts. */
  heard: string[]
  failures: unknown[]
  onTranscript: () => void
  /** When the last frame was given. */
  pushedMs: number
  close(): Promise<void>
}

async function open(row: Row, delayMs: number): Promise<Session> {
  const server = await row.start()
  const tap = await openTap(server.url, delayMs)
  const http: HttpClient = createHttpClient()
  const provider = TRANSCRIBERS.find(known => known.id === row.id)
  const vendor = provider?.vendor ?? findVendor(row.id)
  if (provider === undefined || vendor === undefined) throw new Error(`there is no ${row.id}`)
  const url = row.id === 'custom-transcriber' ? tap.url.replace('http', 'ws') : tap.url
  const { key = KEY, path = '', settings = {} } = row
  const transcriber = provider.create({
    vendor,
    access: { baseUrl: url + path, key },
    http,
    name: row.id,
    model: typeof settings.model === 'string' ? settings.model : null,
    language: 'en',
    settings,
    serverHeaders: async () => ({}),
  })
  const session: Session = {
    transcriber,
    tap,
    heard: [],
    failures: [],
    onTranscript: () => {},
    pushedMs: Number.NaN,
    close: async () => {
      await transcriber.close()
      http.close()
      tap.close()
      await server.close()
    },
  }
  await transcriber.start({
    transcript: ({ transcriptType, text }) => {
      session.onTranscript()
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
      session.pushedMs = performance.now()
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

/** From the frame to the network, and from the network to the transcript: the share of each transcript told. */
export async function transcriberShares(sessions: number, lines: number): Promise<[string, number[]][]> {
  return Promise.all(
    ROWS.map(async (row, place): Promise<[string, number[]]> => {
      await later(place * 137)
      const shares: number[] = []
      const talk = async (number: number) => {
        await later(number * 61)
        const session = await open(row, 5)
        let upMs = Number.NaN
        session.tap.onSent = () => {
          upMs = performance.now() - session.pushedMs
        }
        session.onTranscript = () => shares.push(upMs + performance.now() - session.tap.toldMs)
        await speak(session, row.ears, lines)
        await session.close()
      }
      await Promise.all(Array.from({ length: sessions }, (_, number) => talk(number)))
      return [nameOf(row), shares.filter(share => !Number.isNaN(share))]
    }),
  )
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
export async function reconnects(sessions: number, lines: number): Promise<Reconnects[]> {
  return Promise.all(
    ROWS.filter(({ id }) => id !== 'custom-transcriber').map(async (row, place) => {
      const result: Reconnects = { name: nameOf(row), timesMs: [], said: 0, lost: 0, doubled: 0 }
      const talk = async (number: number) => {
        await later(place * 53 + number * 17)
        const session = await open(row, 0)
        let broken: { atMs: number; connection: number } | null = null
        let newest = 0
        session.tap.onSent = (bytes, connection) => {
          newest = Math.max(newest, connection)
          if (broken === null || connection <= broken.connection || bytes < SOUND_BYTES) return
          result.timesMs.push(performance.now() - broken.atMs)
          broken = null
        }
        const said = await speak(session, row.ears, lines, line => {
          if (line % 3 !== 1) return
          setTimeout(
            () => {
              broken = { atMs: performance.now(), connection: newest }
              session.tap.breakOff()
            },
            20 + ((line * 37 + number * 71) % 300),
          )
        })
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
