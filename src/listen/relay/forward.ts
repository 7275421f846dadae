import { messageOf } from '../../errors.ts'
import type { TargetPools } from './pools.ts'
import { sendStreamed } from './send-streamed.ts'
import { sendWhole } from './send-whole.ts'

export interface ForwardRequest {
  url: URL
  /** With its query. */
  path: string
  method: string
  /** Names and values in turn, without framing but for the sender’s own `Content-Length`. */
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

/** A request under way whose body may still be coming. */
export interface Sending {
  /** False: wait for `drained` before more is given. */
  write(piece: Buffer): boolean
  end(): void
  abort(): void
}

/**
 * One request to a target. A body that is there whole is sent by undici, which costs least for it; one that is passed
 * on while it comes by node:http, for the same reason (bench/relay.mjs).
 */
export class Forward {
  private readonly pools: TargetPools
  private readonly sending: Sending
  private over = false

  /** `pieces`: what is there of the body; `whole`: that is all. */
  constructor(
    pools: TargetPools,
    request: ForwardRequest,
    pieces: Buffer[],
    whole: boolean,
    events: ForwardEvents,
  ) {
    this.pools = pools
    pools.count(1)
    const once: ForwardEvents = {
      ...events,
      response: (status, statusText, rawHeaders, resume) => {
        try {
          events.response(status, statusText, rawHeaders, resume)
        } catch (thrown) {
          // A status or words of it that can be read and not be written.
          once.failed({ code: 'failed', message: messageOf(thrown) })
          this.sending.abort()
          return
        }
        // These are whole, whatever a length of theirs says or a target sends after them (RFC 9112, 6.3).
        if (request.method === 'HEAD' || status === 204 || status === 304) once.complete([])
      },
      body: piece => this.over || events.body(piece),
      complete: rawTrailers => {
        if (this.close()) events.complete(rawTrailers)
      },
      failed: failure => {
        if (this.close()) events.failed(failure)
      },
    }
    this.sending = whole
      ? sendWhole(pools, request, join(pieces), once)
      : sendStreamed(pools, request, pieces, once)
  }

  /** False: wait for `drained` before more is given. */
  write(piece: Buffer): boolean {
    return this.sending.write(piece)
  }

  end(): void {
    this.sending.end()
  }

  cancel(): void {
    if (this.close()) this.sending.abort()
  }

  /** True the first time. */
  private close(): boolean {
    if (this.over) return false
    this.over = true
    this.pools.count(-1)
    return true
  }
}

/** Null where there is no body. */
function join(pieces: Buffer[]): Buffer | null {
  const [only] = pieces
  return pieces.length > 1 ? Buffer.concat(pieces) : (only ?? null)
}

/** The system’s code of an error, also of one that stands for several. */
export function codeOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0])
  return 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
}
