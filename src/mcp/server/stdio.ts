import type { Readable, Writable } from 'node:stream'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ErrorCode, type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { isObject } from '../../is-object.ts'

/** Longer lines are passed over. */
const LINE_LIMIT = 10 * 1024 * 1024
/** How long answers that are still worked on may take once the client has closed its end. */
const LAST_ANSWERS_MS = 1500

export interface StdioTransport extends Transport {
  /** Resolves when the client has gone, what it had asked was answered, and all was written. */
  readonly closed: Promise<void>
}

/**
 * The protocol by lines. The transport of the SDK ends at a line that is too long and is silent about one that cannot be
 * read, which leaves the client waiting; this one answers both and goes on.
 */
export function createStdioTransport(
  input: Readable,
  output: Writable,
  onNote: (text: string) => void = () => {},
): StdioTransport {
  const running = new Set<string | number>()
  let resolveClosed: () => void = () => {}
  const closed = new Promise<void>(resolve => {
    resolveClosed = resolve
  })
  const lines = createLineReader(take, tooLong)
  let isOver = false
  let hasEnded = false
  let lastAnswers: NodeJS.Timeout | null = null

  const transport: StdioTransport = {
    closed,
    async start() {
      input.on('data', lines.feed)
      input.on('end', onEnd)
      input.on('close', onEnd)
      input.on('error', onEnd)
      output.on('error', gone)
    },
    send: message => {
      if ('id' in message && !('method' in message) && message.id !== undefined) running.delete(message.id)
      const written = write(message)
      if (hasEnded && running.size === 0) void written.then(() => transport.close())
      return written
    },
    async close() {
      if (isOver) return
      isOver = true
      if (lastAnswers !== null) clearTimeout(lastAnswers)
      input.off('data', lines.feed)
      input.pause()
      transport.onclose?.()
      resolveClosed()
    },
  }

  function onEnd(): void {
    if (hasEnded) return
    hasEnded = true
    lines.finish()
    if (running.size === 0) void transport.close()
    else lastAnswers = setTimeout(() => void transport.close(), LAST_ANSWERS_MS)
  }

  function gone(): void {
    void transport.close()
  }

  /** Resolves when it was written, also to somebody who went away. */
  function write(message: object): Promise<void> {
    if (isOver) return Promise.resolve()
    return new Promise(resolve => {
      output.write(`${JSON.stringify(message)}\n`, () => resolve())
    })
  }

  function refuse(code: ErrorCode, message: string, id: unknown = null): void {
    onNote(message)
    void write({ jsonrpc: '2.0', id: isId(id) ? id : null, error: { code, message } })
  }

  function tooLong(): void {
    refuse(
      ErrorCode.InvalidRequest,
      `a message may have ${LINE_LIMIT} bytes at most; this one was passed over`,
    )
  }

  function take(line: string): void {
    if (isOver || line.trim() === '') return
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      refuse(ErrorCode.ParseError, 'the line is no JSON')
      return
    }
    const read = JSONRPCMessageSchema.safeParse(value)
    if (!read.success) {
      refuseValue(value)
      return
    }
    const message: JSONRPCMessage = read.data
    if ('method' in message && 'id' in message) running.add(message.id)
    if ('method' in message && message.method === 'notifications/cancelled') {
      // A request that was cancelled gets no answer.
      const id = message.params?.requestId
      if (isId(id)) running.delete(id)
    }
    transport.onmessage?.(message)
  }

  function refuseValue(value: unknown): void {
    if (Array.isArray(value)) {
      refuse(ErrorCode.InvalidRequest, 'this protocol has no batches: send one message a line')
      return
    }
    // An answer that cannot be read is nobody's question.
    if (isObject(value) && !('method' in value) && ('result' in value || 'error' in value)) {
      onNote('an answer of the client cannot be read')
      return
    }
    refuse(ErrorCode.InvalidRequest, 'the line is no JSON-RPC 2.0 message', isObject(value) ? value.id : null)
  }

  return transport
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

/** Cuts a stream into lines without holding more of one than may be. */
function createLineReader(onLine: (line: string) => void, onTooLong: () => void) {
  let pieces: Buffer[] = []
  let length = 0
  const add = (piece: Buffer) => {
    length += piece.length
    if (length > LINE_LIMIT) pieces = []
    else pieces.push(piece)
  }
  const end = () => {
    const [line, isTooLong] = [Buffer.concat(pieces).toString('utf8'), length > LINE_LIMIT]
    pieces = []
    length = 0
    if (isTooLong) onTooLong()
    else onLine(line)
  }
  return {
    feed: (chunk: Buffer | string) => {
      let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      for (let place = rest.indexOf(10); place >= 0; place = rest.indexOf(10)) {
        add(rest.subarray(0, place))
        end()
        rest = rest.subarray(place + 1)
      }
      if (rest.length > 0) add(rest)
    },
    /** The stream is over: what has no line break yet is a line. */
    finish: () => {
      if (length > 0) end()
    },
  }
}
