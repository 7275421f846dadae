import { isToken } from './headers.ts'

/** What a reader finds. Each may stop it. */
export interface ReplySink {
  /** Names and values in turn. Interim replies (1xx) are passed over, but for 101. */
  onHead(status: number, statusText: string, rawHeaders: string[]): void
  onBody(piece: Buffer): void
  /** The reply is whole. */
  onEnd(rawTrailers: string[]): void
}

/** What came is no reply that could be handed back. */
export class ReplyError extends Error {
  readonly code = 'EBADREPLY'
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'until-close' | 'done'

/** A head or trailers may be so large. */
const HEAD_BYTES = 65_536
/** Most heads are smaller than this. */
const USUAL_HEAD_BYTES = 2048
/** The line with the size of a chunk and its extensions. */
const SIZE_LINE_BYTES = 4096

const STATUS_LINE = /^HTTP\/1\.[01] [0-9]{3}(?: |$)/

/**
 * Reads replies from the bytes of a connection, one after the other (RFC 9112, 2 to 7). Bodies are handed on in the pieces
 * in which they come. A line may also end with a line feed alone. Obsolete folded lines are joined.
 */
export class ReplyReader {
  private readonly sink: ReplySink
  private state: State = 'done'
  private method = ''
  private held: Buffer | null = null
  /** Of the body, or of the chunk. */
  private left = 0
  private hasBegun = false
  private keeps = false
  private limitMs: number | null = null
  /** The reply is whole; nobody has heard of it yet. */
  private trailers: string[] | null = null

  constructor(sink: ReplySink) {
    this.sink = sink
  }

  /** A reply to a request of this method comes next. */
  begin(method: string): void {
    this.state = 'head'
    this.method = method
    this.held = null
    this.hasBegun = false
    this.keeps = false
    this.limitMs = null
  }

  /** Nothing more is wanted of this reply. */
  stop(): void {
    this.state = 'done'
    this.held = null
    this.keeps = false
    this.trailers = null
  }

  /** Something of the reply came. */
  get isBegun(): boolean {
    return this.hasBegun
  }

  /** The connection takes another request after this reply. */
  get keepsOpen(): boolean {
    return this.keeps
  }

  /** For how long, as far as the target says so (`Keep-Alive: timeout=5`). */
  get keepsOpenMs(): number | null {
    return this.limitMs
  }

  /** Takes what came. Throws ReplyError. */
  feed(piece: Buffer): void {
    this.hasBegun = true
    const bytes = this.held === null ? piece : Buffer.concat([this.held, piece])
    this.held = null
    let at = 0
    while (at < bytes.length && this.state !== 'done') {
      const next = this.step(bytes, at)
      if (next === -1) {
        this.held = bytes.subarray(at)
        return
      }
      at = next
    }
    // Nobody asked for what follows.
    if (at < bytes.length) this.keeps = false
    this.tellEnd()
  }

  /** The connection was closed. True where the reply is whole by that. */
  close(): boolean {
    if (this.state !== 'until-close') return false
    this.end([])
    this.tellEnd()
    return true
  }

  /** Gives where to go on; -1 where more has to come first. */
  private step(bytes: Buffer, at: number): number {
    switch (this.state) {
      case 'head':
        return this.readHead(bytes, at)
      case 'length':
      case 'chunk':
        return this.readBody(bytes, at)
      case 'chunk-size':
        return this.readSize(bytes, at)
      case 'chunk-end':
        return this.readLineEnd(bytes, at)
      case 'trailers':
        return this.readTrailers(bytes, at)
      default:
        this.sink.onBody(at === 0 ? bytes : bytes.subarray(at))
        return bytes.length
    }
  }

  private readHead(bytes: Buffer, at: number): number {
    let text = bytes.toString('latin1', at, Math.min(bytes.length, at + USUAL_HEAD_BYTES))
    let end = emptyLine(text)
    if (end === -1 && bytes.length - at > USUAL_HEAD_BYTES) {
      text = bytes.toString('latin1', at, Math.min(bytes.length, at + HEAD_BYTES))
      end = emptyLine(text)
    }
    if (end === -1) {
      if (text.length >= HEAD_BYTES) throw new ReplyError('the head of its reply is too large')
      if (!'HTTP/1.'.startsWith(text.slice(0, 7))) throw new ReplyError('its reply is no HTTP/1')
      return -1
    }
    const next = at + end + (text.charCodeAt(end) === RETURN ? 2 : 1)
    const lineEnd = text.indexOf('\n')
    const line = text.slice(0, text.charCodeAt(lineEnd - 1) === RETURN ? lineEnd - 1 : lineEnd)
    if (!STATUS_LINE.test(line)) throw new ReplyError('its reply is no HTTP/1')
    const status = Number(line.slice(9, 12))
    if (status >= 100 && status < 200 && status !== 101) return next
    const rawHeaders = headersOf(text, lineEnd + 1, end)
    this.frame(status, line.charCodeAt(7) === ONE, rawHeaders)
    this.sink.onHead(status, line.slice(13), rawHeaders)
    // Whoever heard of it may have stopped.
    if (this.state === 'length' && this.left === 0) this.end([])
    return next
  }

  /** How long the body is, and whether the connection stays (RFC 9112, 6.3 and 9.3). */
  private frame(status: number, isNewer: boolean, rawHeaders: readonly string[]): void {
    let length: string | null = null
    let coding: string | null = null
    let connection = ''
    for (let place = 0; place < rawHeaders.length; place += 2) {
      const name = rawHeaders[place] ?? ''
      const value = rawHeaders[place + 1] ?? ''
      if (name.length === 14 && name.toLowerCase() === 'content-length') {
        if (length !== null && length !== value) throw new ReplyError('its reply has two lengths')
        length = value
      } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding')
        coding = coding === null ? value : `${coding}, ${value}`
      else if (name.length === 10 && name.toLowerCase() === 'connection') connection += `,${value}`
      else if (name.length === 10 && name.toLowerCase() === 'keep-alive') this.limitMs = keptMs(value)
    }
    this.keeps = connection === '' ? isNewer : keeps(connection, isNewer)
    this.left = 0
    this.state = 'length'
    if (this.method === 'HEAD' || status === 204 || status === 304) return
    if (coding !== null) {
      if (coding.toLowerCase() !== 'chunked')
        throw new ReplyError(`its reply is encoded for one hop (${coding}), which nobody asked for`)
      this.state = 'chunk-size'
      // Both may be an attempt at making two replies out of one.
      if (length !== null) this.keeps = false
    } else if (length !== null) {
      if (!/^[0-9]{1,15}$/.test(length)) throw new ReplyError(`the length of its reply is “${length}”`)
      this.left = Number(length)
    } else {
      this.state = 'until-close'
      this.keeps = false
    }
  }

  private readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.left)
    this.left -= end - at
    this.sink.onBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    if (this.left === 0) {
      if (this.state === 'length') this.end([])
      else if (this.state === 'chunk') this.state = 'chunk-end'
    }
    return end
  }

  private readSize(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(0x0a, at)
    if (end === -1 ? bytes.length - at > SIZE_LINE_BYTES : end - at > SIZE_LINE_BYTES)
      throw new ReplyError('a chunk of its reply has a size that is too long')
    if (end === -1) return -1
    const line = bytes.toString('latin1', at, end)
    const digits = /^([0-9a-f]{1,13})[ \t]*(?:;|\r?$)/i.exec(line)?.[1]
    if (digits === undefined) throw new ReplyError('a chunk of its reply has no size')
    this.left = Number.parseInt(digits, 16)
    this.state = this.left === 0 ? 'trailers' : 'chunk'
    return end + 1
  }

  private readLineEnd(bytes: Buffer, at: number): number {
    const place = bytes[at] === 0x0d ? at + 1 : at
    if (place >= bytes.length) return -1
    if (bytes[place] !== 0x0a) throw new ReplyError('a chunk of its reply is longer than its size')
    this.state = 'chunk-size'
    return place + 1
  }

  private readTrailers(bytes: Buffer, at: number): number {
    const text = bytes.toString('latin1', at, Math.min(bytes.length, at + HEAD_BYTES))
    const end = isEmptyLine(text, 0) ? 0 : emptyLine(text)
    if (end === -1) {
      if (text.length >= HEAD_BYTES) throw new ReplyError('the trailers of its reply are too large')
      return -1
    }
    this.end(headersOf(text, 0, end))
    return at + end + (text.charCodeAt(end) === RETURN ? 2 : 1)
  }

  private end(rawTrailers: string[]): void {
    this.state = 'done'
    this.trailers = rawTrailers
  }

  /** Last of all: whoever hears of it begins the next request. */
  private tellEnd(): void {
    const { trailers } = this
    this.trailers = null
    if (trailers !== null) this.sink.onEnd(trailers)
  }
}

const RETURN = 0x0d
const ONE = 0x31

function isEmptyLine(text: string, at: number): boolean {
  return text.startsWith('\r\n', at) || text.startsWith('\n', at)
}

/** Where the first empty line begins, behind the end of another one; -1: nowhere. */
function emptyLine(text: string): number {
  const usual = text.indexOf('\n\r\n')
  const bare = text.indexOf('\n\n')
  const first = bare === -1 || (usual !== -1 && usual < bare) ? usual : bare
  return first === -1 ? -1 : first + 1
}

/** Names and values in turn, of the lines from here to there. Throws ReplyError. */
function headersOf(text: string, start: number, end: number): string[] {
  const raw: string[] = []
  for (let from = start; from < end; ) {
    const lineEnd = text.indexOf('\n', from)
    const first = text.charCodeAt(from)
    if (first === 0x20 || first === 0x09) {
      if (raw.length === 0) throw new ReplyError('its reply begins with a folded line')
      raw.push(`${raw.pop()} ${valueAt(text, from, lineEnd)}`)
    } else {
      const colon = text.indexOf(':', from)
      const name = colon === -1 || colon > lineEnd ? '' : text.slice(from, colon)
      if (!isToken(name)) throw new ReplyError('a header of its reply has no name')
      raw.push(name, valueAt(text, colon + 1, lineEnd))
    }
    from = lineEnd + 1
  }
  return raw
}

/** Without spaces around it. Other white space belongs to the value: it may be a byte of a longer character. */
function valueAt(text: string, start: number, end: number): string {
  let [from, to] = [start, end]
  while (from < to && isSpace(text.charCodeAt(from))) from++
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === RETURN
}

function keeps(connection: string, isNewer: boolean): boolean {
  const words = connection.toLowerCase().split(/[,\s]+/)
  return !words.includes('close') && (isNewer || words.includes('keep-alive'))
}

function keptMs(value: string): number | null {
  const seconds = /timeout=([0-9]{1,6})/i.exec(value)?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}
