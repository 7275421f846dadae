import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { messageOf, VapiError } from '../../errors.ts'
import { fieldOf, isJsonObject, textOf } from '../live-call.ts'
import type { Json } from '../types.ts'
import type { LogEntry, LogLevel, LogType } from './entry.ts'

/** A line of text cannot be longer; what is longer is cut. */
const MAXIMUM_LINE = 1_048_576

/**
 * The lines of a call's log (`call-logs`: JSON Lines, gzipped; also read where a proxy or server has inflated them). A line that is no
 * JSON is given as text. Throws VapiError `invalid-call-log` where the compressed data is broken; lines before it are given.
 */
export async function* readCallLog(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Json> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of inflated(bytes)) {
    rest += decoder.decode(piece, { stream: true })
    const lines = rest.split('\n')
    rest = (lines.pop() ?? '').slice(0, MAXIMUM_LINE)
    for (const line of lines) if (line.trim() !== '') yield parsedLine(line)
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield parsedLine(rest)
}

/** Inflates what begins like gzip, and passes on what does not. */
async function* inflated(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]()
  let start: Buffer = Buffer.alloc(0)
  while (start.length < 2) {
    const { done, value } = await pieces.next()
    if (done) break
    start = Buffer.concat([start, value])
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield start
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value
    } finally {
      await pieces.return?.()
    }
  }
  if (start[0] !== 0x1f || start[1] !== 0x8b) return yield* whole()
  let peerFailure: unknown
  const source = Readable.from(whole(), { objectMode: false })
  const gunzip = createGunzip()
  source.on('error', error => {
    peerFailure = error
    gunzip.destroy(error)
  })
  source.pipe(gunzip)
  try {
    for await (const piece of gunzip) yield piece
  } catch (cause) {
    if (peerFailure !== undefined) throw peerFailure
    throw new VapiError({
      code: 'invalid-call-log',
      message: `the log of the call is broken: ${messageOf(cause)}`,
      hint: 'try again; vapi call download ID --logs keeps the file as it is',
      cause,
    })
  } finally {
    source.destroy()
  }
}

function parsedLine(line: string): Json {
  try {
    return JSON.parse(line)
  } catch {
    return line.trimEnd()
  }
}

/**
 * A line as an entry. The shape of these lines is not documented, so that the usual spellings of time, level and text are tried; what
 * is not understood stays readable as JSON.
 */
export function callLogEntry(line: Json, callId: string, assistantId: string | null): LogEntry {
  return {
    atMs: timeOfLine(line),
    level: levelOfLine(line),
    type: typeOfLine(line),
    callId: textOf(fieldOf(line, 'callId')) ?? textOf(fieldOf(line, 'attributes', 'callId')) ?? callId,
    assistantId,
    text: textOfLine(line),
    source: 'call-log',
    data: line,
  }
}

const TIME_FIELDS = ['time', 'timestamp', '@timestamp', 'ts', 'timeUnixNano', 'date', 'createdAt']

function timeOfLine(line: Json): number | null {
  for (const field of TIME_FIELDS) {
    const ms = epochMs(fieldOf(line, field))
    if (ms !== null) return ms
  }
  return null
}

/** A time in whichever unit its size speaks of. */
export function epochMs(value: Json | undefined): number | null {
  if (typeof value === 'string' && !/^\d{9,}(\.\d+)?$/.test(value)) {
    const ms = Date.parse(value)
    return Number.isNaN(ms) ? null : ms
  }
  const amount = typeof value === 'string' ? Number(value) : value
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount <= 0) return null
  if (amount > 1e17) return amount / 1e6
  if (amount > 1e14) return amount / 1000
  return amount > 1e11 ? amount : amount * 1000
}

function levelOfLine(line: Json): LogLevel {
  const named = ['level', 'severity', 'severityText', 'logLevel'].map(field => fieldOf(line, field))
  for (const value of [...named, fieldOf(line, 'attributes', 'level')]) {
    if (typeof value === 'number')
      return value >= 50 ? 'error' : value >= 40 ? 'warn' : value >= 30 ? 'info' : 'debug'
    if (typeof value === 'string') return levelNamed(value)
  }
  // OpenTelemetry counts in steps of four: debug from 5, info from 9, warn from 13, error from 17.
  const severity = fieldOf(line, 'severityNumber')
  if (typeof severity === 'number')
    return severity >= 17 ? 'error' : severity >= 13 ? 'warn' : severity >= 9 ? 'info' : 'debug'
  return 'info'
}

function levelNamed(name: string): LogLevel {
  if (/^(err|fatal|crit|panic|alert|emerg)/i.test(name)) return 'error'
  if (/^warn/i.test(name)) return 'warn'
  return /^(debug|trace|verbose|silly)/i.test(name) ? 'debug' : 'info'
}

function typeOfLine(line: Json): LogType {
  const kinds = ['type', 'category', 'component', 'module', 'name'].flatMap(field => [
    textOf(fieldOf(line, field)) ?? '',
    textOf(fieldOf(line, 'attributes', field)) ?? '',
  ])
  return [...kinds, textOfLine(line)].some(text => /webhook|server[ -]?(url|message)/i.test(text))
    ? 'webhook'
    : 'log'
}

function textOfLine(line: Json): string {
  if (!isJsonObject(line)) return typeof line === 'string' ? line : JSON.stringify(line)
  for (const field of ['message', 'msg', 'body', 'log', 'text', 'event']) {
    const text = textOf(line[field])
    if (text !== undefined) return text
  }
  return JSON.stringify(line)
}
