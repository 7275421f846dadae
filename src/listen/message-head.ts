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

export const noHead: MessageHead = { type: null, callId: null, fields: {} }

/**
 * Reads the head of a body: the platform's `{"message": {…}}`, or an object that has a type itself. Large bodies are
 * not parsed: reading stops where all that is known by the type has been seen. Returns null where `bytes` are only the
 * beginning of a body (`complete` false) and the type does not stand in them; `malformed` where they are no JSON.
 */
export function readMessageHead(bytes: Buffer, complete: boolean): MessageHead | 'malformed' | null {
  if (complete && bytes.length <= PARSED_BYTES) return parseWhole(bytes)
  const head = new HeadScanner(bytes, complete).read()
  return complete && head !== noHead && !endsLikeAnObject(bytes) ? 'malformed' : head
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

function endsLikeAnObject(bytes: Buffer): boolean {
  let end = bytes.length - 1
  while (end > 0 && (bytes[end] ?? 0) <= 0x20) end--
  return bytes[end] === CLOSE_BRACE
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

/** Walks the top level of a message; what lies deeper is stepped over. */
class HeadScanner {
  private readonly bytes: Buffer
  private readonly complete: boolean
  private at = 0
  private readonly fields: Record<string, unknown> = {}
  private callId: unknown

  constructor(bytes: Buffer, complete: boolean) {
    this.bytes = bytes
    this.complete = complete
  }

  read(): MessageHead | 'malformed' | null {
    try {
      this.space()
      if (this.bytes[this.at] !== OPEN_BRACE) return this.bytes.length === 0 ? 'malformed' : this.other()
      this.object(name => {
        if (name === 'message' && this.bytes[this.at] === OPEN_BRACE) {
          this.object(inner => this.field(inner))
          return this.fields.type !== undefined
        }
        return this.field(name)
      })
    } catch (thrown) {
      if (thrown === CUT) {
        if (this.complete) return 'malformed'
        return this.fields.type === undefined ? null : headOf(this.fields, this.callId)
      }
      if (thrown instanceof SyntaxError) return 'malformed'
      throw thrown
    }
    return headOf(this.fields, this.callId)
  }

  /** Another JSON value than an object is no message; whether it is JSON at all is not looked at. */
  private other(): MessageHead {
    return noHead
  }

  /** Takes a field of the message; true where nothing more is wanted. */
  private field(name: string): boolean {
    const first = this.bytes[this.at]
    if (name === 'call' && first === OPEN_BRACE) {
      this.object(inner => {
        if (inner !== 'id') return this.skip()
        this.callId = this.value()
        return false
      })
    } else if ((first !== OPEN_BRACE && first !== OPEN_BRACKET) || isKept(name, this.fields)) {
      this.fields[name] = this.value()
    } else this.skip()
    if (this.fields.type === undefined) return false
    const seen =
      this.callId !== undefined &&
      wantedOf(this.fields.type).every(wanted => Object.hasOwn(this.fields, wanted))
    // Which call it is, is worth the whole way: reports have their artifact before it.
    return seen || (this.callId !== undefined && this.at > SCANNED_BYTES)
  }

  /** Goes through an object; `take` stands at the value and must leave it behind; true from it ends the walk. */
  private object(take: (name: string) => boolean): void {
    this.at++
    this.space()
    if (this.bytes[this.at] === CLOSE_BRACE) {
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
    const byte = this.bytes[this.at]
    if (byte === undefined) throw CUT
    return byte
  }

  private space(): void {
    while ((this.bytes[this.at] ?? 0xff) <= 0x20) this.at++
  }

  /** The value here, which is left behind. */
  private value(): unknown {
    const { bytes, at: from } = this
    this.skip()
    // Most texts stand there as they read.
    if (bytes[from] === QUOTE && !hasEscape(bytes, from + 1, this.at - 1))
      return bytes.toString('utf8', from + 1, this.at - 1)
    return JSON.parse(bytes.toString('utf8', from, this.at))
  }

  /** Leaves the value here behind. */
  private skip(): boolean {
    const { bytes } = this
    let depth = 0
    for (;;) {
      const byte = this.need()
      if (byte === QUOTE) this.skipText()
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++
        this.at++
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--
        this.at++
      } else if (depth > 0) this.at++
      else return this.skipWord()
      if (depth === 0) return false
      if (this.at >= bytes.length) throw CUT
    }
  }

  private skipText(): void {
    const { bytes } = this
    for (let end = bytes.indexOf(QUOTE, this.at + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
      let slashes = 0
      while (bytes[end - 1 - slashes] === BACKSLASH) slashes++
      if (slashes % 2 === 0) {
        this.at = end + 1
        return
      }
    }
    throw CUT
  }

  /** A number, true, false or null. */
  private skipWord(): boolean {
    const from = this.at
    for (
      let byte = this.need();
      byte > 0x20 && byte !== COMMA && byte !== CLOSE_BRACE && byte !== CLOSE_BRACKET;
    ) {
      this.at++
      byte = this.need()
    }
    if (this.at === from) throw new SyntaxError('a value was expected')
    return false
  }
}

/** Backslashes, and control characters, which JSON forbids. */
function hasEscape(bytes: Buffer, from: number, to: number): boolean {
  for (let place = from; place < to; place++) {
    const byte = bytes[place] ?? 0
    if (byte === BACKSLASH || byte < 0x20) return true
  }
  return false
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
