import type { MessageHead } from '../message-head.ts'
import type { RelayedEvent } from './types.ts'

/** An event as the relay has it. Its body is joined for those alone who ask for it. */
export class ReceivedEvent implements RelayedEvent {
  readonly id: string
  readonly receivedMs: number
  readonly method: string
  readonly requested: string
  readonly rawHeaders: readonly string[]
  readonly head: MessageHead
  readonly malformed: boolean
  // Private, so that no copy of the event holds on to them.
  readonly #pieces: readonly Buffer[] | null
  #joined: Buffer | null = null

  /** `pieces`: the whole body, or null where it is passed on while it comes. */
  constructor(about: Omit<RelayedEvent, 'body'>, pieces: readonly Buffer[] | null) {
    this.id = about.id
    this.receivedMs = about.receivedMs
    this.method = about.method
    this.requested = about.requested
    this.rawHeaders = about.rawHeaders
    this.head = about.head
    this.malformed = about.malformed
    this.#pieces = pieces
  }

  get body(): Buffer | null {
    if (this.#pieces === null) return null
    const [only] = this.#pieces
    this.#joined ??= only !== undefined && this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
    return this.#joined
  }
}
