import { usageError } from '../errors.ts'
import type { ReceivedRequest } from './verify.ts'

const START = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/

/** True where bytes begin as a request of HTTP/1 does. */
export function isRawRequest(bytes: Buffer): boolean {
  const end = bytes.indexOf('\n')
  return START.test(bytes.toString('latin1', 0, end === -1 ? undefined : end).trimEnd())
}

/**
 * Reads requests as they stand on the wire, one after the other; the last one may leave out its Content-Length. `name`
 * names the file in errors. Throws a usage error.
 */
export function parseRawRequests(bytes: Buffer, name: string): ReceivedRequest[] {
  const requests: ReceivedRequest[] = []
  let rest = bytes
  while (rest.length > 0 && (requests.length === 0 || rest.toString('latin1').trim() !== '')) {
    const { request, length } = parseOne(rest, name)
    requests.push(request)
    rest = rest.subarray(length)
  }
  return requests
}

function parseOne(bytes: Buffer, name: string): { request: ReceivedRequest; length: number } {
  const { lines, bodyStart } = splitHead(bytes, name)
  const [, method, requested] = START.exec(lines[0] ?? '') ?? []
  if (method === undefined || requested === undefined)
    throw usageError(`${name} is no HTTP request`, 'it begins as in: POST /webhook HTTP/1.1')
  const rawHeaders = lines.slice(1).flatMap(line => {
    const colon = line.indexOf(':')
    if (colon < 1) throw usageError(`${name}: “${line.slice(0, 40)}” is no header`)
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const headerNamed = (wanted: string) =>
    rawHeaders.find((_, place) => place % 2 === 1 && rawHeaders[place - 1]?.toLowerCase() === wanted)
  if (headerNamed('transfer-encoding') !== undefined)
    throw usageError(`${name}: the body is in chunks`, 'keep the body as it is, without Transfer-Encoding')
  const given = Number(headerNamed('content-length') ?? bytes.length - bodyStart)
  if (!Number.isInteger(given) || bodyStart + given > bytes.length)
    throw usageError(`${name}: the body has ${bytes.length - bodyStart} bytes, and not ${given}`)
  const length = bodyStart + given
  return { request: { method, requested, rawHeaders, body: bytes.subarray(bodyStart, length) }, length }
}

/** Lines end with CR LF, or, where somebody edited the file, with LF. */
function splitHead(bytes: Buffer, name: string): { lines: string[]; bodyStart: number } {
  const text = bytes.toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)
  if (end === null) throw usageError(`${name} is no HTTP request: no empty line follows the headers`)
  return { lines: text.slice(0, end.index).split(/\r?\n/), bodyStart: end.index + end[0].length }
}
