import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LiveCall } from '../../src/api/live-call.ts'
import { type MonitorFrame, type MonitorRequest, openMonitor } from '../../src/api/monitor-socket.ts'
import { type MonitorServer, startMonitorServer } from '../support/monitor-server.ts'

describe('the stream of a call’s monitor', () => {
  let server: MonitorServer
  beforeEach(async () => {
    server = await startMonitorServer()
  })
  afterEach(() => server.close())

  const open = (more: Partial<MonitorRequest> = {}, call: LiveCall = { id: 'c1' }) =>
    openMonitor({
      call,
      listenUrl: server.listenUrl,
      publicKey: null,
      privateKey: 'private',
      withSound: true,
      signal: new AbortController().signal,
      ...more,
    })
  async function all(frames: AsyncIterable<MonitorFrame>): Promise<MonitorFrame[]> {
    const taken: MonitorFrame[] = []
    for await (const frame of frames) taken.push(frame)
    return taken
  }

  it('gives sound and messages in their order and ends with the connection', async () => {
    server.onConnection(socket => {
      socket.send(JSON.stringify({ type: 'speech-update' }))
      socket.send(Buffer.from([1, 2, 3, 4]))
      socket.send('no JSON')
      socket.send('[1]')
      socket.send(JSON.stringify({ type: 'hang' }))
      socket.close()
    })
    const { frames } = await open()
    const taken = await all(frames)
    expect(taken.map(frame => (frame.type === 'sound' ? [...frame.bytes] : frame.message.type))).toEqual([
      'speech-update',
      [1, 2, 3, 4],
      'hang',
    ])
  })

  it('leaves sound out where nobody wants it', async () => {
    server.onConnection(socket => {
      socket.send(Buffer.alloc(640))
      socket.send('{"type":"hang"}')
      socket.terminate()
    })
    const { frames } = await open({ withSound: false })
    expect(await all(frames)).toEqual([{ type: 'message', message: { type: 'hang' } }])
  })

  it('loses nothing where its reader is slower than the sender', async () => {
    const pieces = 400
    server.onConnection(socket => {
      for (let piece = 0; piece < pieces; piece++) socket.send(Buffer.alloc(65_536, piece % 251))
      socket.close()
    })
    const { frames } = await open()
    let bytes = 0
    let place = 0
    for await (const frame of frames) {
      if (frame.type !== 'sound') continue
      expect(frame.bytes[0]).toBe(place++ % 251)
      bytes += frame.bytes.length
      if (place % 50 === 0) await new Promise(setImmediate)
    }
    expect(bytes).toBe(pieces * 65_536)
  })

  it('sends the public key and never the private one', async () => {
    server.onConnection(socket => socket.close())
    await all((await open({ publicKey: 'public' })).frames)
    await all((await open()).frames)
    expect(server.connections.map(({ authorization }) => authorization)).toEqual(['Bearer public', undefined])
    await expect(open({ publicKey: 'private' })).rejects.toMatchObject({ exit: 2 })
    expect(server.connections).toHaveLength(2)
  })

  it.each([
    [401, null, 'public-key-needed', 4],
    [403, 'public', 'public-key-refused', 4],
    [404, null, 'monitor-refused', 1],
    [503, 'public', 'monitor-refused', 1],
  ])('says what a refusal with %i means', async (status, publicKey, code, exit) => {
    server.refusals.push(status)
    await expect(open({ publicKey })).rejects.toMatchObject({ code, exit })
  })

  it('asks for the public key before it connects, where the call says that it is needed', async () => {
    const call = { id: 'c1', assistant: { monitorPlan: { listenAuthenticationEnabled: true } } } as LiveCall
    await expect(open({}, call)).rejects.toMatchObject({ code: 'public-key-needed', exit: 4 })
    expect(server.connections).toEqual([])
  })

  it.each(['ws://example.com/x', 'http://127.0.0.1/x'])('refuses the address %s', async listenUrl => {
    await expect(open({ listenUrl })).rejects.toMatchObject({ code: 'insecure-url' })
  })

  it('says that nothing answers', async () => {
    const { listenUrl } = server
    await server.close()
    await expect(open({ listenUrl })).rejects.toMatchObject({ code: 'connection-refused' })
    server = await startMonitorServer()
  })

  it('ends with the signal', async () => {
    const interrupt = new AbortController()
    server.onConnection(socket => socket.send('{"type":"hang"}'))
    const { frames } = await open({ signal: interrupt.signal })
    let taken = 0
    for await (const _ of frames) {
      taken++
      interrupt.abort(new Error('stop'))
    }
    expect(taken).toBe(1)
    await expect(open({ signal: interrupt.signal })).rejects.toThrow('stop')
  })
})
