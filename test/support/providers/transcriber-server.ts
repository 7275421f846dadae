/** A WebSocket server that transcribes, as a frame for the protocols of the vendors, with faults on demand. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { createWordEars, type Ears } from './ears.ts'

/** What goes wrong on one connection. Times are of sound that it got. */
export interface Fault {
  /** Answers the handshake with this status. */
  refuse?: { status: number; body?: string }
  /** Never answers the handshake. */
  hangs?: boolean
  /** Says nothing at all. */
  silent?: boolean
  /** Says nothing from here on. */
  silentAfterMs?: number
  /** The connection breaks without a closing frame. */
  breaksAfterMs?: number
  closesAfterMs?: { ms: number; code?: number; reason?: string }
  /** A message as it stands. */
  saysAfterMs?: { ms: number; data: string | Uint8Array }
  /** Takes no bytes any more. */
  stopsReadingAfterMs?: number
  /** Every message comes so much later, in order. */
  delayMs?: number
  /** Every message comes twice. */
  twice?: boolean
  /** Out of order: such a message comes after the next one. */
  holdsBack?: (message: object) => boolean
}

/** One connection as the server sees it. */
export interface Peer {
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly ears: Ears
  send(message: object): void
  /** Without a code: the closing frame has none. */
  close(code?: number, reason?: string): void
}

/** A vendor's protocol, the server's side. */
export interface ServedProtocol {
  /** What the handshake is answered with in place of a connection. */
  refuse(url: URL, headers: IncomingMessage['headers']): { status: number; body: string } | null
  serve(peer: Peer): {
    /** The ears have listened to it. */
    sound(bytes: Uint8Array): void
    message(message: Record<string, unknown>): void
  }
}

export interface SeenConnection {
  url: URL
  headers: IncomingMessage['headers']
  openedMs: number
  /** When the first sound came; null before. */
  firstSoundMs: number | null
  /** When it broke or was closed; null before. */
  endedMs: number | null
  /** Lengths of the pieces of sound, in bytes. */
  pieces: number[]
  messages: Record<string, unknown>[]
  ears: Ears
}

export interface TranscriberServer {
  /** `http://127.0.0.1:PORT`, or `https:` */
  readonly url: string
  readonly connections: SeenConnection[]
  /** Of connections that came to stand; refused handshakes count too. */
  readonly handshakes: { url: URL; headers: IncomingMessage['headers'] }[]
  /** By the number of the handshake. */
  faults: Fault[]
  /** Resolves when it is so; looked at after every event. */
  until(isSo: () => boolean): Promise<void>
  close(): Promise<void>
}

export interface ServerOptions {
  createEars?: () => Ears
  tls?: { key: string; cert: string }
}

export async function startTranscriberServer(
  protocol: ServedProtocol,
  { createEars = createWordEars, tls }: ServerOptions = {},
): Promise<TranscriberServer> {
  const connections: SeenConnection[] = []
  const handshakes: TranscriberServer['handshakes'] = []
  let waiting: (() => void)[] = []
  const wake = () => {
    const woken = waiting
    waiting = []
    for (const resume of woken) resume()
  }
  const http = tls === undefined ? createHttpServer() : createTlsServer(tls)
  const sockets = new Set<Duplex>()
  http.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Duplex) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  const upgrader = new WebSocketServer({ noServer: true })
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '', 'http://server')
    const fault = server.faults[handshakes.length] ?? {}
    handshakes.push({ url, headers: request.headers })
    wake()
    if (fault.hangs === true) return
    const refusal = fault.refuse ?? protocol.refuse(url, request.headers)
    if (refusal !== null) {
      const body = refusal.body ?? ''
      socket.end(
        `HTTP/1.1 ${refusal.status} No\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
      return
    }
    upgrader.handleUpgrade(request, socket, head, client => accept(client, url, request.headers, fault))
  })

  function accept(client: WebSocket, url: URL, headers: IncomingMessage['headers'], fault: Fault): void {
    const ears = createEars()
    const seen: SeenConnection = {
      url,
      headers,
      openedMs: performance.now(),
      firstSoundMs: null,
      endedMs: null,
      pieces: [],
      messages: [],
      ears,
    }
    connections.push(seen)
    client.on('error', () => {})
    client.on('close', () => {
      seen.endedMs ??= performance.now()
      wake()
    })
    const later = (work: () => void) =>
      fault.delayMs === undefined ? work() : void setTimeout(work, fault.delayMs)
    const isSilent = () =>
      fault.silent === true || ears.heardMs >= (fault.silentAfterMs ?? Number.POSITIVE_INFINITY)
    let held: object[] = []
    const write = (message: object) => {
      for (let count = fault.twice === true ? 2 : 1; count > 0; count--)
        later(() => client.send(JSON.stringify(message)))
    }
    const peer: Peer = {
      url,
      headers,
      ears,
      send: message => {
        if (isSilent()) return
        const before = held
        held = []
        if (before.length === 0 && fault.holdsBack?.(message) === true) held = [message]
        else for (const one of [message, ...before]) write(one)
      },
      close: (code, reason) => {
        if (!isSilent()) later(() => client.close(code, reason))
      },
    }
    let done = new Set<string>()
    const once = (name: string, ms: number | undefined, work: () => void) => {
      if (ms === undefined || ears.heardMs < ms || done.has(name)) return
      done = done.add(name)
      work()
    }
    const served = protocol.serve(peer)
    client.on('message', (data: Buffer, isBinary) => {
      if (seen.endedMs !== null) return
      if (isBinary) {
        seen.firstSoundMs ??= performance.now()
        seen.pieces.push(data.length)
        ears.listen(data)
        served.sound(data)
      } else {
        const message = JSON.parse(data.toString())
        seen.messages.push(message)
        served.message(message)
      }
      once('says', fault.saysAfterMs?.ms, () => client.send(fault.saysAfterMs?.data ?? ''))
      once('stops', fault.stopsReadingAfterMs, () => client.pause())
      once('closes', fault.closesAfterMs?.ms, () =>
        client.close(fault.closesAfterMs?.code, fault.closesAfterMs?.reason),
      )
      once('breaks', fault.breaksAfterMs, () => {
        seen.endedMs = performance.now()
        client.terminate()
      })
      wake()
    })
    wake()
  }

  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const server: TranscriberServer = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(http.address() as AddressInfo).port}`,
    connections,
    handshakes,
    faults: [],
    async until(isSo) {
      while (!isSo()) await new Promise<void>(resolve => waiting.push(resolve))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => http.close(resolve))
    },
  }
  return server
}
