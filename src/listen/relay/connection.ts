import { connect, isIP, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { ReplyReader, type ReplySink } from './reply-reader.ts'

/** Nobody waits longer for a connection, in milliseconds. */
const CONNECT_LIMIT_MS = 10_000
/** Pieces up to this size are put together before they are written. */
const JOINED_BYTES = 65_536

/** Who has a request under way on a connection. */
export interface ConnectionUser extends ReplySink {
  /** The connection takes more. */
  onDrain(): void
  /** It broke before the reply was whole. `isStale`: it had been kept open, and nothing of the reply came. */
  onBroken(error: Error, isStale: boolean): void
}

/** A connection to a target, for one request after the other. */
export class Connection implements ReplySink {
  /** Has carried an exchange before. */
  isKept = false
  /** Of its last exchange, by `performance.now()`. */
  idleSinceMs = 0
  private readonly socket: Socket
  private readonly reader = new ReplyReader(this)
  private readonly onClosed: (connection: Connection) => void
  private user: ConnectionUser | null = null

  /** `onClosed` hears of it when no more is to be had of this connection. */
  constructor(
    url: URL,
    tls: { rejectUnauthorized: boolean; ca?: string },
    onClosed: (connection: Connection) => void,
  ) {
    this.onClosed = onClosed
    const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
    const isSecure = url.protocol === 'https:'
    const where = { host, port: Number(url.port) || (isSecure ? 443 : 80), noDelay: true }
    const socket = isSecure
      ? connectSecurely({
          ...where,
          ...tls,
          ALPNProtocols: ['http/1.1'],
          ...(isIP(host) === 0 && { servername: host }),
        })
      : connect(where)
    this.socket = socket
    const limit = setTimeout(() => socket.destroy(timedOut()), CONNECT_LIMIT_MS)
    socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(limit))
    socket.on('data', (piece: Buffer) => this.take(piece))
    socket.on('drain', () => this.user?.onDrain())
    socket.on('error', error => this.broke(error))
    socket.on('end', () => {
      if (this.user === null || !this.reader.close()) this.broke(closed())
    })
    socket.on('close', () => {
      clearTimeout(limit)
      this.broke(closed())
      onClosed(this)
    })
  }

  /** What the target says of how long it stays open, in milliseconds; null: nothing. */
  get keptMs(): number | null {
    return this.reader.keepsOpenMs
  }

  /** Sends the head of a request and what is there of its body. False: wait for `onDrain` before more is written. */
  begin(user: ConnectionUser, method: string, head: string, pieces: readonly Buffer[]): boolean {
    this.user = user
    this.reader.begin(method)
    let bytes = head.length
    for (const piece of pieces) bytes += piece.length
    const { socket } = this
    if (bytes <= JOINED_BYTES) {
      const joined = Buffer.allocUnsafe(bytes)
      let end = joined.write(head, 'latin1')
      for (const piece of pieces) end += piece.copy(joined, end)
      return socket.write(joined)
    }
    socket.cork()
    let takesMore = socket.write(head, 'latin1')
    for (const piece of pieces) takesMore = socket.write(piece)
    socket.uncork()
    return takesMore
  }

  /** False: wait for `onDrain` before more is written. */
  write(piece: Buffer | string): boolean {
    return this.socket.write(piece as Buffer, 'latin1')
  }

  /** What is written until `uncork` goes out together. */
  cork(): void {
    this.socket.cork()
  }

  uncork(): void {
    this.socket.uncork()
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  /** The request is through. True where the connection takes another one. */
  release(): boolean {
    this.user = null
    const { socket } = this
    if (!this.reader.keepsOpen || socket.destroyed || socket.writableLength > 0) return false
    this.isKept = true
    this.idleSinceMs = performance.now()
    if (socket.isPaused()) socket.resume()
    return true
  }

  /** Whoever uses it hears no more. */
  destroy(): void {
    this.user = null
    this.reader.stop()
    this.socket.destroy()
    this.onClosed(this)
  }

  /** Breaks what is under way on it. */
  cut(): void {
    this.broke(new Error('the listener ended'), false)
    this.destroy()
  }

  onHead(status: number, statusText: string, rawHeaders: string[]): void {
    this.user?.onHead(status, statusText, rawHeaders)
  }

  onBody(piece: Buffer): void {
    this.user?.onBody(piece)
  }

  onEnd(rawTrailers: string[]): void {
    this.user?.onEnd(rawTrailers)
  }

  private take(piece: Buffer): void {
    if (this.user === null) {
      // Nobody asked for it.
      this.destroy()
      return
    }
    try {
      this.reader.feed(piece)
    } catch (thrown) {
      this.broke(thrown as Error)
      this.destroy()
    }
  }

  private broke(error: Error, isStale = this.isKept && !this.reader.isBegun): void {
    const { user } = this
    this.user = null
    if (user !== null) {
      this.reader.stop()
      user.onBroken(error, isStale)
    }
    this.onClosed(this)
  }
}

function timedOut(): Error {
  const error = new Error(`no connection within ${CONNECT_LIMIT_MS / 1000} s`)
  return Object.assign(error, { code: 'ETIMEDOUT' })
}

function closed(): Error {
  return Object.assign(new Error('the target closed the connection'), { code: 'ECONNRESET' })
}
