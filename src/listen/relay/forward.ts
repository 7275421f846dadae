import { Readable } from 'node:stream'
import type { Dispatcher, Pool } from 'undici'
import { messageOf } from '../../errors.ts'

export interface ForwardRequest {
  /** With its query. */
  path: string
  method: string
  /** Names and values in turn. */
  headers: string[]
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

/**
 * One request to a target, whose body is given whole or piece by piece. A connection that was kept open and is found
 * closed is opened anew once, with what was sent so far: the target may have been restarted in between.
 */
export class Forward {
  private readonly pool: Pool
  private readonly request: ForwardRequest
  private readonly events: ForwardEvents
  /** Null for a body that was whole from the start. */
  private stream: BodyStream | null = null
  private readonly given: Buffer[]
  private ended: boolean
  private answered = false
  private retried = false
  private over = false
  private abort: (() => void) | null = null

  /** `pieces`: what is there of the body; `whole`: that is all. */
  constructor(pool: Pool, request: ForwardRequest, pieces: Buffer[], whole: boolean, events: ForwardEvents) {
    this.pool = pool
    this.request = request
    this.given = pieces
    this.ended = whole
    this.events = events
    this.send()
  }

  /** False: wait for `drained` before more is given. */
  write(piece: Buffer): boolean {
    if (!this.answered) this.given.push(piece)
    return this.stream?.push(piece) ?? true
  }

  end(): void {
    this.ended = true
    this.stream?.push(null)
  }

  cancel(): void {
    this.over = true
    this.abort?.()
  }

  private send(): void {
    const { events } = this
    let resumed: () => void = () => {}
    const handler: Dispatcher.DispatchHandler = {
      onConnect: abort => {
        this.abort = abort
        if (this.over) abort()
      },
      onHeaders: (status, headers, resume, statusText) => {
        if (status < 200) return true
        this.answered = true
        this.given.length = 0
        resumed = resume
        events.response(
          status,
          statusText,
          headers.map(header => header.toString('latin1')),
          resumed,
        )
        return true
      },
      onData: piece => events.body(piece),
      onComplete: trailers => {
        this.over = true
        events.complete(trailers?.map(String) ?? [])
      },
      onError: error => this.fail(error),
    }
    this.pool.dispatch(
      { ...this.request, method: this.request.method as Dispatcher.HttpMethod, body: this.body() },
      handler,
    )
  }

  private body(): Buffer | Readable | null {
    const [only] = this.given
    if (this.ended && this.given.length === 1 && only !== undefined) return only
    if (this.ended && only === undefined) return null
    this.stream = new BodyStream(() => this.events.drained())
    for (const piece of this.given) this.stream.push(piece)
    if (this.ended) this.stream.push(null)
    return this.stream
  }

  private fail(error: Error): void {
    if (this.over) return
    if (!this.answered && !this.retried && wasClosedWhileKept(error)) {
      this.retried = true
      this.send()
      this.events.drained()
      return
    }
    this.over = true
    this.events.failed({ code: codeOf(error), message: messageOf(error) })
  }
}

/** Takes pieces as they come; what it is asked for is there already or will be pushed. */
class BodyStream extends Readable {
  private readonly wants: () => void

  constructor(wants: () => void) {
    super({ highWaterMark: 65_536 })
    this.wants = wants
  }

  override _read(): void {
    this.wants()
  }
}

/** The socket had carried an exchange before, so that its end may be older than this request. */
function wasClosedWhileKept(error: Error): boolean {
  const code = codeOf(error)
  if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET' && code !== 'EPIPE') return false
  const socket: unknown = 'socket' in error ? error.socket : null
  const read =
    typeof socket === 'object' && socket !== null && 'bytesRead' in socket ? socket.bytesRead : null
  return read === null || Number(read) > 0
}

function codeOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0])
  return 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
}
