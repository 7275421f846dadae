import { isObject } from '../is-object.ts'

/** What the listener wants to know of an event, as far as its body tells it. */
export interface MessageHead {
  /** Null: no message of the platform. */
  type: string | null
  callId: string | null
  /** Top-level values of the message that are no objects, and `toolCallList`. */
  fields: Readonly<Record<string, unknown>>
}

/** Up to this size bodies are parsed; of larger ones only the head is read, and whether they end like an object. */
const PARSED_BYTES = 1024
/** How far into a large body fields beyond the type are looked for. */
const SCANNED_BYTES = 65_536
/** So much of a large body is looked at first. */
const WINDOW_BYTES = 4096

export const noHead: MessageHead = { type: null, callId: null, fields: {} }

/**
 * Reads the head of a body: the platform's `{"message": {…}}`, or an object that has a type itself. Large bodies are
 * not parsed: reading stops where all that is known by the type has been seen. Returns null where `bytes` are only the
 * beginning of a body (`complete` false) and the type does not stand in them; `malformed` where they are no JSON.
 */
export function readMessageHead(bytes: Buffer, complete: boolean): MessageHead | 'malformed' | null {
  if (complete && bytes.length <= PARSED_BYTES) return parseWhole(bytes)
  const { head } = scan(bytes, complete)
  return complete && head !== noHead && !endsLikeAnObject([bytes]) ? 'malformed' : head
}

/** The same of a whole body that came in pieces: they are joined by `join` where the first one does not tell all. */
export function readHeadOfPieces(pieces: readonly Buffer[], join: () => Buffer): MessageHead | 'malformed' {
  const [first] = pieces
  if (first !== undefined && pieces.length > 1) {
    const { head, isCut } = scan(first, false)
    if (!isCut && head !== null && head !== 'malformed')
      return head === noHead || endsLikeAnObject(pieces) ? head : 'malformed'
  }
  return readMessageHead(join(), true) ?? 'malformed'
}

interface Scanned {
  head: MessageHead | 'malformed' | null
  /** The bytes ended before all had been seen. */
  isCut: boolean
}

/** Looks at the beginning first: what is wanted stands there in most messages. */
function scan(bytes: Buffer, complete: boolean): Scanned {
  for (let window = WINDOW_BYTES; ; window *= 16) {
    const isAll = window >= bytes.length
    const scanned = new HeadScanner(isAll ? bytes : bytes.subarray(0, window), isAll && complete).read()
    if (isAll || !scanned.isCut) return scanned
  }
}

function parseWhole(bytes: Buffer): MessageHead | 'malformed' {
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch {
    return 'malformed'
  }
  if (!isObject(body)) return noHead
  const message = isObject(body.message) ? body.message : body
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(message))
    if (typeof value !== 'object' || isKept(name, fields)) fields[name] = value
  return headOf(fields, isObject(message.call) ? message.call.id : undefined)
}

function endsLikeAnObject(pieces: readonly Buffer[]): boolean {
  for (let place = pieces.length - 1; place >= 0; place--) {
    const piece = pieces[place]
    let end = (piece?.length ?? 0) - 1
    while (end >= 0 && (piece?.[end] ?? 0) <= 0x20) end--
    if (end >= 0) return piece?.[end] === CLOSE_BRACE
  }
  return false
}

/** Lists of calls stand in `fields` whole: replies are checked against their ids. */
function isKept(name: string, fields: Readonly<Record<string, unknown>>): boolean {
  // The same calls stand in both lists.
  return (
    name === 'toolCallList' || name === 'input' || (name === 'toolCalls' && fields.toolCallList === undefined)
  )
}

function headOf(fields: Record<string, unknown>, callId: unknown): MessageHead {
  const type = fields.type
  return {
    type: typeof type === 'string' ? type : null,
    callId: typeof callId === 'string' ? callId : typeof fields.callId === 'string' ? fields.callId : null,
    fields,
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c
const COLON = 0x3a

/** The bytes end within a value. */
const CUT = Symbol('cut')

/**
 * Walks the top level of a message; what lies deeper is stepped over. It reads the bytes as a text of one character for
 * each, in which the engine looks for quotes faster than in a buffer.
 */
class HeadScanner {
  private readonly bytes: Buffer
  private readonly text: string
  private readonly complete: boolean
  private at = 0
  private readonly fields: Record<string, unknown> = {}
  private callId: unknown

  constructor(bytes: Buffer, complete: boolean) {
    this.bytes = bytes
    this.text = bytes.toString('latin1')
    this.complete = complete
  }

  read(): Scanned {
    try {
      this.space()
      // Another JSON value than an object is no message; whether it is JSON at all is not looked at.
      if (this.text.charCodeAt(this.at) !== OPEN_BRACE)
        return { head: this.text.length === 0 ? 'malformed' : noHead, isCut: false }
      this.object(name => {
        if (name === 'message' && this.text.charCodeAt(this.at) === OPEN_BRACE) {
          this.object(inner => this.field(inner))
          return this.fields.type !== undefined
        }
        return this.field(name)
      })
    } catch (thrown) {
      if (thrown === CUT) {
        if (this.complete) return { head: 'malformed', isCut: true }
        const head = this.fields.type === undefined ? null : headOf(this.fields, this.callId)
        return { head, isCut: true }
      }
      if (thrown instanceof SyntaxError) return { head: 'malformed', isCut: false }
      throw thrown
    }
    return { head: headOf(this.fields, this.callId), isCut: false }
  }

  /** Takes a field of the message; true where nothing more is wanted. */
  private field(name: string): boolean {
    const first = this.text.charCodeAt(this.at)
    if (name === 'call' && first === OPEN_BRACE) {
      this.object(inner => {
        if (inner !== 'id') {
          this.skip()
          return false
        }
        this.callId = this.value()
        return false
      })
    } else if ((first !== OPEN_BRACE && first !== OPEN_BRACKET) || isKept(name, this.fields)) {
      this.fields[name] = this.value()
    } else this.skip()
    const { type } = this.fields
    if (type === undefined || this.callId === undefined) return false
    // Which call it is, is worth the whole way: reports have their artifact before it.
    if (this.at > SCANNED_BYTES) return true
    for (const wanted of wantedOf(type)) if (!Object.hasOwn(this.fields, wanted)) return false
    return true
  }

  /** Goes through an object; `take` stands at the value and must leave it behind; true from it ends the walk. */
  private object(take: (name: string) => boolean): void {
    this.at++
    this.space()
    if (this.text.charCodeAt(this.at) === CLOSE_BRACE) {
      this.at++
      return
    }
    for (;;) {
      this.space()
      if (this.need() !== QUOTE) throw new SyntaxError('a name was expected')
      const name = this.value()
      this.space()
      if (this.need() !== COLON) throw new SyntaxError('a colon was expected')
      this.at++
      this.space()
      this.need()
      if (take(String(name))) return
      this.space()
      const next = this.need()
      this.at++
      if (next === CLOSE_BRACE) return
      if (next !== COMMA) throw new SyntaxError('a comma was expected')
    }
  }

  private need(): number {
    if (this.at >= this.text.length) throw CUT
    return this.text.charCodeAt(this.at)
  }

  private space(): void {
    // Behind the end there is NaN, which is no space.
    while (this.text.charCodeAt(this.at) <= 0x20) this.at++
  }

  /** The value here, which is left behind. */
  private value(): unknown {
    const { at: from } = this
    this.skip()
    const { text, at: end } = this
    // Most texts stand there as they read.
    if (!isPlain(text, from, end)) return JSON.parse(this.bytes.toString('utf8', from, end))
    return text.charCodeAt(from) === QUOTE ? text.slice(from + 1, end - 1) : JSON.parse(text.slice(from, end))
  }

  /** Leaves the value here behind. */
  private skip(): void {
    const { text } = this
    const first = this.need()
    if (first === QUOTE) this.at = endOfText(text, this.at)
    else if (first === OPEN_BRACE || first === OPEN_BRACKET) this.at = endOfContainer(text, this.at)
    else this.at = endOfWord(text, this.at)
  }
}

/** No backslashes, no control characters, which JSON forbids, no bytes of longer characters. */
function isPlain(text: string, from: number, to: number): boolean {
  for (let place = from; place < to; place++) {
    const code = text.charCodeAt(place)
    if (code === BACKSLASH || code < 0x20 || code > 0x7e) return false
  }
  return true
}

/** Behind the quote that closes the text which begins here. Throws `CUT`. */
function endOfText(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end + 1
  }
  throw CUT
}

/** Behind the object or list that begins here; brackets are only counted. Throws `CUT`. */
function endOfContainer(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfText(text, at)
      continue
    }
    at++
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return at
  }
  throw CUT
}

/** Behind a number, true, false or null. Throws `CUT` and SyntaxError. */
function endOfWord(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x20 && code !== COMMA && code !== CLOSE_BRACE && code !== CLOSE_BRACKET) continue
    if (at === from) throw new SyntaxError('a value was expected')
    return at
  }
  throw CUT
}

/** The type comes over the wire: it may be `constructor`. */
function wantedOf(type: unknown): readonly string[] {
  return typeof type === 'string' && Object.hasOwn(WANTED, type) ? (WANTED[type] ?? []) : []
}

/** What is shown and checked of an event besides its type and call. */
const WANTED: Readonly<Record<string, readonly string[]>> = {
  'tool-calls': ['toolCallList'],
  transcript: ['transcript', 'role', 'transcriptType'],
  'status-update': ['status', 'endedReason'],
  'end-of-call-report': ['endedReason'],
  'speech-update': ['status', 'role'],
  'model-output': ['output'],
  'voice-input': ['input'],
  'language-change-detected': ['language'],
}
