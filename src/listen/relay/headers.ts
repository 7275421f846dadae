/** Names that are looked for; most others are told apart by their length, without their lower case. */
class NameSet {
  private readonly names: ReadonlySet<string>
  private readonly lengths: readonly boolean[]

  constructor(names: readonly string[]) {
    this.names = new Set(names)
    this.lengths = Array.from({ length: 40 }, (_, length) => names.some(name => name.length === length))
  }

  has(name: string): boolean {
    return this.lengths[name.length] === true && this.names.has(name.toLowerCase())
  }
}

/** Which characters a name, or a method, may be made of (RFC 9110, 5.6.2). */
const TOKEN_CHARACTERS: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)),
)

/** May this be a name, or a method? A pattern takes four times as long. */
export function isToken(text: string): boolean {
  for (let place = 0; place < text.length; place++)
    if (TOKEN_CHARACTERS[text.charCodeAt(place)] !== true) return false
  return text !== ''
}

/** Names that concern one hop alone (RFC 9110, 7.6.1), and those that the next request gets anew. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** `Expect` is of this hop: the relay has asked for the body already. */
const ADDED = [
  'expect',
  'host',
  'x-vapi-forwarded',
  'x-vapi-session-id',
  'x-vapi-original-url',
  'x-forwarded-for',
  'x-original-host',
  'x-webhook-event',
  'x-webhook-timestamp',
]

const ofOneHop = new NameSet(HOP_BY_HOP)
const leftOutOfRequests = new NameSet([...HOP_BY_HOP, ...ADDED])

/**
 * Headers that go on to the other side: `rawHeaders` (names and values in turn) without those of one hop, in their
 * order, spelling and number. `also`: lower-case names that are left out besides.
 */
export function endToEnd(rawHeaders: readonly string[], also: readonly string[] = []): string[] {
  return without(rawHeaders, also.length === 0 ? ofOneHop : new NameSet([...HOP_BY_HOP, ...also]))
}

function without(rawHeaders: readonly string[], left: NameSet): string[] {
  const named = namedByConnection(rawHeaders)
  const kept: string[] = []
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place] ?? ''
    if (left.has(name) || named?.has(name.toLowerCase())) continue
    kept.push(name, rawHeaders[place + 1] ?? '')
  }
  return kept
}

/** What `Connection` names is of one hop too. Null: nothing. */
function namedByConnection(rawHeaders: readonly string[]): Set<string> | null {
  let named: Set<string> | null = null
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place] ?? ''
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    const value = rawHeaders[place + 1] ?? ''
    if (value === 'keep-alive' || value === 'close') continue
    named ??= new Set()
    for (const word of value.split(',')) named.add(word.trim().toLowerCase())
  }
  // Without it the body would be read as the next request.
  named?.delete('content-length')
  return named
}

export interface ForwardedRequest {
  rawHeaders: readonly string[]
  /** Path and query as the sender asked for them. */
  requested: string
  /** Host and port of the target. */
  targetHost: string
  /** Type of the event, or null. */
  eventType: string | null
  /** Eight hexadecimal digits of this listener. */
  sessionId: string
  nowMs: number
}

/**
 * Headers of a forwarded request: the sender's own and both sets that forwarders are known to add (row 68 of
 * vapi-api.md, section 5). What a relay before this one added of the same names is replaced, but for
 * `X-Forwarded-For`, which grows.
 */
export function forwardedHeaders(request: ForwardedRequest): string[] {
  const { rawHeaders, requested, targetHost, eventType, sessionId, nowMs } = request
  const kept = without(rawHeaders, leftOutOfRequests)
  kept.push('Host', targetHost)
  kept.push('X-Vapi-Forwarded', 'true', 'X-Vapi-Session-ID', sessionId, 'X-Vapi-Original-URL', requested)
  const before = valuesOf(rawHeaders, 'x-forwarded-for')
  kept.push('X-Forwarded-For', [...before, 'vapi-webhook-listener'].join(', '))
  const [host] = valuesOf(rawHeaders, 'host')
  if (host !== undefined) kept.push('X-Original-Host', host)
  if (eventType !== null) kept.push('X-Webhook-Event', headerText(eventType))
  kept.push('X-Webhook-Timestamp', String(Math.floor(nowMs / 1000)))
  return kept
}

/** All values of a header; `name` in lower case. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const present = rawHeaders[place] ?? ''
    if (present.length === name.length && present.toLowerCase() === name)
      values.push(rawHeaders[place + 1] ?? '')
  }
  return values
}

/** The type comes out of a body: what a header cannot carry is left out. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, 200)
}
