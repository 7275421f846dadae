/** A custom transcriber as the user's own server would be one: what it gets is kept, what it answers is up to the test. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Side, sideOf, Utterances } from './two-sides.ts'

export interface PeerConnection {
  path: string
  headers: IncomingMessage['headers']
  /** Text frames and binary frames in their order, with the time that they came. */
  readonly received: readonly ({ text: string; atMs: number } | { bytes: Buffer; atMs: number })[]
  texts(): string[]
  pieces(): Buffer[]
  /** Resolves when so many binary frames are there. */
  gotPieces(count: number): Promise<void>
  side(side: Side): Int16Array
  reply(message: object | string): void
  end(code?: number, reason?: string): void
  /** Gone without a goodbye. */
  drop(): void
  /** The code of its end. */
  readonly closed: Promise<number>
}

export interface TranscriberPeer {
  url: string
  readonly connections: readonly PeerConnection[]
  /** The connection of this number, when it is there. */
  connection(index: number): Promise<PeerConnection>
  close(): Promise<void>
}

export interface PeerOptions {
  connected?: (connection: PeerConnection, index: number) => void
  /** Called when a side has fallen silent for 300 ms. */
  heard?: (side: Side, samples: Int16Array, connection: PeerConnection) => void
  /** A status in place of a connection, with what it says; null takes it. */
  refuse?: (request: IncomingMessage, index: number) => { status: number; said: string } | null
}

const SILENCE_MS = 300

export async function startTranscriberPeer(options: PeerOptions = {}): Promise<TranscriberPeer> {
  const connections: PeerConnection[] = []
  const waiting: (() => void)[] = []
  let asked = 0
  const server = createServer((_request, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    const refusal = options.refuse?.(request, asked++) ?? null
    if (refusal === null) {
      sockets.handleUpgrade(request, socket, head, client => accept(client, request))
      return
    }
    const { status, said } = refusal
    socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: ${Buffer.byteLength(said)}\r\n\r\n${said}`)
  })

  function accept(client: WebSocket, request: IncomingMessage): void {
    const received: PeerConnection['received'][number][] = []
    let wakeUp = () => {}
    const pieces = () => received.flatMap(item => ('bytes' in item ? [item.bytes] : []))
    const connection: PeerConnection = {
      path: request.url ?? '',
      headers: request.headers,
      received,
      texts: () => received.flatMap(item => ('text' in item ? [item.text] : [])),
      pieces,
      gotPieces: async count => {
        while (pieces().length < count)
          await new Promise<void>(resolve => {
            wakeUp = resolve
          })
      },
      side: side => sideOf(Buffer.concat(pieces()), side),
      reply: message => client.send(typeof message === 'string' ? message : JSON.stringify(message)),
      end: (code, reason) => client.close(code, reason),
      drop: () => client.terminate(),
      closed: new Promise(resolve => client.on('close', resolve)),
    }
    const utterances = new Utterances(SILENCE_MS, (side, samples) =>
      options.heard?.(side, samples, connection),
    )
    client.on('message', (data, isBinary) => {
      const bytes = data as Buffer
      const atMs = performance.now()
      received.push(isBinary ? { bytes, atMs } : { text: bytes.toString(), atMs })
      if (isBinary) utterances.push(bytes)
      wakeUp()
    })
    client.on('error', () => {})
    connections.push(connection)
    options.connected?.(connection, connections.length - 1)
    for (const wake of waiting.splice(0)) wake()
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/api/custom-transcriber`,
    connections,
    async connection(index) {
      for (;;) {
        const found = connections[index]
        if (found !== undefined) return found
        await new Promise<void>(resolve => waiting.push(resolve))
      }
    },
    close: async () => {
      for (const client of sockets.clients) client.terminate()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

/** An answer of such a server. */
export function words(transcription: string, more: object = { channel: 'customer' }): object {
  return { type: 'transcriber-response', transcription, ...more }
}
