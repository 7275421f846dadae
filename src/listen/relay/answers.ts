import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'

/** After an answer that came before the whole body, what the sender still sends is read and dropped for so long. */
const LINGER_MS = 5000

/** Between the first looks at whether a sender is still there; each wait is twice the one before. */
const FIRST_PROBE_MS = 20
const LAST_PROBE_MS = 5000

/** Answers in the target's place. `isEarly`: the body is not there whole. */
export function answerInstead(
  request: IncomingMessage,
  reply: ServerResponse,
  status: number,
  content: Readonly<Record<string, unknown>>,
  isEarly: boolean,
): void {
  const text = `${JSON.stringify(content)}\n`
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  }
  if (isEarly) headers.connection = 'close'
  reply.sendDate = true
  // With words of its own: those of a target that could not be written stay where they are.
  reply.writeHead(status, STATUS_CODES[status] ?? '', headers)
  // What is still coming is read and dropped, so that the sender gets to read the answer.
  request.resume()
  if (!isEarly) {
    reply.end(text)
    return
  }
  // The end of this reply closes the connection; closing it while more comes would take the answer from the sender.
  reply.write(text)
  const linger = setTimeout(() => reply.end(), LINGER_MS)
  request.on('end', () => reply.end())
  reply.on('close', () => clearTimeout(linger))
}

/**
 * Finds out whether a sender that has closed its side is still there, and closes the reply if not. Interim replies tell: whoever
 * is gone answers the first with a reset, at which the next one fails; others pass over them (RFC 9110, 15.2).
 */
export function probeSender(reply: ServerResponse): void {
  let next: NodeJS.Timeout | undefined
  const probe = (delayMs: number) => {
    if (reply.headersSent || reply.destroyed) return
    reply.writeProcessing()
    next = setTimeout(() => probe(Math.min(2 * delayMs, LAST_PROBE_MS)), delayMs)
  }
  reply.once('close', () => clearTimeout(next))
  probe(FIRST_PROBE_MS)
}
