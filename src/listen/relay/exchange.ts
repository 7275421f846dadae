import type { IncomingMessage, ServerResponse } from 'node:http'
import { hideAddress } from '../mask.ts'
import { type MessageHead, noHead, readHeadOfPieces, readMessageHead } from '../message-head.ts'
import { type Route, routesFor } from '../routes.ts'
import { pathFor } from '../target.ts'
import { answerInstead, probeSender } from './answers.ts'
import { Collected } from './collected.ts'
import { Forward, type ForwardFailure } from './forward.ts'
import { endToEnd, forwardedHeaders, valuesOf } from './headers.ts'
import type { TargetPools } from './pools.ts'
import { ReceivedEvent } from './received.ts'
import type { RelayedEvent, RelayListener, RelayOptions } from './types.ts'

/** A reply up to this size that comes in one piece is written with its headers. */
const WHOLE_REPLY_BYTES = 16_384

/** So much of a body is held until it is known what event it is. */
const HEAD_BYTES = 65_536

/**
 * One event on its way: from the sender's first byte to the last byte of the reply. The body is held until it is known
 * where it goes, then passed on as it comes.
 */
export class Exchange {
  private readonly options: RelayOptions
  private readonly listener: RelayListener
  private readonly pools: TargetPools
  private readonly onClosed: () => void
  private readonly id: string
  private readonly request: IncomingMessage
  private readonly reply: ServerResponse
  private readonly receivedMs = Date.now()
  private held: Buffer[] = []
  private heldBytes = 0
  /** With so much of the body it is looked again what it is. */
  private lookAgainBytes = HEAD_BYTES
  private bodyBytes = 0
  /** By the sender’s `Content-Length`; -1 where it has none. */
  private announcedBytes = -1
  private bodyEnded = false
  /** When the last byte of the event was there. */
  private completeMs = performance.now()
  private event: RelayedEvent | null = null
  private forward: Forward | null = null
  private answering = false
  private over = false

  constructor(
    id: string,
    request: IncomingMessage,
    reply: ServerResponse,
    options: RelayOptions,
    listener: RelayListener,
    pools: TargetPools,
    onClosed: () => void,
  ) {
    this.onClosed = onClosed
    this.id = id
    this.request = request
    this.reply = reply
    this.options = options
    this.listener = listener
    this.pools = pools
  }

  start(): void {
    const { request, reply, options } = this
    const { rawHeaders } = request
    this.announcedBytes = lengthOf(rawHeaders)
    reply.on('close', () => this.closed())
    // What breaks the reply closes it as well.
    reply.on('error', ignore)
    request.on('error', ignore)
    const [coding] = valuesOf(rawHeaders, 'transfer-encoding')
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
      this.refuse(501, `the body is encoded for transfer (${coding}), which is not undone here`)
      return
    }
    if (this.announcedBytes > options.maximumBodyBytes) {
      this.refuseSize()
      return
    }
    request.on('data', (piece: Buffer) => this.take(piece))
    request.on('end', () => this.complete())
  }

  /** The sender has closed its side: it may wait for the reply all the same, or be gone. */
  senderEnded(): void {
    if (this.over || this.reply.headersSent) return
    if (this.request.httpVersionMinor === 0 || !this.request.complete) this.reply.destroy()
    else probeSender(this.reply)
  }

  private take(piece: Buffer): void {
    if (this.over) return
    this.bodyBytes += piece.length
    if (this.bodyBytes > this.options.maximumBodyBytes) {
      this.refuseSize()
      return
    }
    if (this.forward !== null) {
      if (!this.forward.write(piece)) this.request.pause()
      return
    }
    this.held.push(piece)
    this.heldBytes += piece.length
    // It is about to go on.
    if (this.event !== null) return
    // The first piece mostly tells what it is; a body that is whole is read when its end comes, in this same moment.
    const mayTell = this.held.length === 1 || this.heldBytes >= this.lookAgainBytes
    if (mayTell && this.heldBytes !== this.announcedBytes && !this.needsWhole()) this.decideEarly()
  }

  private needsWhole(): boolean {
    return this.options.wholeBodies || this.options.routes.length > 1
  }

  private complete(): void {
    if (this.over) return
    this.bodyEnded = true
    this.completeMs = performance.now()
    if (this.forward !== null) {
      this.forward.end()
      return
    }
    this.decide(
      readHeadOfPieces(this.held, () => this.joined()),
      this.held,
    )
  }

  private decideEarly(): void {
    const head = readMessageHead(this.joined(), false)
    // Twice as much each time, or a body without a type would be read again with every piece.
    if (head === null) this.lookAgainBytes = Math.max(HEAD_BYTES, 2 * this.heldBytes)
    else this.decide(head, null)
  }

  /** What is it, and where does it go? `whole`: the body, where all of it is there. */
  private decide(head: MessageHead | 'malformed', whole: readonly Buffer[] | null): void {
    const { request, options } = this
    const malformed = head === 'malformed' && this.heldBytes > 0 && isJson(request)
    const known: MessageHead = head === 'malformed' ? noHead : head
    const { method = 'GET', url: requested = '/', rawHeaders } = request
    const { id, receivedMs } = this
    const event = new ReceivedEvent(
      { id, receivedMs, method, requested, rawHeaders, head: known, malformed },
      whole,
    )
    const wrong =
      options.verify?.({ method, requested, rawHeaders, body: event.body ?? Buffer.alloc(0) }) ?? null
    if (wrong !== null) {
      this.refuse(401, wrong)
      return
    }
    if (!options.passes(known)) {
      this.answer(200, { ignored: 'the listener’s --events or --call-id leave it out' })
      return
    }
    this.event = event
    this.listener.event(event, whole)
    const [first, ...others] = routesFor(options.routes, known.type ?? '')
    if (first === undefined) {
      const message = `no route takes ${known.type ?? 'a request without a type'}`
      const durationMs = performance.now() - this.completeMs
      this.listener.problem(
        { type: 'target', id: this.id, url: '', answers: true, code: 'no-route', message, durationMs },
        event,
      )
      this.answer(502, { error: { code: 'no-route', message } })
      return
    }
    this.whenKept(() => {
      // The sender may have gone in between.
      if (this.over) return
      for (const route of others) this.copy(route, event)
      this.pass(first, event)
    })
  }

  private whenKept(then: () => void): void {
    const { whenKept } = this.options
    if (whenKept === undefined) then()
    else whenKept(then)
  }

  private pass(route: Route, event: RelayedEvent): void {
    const { url } = route.target
    const { reply } = this
    const collected = new Collected()
    let about: { status: number; rawHeaders: string[] } | null = null
    let length = -1
    let whole: Buffer | null = null
    let more = () => {}
    this.forward = new Forward(this.pools, this.forwardRequest(route, event), this.held, this.bodyEnded, {
      response: (status, statusText, rawHeaders, resume) => {
        // What the target did not say is not said for it.
        reply.sendDate = false
        reply.writeHead(status, statusText, endToEnd(rawHeaders))
        about = { status, rawHeaders }
        this.answering = true
        more = resume
        length = lengthOf(rawHeaders)
      },
      body: piece => {
        collected.add(piece)
        // Small and whole: its end comes in this same moment, and both go out as one text, which costs least.
        if (piece.length === length && length <= WHOLE_REPLY_BYTES) {
          whole = piece
          return true
        }
        const takesMore = reply.write(piece)
        if (!takesMore) reply.once('drain', more)
        return takesMore
      },
      complete: rawTrailers => {
        if (this.over || about === null) return
        this.over = true
        // A target that does not want the rest of the body: it is read and dropped, or its sender would not get done.
        if (!this.bodyEnded) this.request.resume()
        this.tellReply(url, about, collected, event, true)
        this.whenKept(() => {
          if (rawTrailers.length > 0) reply.addTrailers(pairs(rawTrailers))
          if (whole === null) reply.end()
          else reply.end(whole.toString('latin1'), 'latin1')
        })
      },
      failed: failure => {
        if (about === null) this.targetFailed(url, failure, event)
        else this.replyBroken(url, failure.message, event)
      },
      drained: () => this.request.resume(),
    })
    if (!this.bodyEnded) this.held = []
  }

  private forwardRequest(route: Route, event: RelayedEvent) {
    const { target } = route
    const { url } = target
    const headers = forwardedHeaders({
      rawHeaders: event.rawHeaders,
      requested: event.requested,
      targetHost: url.host,
      eventType: event.head.type,
      sessionId: this.options.sessionId,
      nowMs: event.receivedMs,
    })
    return {
      url,
      path: pathFor(target, event.requested, this.options.pathMode),
      method: event.method,
      headers,
      isParsed: true,
    }
  }

  private tellReply(
    url: URL,
    { status, rawHeaders }: { status: number; rawHeaders: readonly string[] },
    collected: Collected,
    event: RelayedEvent,
    answers: boolean,
  ): void {
    this.listener.reply(
      {
        id: this.id,
        url: url.href,
        answers,
        status,
        rawHeaders,
        body: collected.kept(),
        bodyBytes: collected.bytes,
        durationMs: performance.now() - this.completeMs,
      },
      event,
    )
  }

  private replyBroken(url: URL, message: string, event: RelayedEvent): void {
    if (this.over) return
    this.over = true
    const durationMs = performance.now() - this.completeMs
    this.listener.problem(
      { type: 'broken', id: this.id, url: url.href, answers: true, message, durationMs },
      event,
    )
    this.reply.destroy()
  }

  private targetFailed(url: URL, { code, message }: ForwardFailure, event: RelayedEvent): void {
    if (this.over) return
    const durationMs = performance.now() - this.completeMs
    this.listener.problem(
      { type: 'target', id: this.id, url: url.href, answers: true, code, message, durationMs },
      event,
    )
    // Whoever sent it is not to learn the secrets in the target's address.
    const shown = `${hideAddress(url.href)} did not answer: ${message}`
    this.answer(502, { error: { code: 'target-failed', message: shown } })
  }

  /** A target that gets the event too; what it answers is told and goes nowhere. */
  private copy(route: Route, event: RelayedEvent): void {
    const { url } = route.target
    const failed = (code: string, message: string) => {
      const durationMs = performance.now() - this.completeMs
      this.listener.problem(
        { type: 'target', id: this.id, url: url.href, answers: false, code, message, durationMs },
        event,
      )
    }
    const collected = new Collected()
    let about: { status: number; rawHeaders: string[] } | null = null
    new Forward(this.pools, this.forwardRequest(route, event), this.held, true, {
      response: (status, _statusText, rawHeaders) => {
        about = { status, rawHeaders }
      },
      body: piece => {
        collected.add(piece)
        return true
      },
      complete: () => {
        if (about !== null) this.tellReply(url, about, collected, event, false)
      },
      failed: ({ code, message }) => failed(code, message),
      drained: () => {},
    })
  }

  private closed(): void {
    this.onClosed()
    if (this.over) return
    this.over = true
    this.forward?.cancel()
    const durationMs = performance.now() - this.completeMs
    this.listener.problem({ type: 'cancelled', id: this.id, durationMs }, this.event)
  }

  private refuseSize(): void {
    const { maximumBodyBytes } = this.options
    this.forward?.cancel()
    this.refuse(413, `the body is larger than ${maximumBodyBytes} bytes (--max-body)`)
  }

  private refuse(status: 401 | 413 | 501, message: string): void {
    this.listener.problem({ type: 'refused', id: this.id, status, message }, this.event)
    this.answer(status, { error: { code: REFUSALS[status], message } })
  }

  /** Answers in the target's place, unless its answer has begun. */
  private answer(status: number, content: Readonly<Record<string, unknown>>): void {
    this.over = true
    if (!this.bodyEnded) this.held = []
    if (this.answering) {
      this.reply.destroy()
      return
    }
    answerInstead(this.request, this.reply, status, content, !this.bodyEnded)
  }

  private joined(): Buffer {
    const [only] = this.held
    if (only !== undefined && this.held.length === 1) return only
    const joined = Buffer.concat(this.held, this.heldBytes)
    this.held = [joined]
    return joined
  }
}

const REFUSALS = { 401: 'not-verified', 413: 'body-too-large', 501: 'not-implemented' } as const

function ignore(): void {}

/** By `Content-Length`; -1 where there is none. */
function lengthOf(rawHeaders: readonly string[]): number {
  const [text] = valuesOf(rawHeaders, 'content-length')
  return text === undefined ? -1 : Number(text)
}

function isJson({ headers, method }: IncomingMessage): boolean {
  const type = headers['content-type']
  return type === undefined ? method === 'POST' : /\bjson\b/i.test(type)
}

function pairs(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, place) => [
    raw[2 * place] ?? '',
    raw[2 * place + 1] ?? '',
  ])
}
