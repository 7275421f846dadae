import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeMulaw } from '../../src/audio/mulaw.ts'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import { readWav } from '../../src/audio/wav/read.ts'
import callConnect from '../../src/commands/call-connect.ts'
import { CALL_ID, type HostedCall, STORED, startHostedCall } from '../support/hosted-call.ts'
import {
  documentAbsent,
  loadOpenApiDocument,
  pathsOutsideDocument,
  startOpenApiMock,
} from '../support/openapi-mock.ts'
import { jsonLines, temporaryFolder } from '../support/program.ts'
import { PRIVATE_KEY, runCommand } from '../support/run-command.ts'
import { firstLoud } from '../support/speech.ts'

let hosted: HostedCall
let folder: string
beforeEach(async () => {
  hosted = await startHostedCall()
  folder = temporaryFolder()
  writeFileSync(join(folder, 'desk.json'), '{"name":"Desk","firstMessage":"Hello"}')
  writeFileSync(join(folder, 'caller.wav'), encodeWav(tone(0.4), { sampleRate: 16_000, channels: 1 }))
})
afterEach(() => hosted.close())

/** A tone of 400 Hz, 16 kHz. */
function tone(seconds: number, sampleRate = 16_000): Int16Array {
  return Int16Array.from({ length: sampleRate * seconds }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 400 * index) / sampleRate)),
  )
}

const bytesOf = (samples: Int16Array) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
const paced = { pieceBytes: 640, pieceMs: 20 }

function connect(args: readonly string[], stdin?: AsyncIterable<Uint8Array>) {
  return runCommand(callConnect, args, { baseUrl: hosted.url, cwd: folder, ...(stdin && { stdin }) })
}
/** A caller from a file, who hangs up 0.3 s after the last sound. */
const fromFile = ['desk.json', '--in', 'caller.wav', '--linger', '0.3']

function fileSound(path: string) {
  const { channels } = readWav(readFileSync(join(folder, path)))
  return channels.map(channel => Int16Array.from(channel, sample => sample * 32_767))
}

describe('call connect', () => {
  it('makes a WebSocket call, sends its sound without a gap, and hangs up when it is over', async () => {
    const { stdout, stderr, exit } = await connect(fromFile).finished
    expect(exit, stderr).toBe(0)
    expect(hosted.requests[0]).toMatchObject({ method: 'POST', path: '/call' })
    expect(hosted.requests[0]?.json).toEqual({
      assistant: { name: 'Desk', firstMessage: 'Hello' },
      transport: {
        provider: 'vapi.websocket',
        audioFormat: { format: 'pcm_s16le', container: 'raw', sampleRate: 16_000 },
      },
    })
    const [connection] = hosted.connections
    expect(connection?.headers.authorization).toBe(`Bearer ${PRIVATE_KEY}`)
    expect(connection?.texts).toEqual(['{"type":"hangup"}'])
    const sound = connection?.sound ?? []
    expect(new Set(sound.map(({ bytes }) => bytes.length))).toEqual(new Set([640]))
    const all = Buffer.concat(sound.map(({ bytes }) => bytes))
    expect(all.indexOf(bytesOf(tone(0.4)))).toBeGreaterThanOrEqual(0)
    // 0.4 s of sound and 0.3 s of silence behind it.
    const ms = all.length / 32
    expect(ms).toBeGreaterThanOrEqual(620)
    expect(ms).toBeLessThan(1500)
    expect(stdout).toMatch(/ended +customer-ended-call: /)
    expect(stderr).toContain(`call ${CALL_ID}`)
  })

  it('keeps the pace of 20 ms: half of the frames are less than 60 ms after their time', async () => {
    await connect(['desk.json', '--in', 'caller.wav', '--linger', '2']).finished
    const sound = hosted.connections[0]?.sound ?? []
    expect(sound.length).toBeGreaterThan(100)
    const begunMs = sound[0]?.atMs ?? 0
    const late = sound.map(({ atMs }, place) => atMs - begunMs - place * 20).sort((one, other) => one - other)
    expect(late[Math.floor(late.length * 0.5)]).toBeLessThan(60)
  })

  it('writes what it hears into a file, and both sides into the recording', async () => {
    hosted.serve = connection => {
      void connection.stream(bytesOf(tone(0.5)), paced)
    }
    const { exit, stderr } = await connect([...fromFile, '--out', 'heard.wav', '--record', 'both.wav'])
      .finished
    expect(exit, stderr).toBe(0)
    const [heard] = fileSound('heard.wav')
    expect(loudMs(heard)).toBeGreaterThan(490)
    expect(loudMs(heard)).toBeLessThan(515)
    const [customer, assistant] = fileSound('both.wav')
    expect(loudMs(customer)).toBeGreaterThan(390)
    expect(loudMs(customer)).toBeLessThan(415)
    expect(loudMs(assistant)).toBeGreaterThan(490)
    // 60 ms are held back, and the network takes nothing here.
    const heardAtMs = firstLoud(assistant ?? new Int16Array(), 0.1) / 16
    expect(heardAtMs).toBeGreaterThanOrEqual(40)
    expect(heardAtMs).toBeLessThan(250)
  })

  it('speaks mu-law at 8 kHz, both ways', async () => {
    hosted.serve = connection => {
      void connection.stream(encodeMulaw(tone(0.5, 8000)), { pieceBytes: 160, pieceMs: 20 })
    }
    const run = connect([...fromFile, '--out', 'heard.wav', '--audio-format', 'mulaw'])
    expect((await run.finished).exit).toBe(0)
    expect(hosted.requests[0]?.json).toMatchObject({
      transport: { audioFormat: { format: 'mulaw', sampleRate: 8000 } },
    })
    const sound = hosted.connections[0]?.sound ?? []
    expect(new Set(sound.map(({ bytes }) => bytes.length))).toEqual(new Set([160]))
    const [heard = new Int16Array()] = fileSound('heard.wav')
    expect(loudMs(heard)).toBeGreaterThan(480)
    expect(loudMs(heard)).toBeLessThan(520)
  })

  it('shows the conversation as a local call does', async () => {
    hosted.serve = ({ tell }) => {
      tell({ type: 'status-update', status: 'in-progress' })
      tell({ type: 'transcript', role: 'assistant', transcriptType: 'final', transcript: 'Good morning.' })
      tell({ type: 'transcript', role: 'user', transcriptType: 'partial', transcript: 'I would' })
      tell({ type: 'transcript', role: 'user', transcriptType: 'final', transcript: 'I would like tea.' })
      tell({ type: 'tool-calls', toolCallList: [{ function: { name: 'brew', arguments: { what: 'tea' } } }] })
      tell({ type: 'tool-calls-result', toolCallResult: { name: 'brew', result: 'done' } })
      tell({ type: 'user-interrupted' })
      tell({ type: 'model-output', output: 'Good' })
      tell({ type: 'something-new' })
    }
    const { stdout } = await connect(fromFile).finished
    const lines = stdout.split('\n').map(line => line.replace(/^ *\d+\.\d\d +/, ''))
    expect(lines).toEqual([
      'status: in-progress',
      'assistant   Good morning.',
      'customer    I would like tea.',
      'tool        brew {"what":"tea"}',
      'brew: done',
      'the customer interrupts',
      'something-new',
      expect.stringMatching(/^ended {7}customer-ended-call: /),
      '',
    ])
  })

  it('prints every message as it came with --json, one a line, and how it ended', async () => {
    const message = {
      type: 'transcript',
      role: 'user',
      transcriptType: 'final',
      transcript: 'Tea.',
      own: [1],
    }
    hosted.serve = connection => {
      connection.tell(message)
      void connection.stream(bytesOf(tone(0.2)), paced)
    }
    const { stdout } = await connect([...fromFile, '--json']).finished
    const events = jsonLines(stdout)
    expect(events.map(({ type }) => type)).toEqual([
      'call.created',
      ...['call.connected', 'transcript', 'call-ended', 'call.ended'],
    ])
    expect(events[2]).toEqual(message)
    expect(events[4]).toMatchObject({
      callId: CALL_ID,
      endedReason: 'customer-ended-call',
      explanation: { outcome: 'normal' },
      close: { code: 1000 },
      sound: { receivedMs: 200, gaps: 0 },
    })
    expect(stdout).not.toContain('transport')
    expect(stdout).not.toContain(PRIVATE_KEY)
  })

  it.each([
    ['Reception', { assistantId: STORED.assistant }],
    ['Team', { squadId: STORED.squad }],
    [STORED.squad ?? '', { squadId: STORED.squad }],
  ])('takes what is stored: %s', async (name, expected) => {
    const run = connect([name, ...fromFile.slice(1), '--var', 'city=Paris', '--set', 'name=Try'])
    expect((await run.finished).exit).toBe(0)
    const field = 'squadId' in expected ? 'squadOverrides' : 'assistantOverrides'
    expect(hosted.requests.find(({ method }) => method === 'POST')?.json).toMatchObject({
      ...expected,
      name: 'Try',
      [field]: { variableValues: { city: 'Paris' } },
    })
  })

  it('sends typed lines through the control URL, each when the assistant has answered', async () => {
    async function* lines() {
      yield Buffer.from('I would like tea.\nThank you.\n')
    }
    const { exit, stderr } = await connect(['desk.json', '--in', 'text', '--linger', '0.4'], lines()).finished
    expect(exit, stderr).toBe(0)
    const message = (content: string) => ({ type: 'add-message', message: { role: 'user', content } })
    expect(hosted.controls).toEqual([message('I would like tea.'), message('Thank you.')])
    expect(hosted.connections[0]?.sound.length).toBeGreaterThan(30)
  })

  it('ends after --max-duration', async () => {
    const { exit } = await connect(['desk.json', '--in', 'caller.wav', '--max-duration', '1']).finished
    expect(exit).toBe(0)
    const sound = hosted.connections[0]?.sound ?? []
    expect(sound.length).toBeGreaterThan(40)
    expect(sound.length).toBeLessThan(80)
  })

  it('hangs up on Ctrl-C, politely, and says why the call ended (130)', async () => {
    const run = connect(['desk.json', '--in', 'caller.wav', '--record', 'both.wav'])
    await run.prints(`call ${CALL_ID}`)
    await until(() => (hosted.connections[0]?.sound.length ?? 0) > 20)
    run.interrupt()
    const { stdout, exit } = await run.finished
    expect(exit).toBe(130)
    expect(hosted.connections[0]?.texts).toEqual(['{"type":"hangup"}'])
    expect(await hosted.connections[0]?.closed).toMatchObject({ code: 1000 })
    expect(stdout).toContain('customer-ended-call')
    expect(fileSound('both.wav')).toHaveLength(2)
  })

  it('leaves a server that does not answer the hang-up after two seconds', async () => {
    hosted.hangUp = null
    const beganMs = performance.now()
    const { exit } = await connect([...fromFile, '--max-duration', '1']).finished
    expect(exit).toBe(0)
    expect(performance.now() - beganMs).toBeLessThan(6000)
    expect(await hosted.connections[0]?.closed).toMatchObject({ code: 1000 })
  })
})

describe('call connect and a server with bad manners', () => {
  it('passes over what is no JSON, odd bytes and empty messages, and goes on', async () => {
    hosted.serve = ({ socket, tell, stream }) => {
      socket.send('{"type":"transcr')
      socket.send('[1]')
      socket.send('')
      socket.send(Buffer.alloc(0))
      socket.send(Buffer.alloc(1))
      tell({ type: 'transcript', role: 'user', transcriptType: 'final', transcript: 'Tea.' })
      tell({ no: 'type' })
      void stream(Buffer.concat([Buffer.alloc(1), bytesOf(tone(0.3))]), { pieceBytes: 333, pieceMs: 10 })
    }
    const { stdout, stderr, exit } = await connect([...fromFile, '--out', 'heard.wav']).finished
    expect(exit).toBe(0)
    expect(stdout).toContain('Tea.')
    expect(stderr.match(/warning: .*no JSON object/g)).toHaveLength(1)
    const [heard] = fileSound('heard.wav')
    expect(loudMs(heard)).toBeGreaterThan(290)
    expect(loudMs(heard)).toBeLessThan(315)
  })

  it('takes a message of ten megabytes, keeps two minutes of it, and says so', async () => {
    hosted.serve = ({ socket }) => socket.send(Buffer.alloc(10_000_000, 1))
    const run = connect(['desk.json', '--in', 'caller.wav', '--max-duration', '1', '--json'])
    const { stdout, stderr, exit } = await run.finished
    expect(exit).toBe(0)
    expect(stderr).toContain('more sound came than can wait')
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'call.ended', sound: { receivedMs: 120_000 } })
  })

  it('ends where a message is larger than any can be', async () => {
    hosted.record = { status: 'in-progress' }
    hosted.serve = ({ socket }) => socket.send(Buffer.alloc(40_000_000))
    const { exit, error } = await connect(['desk.json', '--in', 'caller.wav']).finished
    expect(exit).toBe(1)
    expect(error).toMatchObject({ code: 'call-connection-lost' })
  }, 20_000)

  it('says after ten seconds that no sound has come', async () => {
    const run = connect(['desk.json', '--in', 'caller.wav', '--linger', '30', '--max-duration', '11'])
    const { exit, stderr } = await run.finished
    expect(exit).toBe(0)
    expect(stderr).toContain('no sound has come in the 10 s')
  }, 20_000)

  it.each([
    [1000, 0, null],
    [1001, 1, /going away/],
    [1008, 1, /rule of the server/],
    [1011, 1, /fault of the server/],
    [1012, 1, /restarts/],
    [1013, 1, /too much to do/],
    [4321, 1, /was closed \(4321: because\)/],
  ])('explains an end with code %i', async (code, exit, says) => {
    hosted.record = { status: 'ended', endedReason: 'silence-timed-out' }
    hosted.serve = ({ socket }) => socket.close(code, 'because')
    const result = await connect(fromFile).finished
    expect(result.exit, result.stderr).toBe(exit)
    expect(result.stdout).toContain('silence-timed-out')
    if (says === null) expect(result.error).toBeNull()
    else expect(result.error?.message).toMatch(says)
  })

  it('explains a connection that breaks off, which cannot be taken up again', async () => {
    hosted.record = null
    hosted.serve = ({ socket }) => socket.terminate()
    const { exit, error, stdout } = await connect(fromFile).finished
    expect(exit).toBe(1)
    expect(error?.message).toMatch(/broke off without a goodbye \(1006\)/)
    expect(error?.hint).toMatch(/cannot be taken up again/)
    expect(stdout).toContain('why is not known yet')
  }, 20_000)

  it('fails (1) where the call ended by a fault', async () => {
    const reason = 'call.in-progress.error-providerfault-deepgram-transcriber-failed'
    hosted.record = { status: 'ended', endedReason: reason }
    hosted.serve = ({ socket, tell }) => {
      tell({ type: 'status-update', status: 'ended', endedReason: reason })
      socket.close(1000)
    }
    const { exit, error } = await connect(fromFile).finished
    expect(exit).toBe(1)
    expect(error).toMatchObject({ code: 'call-failed', endedReason: reason })
  })

  it('closes by itself where the server says that the call is over and does not close', async () => {
    hosted.serve = ({ tell }) => tell({ type: 'call-ended', reason: 'assistant-ended-call' })
    hosted.record = { status: 'ended', endedReason: 'assistant-ended-call' }
    const { exit, stdout } = await connect(['desk.json', '--in', 'caller.wav']).finished
    expect(exit).toBe(0)
    expect(stdout).toContain('assistant-ended-call')
  }, 15_000)

  it.each([
    [401, 4, 'key-refused'],
    [402, 1, 'payment-required'],
    [429, 1, 'rate-limited'],
    [400, 2, 'invalid-request'],
  ])('tells a refusal of the call: %i', async (status, exit, code) => {
    hosted.refusal = { status, body: { message: ['assistant is wrong'], error: 'No', statusCode: status } }
    const result = await connect(fromFile).finished
    expect(result.exit).toBe(exit)
    expect(result.error?.code).toBe(code)
    expect(hosted.connections).toHaveLength(0)
  })

  it.each([
    [401, 4, 'call-connection-denied'],
    [503, 1, 'call-connection-refused'],
  ])('tells a refusal of the connection: %i, and ends the call that was made', async (status, exit, code) => {
    hosted.socketRefusal = status
    const result = await connect(fromFile).finished
    expect(result.exit).toBe(exit)
    expect(result.error).toMatchObject({ code, status })
    expect(result.error?.message).toContain(CALL_ID)
    expect(hosted.controls).toEqual([{ type: 'end-call' }])
  })

  it('does not send the key to another host, nor anything to an address without TLS elsewhere', async () => {
    hosted.made = { transport: { websocketCallUrl: 'ws://calls.example.com/x' } }
    expect((await connect(fromFile).finished).error).toMatchObject({ code: 'insecure-url' })
    hosted.made = { transport: {} }
    expect((await connect(fromFile).finished).error).toMatchObject({ code: 'no-websocket' })
  })
})

describe('call connect refuses before a call is made', () => {
  it.each([
    [['desk.json', '--in', 'missing.wav'], 5, 'missing.wav'],
    [['desk.json', '--in', 'caller.wav', '--audio-format', 'opus'], 2, 'opus'],
    [['desk.json', '--in', 'caller.wav', '--audio-format', 'pcm/100'], 2, '8000'],
    [['desk.json', '--in', 'caller.wav', '--out', 'x.mp3'], 2, 'x.mp3'],
    [['desk.json', '--in', 'caller.wav', '--record', 'caller.wav'], 2, 'is read by this call'],
    [['desk.json', '--in', 'caller.wav', '--record', 'no/such/x.wav'], 1, 'no/such'],
    [['phone.json', '--in', 'caller.wav'], 2, 'phoneNumberId'],
    [['twilio.json', '--in', 'caller.wav'], 2, 'vapi.websocket'],
    [['Nobody', '--in', 'caller.wav'], 5, 'Nobody'],
    [['-', '--in', '-'], 2, 'standard input'],
  ])('%j', async (args, exit, says) => {
    writeFileSync(join(folder, 'phone.json'), '{"assistantId":"x","phoneNumberId":"y"}')
    writeFileSync(join(folder, 'twilio.json'), '{"assistantId":"x","transport":{"provider":"twilio"}}')
    const result = await connect(args).finished
    expect(result.exit).toBe(exit)
    expect(result.error?.message).toContain(says)
    expect(hosted.requests.filter(({ method }) => method === 'POST')).toEqual([])
    expect(existsSync(join(folder, 'x.mp3'))).toBe(false)
  })
})

const document = loadOpenApiDocument()

describe.skipIf(document === false)(
  `call connect and the API’s document${document === false ? ` (skipped: ${documentAbsent})` : ''}`,
  () => {
    it.each([
      ['desk.json', '--set', 'name=Try'],
      [STORED.assistant ?? '', '--var', 'city=Paris', '--audio-format', 'mulaw'],
    ])('sends a valid request: %s', async (...args) => {
      if (document === false) return
      const mock = await startOpenApiMock({ document, extraPaths: pathsOutsideDocument, overrides: [] })
      try {
        // The mock has no socket.
        const run = runCommand(callConnect, [...args, '--in', 'caller.wav'], {
          baseUrl: mock.url,
          cwd: folder,
        })
        await run.finished
        expect(mock.requests.map(({ method, path }) => `${method} ${path}`)).toContain('POST /call')
        expect(mock.violations).toEqual([])
      } finally {
        await mock.close()
      }
    })
  },
)

/** How long it is not silent, from the first to the last loud 10 ms. */
function loudMs(samples = new Int16Array()): number {
  let [first, last] = [-1, -1]
  for (let at = firstLoud(samples, 0.05); at !== -1; at = firstLoud(samples, 0.05, at + 160)) {
    if (first === -1) first = at
    last = at + 160
  }
  return (last - first) / 16
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5))
}
