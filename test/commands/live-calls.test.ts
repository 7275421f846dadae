import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { callEnd, callMessage, callMute, callSay, callTransfer } from '../../src/commands/call-control.ts'
import callListen from '../../src/commands/call-listen.ts'
import callWatch from '../../src/commands/call-watch.ts'
import { type ApiServer, apiError, startApiServer } from '../support/api-server.ts'
import { jsonReply } from '../support/fake-openai.ts'
import { type MonitorServer, startMonitorServer } from '../support/monitor-server.ts'
import { jsonLines, temporaryFolder } from '../support/program.ts'
import { PRIVATE_KEY, runCommand } from '../support/run-command.ts'

let api: ApiServer
let monitor: MonitorServer
let baseUrl: string
/** What the API says of the call now. */
let call: Record<string, unknown>

beforeEach(async () => {
  api = await startApiServer()
  monitor = await startMonitorServer()
  baseUrl = api.url
  const { controlUrl, listenUrl } = monitor
  call = {
    id: 'call-1',
    status: 'in-progress',
    startedAt: '2026-01-05T09:00:00.000Z',
    monitor: { controlUrl, listenUrl },
  }
  api.on('GET /call/call-1', () => jsonReply(call))
})
afterEach(() => Promise.all([api.close(), monitor.close()]))

const startedAt = Date.UTC(2026, 0, 5, 9)
const transcript = (role: string, text: string, seconds: number) =>
  JSON.stringify({
    type: 'transcript',
    role,
    transcriptType: 'final',
    transcript: text,
    timestamp: startedAt + seconds * 1000,
  })
const hangUp = (endedReason = 'customer-ended-call') => {
  call = { ...call, status: 'ended', endedReason }
}

describe('commands that steer a running call', () => {
  it.each([
    ['end', callEnd, [], { type: 'end-call' }],
    [
      'say',
      callSay,
      ['Good day', '--end-after', '--interruptible'],
      { type: 'say', content: 'Good day', endCallAfterSpoken: true, interruptionsEnabled: true },
    ],
    ['say --first-message', callSay, ['--first-message'], { type: 'control', control: 'say-first-message' }],
    [
      'transfer',
      callTransfer,
      ['+15551234567', '--message', 'Wait'],
      { type: 'transfer', destination: { type: 'number', number: '+15551234567' }, content: 'Wait' },
    ],
    ['mute', callMute, [], { type: 'control', control: 'mute-assistant' }],
    ['unmute', callMute, ['--who', 'customer', '--off'], { type: 'control', control: 'unmute-customer' }],
    [
      'message',
      callMessage,
      ['Pressed', '--no-response'],
      { type: 'add-message', message: { role: 'system', content: 'Pressed' }, triggerResponseEnabled: false },
    ],
  ])('%s posts its body to the control URL, without the private key', async (_name, command, words, body) => {
    const run = await runCommand(command, ['call-1', ...words], { baseUrl }).finished
    expect(run).toMatchObject({ exit: 0, error: null, stdout: '' })
    expect(run.stderr).not.toBe('')
    expect(monitor.posted.map(({ json }) => json)).toEqual([body])
    expect(JSON.stringify(monitor.posted[0]?.headers)).not.toContain(PRIVATE_KEY)
    expect(api.requests[0]?.headers.authorization).toBe(`Bearer ${PRIVATE_KEY}`)
  })

  it('print what was sent and answered as JSON', async () => {
    monitor.answer = { status: 200, body: '{"queued":true}' }
    const run = await runCommand(callEnd, ['call-1', '--json'], { baseUrl }).finished
    expect(JSON.parse(run.stdout)).toEqual({
      callId: 'call-1',
      sent: { type: 'end-call' },
      reply: { queued: true },
    })
    expect(run.stderr).toBe('')
  })

  it.each([
    [['--public-key', 'pk-flag'], {}, 'Bearer pk-flag'],
    [[], { VAPI_PUBLIC_KEY: 'pk-env' }, 'Bearer pk-env'],
  ])('take the public key from %j %j', async (words, env, header) => {
    await runCommand(callEnd, ['call-1', ...words], { baseUrl, env }).finished
    expect(monitor.posted[0]?.headers.authorization).toBe(header)
  })

  it('refuse what makes no sense, and send nothing', async () => {
    for (const words of [
      [],
      ['  '],
      ['Hi', '--first-message'],
      ['Hi', '--interruptible', '--no-interruptions'],
    ])
      expect(await runCommand(callSay, ['call-1', ...words], { baseUrl }).finished).toMatchObject({ exit: 2 })
    expect(await runCommand(callTransfer, ['call-1', 'Bob'], { baseUrl }).finished).toMatchObject({ exit: 2 })
    expect(monitor.posted).toEqual([])
  })

  it('say that the call is over (1), or that there is none (5)', async () => {
    hangUp()
    expect(await runCommand(callEnd, ['call-1'], { baseUrl }).finished).toMatchObject({
      exit: 1,
      error: { code: 'call-over', message: 'call call-1 is over (ended: customer-ended-call)' },
    })
    api.on('GET /call/none', () => apiError(404, 'Not Found'))
    expect(await runCommand(callEnd, ['none'], { baseUrl }).finished).toMatchObject({ exit: 5 })
  })
})

describe('call watch', () => {
  const watch = (...words: string[]) =>
    runCommand(callWatch, ['call-1', '--interval', '0.1', ...words], { baseUrl })

  it('shows the stream’s transcript with speaker and time, and why the call ended', async () => {
    monitor.onConnection(socket => {
      socket.send(
        JSON.stringify({ type: 'transcript', role: 'user', transcriptType: 'partial', transcript: 'He' }),
      )
      socket.send(transcript('assistant', 'Hello!', 1))
      socket.send(transcript('user', 'Hi\u001b[2J there', 65))
      hangUp()
      socket.send(JSON.stringify({ type: 'status-update', status: 'ended' }))
    })
    const run = await watch().finished
    expect(run.exit).toBe(0)
    const lines = run.stdout.split('\n')
    expect(lines[0]).toMatch(/status +in-progress/)
    expect(lines[1]).toBe(' 0:01  assistant  Hello!')
    expect(lines[2]).toBe(' 1:05  customer   Hi [2J there')
    expect(lines[3]).toMatch(/status +ended/)
    expect(lines[4]).toBe('ended: customer-ended-call: the customer hung up')
    expect(run.stderr).toContain('next: ')
  })

  it('asks the API alone where there is no stream', async () => {
    call.monitor = {}
    const run = watch()
    await run.prints('in-progress')
    call.artifact = { messages: [{ role: 'bot', message: 'Good day', time: startedAt }] }
    await run.prints('Good day')
    hangUp('silence-timed-out')
    expect((await run.finished).stdout).toContain('ended: silence-timed-out')
    expect(run.stdout.match(/Good day/g)).toHaveLength(1)
  })

  it('connects once more after a drop, then goes on by asking, without a line lost or told twice', async () => {
    monitor.onConnection((socket, index) => {
      if (index === 0) {
        socket.send(transcript('assistant', 'One', 1))
        socket.terminate()
        return
      }
      socket.send(transcript('user', 'Two', 2))
      call.artifact = {
        messages: [
          { role: 'bot', message: 'One.', time: startedAt + 1000 },
          { role: 'user', message: 'Two.', time: startedAt + 2000 },
          { role: 'bot', message: 'Three.', time: startedAt + 3000 },
        ],
      }
      socket.terminate()
    })
    const run = watch()
    await run.prints('Three.')
    hangUp()
    const { stdout, stderr } = await run.finished
    for (const word of ['One', 'Two', 'Three'])
      expect(stdout.match(new RegExp(word, 'g')), word).toHaveLength(1)
    expect(stderr.match(/connecting once more/g)).toHaveLength(1)
    expect(stderr).toContain('is gone; asking the API every 0.1 s')
    expect(monitor.connections).toHaveLength(2)
  })

  it('says that it has no stream where the monitor refuses it', async () => {
    monitor.refusals.push(401)
    const run = watch()
    await run.prints('no live stream')
    hangUp()
    expect((await run.finished).stderr).toMatch(/public key/)
  })

  it('prints every message of the stream as a JSON line, and the explained end', async () => {
    monitor.onConnection(socket => {
      socket.send('{"type":"speech-update","status":"started","role":"user","unknown":{"kept":true}}')
      socket.send(transcript('user', 'Hi', 1))
      hangUp('call.in-progress.error-vapifault-openai-429-exceeded-quota')
      socket.send('{"type":"status-update","status":"ended"}')
    })
    const run = await watch('--json').finished
    expect(jsonLines(run.stdout)).toMatchObject([
      { type: 'status-update', status: 'in-progress', callId: 'call-1' },
      { type: 'speech-update', unknown: { kept: true } },
      { type: 'transcript', role: 'user', transcript: 'Hi' },
      { type: 'status-update', status: 'ended' },
      { type: 'call-ended', callId: 'call-1', explanation: { family: 'model-quota', outcome: 'fault' } },
    ])
  })

  it('ends at once when it is interrupted, with 130', async () => {
    let socketClosed: Promise<unknown> = Promise.resolve()
    monitor.onConnection((socket: WebSocket) => {
      socketClosed = new Promise(resolve => socket.once('close', resolve))
      socket.send(transcript('assistant', 'Hello', 1))
    })
    const run = watch('--interval', '600')
    await run.prints('Hello')
    run.interrupt()
    expect(await run.finished).toMatchObject({ exit: 130, error: { code: 'interrupted' } })
    await socketClosed
  })

  it('says that there is no such call', async () => {
    expect(await runCommand(callWatch, ['none'], { baseUrl }).finished).toMatchObject({ exit: 5 })
  })
})

describe('call listen', () => {
  const sound = Buffer.from(Int16Array.from({ length: 3200 }, (_, index) => (index * 37) % 9000).buffer)

  it('records the sound into a whole WAV file, however its frames are cut', async () => {
    const cwd = temporaryFolder()
    monitor.onConnection(socket => {
      for (let from = 0; from < sound.length; from += 333) socket.send(sound.subarray(from, from + 333))
      hangUp()
      socket.close()
    })
    const run = await runCommand(callListen, ['call-1', '--out', 'call.wav', '--json'], { baseUrl, cwd })
      .finished
    expect(run.exit).toBe(0)
    expect(JSON.parse(run.stdout)).toEqual({
      callId: 'call-1',
      file: join(cwd, 'call.wav'),
      sampleRate: 16_000,
      channels: 2,
      seconds: 0.1,
    })
    const file = readFileSync(join(cwd, 'call.wav'))
    expect(file.subarray(44)).toEqual(sound)
    expect([file.readUInt32LE(24), file.readUInt16LE(22)]).toEqual([16_000, 2])
  })

  it.each([
    [[], 8000, 1],
    [['--rate', '24000'], 24_000, 1],
    [['--channels', '2'], 8000, 2],
  ])('takes what the stream announces, and %j before it', async (words, sampleRate, channels) => {
    const cwd = temporaryFolder()
    monitor.onConnection(socket => {
      socket.send('{"type":"start","encoding":"linear16","sampleRate":8000,"channels":1}')
      socket.send(sound)
      hangUp()
      socket.close()
    })
    await runCommand(callListen, ['call-1', '--out', 'x.wav', ...words], { baseUrl, cwd }).finished
    const file = readFileSync(join(cwd, 'x.wav'))
    expect([file.readUInt32LE(24), file.readUInt16LE(22)]).toEqual([sampleRate, channels])
  })

  it('writes raw samples to standard output, and nothing else there', async () => {
    monitor.onConnection(socket => {
      socket.send(sound)
      hangUp()
      socket.close()
    })
    const run = runCommand(callListen, ['call-1', '--out', '-'], { baseUrl })
    await run.finished
    expect(run.stdoutBytes).toEqual(sound)
  })

  it('goes on after a drop, and fails where it drops again', async () => {
    const cwd = temporaryFolder()
    monitor.onConnection(socket => {
      socket.send(sound)
      socket.close()
    })
    const run = await runCommand(callListen, ['call-1', '--out', 'x.wav'], { baseUrl, cwd }).finished
    expect(run).toMatchObject({ exit: 1, error: { code: 'monitor-closed' } })
    expect(readFileSync(join(cwd, 'x.wav')).length).toBe(44 + 2 * sound.length)
    expect(monitor.connections).toHaveLength(2)
  })

  it('leaves a whole file when it is interrupted', async () => {
    const cwd = temporaryFolder()
    monitor.onConnection(socket => socket.send(sound))
    const run = runCommand(callListen, ['call-1', '--out', '-'], { baseUrl, cwd })
    const file = runCommand(callListen, ['call-1', '--out', 'x.wav'], { baseUrl, cwd })
    await Promise.all([run.prints(''), file.prints('listening')])
    // The file's sound goes the same way as that on standard output, which can be seen.
    while (run.stdoutBytes.length < sound.length) await new Promise(setImmediate)
    for (const each of [run, file]) each.interrupt()
    expect(await file.finished).toMatchObject({ exit: 130 })
    const written = readFileSync(join(cwd, 'x.wav'))
    expect(written.readUInt32LE(40)).toBe(written.length - 44)
  })

  it('does not write over a file without --force', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'x.wav'), 'precious')
    const run = await runCommand(callListen, ['call-1', '--out', 'x.wav'], { baseUrl, cwd }).finished
    expect(run).toMatchObject({ exit: 2, error: { hint: expect.stringContaining('--force') } })
    expect(readFileSync(join(cwd, 'x.wav'), 'utf8')).toBe('precious')
  })

  it.each([
    [['--out', 'x.mp3']],
    [['--out', '-', '--json']],
    [['--rate', '16000.5']],
    [['--channels', '9']],
    [['--out', 'x.wav', '--speaker', 'USB']],
  ])('%j is a usage error', async words => {
    expect(await runCommand(callListen, ['call-1', ...words], { baseUrl }).finished).toMatchObject({
      exit: 2,
    })
  })

  it('of a call that is over says so', async () => {
    hangUp()
    const cwd = temporaryFolder()
    expect(
      await runCommand(callListen, ['call-1', '--out', 'x.wav'], { baseUrl, cwd }).finished,
    ).toMatchObject({
      exit: 1,
      error: { code: 'call-over' },
    })
  })
})
