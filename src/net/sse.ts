import { VapiError } from '../errors.ts'

export interface ServerSentEvent {
  /** `message` where the stream names none. */
  type: string
  data: string
}

/** Turns the bytes of a `text/event-stream` into events, as they arrive. */
export interface EventParser {
  /** Takes what one read gave, gives the events it completed. Throws VapiError `event-too-large`. */
  push(bytes: Uint8Array): ServerSentEvent[]
  /** The stream is over: gives the last event, also one whose closing empty line is missing. */
  end(): ServerSentEvent[]
}

const LINE_FEED = 10
const COLON = 58
const SPACE = 32

/**
 * Follows the event-stream format of the HTML standard: LF, CRLF and CR end a line, lines that begin with a colon
 * are comments, several `data` lines join with LF. `id` and `retry` serve reconnecting and are passed over.
 * `maximumLength` limits one event, in characters.
 */
export function createEventParser(maximumLength = 1_048_576): EventParser {
  const decoder = new TextDecoder()
  let line = ''
  let endedWithReturn = false
  let type = ''
  let data: string | null = null
  let events: ServerSentEvent[] = []

  const dispatch = (): void => {
    if (data !== null) events.push({ type: type || 'message', data })
    type = ''
    data = null
  }

  const take = (text: string): void => {
    if (text === '') {
      dispatch()
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1)
    if (field === 'data') data = data === null ? value : `${data}\n${value}`
    else if (field === 'event') type = value
  }

  const takeLines = (decoded: string): void => {
    let text = decoded
    if (endedWithReturn && text.charCodeAt(0) === LINE_FEED) text = text.slice(1)
    if (decoded !== '') endedWithReturn = decoded.endsWith('\r')
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n')
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(line === '' ? text.slice(from, end) : line + text.slice(from, end))
      line = ''
      from = end + 1
    }
    line += text.slice(from)
    if (line.charCodeAt(0) === COLON) line = ':'
    if (line.length + (data?.length ?? 0) > maximumLength)
      throw new VapiError({
        code: 'event-too-large',
        message: `the stream has an event of more than ${maximumLength} characters`,
      })
  }

  const given = (): ServerSentEvent[] => {
    const taken = events
    events = []
    return taken
  }

  return {
    push(bytes) {
      takeLines(decoder.decode(bytes, { stream: true }))
      return given()
    },
    end() {
      takeLines(decoder.decode())
      if (line !== '') take(line)
      line = ''
      dispatch()
      return given()
    },
  }
}
