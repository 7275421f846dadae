import { messageOf } from '../../errors.ts'
import type { Connection, ConnectionUser } from './connection.ts'
import { isToken } from './headers.ts'
import type { TargetPools } from './pools.ts'

export interface ForwardRequest {
  url: URL
  /** With its query. */
  path: string
  method: string
  /** Names and values in turn, without framing but for the sender’s own `Content-Length`. */
  headers: readonly string[]
  /** They come from a parser of HTTP, which lets nothing into them that would end a line. */
  isParsed?: boolean
}

export interface ForwardEvents {
  /** Status and headers are there; `resume` lets the body go on after `body` has returned false. */
  response(status: number, statusText: string, rawHeaders: string[], resume: () => void): void
  /** A piece of the reply; false where no more can be taken for now. */
  body(piece: Buffer): boolean
  /** The reply is whole. `rawTrailers`: names and values in turn. */
  complete(rawTrailers: string[]): void
  /** The exchange broke, before or within the reply. */
  failed(failure: ForwardFailure): void
  /** The target takes more of the body. */
  drained(): void
}

export interface ForwardFailure {
  /** Of the operating system, TLS or the connection: `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  code: string
  message: string
}

/** So much of a body that is passed on while it comes is held, in case it has to go out again. */
const HELD_BYTES = 1_048_576

/**
 * One request to a target, whose body may still be coming. Where a connection that was kept open turns out to be closed,
 * it goes out once more on a new one: the target may have been restarted in between.
 */
export class Forward implements ConnectionUser {
  private readonly pools: TargetPools
  private readonly request: ForwardRequest
  private readonly events: ForwardEvents
  private readonly head: string = ''
  private readonly isChunked: boolean
  /** What went out, framed; null where it cannot go out again. */
  private sent: (Buffer | string)[] | null
  private sentBytes = 0
  private isEnded: boolean
  private connection: Connection | null = null
  private over = false

  /** `pieces`: what is there of the body; `whole`: that is all. */
  constructor(
    pools: TargetPools,
    request: ForwardRequest,
    pieces: readonly Buffer[],
    whole: boolean,
    events: ForwardEvents,
  ) {
    this.pools = pools
    this.request = request
    this.events = events
    this.isEnded = whole
    pools.count(1)
    const framing = framingOf(request, pieces, whole)
    this.isChunked = framing === CHUNKED
    this.sent = this.isChunked ? [] : [...pieces]
    try {
      this.head = headOf(request, framing)
    } catch (thrown) {
      // Not before whoever makes this has it.
      process.nextTick(() => this.fail(thrown as Error))
      return
    }
    this.connection = pools.take(request.url)
    this.connection.begin(this, request.method, this.head, this.isChunked ? [] : pieces)
    if (this.isChunked) for (const piece of pieces) this.write(piece)
  }

  /** False: wait for `drained` before more is given. */
  write(piece: Buffer): boolean {
    if (this.connection === null || piece.length === 0) return true
    if (!this.isChunked) {
      this.hold(piece)
      return this.connection.write(piece)
    }
    const size = `${piece.length.toString(16)}\r\n`
    this.hold(size, piece, '\r\n')
    this.connection.cork()
    this.connection.write(size)
    this.connection.write(piece)
    const takesMore = this.connection.write('\r\n')
    this.connection.uncork()
    return takesMore
  }

  end(): void {
    this.isEnded = true
    if (!this.isChunked) return
    this.hold(LAST_CHUNK)
    this.connection?.write(LAST_CHUNK)
  }

  cancel(): void {
    if (this.close()) this.connection?.destroy()
  }

  onHead(status: number, statusText: string, rawHeaders: string[]): void {
    this.sent = null
    const { connection } = this
    if (status === 101) {
      // Nobody asked for it, and without a hearer the sender would wait for ever.
      this.fail(new Error('the target wants to go on with another protocol'))
      connection?.destroy()
      return
    }
    try {
      this.events.response(status, statusText, rawHeaders, () => {
        if (!this.over) connection?.resume()
      })
    } catch (thrown) {
      // A status or words of it that can be read and not be written.
      this.fail(thrown as Error)
      connection?.destroy()
    }
  }

  onBody(piece: Buffer): void {
    if (!this.over && !this.events.body(piece)) this.connection?.pause()
  }

  onEnd(rawTrailers: string[]): void {
    const { connection } = this
    if (connection !== null) {
      // A target that has answered before it had everything does not want the rest.
      if (this.isEnded) this.pools.giveBack(this.request.url, connection)
      else connection.destroy()
    }
    if (this.close()) this.events.complete(rawTrailers)
  }

  onDrain(): void {
    if (!this.over) this.events.drained()
  }

  onBroken(error: Error, isStale: boolean): void {
    if (this.over) return
    if (!isStale || this.sent === null) {
      this.fail(error)
      return
    }
    const { sent, request } = this
    // Only once: a new connection is not stale.
    this.sent = null
    this.connection = this.pools.take(request.url, true)
    this.connection.begin(this, request.method, this.head, sent.map(bytesOf))
    this.events.drained()
  }

  private hold(...pieces: (Buffer | string)[]): void {
    if (this.sent === null) return
    for (const piece of pieces) {
      this.sent.push(piece)
      this.sentBytes += piece.length
    }
    if (this.sentBytes > HELD_BYTES) this.sent = null
  }

  private fail(error: Error): void {
    if (this.close()) this.events.failed({ code: codeOf(error), message: messageOf(error) })
  }

  /** True the first time. */
  private close(): boolean {
    if (this.over) return false
    this.over = true
    this.pools.count(-1)
    return true
  }
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const LAST_CHUNK = '0\r\n\r\n'

/** The header that says how long the body is, where the sender’s own does not stand among the others. */
function framingOf({ method, headers }: ForwardRequest, pieces: readonly Buffer[], whole: boolean): string {
  for (let place = 0; place < headers.length; place += 2) {
    const name = headers[place] ?? ''
    if (name.length === 14 && name.toLowerCase() === 'content-length') return ''
  }
  if (!whole) return CHUNKED
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const mayHaveNone = bytes === 0 && !/^(POST|PUT|PATCH)$/.test(method)
  return mayHaveNone ? '' : `Content-Length: ${bytes}\r\n`
}

/** All that a header may carry (RFC 9110, 5.5), as bytes. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const PATH = /^[\x21-\x7e\x80-\xff]+$/

/** What stands before the body. Throws where a part of it would end its line. */
function headOf(request: ForwardRequest, framing: string): string {
  const { method, path, headers } = request
  if (request.isParsed !== true) check(request)
  let text = `${method} ${path} HTTP/1.1\r\n`
  for (let place = 0; place < headers.length; place += 2)
    text += `${headers[place]}: ${headers[place + 1]}\r\n`
  return `${text}${framing}Connection: keep-alive\r\n\r\n`
}

function check({ method, path, headers }: ForwardRequest): void {
  if (!isToken(method) || !PATH.test(path)) throw invalid('the path')
  for (let place = 0; place < headers.length; place += 2) {
    const name = headers[place] ?? ''
    if (!isToken(name) || !VALUE.test(headers[place + 1] ?? ''))
      throw invalid(`the header ${JSON.stringify(name)}`)
  }
}

function invalid(what: string): Error {
  return Object.assign(new Error(`${what} has characters that it cannot have`), { code: 'ERR_INVALID_CHAR' })
}

function bytesOf(piece: Buffer | string): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece
}

/** The system’s code of an error, also of one that stands for several. */
export function codeOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0])
  return 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
}
