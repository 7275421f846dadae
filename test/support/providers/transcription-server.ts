/**
 * A server that transcribes, for any vendor: connections, refusals and faults are here, the protocol is the vendor's. One fault
 * is for one connection, in their order.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** What goes wrong with one connection. */
export interface Fault {
  /** Refuses the handshake with this status. */
  refuses?: number
  /** Breaks off, without a goodbye, after so much sound in milliseconds. */
  breaksAfterMs?: number
  /** Says something that is no JSON after so much sound. */
  babblesAfterMs?: number
  /** Sends the vendor's own error message of this kind in place of its first answer to sound. */
  error?: string
  /** Says something that is no JSON in one packet with the message that this is in. */
  babblesWith?: RegExp
  /** Says nothing at all. */
  silent?: boolean
  /** Keeps what it says back for so many milliseconds. */
  lateMs?: number
  /** Sends its text messages as binary ones. */
  binary?: boolean
  /** Sends each text message in two frames, parted within a sign of several bytes where it has one. */
  inPieces?: boolean
}

/** One client of the server. */
export interface Peer {
  readonly request: IncomingMessage
  readonly url: URL
  readonly fault: Fault
  send(message: object | string): void
  /** Sends bytes as they stand, in a text frame unless `binary`. */
  sendBytes(bytes: Uint8Array, binary?: boolean): void
  close(code?: number, reason?: string): void
}

/** What the vendor's protocol makes of one connection. */
export interface PeerListener {
  opened?(): void
  text?(text: string): void
  binary?(bytes: Uint8Array): void
  /** How much sound there was, in milliseconds. */
  heardMs(): number
}

export interface TranscriptionProtocol {
  /** The body of a refusal, as documented. */
  refusal(status: number): unknown
  /** The status for a request that is not as documented or has a wrong key, or null. */
  check(request: IncomingMessage, url: URL): number | null
  connect(peer: Peer): PeerListener
  /** Requests that open no WebSocket. */
  http?(request: IncomingMessage, response: ServerResponse, url: URL, body: string, baseUrl: string): void
  /** The error message of a kind. */
  error?(kind: string): object
}

export interface TranscriptionServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Each connection: its address and headers, and all text that it sent. */
  readonly connections: { url: URL; request: IncomingMessage; texts: string[] }[]
  /** How many there were, those that were refused too. */
  readonly handshakes: number
  /** The faults of the connections to come; after them all goes well. */
  script(...faults: Fault[]): void
  /** How many connections are open. */
  readonly open: number
  /** Breaks them off: all, or those that were opened first. */
  drop(count?: number): void
  close(): Promise<void>
}

/** The key that the servers take. */
export const KEY = 'test-key-0123456789'

export async function startTranscriptionServer(
  protocol: TranscriptionProtocol,
): Promise<TranscriptionServer> {
  const faults: Fault[] = []
  const connections: TranscriptionServer['connections'] = []
  let handshakes = 0
  const sockets = new WebSocketServer({ noServer: true })
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    const url = new URL(request.url ?? '/', baseUrl)
    const status = faults[0]?.refuses ?? protocol.check(request, url)
    if (status === null && protocol.http !== undefined) protocol.http(request, response, url, body, baseUrl)
    else {
      if (faults[0]?.refuses !== undefined) faults.shift()
      const refused = status ?? 404
      response.writeHead(refused, { 'content-type': 'application/json' })
      response.end(JSON.stringify(protocol.refusal(refused)))
    }
  })
  server.on('upgrade', (request, socket, head) => {
    const fault = faults.shift() ?? {}
    handshakes++
    socket.on('error', () => {})
    const url = new URL(request.url ?? '/', baseUrl)
    const status = fault.refuses ?? protocol.check(request, url)
    if (status !== null) {
      const body = JSON.stringify(protocol.refusal(status))
      socket.end(
        `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      )
      return
    }
    sockets.handleUpgrade(request, socket, head, client => serve(client, request, url, fault))
  })

  function serve(client: WebSocket, request: IncomingMessage, url: URL, fault: Fault): void {
    const texts: string[] = []
    connections.push({ url, request, texts })
    let failed = false
    const write = (data: string) => {
      if (client.readyState !== client.OPEN) return
      if (fault.babblesWith?.test(data)) {
        request.socket.cork()
        client.send(data)
        client.send('{"never ends')
        request.socket.uncork()
      } else if (fault.inPieces) {
        const bytes = Buffer.from(data)
        const at = bytes.findIndex(byte => byte > 0x7f) + 1 || bytes.length >> 1
        client.send(bytes.subarray(0, at), { binary: false, fin: false })
        client.send(bytes.subarray(at), { binary: false, fin: true })
      } else client.send(fault.binary ? Buffer.from(data) : data)
    }
    const send = (message: object | string) => {
      if (fault.silent || failed) return
      const data = typeof message === 'string' ? message : JSON.stringify(message)
      if (fault.lateMs === undefined) write(data)
      else setTimeout(() => write(data), fault.lateMs)
    }
    const listener = protocol.connect({
      request,
      url,
      fault,
      send,
      sendBytes: (bytes, binary = false) => client.send(bytes, { binary }),
      close: (code, reason) => client.close(code, reason),
    })
    client.on('message', (data: Buffer, isBinary) => {
      if (failed) return
      if (isBinary) listener.binary?.(data)
      else {
        texts.push(data.toString())
        listener.text?.(data.toString())
      }
      const heardMs = listener.heardMs()
      if (heardMs > (fault.breaksAfterMs ?? Number.POSITIVE_INFINITY)) client.terminate()
      else if (heardMs > (fault.babblesAfterMs ?? Number.POSITIVE_INFINITY)) write('{"never ends')
      else if (heardMs > 0 && fault.error !== undefined) {
        write(JSON.stringify(protocol.error?.(fault.error)))
      } else return
      failed = true
    })
    listener.opened?.()
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: baseUrl,
    connections,
    get handshakes() {
      return handshakes
    },
    script: (...given) => faults.push(...given),
    get open() {
      return sockets.clients.size
    },
    drop: count => {
      for (const client of [...sockets.clients].slice(0, count)) client.terminate()
    },
    close: async () => {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
