import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Transcriber } from '../../../src/engine/ports/transcriber.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { packageFile } from '../../../src/package-root.ts'
import { bundleProgram } from '../../support/bundle.ts'
import { plainTranscriber, servePlainly } from '../../support/providers/plain.ts'
import { type Talk, talkTo } from '../../support/providers/talk.ts'
import { startTranscriberServer, type TranscriberServer } from '../../support/providers/transcriber-server.ts'

let server: TranscriberServer
let http: HttpClient
let opened: Transcriber[]

beforeEach(async () => {
  server = await startTranscriberServer(servePlainly)
  http = createHttpClient()
  opened = []
})

afterEach(async () => {
  await Promise.all(opened.map(transcriber => transcriber.close()))
  http.close()
  await server.close()
})

function create(more: Parameters<typeof plainTranscriber>[2] = {}): Transcriber {
  const transcriber = plainTranscriber(server.url, http, more)
  opened.push(transcriber)
  return transcriber
}

async function begin(more: Parameters<typeof plainTranscriber>[2] = {}): Promise<Talk> {
  const talk = talkTo(create(more))
  await talk.start()
  return talk
}

const words = (count: number, from = 0) =>
  Array.from({ length: count }, (_, place) => `w${place + from}`).join(' ')
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it did not fail'),
    thrown => thrown,
  )

describe('a transcriber of the network', () => {
  it('tells words as they come, and when they were said', async () => {
    const talk = await begin()
    await talk.say('[500] good morning [600] how are you')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.finals.map(({ text, audioMs }) => [text, audioMs])).toEqual([
      ['good morning', 1060],
      ['how are you', 2440],
    ])
    expect(talk.transcripts[0]).toMatchObject({ transcriptType: 'partial', text: 'good' })
  })

  it('goes on after its connection broke in the middle of an utterance, within half a second and without losing or doubling a word', async () => {
    server.faults = [{ breaksAfterMs: 2000 }]
    const talk = await begin()
    await talk.say(`one two [400] ${words(20)}`)
    await talk.until(() => talk.text.endsWith('w19'))
    expect(talk.text).toBe(`one two ${words(20)}`)
    const [first, second] = server.connections
    expect((second?.firstSoundMs ?? Number.NaN) - (first?.endedMs ?? Number.NaN)).toBeLessThan(500)
    expect(second?.ears).toMatchObject({ fragments: 0 })
    expect(second?.ears.words[0]?.text).toBe('w0')
    expect(talk.failures).toEqual([])
    expect(talk.finals.at(-1)?.audioMs).toBeGreaterThan(6000)
  })

  it('goes on after many losses, at any place of a word, as long as there is progress', async () => {
    server.faults = [430, 730, 1210, 990, 1570].map(breaksAfterMs => ({ breaksAfterMs }))
    const talk = await begin()
    for (let place = 0; place < 12; place += 2) await talk.say(`${words(2, place)} [300]`)
    await talk.until(() => talk.text.endsWith('w11'))
    expect(talk.text).toBe(words(12))
    expect(server.connections.length).toBe(6)
  })

  it('sends no more than a moment of silence again', async () => {
    server.faults = [{ breaksAfterMs: 20_000 }]
    const talk = await begin()
    await talk.say('hello [20000]')
    await talk.say('world')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.text).toBe('hello world')
    const [sent] = server.connections[1]?.ears.words ?? []
    expect(sent?.startMs).toBeLessThan(2000)
  })

  it('ends the utterance where the speech ended, on the next connection too', async () => {
    // Both speeches end while there is no connection.
    server.faults = [{ breaksAfterMs: 300 }, { refuse: { status: 503 } }, { refuse: { status: 503 } }]
    const talk = await begin({ commits: true })
    await talk.say('one two three [400] four five [400]')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.finals.map(({ text }) => text)).toEqual(['one two three', 'four five'])
  })

  it('is as patient with the first connection', async () => {
    server.faults = [{ refuse: { status: 503 } }, { refuse: { status: 429, body: '{"error":"slow down"}' } }]
    const talk = await begin()
    await talk.say('hello [500]')
    await talk.until(() => talk.text === 'hello')
    expect(server.handshakes).toHaveLength(3)
  })

  it.each([
    [400, '{"err_msg":"no such model"}', 'transcriber-bad-request', 1, 'no such model'],
    [
      401,
      '{"error":{"message":"the key secret-key is wrong"}}',
      'transcriber-unauthorized',
      1,
      'the key *** is',
    ],
    [403, 'no', 'transcriber-unauthorized', 1, '403 Forbidden: no'],
    [429, '{"detail":"too much"}', 'transcriber-rate-limited', 5, 'too much'],
    [500, '', 'transcriber-server-error', 5, '500 Internal Server Error'],
  ])('says what a handshake that is answered with %i means', async (status, body, code, tries, said) => {
    server.faults = Array.from({ length: 9 }, () => ({ refuse: { status, body } }))
    const error = await failureOf(begin())
    expect(error).toMatchObject({ code, status, message: expect.stringContaining(said) })
    expect(error.exit).toBe(code === 'transcriber-unauthorized' ? 4 : 1)
    expect(error.message).toMatch(/^Plainly answered with/)
    expect(server.handshakes).toHaveLength(tries)
  })

  it('says that nobody answers at the address', async () => {
    const talk = talkTo(plainTranscriber('http://127.0.0.1:9', http))
    expect(await failureOf(talk.start())).toMatchObject({ code: 'connection-refused' })
  })

  it.each([{ hangs: true }, { silent: true }])('leaves a peer that is not ready in time: %o', async fault => {
    server.faults = Array.from({ length: 9 }, () => fault)
    const error = await failureOf(begin({ connectMs: 60 }))
    expect(error).toMatchObject({ code: 'transcriber-failed', retryable: true })
    expect(error.message).toBe('Plainly was not ready within 0.06 s')
    await server.until(() => server.connections.every(({ endedMs }) => endedMs !== null))
    expect(server.handshakes).toHaveLength(5)
  })

  it('goes over to another connection after an error that may pass', async () => {
    server.faults = [{ saysAfterMs: { ms: 600, data: '{"type":"error","status":500,"said":"busy"}' } }]
    const talk = await begin()
    await talk.say(words(8))
    await talk.until(() => talk.text.endsWith('w7'))
    expect(talk.text).toBe(words(8))
    expect(server.connections).toHaveLength(2)
  })

  it.each([
    [
      '{"type":"error","status":400,"said":"what is this?"}',
      'Plainly answered with 400 Bad Request: what is this?',
    ],
    ['{"type":"error","fatal":true,"said":"over"}', 'Plainly answered with an error: over'],
  ])('fails at once after an error that stays: %s', async (data, message) => {
    server.faults = [{ saysAfterMs: { ms: 400, data } }]
    const talk = await begin()
    await talk.say('one')
    await talk.until(() => talk.failures.length > 0)
    expect(talk.failures).toMatchObject([{ message, retryable: false }])
    await talk.say('two [500]')
    expect(talk.transcripts.filter(({ text }) => text.includes('two'))).toEqual([])
    expect(server.handshakes).toHaveLength(1)
  })

  it.each([
    ['broken JSON', '{"type":"wor'],
    ['another kind of JSON', '[1,2]'],
    ['bytes that are no text', new Uint8Array([255, 216, 0, 17])],
    ['a field that is missing', '{"type":"words"}'],
  ])('loses no word to a message that cannot be read: %s', async (_name, data) => {
    server.faults = [{ saysAfterMs: { ms: 700, data }, delayMs: 15 }]
    const talk = await begin()
    await talk.say(`${words(3)} [200] ${words(6, 3)}`)
    await talk.until(() => talk.text.endsWith('w8'))
    expect(talk.text).toBe(words(9))
    expect(server.connections).toHaveLength(2)
    expect(talk.failures).toEqual([])
  })

  it('reads JSON in binary frames', async () => {
    const data = Buffer.from('{"type":"words","text":"grüß Gott","endMs":100,"final":true}')
    server.faults = [{ saysAfterMs: { ms: 200, data } }]
    const talk = await begin()
    await talk.until(() => talk.text === 'grüß Gott')
  })

  it('drops a final transcript that says the same words of the same sound again, and no other', async () => {
    const data = '{"type":"words","text":"yes","endMs":300,"final":true}'
    server.faults = [{ saysAfterMs: { ms: 400, data } }]
    const talk = await begin({ repeats: true })
    await talk.say('[400] yes [200] yes [200]')
    await talk.until(() => talk.finals.length === 3)
    expect(talk.text).toBe('yes yes yes')
  })

  it('notices that the provider has fallen silent', async () => {
    server.faults = [{ silentAfterMs: 500 }]
    const talk = await begin({ saysSomethingEveryMs: 100 })
    await talk.say(words(5))
    await talk.until(() => talk.text.endsWith('w4'))
    expect(talk.text).toBe(words(5))
    expect(server.connections).toHaveLength(2)
  })

  it('leaves a peer that takes no sound any more', async () => {
    server.faults = [{ stopsReadingAfterMs: 500 }]
    const talk = await begin()
    await talk.until(() => server.handshakes.length === 2)
    await talk.say('hello [500]')
    await talk.until(() => talk.text === 'hello')
    expect(talk.failures).toEqual([])
  }, 20_000)

  it('sends what had to wait no faster than it may', async () => {
    const talk = await begin({ maximumPace: 2 })
    const startMs = performance.now()
    await talk.say('[5000]')
    await talk.until(() => (server.connections[0]?.ears.heardMs ?? 0) >= 1500)
    const elapsedMs = performance.now() - startMs
    expect(server.connections[0]?.ears.heardMs).toBeLessThan(1000 + 2 * elapsedMs + 100)
    expect(elapsedMs).toBeGreaterThan(200)
  })

  it('gives up where every connection breaks, and says so once', async () => {
    server.faults = Array.from({ length: 50 }, () => ({ breaksAfterMs: 100 }))
    const talk = await begin()
    await talk.until(() => talk.failures.length > 0)
    expect(talk.failures).toMatchObject([{ message: 'Plainly closed the connection (1006)' }])
    expect(server.handshakes.length).toBe(5)
    await talk.say('one two')
    expect(talk.failures).toHaveLength(1)
  })

  it('connects at most twelve times more in a minute, also where each connection was of use', async () => {
    server.faults = Array.from({ length: 50 }, () => ({ breaksAfterMs: 700 }))
    const talk = await begin()
    for (let place = 0; talk.failures.length === 0; place++) await talk.say(`w${place} [300]`)
    expect(server.handshakes.length).toBe(13)
    const told = talk.text.split(' ')
    expect(told).toEqual(words(told.length).split(' '))
  })

  it.each([
    [1011, 'NET-0001 nothing came', 2, null],
    [1008, 'bad data', 1, 'Plainly answered with 400 Bad Request: bad data'],
  ])('takes a closing frame %i %s for what it means', async (code, reason, tries, message) => {
    server.faults = [{ closesAfterMs: { ms: 300, code, reason } }]
    const talk = await begin({ closeStatus: given => (given === 1008 ? 400 : null) })
    await talk.say('one two three [500]')
    await talk.until(() => talk.failures.length > 0 || talk.text === 'one two three')
    expect(server.handshakes).toHaveLength(tries)
    expect(talk.failures.map(error => error.message)).toEqual(message === null ? [] : [message])
  })
})

describe('the end of a transcriber of the network', () => {
  it('brings the last words, also where they come late', async () => {
    server.faults = [{ delayMs: 200 }]
    const talk = await begin()
    await talk.say('good bye')
    await opened[0]?.close()
    expect(talk.text).toBe('good bye')
    expect(server.connections[0]?.messages).toContainEqual({ type: 'finish' })
  })

  it('sends what is shorter than a piece, filled up with silence', async () => {
    const talk = await begin({ pieceMs: 300 })
    await talk.say('good bye')
    await opened[0]?.close()
    expect(talk.text).toBe('good bye')
    expect(new Set(server.connections[0]?.pieces)).toEqual(new Set([9600]))
  })

  it('does not wait long for a peer that says nothing', async () => {
    server.faults = [{ silentAfterMs: 100 }]
    const talk = await begin()
    await talk.say('one')
    const startMs = performance.now()
    await opened[0]?.close()
    expect(performance.now() - startMs).toBeGreaterThan(1400)
    expect(performance.now() - startMs).toBeLessThan(2500)
    await server.until(() => server.connections[0]?.endedMs !== null)
  })

  it.each([{ hangs: true }, { silent: true }])('ends what is being opened: %o', async fault => {
    server.faults = [fault]
    const transcriber = create()
    const talk = talkTo(transcriber)
    const failed = failureOf(talk.start())
    await server.until(() => server.handshakes.length === 1)
    await transcriber.close()
    expect(await failed).toMatchObject({ code: 'transcriber-closed' })
    await server.until(() => server.connections.every(({ endedMs }) => endedMs !== null))
  })

  it('ends the wait for another connection', async () => {
    server.faults = [{ breaksAfterMs: 100 }, { hangs: true }]
    const talk = await begin()
    await talk.until(() => server.handshakes.length === 2)
    await opened[0]?.close()
    expect(talk.failures).toEqual([])
  })

  it('tells nothing any more', async () => {
    server.faults = [{ delayMs: 1700 }]
    const transcriber = create()
    const talk = talkTo(transcriber)
    await talk.start()
    await talk.say('one two [500]')
    await transcriber.close()
    const told = talk.transcripts.length
    await server.until(() => server.connections[0]?.endedMs !== null)
    expect(talk.transcripts).toHaveLength(told)
    expect(talk.failures).toEqual([])
    await transcriber.close()
  })

  it('leaves nothing that keeps the program running', async () => {
    server.faults = [{ breaksAfterMs: 400 }]
    const program = await bundleProgram(packageFile('test', 'support', 'providers', 'talk-program.ts'))
    try {
      const startMs = performance.now()
      const { stdout } = await promisify(execFile)(process.execPath, [program.file, server.url], {
        timeout: 20_000,
      })
      const [text, closedMs] = JSON.parse(stdout)
      expect(text).toBe('one two three')
      expect(performance.now() - startMs - closedMs).toBeLessThan(4000)
    } finally {
      program.remove()
    }
  }, 30_000)
})
