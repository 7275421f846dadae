import { request as httpRequest } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type ControlPort, openControlPort, type Steered } from '../../../src/call/control/port.ts'
import type { ControlMessage } from '../../../src/engine/inputs.ts'

interface Opened {
  port: ControlPort
  taken: ControlMessage[]
  /** What the call says of itself. */
  call: { -readonly [Key in keyof Omit<Steered, 'control'>]: Steered[Key] }
}

async function open(): Promise<Opened> {
  const port = await openControlPort(0)
  onTestFinished(() => port.close())
  const taken: ControlMessage[] = []
  const call: Opened['call'] = { phase: 'live', controlEnabled: true, listenEnabled: true }
  port.connect(() => ({ ...call, control: message => taken.push(message) }))
  return { port, taken, call }
}

/** One request as raw as need be: `fetch` sets host and origin by itself. */
function send(
  url: string,
  {
    method = 'POST',
    body = '',
    headers = {},
  }: { method?: string; body?: string; headers?: Record<string, string> },
): Promise<{ status: number; json: Record<string, unknown>; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, async response => {
      let text = ''
      for await (const piece of response.setEncoding('utf8')) text += piece
      resolve({ status: response.statusCode ?? 0, json: JSON.parse(text), headers: response.headers })
    })
    request.on('error', reject)
    request.end(body)
  })
}

const say = JSON.stringify({ type: 'say', content: 'Hello.' })

/** A listener, with everything that it got. */
async function listen(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, { headers })
  const messages: Record<string, unknown>[] = []
  const sound: Buffer[] = []
  let changed = () => {}
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) sound.push(data)
    else messages.push(JSON.parse(data.toString()))
    changed()
  })
  const closed = new Promise<number>(resolve => socket.once('close', resolve))
  await new Promise<void>((resolve, reject) => {
    socket.once('message', () => resolve())
    socket.once('unexpected-response', (_request, response) => reject(new Error(`${response.statusCode}`)))
    socket.once('error', reject)
  })
  const until = (holds: () => boolean) =>
    new Promise<void>(resolve => {
      changed = () => {
        if (holds()) resolve()
      }
      changed()
    })
  return { socket, messages, sound, closed, until }
}

describe('the control port', () => {
  it('takes messages as the hosted one does, at an address that cannot be guessed', async () => {
    const { port, taken } = await open()
    const { controlUrl, listenUrl } = port.urls
    expect(controlUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/control$/)
    expect(listenUrl).toBe(controlUrl.replace('http', 'ws').replace('control', 'listen'))
    expect((await openControlPortOnce()).slice(-40)).not.toBe(controlUrl.slice(-40))
    expect(await send(controlUrl, { body: say })).toMatchObject({ status: 200, json: { status: 'accepted' } })
    expect(taken).toEqual([{ type: 'say', content: 'Hello.' }])
  })

  it.each([
    ['another token', (url: string) => url.replace(/\/[\w-]{32}\//, `/${'A'.repeat(32)}/`)],
    ['a shorter token', (url: string) => url.replace(/[\w-]\/control/, '/control')],
    ['no token', (url: string) => url.replace(/\/[\w-]{32}\//, '/')],
    ['another place', (url: string) => url.replace(/control$/, 'listen')],
    ['a longer path', (url: string) => `${url}/more`],
  ])('answers 404 to %s', async (_case, change) => {
    const { port, taken } = await open()
    const reply = await send(change(port.urls.controlUrl), { body: say })
    expect(reply).toMatchObject({ status: 404, json: { error: 'Not Found', statusCode: 404 } })
    expect(taken).toEqual([])
  })

  it.each([
    ['a name that points here', { host: 'example.com' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['a page of elsewhere', { origin: 'https://example.com' }],
    ['a page without an origin', { origin: 'null' }],
    ['a name like this machine’s', { origin: 'http://localhost.example.com' }],
  ])('answers 403 to %s, also to listeners', async (_case, headers) => {
    const { port, taken } = await open()
    expect(await send(port.urls.controlUrl, { body: say, headers })).toMatchObject({ status: 403 })
    await expect(listen(port.urls.listenUrl, headers)).rejects.toThrow('403')
    expect(taken).toEqual([])
  })

  it('lets a page of this machine in', async () => {
    const { port } = await open()
    const headers = { origin: 'http://localhost:5173' }
    expect((await send(port.urls.controlUrl, { body: say, headers })).status).toBe(200)
  })

  it.each([
    ['no JSON', 'hello', 400, 'the body is not JSON'],
    ['nothing', '', 400, 'the body is not JSON'],
    ['another type', '{"type":"dance"}', 400, [expect.stringContaining('there is no type "dance"')]],
    ['a strange key', '{"type":"end-call","now":true}', 400, ['property now should not exist']],
    [
      'too much',
      JSON.stringify({ type: 'say', content: 'x'.repeat(100_000) }),
      413,
      'a message has at most 100000 bytes',
    ],
  ])(
    '[api-control-unknown] refuses %s, says what is wrong, and changes nothing',
    async (_case, body, status, message) => {
      const { port, taken } = await open()
      const reply = await send(port.urls.controlUrl, { body })
      expect(reply.status).toBe(status)
      expect(reply.json).toEqual({ message, error: expect.any(String), statusCode: status })
      expect(taken).toEqual([])
    },
  )

  it('takes a message of exactly 100,000 bytes', async () => {
    const { port, taken } = await open()
    const empty = JSON.stringify({ type: 'say', content: '' })
    const body = JSON.stringify({ type: 'say', content: 'x'.repeat(100_000 - empty.length) })
    expect((await send(port.urls.controlUrl, { body })).status).toBe(200)
    expect(taken).toHaveLength(1)
  })

  it('answers 405 to other methods', async () => {
    const { port } = await open()
    const reply = await send(port.urls.controlUrl, { method: 'GET' })
    expect(reply).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  })

  it.each([
    ['before', { type: 'say', content: 'x' }, 409],
    ['ending', { type: 'say', content: 'x' }, 409],
    ['ending', { type: 'end-call' }, 200],
    ['over', { type: 'end-call' }, 410],
  ] as const)('while the call is %s, answers %j with %d', async (phase, message, status) => {
    const { port, taken, call } = await open()
    call.phase = phase
    expect((await send(port.urls.controlUrl, { body: JSON.stringify(message) })).status).toBe(status)
    expect(taken).toHaveLength(status === 200 ? 1 : 0)
  })

  it('[api-monitor-plan] refuses commands where controlEnabled is false, and listeners where listenEnabled is', async () => {
    const { port, taken, call } = await open()
    call.controlEnabled = false
    const reply = await send(port.urls.controlUrl, { body: say })
    expect(reply).toMatchObject({
      status: 403,
      json: { message: 'monitorPlan.controlEnabled of the assistant is false' },
    })
    expect(taken).toEqual([])
    ;(await listen(port.urls.listenUrl)).socket.terminate()
    call.listenEnabled = false
    await expect(listen(port.urls.listenUrl)).rejects.toThrow('403')
  })

  it('says so where its port is taken', async () => {
    const { port } = await open()
    const number = Number(new URL(port.urls.controlUrl).port)
    await expect(openControlPort(number)).rejects.toMatchObject({
      code: 'control-port',
      message: `port ${number} of this machine is taken by another program`,
    })
  })
})

describe('listening', () => {
  it('gives both sides as stereo, 16 bit and 16 kHz, and the messages of a client', async () => {
    const { port } = await open()
    expect(port.messages.reaches('client', 0)).toBe(false)
    const listener = await listen(port.urls.listenUrl)
    expect(port.messages.reaches('client', 0)).toBe(true)
    expect(port.messages.reaches('server', 0)).toBe(false)
    expect(listener.messages).toEqual([
      { type: 'start', encoding: 'linear16', container: 'raw', sampleRate: 16_000, channels: 2 },
    ])
    port.sound('customer', new Int16Array(320).fill(100), 0)
    port.sound('assistant', new Int16Array(480).fill(-200), 160)
    port.sound('customer', new Int16Array(320).fill(300), 320)
    await listener.until(() => listener.sound.length === 2)
    const samples = Buffer.concat(listener.sound)
    expect(samples).toHaveLength(2 * 1280)
    const at = (sample: number) => [samples.readInt16LE(4 * sample), samples.readInt16LE(4 * sample + 2)]
    expect([at(0), at(159), at(160), at(319), at(320), at(639)]).toEqual([
      [100, 0],
      [100, 0],
      [100, -200],
      [100, -200],
      [300, -200],
      [300, -200],
    ])
    port.messages.send({ recipient: 'client', member: 0, type: 'hang', body: { type: 'hang' } })
    port.ended('customer-ended-call')
    expect(await listener.closed).toBe(1000)
    expect(listener.messages.slice(1)).toEqual([
      { type: 'hang' },
      { type: 'call-ended', reason: 'customer-ended-call' },
    ])
    expect(port.messages.reaches('client', 0)).toBe(false)
  })

  it('does not wait for a side that has no sound, nor for the beginning of the call', async () => {
    const { port } = await open()
    const listener = await listen(port.urls.listenUrl)
    for (let frame = 0; frame < 20; frame++)
      port.sound('assistant', new Int16Array(320).fill(frame + 1), 960_000 + frame * 320)
    await listener.until(() => listener.sound.length === 10)
    expect(listener.sound[0]?.readInt16LE(2)).toBe(1)
    expect(listener.sound[0]?.readInt16LE(0)).toBe(0)
    listener.socket.terminate()
  })

  it('does not hold up the end of a call', async () => {
    const port = await openControlPort(0)
    const { socket } = await listen(port.urls.listenUrl)
    // It does not answer the goodbye.
    socket.pause()
    const closing = port.close()
    await closing
    socket.terminate()
    await expect(send(port.urls.controlUrl, { body: say })).rejects.toThrow('ECONNREFUSED')
  })
})

async function openControlPortOnce(): Promise<string> {
  const { port } = await open()
  return port.urls.controlUrl
}
