/** What is expected of every transcriber that listens over the network, against its vendor's own server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Transcriber, Transcript } from '../../../src/engine/ports/transcriber.ts'
import { VapiError } from '../../../src/errors.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { TRANSCRIBERS } from '../../../src/providers/transcribers/table.ts'
import type { TranscriberOptions } from '../../../src/providers/transcribers/types.ts'
import { findVendor } from '../../../src/providers/vendors.ts'
import { KEY, type TranscriptionServer } from './transcription-server.ts'
import { type Line, say, soundOf } from './words.ts'

export interface Ears {
  transcriber: Transcriber
  start(): Promise<void>
  transcripts: Transcript[]
  finals: Transcript[]
  warnings: string[]
  /** Resolves with the error with which it gave up. */
  failed: Promise<VapiError>
  /** Resolves when there are so many final transcripts. */
  heard(finals: number): Promise<void>
}

/** The transcriber of the table with this id, at this server. */
export function listenTo(
  server: TranscriptionServer,
  http: HttpClient,
  id: string,
  options: Partial<TranscriberOptions> = {},
  path = '',
): Ears {
  const provider = TRANSCRIBERS.find(known => known.id === id)
  const vendor = findVendor(id)
  if (provider === undefined || vendor === undefined) throw new Error(`${id} is not in the tables`)
  const transcriber = provider.create({
    vendor,
    access: { baseUrl: server.url + path, key: KEY },
    http,
    name: `${id}/test`,
    model: null,
    language: 'en',
    settings: {},
    ...options,
  })
  const transcripts: Transcript[] = []
  const warnings: string[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  let fail: (error: VapiError) => void = () => {}
  const failed = new Promise<VapiError>(resolve => {
    fail = resolve
  })
  const finals = () => transcripts.filter(({ transcriptType }) => transcriptType === 'final')
  const ears: Ears = {
    transcriber,
    start: () =>
      transcriber.start({
        transcript: transcript => {
          transcripts.push(transcript)
          for (const { count, resolve } of waiting) if (finals().length >= count) resolve()
        },
        failed: error => fail(error as VapiError),
        warning: message => warnings.push(message),
      }),
    transcripts,
    get finals() {
      return finals()
    },
    warnings,
    failed,
    heard: count =>
      finals().length >= count ? Promise.resolve() : new Promise(resolve => waiting.push({ count, resolve })),
  }
  return ears
}

export interface SuiteOptions {
  id: string
  start(): Promise<TranscriptionServer>
  /** Path of the API below the server's address, as the vendor's own address has it. */
  path?: string
  options?: Partial<TranscriberOptions>
  /** The vendor tells a wrong key in its stream, not at the handshake. */
  keyInStream?: boolean
  /** A kind of error message that another connection may help against. */
  passingError?: string
  /** It tells no partial transcripts. */
  finalsOnly?: boolean
  /** Its messages are not JSON: what is not understood is ignored. */
  otherMessages?: boolean
}

/** Silence before and after, so that utterances end. */
const TWO_UTTERANCES: Line = [300, 'one', 'two', 'three', 900, 'four', 'five', 900]

const plain = (text: string) => text.toLowerCase().replaceAll('.', '')
export const wordsOf = (ears: Ears) => ears.finals.map(({ text }) => plain(text)).join(' ')

export function itListens(suite: SuiteOptions): void {
  describe(`the transcriber ${suite.id}`, () => {
    let server: TranscriptionServer
    let http: HttpClient
    const open: Ears[] = []
    const listen = (more: Partial<TranscriberOptions> = {}) => {
      const ears = listenTo(server, http, suite.id, { ...suite.options, ...more }, suite.path)
      open.push(ears)
      return ears
    }

    beforeEach(async () => {
      server = await suite.start()
      http = createHttpClient()
    })

    afterEach(async () => {
      await Promise.all(open.splice(0).map(({ transcriber }) => transcriber.close()))
      http.close()
      await server.close()
    })

    it('tells the words of each utterance, and when they ended', async () => {
      const ears = listen()
      await ears.start()
      const frames = soundOf(TWO_UTTERANCES, 5000)
      const place = frames.findIndex(({ audioMs }) => audioMs >= 5000 + 1700)
      say(ears.transcriber, frames.slice(0, place))
      await ears.heard(1)
      say(ears.transcriber, frames.slice(place))
      await ears.heard(2)
      expect(ears.finals.map(({ text }) => plain(text))).toEqual(['one two three', 'four five'])
      const [first, second] = ears.finals
      // The last word ends at 300 + 2 × 240 + 160 ms; what gives no times is late by the silence at most.
      expect(first.audioMs).toBeGreaterThan(5000 + 900)
      expect(first.audioMs).toBeLessThan(5000 + 1900)
      expect(second.audioMs).toBeGreaterThan(first.audioMs)
      if (!suite.finalsOnly) {
        const partials = ears.transcripts.filter(({ transcriptType }) => transcriptType === 'partial')
        expect(partials.map(({ text }) => plain(text))).toContain('one')
      }
    })

    it('loses no word and doubles none when the connection breaks in the middle of an utterance', async () => {
      const ears = listen()
      server.script({ breaksAfterMs: 1900 })
      await ears.start()
      const frames = soundOf([300, 'one', 'two', 900, 'three', 'four', 'five', 'six', 900])
      const place = frames.findIndex(({ audioMs }) => audioMs >= 2000)
      say(ears.transcriber, frames.slice(0, place))
      await until(() => server.connections.length === 2)
      // The rest comes while it connects again.
      say(ears.transcriber, frames.slice(place))
      await ears.heard(2)
      expect(wordsOf(ears)).toBe('one two three four five six')
    })

    it('connects again when it is told something that it does not understand', async () => {
      if (suite.otherMessages) return
      const ears = listen()
      server.script({ babblesAfterMs: 700 })
      await ears.start()
      say(ears.transcriber, soundOf([300, 'seven', 'eight', 900]))
      await ears.heard(1)
      expect(wordsOf(ears)).toBe('seven eight')
      expect(server.connections).toHaveLength(2)
    })

    it('understands messages that come late or as binary ones', async () => {
      const ears = listen()
      server.script({ lateMs: 30, binary: true })
      await ears.start()
      say(ears.transcriber, soundOf(TWO_UTTERANCES))
      await ears.heard(2)
      expect(wordsOf(ears)).toBe('one two three four five')
    })

    it('tells the last words before it is closed', async () => {
      const ears = listen()
      await ears.start()
      say(ears.transcriber, soundOf([300, 'nine', 'ten', 40]))
      await until(() => ears.transcripts.length > 0 || suite.finalsOnly === true)
      await ears.transcriber.close()
      expect(wordsOf(ears)).toBe('nine ten')
      await until(() => server.open === 0)
    })

    it('tells a refused key without telling the key, and does not try again', async () => {
      const ears = listen(
        suite.keyInStream
          ? { access: { baseUrl: server.url + (suite.path ?? ''), key: `wrong-${KEY}` } }
          : {},
      )
      if (!suite.keyInStream) server.script({ refuses: 401 }, { refuses: 401 })
      const started = ears.start()
      const error = suite.keyInStream ? await ears.failed : await started.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(VapiError)
      expect(error).toMatchObject({ code: 'transcriber-unauthorized', retryable: false, exit: 4 })
      expect(JSON.stringify([String(error), (error as VapiError).hint])).not.toContain(KEY)
    })

    it('tries again when the provider is busy, and gives up in the end', async () => {
      const ears = listen()
      server.script({ refuses: 429 })
      await ears.start()
      await ears.transcriber.close()
      const hopeless = listen()
      server.script(...Array.from({ length: 20 }, () => ({ refuses: 429 })))
      await expect(hopeless.start()).rejects.toMatchObject({
        code: 'transcriber-rate-limited',
      })
    })

    it('goes on after an error message that says nothing against another attempt', async () => {
      if (suite.passingError === undefined) return
      const ears = listen()
      server.script({ error: suite.passingError })
      await ears.start()
      say(ears.transcriber, soundOf([300, 'seven', 'eight', 900]))
      await ears.heard(1)
      expect(wordsOf(ears)).toBe('seven eight')
      expect(server.connections).toHaveLength(2)
    })

    it('sends the key nowhere but where the provider wants it', async () => {
      const ears = listen()
      await ears.start()
      await until(() => server.connections.length === 1)
      expect(server.connections[0].url.href).not.toContain(KEY)
    })
  })
}

/** Resolves as soon as it is true. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}
