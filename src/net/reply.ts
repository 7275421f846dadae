import type { IncomingMessage } from 'node:http'
import { VapiError } from '../errors.ts'
import { decoded } from './content-encoding.ts'

export interface HttpReply {
  readonly status: number
  /** By lower-case name; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The address that answered, after redirects. */
  readonly url: string
  /** What the network gives, read by read, packed where the peer packs it. Can be read once; leaving early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>
  /** The whole body as UTF-8, unpacked where it is packed. Throws VapiError `reply-too-large` beyond `maximumBytes` (10 MiB unless given). */
  text(maximumBytes?: number): Promise<string>
  /** The whole body as JSON. Throws VapiError `not-json` as well. */
  json(maximumBytes?: number): Promise<unknown>
  /** Lets go of the rest without waiting; the connection is kept if the reply ends by itself within a second. */
  discard(): void
  /** Lets go of the rest and closes the connection. */
  cancel(): void
}

/** What the exchange lends to its reply. */
export interface ReplyWatch {
  /** A read begins to wait for the peer, and is over. */
  waiting(): void
  waited(): void
  /** What a failed read is to throw. */
  failureOf(error: unknown): unknown
}

const DEFAULT_MAXIMUM_BYTES = 10_485_760
const DISCARD_MS = 1000

export function createReply(response: IncomingMessage, url: URL, watch: ReplyWatch): HttpReply {
  let discarded = false
  // A failure while nobody reads is kept and comes out of the next read.
  response.on('error', watch.failureOf)

  async function* read(): AsyncGenerator<Uint8Array> {
    const pieces: AsyncIterator<Uint8Array> = response.iterator({ destroyOnReturn: false })
    try {
      for (;;) {
        watch.waiting()
        const { done, value } = await pieces.next()
        watch.waited()
        if (done) return
        yield value
      }
    } catch (error) {
      throw watch.failureOf(error)
    } finally {
      await pieces.return?.()
      if (discarded) drain()
      else if (!response.readableEnded) response.destroy()
    }
  }
  const body = read()

  function drain(): void {
    const timer = setTimeout(() => response.destroy(), DISCARD_MS).unref()
    response.once('close', () => clearTimeout(timer))
    response.resume()
  }

  async function text(maximumBytes = DEFAULT_MAXIMUM_BYTES): Promise<string> {
    const decoder = new TextDecoder()
    let content = ''
    let bytes = 0
    for await (const piece of decoded(body, response.headers['content-encoding'])) {
      bytes += piece.length
      if (bytes > maximumBytes)
        throw new VapiError({
          code: 'reply-too-large',
          message: `${url.origin} answered with more than ${maximumBytes} bytes`,
        })
      content += decoder.decode(piece, { stream: true })
    }
    return content + decoder.decode()
  }

  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : value,
      ]),
    ),
    url: url.href,
    body,
    text,
    async json(maximumBytes) {
      const content = await text(maximumBytes)
      try {
        return JSON.parse(content)
      } catch (cause) {
        throw new VapiError({
          code: 'not-json',
          message: `${url.origin} answered with something that is not JSON: ${excerpt(content)}`,
          status: response.statusCode,
          cause,
        })
      }
    },
    discard() {
      discarded = true
      // A body that was never read has no reader that could end; one that is being read drains when its reader leaves.
      if (!response.readableDidRead) drain()
    },
    cancel() {
      response.destroy()
    },
  }
}

/** The beginning of a text that a peer sent, on one line, fit for a message. */
export function excerpt(text: string, maximumLength = 160): string {
  const line = text
    .slice(0, maximumLength * 4)
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
  if (line === '') return '(nothing)'
  return line.length > maximumLength ? `${line.slice(0, maximumLength)}…` : line
}
