/** A server that speaks, for the voices of any vendor: connections, pace and faults are here, the protocol is the vendor's. */
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface SpeechRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  text: string
  body: Record<string, unknown>
  /** Place of its connection among those the server took, from 0. */
  connection: number
}

/** What goes wrong with one answer; nothing where it is empty. */
export interface Behaviour {
  /** Refuses with this status and the vendor's own error body. */
  status?: number
  /** Answers 200 with this in place of sound. */
  instead?: { contentType: string; body: string }
  /** Sends at most so many bytes at once. */
  pieceBytes?: number
  /** Closes the connection after so many bytes of the body. */
  closeAfter?: number
  /** Sends nothing more after so many bytes of the body, until the promise settles. */
  waitAfter?: { bytes: number; until: Promise<void> }
  /** No sound in it. */
  silent?: true
  /** Headers wait for it. */
  until?: Promise<void>
  /** Waits between two pieces, in milliseconds. */
  paceMs?: number
}

/** How one vendor answers. */
export interface SpeechProtocol {
  /** The error of a request that is not as documented, or null. */
  check(request: SpeechRequest): { status: number; body: unknown } | null
  contentType: string
  /** The body in its natural pieces. */
  speak(request: SpeechRequest, silent: boolean): Buffer[]
  /** The body of an error, as documented. */
  error(status: number): unknown
}

export interface SpeechServer {
  readonly url: string
  readonly requests: SpeechRequest[]
  /** Connections that were taken, and those that are open. */
  readonly connections: number
  readonly open: number
  /** Resolves when no more than so many connections are open. */
  closedTo(count: number): Promise<void>
  /** The answers to come; after them all goes well. */
  script(...behaviours: Behaviour[]): void
  close(): Promise<void>
}

export async function startSpeechServer(
  protocol: SpeechProtocol,
  create: (listener: RequestListener) => Server = listener => createServer(listener),
): Promise<SpeechServer> {
  const behaviours: Behaviour[] = []
  const requests: SpeechRequest[] = []
  const sockets = new Map<Socket, number>()
  let connections = 0
  let watchers: (() => void)[] = []

  const server = create(async (incoming, response) => {
    const pieces: Buffer[] = []
    for await (const piece of incoming) pieces.push(piece)
    const text = Buffer.concat(pieces).toString()
    const url = new URL(incoming.url ?? '/', 'http://server')
    const request: SpeechRequest = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      text,
      body: parse(text),
      connection: sockets.get(incoming.socket) ?? -1,
    }
    requests.push(request)
    const behaviour = behaviours.shift() ?? {}
    const reply = (status: number, contentType: string, body: string) =>
      response.writeHead(status, { 'content-type': contentType }).end(body)
    if (behaviour.until) await behaviour.until
    if (behaviour.status !== undefined) {
      reply(behaviour.status, 'application/json', JSON.stringify(protocol.error(behaviour.status)))
      return
    }
    const fault = protocol.check(request)
    if (fault !== null) {
      reply(fault.status, 'application/json', JSON.stringify(fault.body))
      return
    }
    if (behaviour.instead) {
      reply(200, behaviour.instead.contentType, behaviour.instead.body)
      return
    }
    response.writeHead(200, { 'content-type': protocol.contentType })
    response.flushHeaders()
    let sent = 0
    for (const whole of protocol.speak(request, behaviour.silent === true)) {
      for (let rest = whole; rest.length > 0; ) {
        const stops = [behaviour.closeAfter, behaviour.waitAfter?.bytes].flatMap(stop =>
          stop !== undefined && stop > sent ? [stop - sent] : [],
        )
        const piece = rest.subarray(0, Math.min(behaviour.pieceBytes ?? rest.length, ...stops))
        rest = rest.subarray(piece.length)
        // Each piece is a packet of its own.
        await new Promise<void>(resolve => {
          if (response.destroyed) resolve()
          else response.write(piece, () => resolve())
        })
        sent += piece.length
        if (behaviour.paceMs !== undefined) await later(behaviour.paceMs)
        if (sent === behaviour.closeAfter) {
          response.destroy()
          return
        }
        if (sent === behaviour.waitAfter?.bytes) await behaviour.waitAfter.until
        if (response.destroyed) return
      }
    }
    response.end()
  })
  const isTls = 'setSecureContext' in server
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.set(socket, connections++)
    socket.on('error', () => {})
    socket.once('close', () => {
      sockets.delete(socket)
      for (const watcher of watchers.splice(0)) watcher()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: isTls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
    async closedTo(count) {
      while (sockets.size > count) await new Promise<void>(resolve => watchers.push(resolve))
    },
    script: (...more) => behaviours.push(...more),
    async close() {
      for (const socket of sockets.keys()) socket.destroy()
      await new Promise(resolve => server.close(resolve))
      watchers = []
    },
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function later(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** How long the servers speak, in milliseconds for each character. */
export const MS_PER_CHARACTER = 60

/** A tone as long as the text is spoken. */
export function toneFor(text: string, sampleRate: number): Int16Array {
  const samples = new Int16Array(Math.round((text.length * MS_PER_CHARACTER * sampleRate) / 1000))
  // 440 Hz come round in a tenth of a second: the rest is copied, since what the server computes is not to be measured.
  const round = Math.min(samples.length, Math.round(sampleRate / 10))
  for (let place = 0; place < round; place++)
    samples[place] = Math.round(8000 * Math.sin((2 * Math.PI * 440 * place) / sampleRate)) | 1
  for (let made = round; made > 0 && made < samples.length; made *= 2) samples.copyWithin(made, 0, made)
  return samples
}

/** The sound behind silence of so many milliseconds. */
export function withLead(samples: Int16Array, leadMs: number, sampleRate: number): Int16Array {
  const lead = Math.round((leadMs * sampleRate) / 1000)
  const all = new Int16Array(lead + samples.length)
  all.set(samples, lead)
  return all
}

export function bytesOf(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
}

/** Cuts bytes into pieces of at most this size. */
export function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, place) =>
    bytes.subarray(place * size, (place + 1) * size),
  )
}
