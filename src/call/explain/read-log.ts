import { StringDecoder } from 'node:string_decoder'
import { isObject } from '../../is-object.ts'
import { CALL_LOG_FORMAT } from '../replay/format.ts'
import { StoryReader } from '../report/read-story.ts'
import type { Story } from '../report/story.ts'
import { readObservation } from './observation-shape.ts'

/** Longer lines are passed over, so that a file without line breaks does not fill the memory. In characters. */
const LINE_LIMIT = 32_000_000
/** So many types of unknown events are told apart. */
const TYPE_LIMIT = 50

/** A call as it stands in a record. */
export interface RecordedCall {
  /** The simulation file that it is from, where the lines name one. */
  file: string | null
  story: Story
  /** Who spoke first. */
  assistantName: string | null
  unknownEvents: Record<string, number>
}

/** What a record holds: events of one call, or of several one after the other. */
export interface ReadLog {
  calls: RecordedCall[]
  /** Lines that are no events of a call, and those that cannot be read at all. */
  foreignLines: number
  brokenLines: number
  /** The last line broke off, as it does where the writer was killed. */
  torn: boolean
  /** The format of a saved call that a newer program wrote; null for everything else. */
  newerFormat: number | null
}

/**
 * Reads JSON lines as `call local --json` and `call simulate --json` print them, the events of a call's folder, or a
 * recording of a call (`.vapicall`, whose commands hold the events). Only what explains a call is held in memory. What
 * is no event is counted and passed over.
 */
export async function readLog(pieces: AsyncIterable<Uint8Array | string>): Promise<ReadLog> {
  const log = new LogReader()
  const decoder = new StringDecoder('utf8')
  let open: string[] = []
  let length = 0
  for await (const piece of pieces) {
    const [first = '', ...others] = (
      typeof piece === 'string' ? piece : decoder.write(Buffer.from(piece))
    ).split('\n')
    length += first.length
    if (length <= LINE_LIMIT) open.push(first)
    else open = []
    for (const next of others) {
      if (length > LINE_LIMIT) log.broken++
      else log.line(open.join(''))
      open = [next]
      length = next.length
    }
  }
  return log.finish(open.join('') + decoder.end(), length > LINE_LIMIT)
}

interface OpenCall extends Omit<RecordedCall, 'story' | 'unknownEvents'> {
  reader: StoryReader
  unknown: Map<string, number>
  events: number
}

class LogReader {
  broken = 0
  private foreign = 0
  private newer: number | null = null
  private readonly calls: OpenCall[] = []

  line(text: string): void {
    const line = text.trim()
    if (line === '') return
    const value = parse(line)
    if (value === undefined) this.broken++
    else this.value(value)
  }

  finish(rest: string, isTooLong: boolean): ReadLog {
    const last = rest.trim()
    const value = last === '' ? undefined : parse(last)
    const torn = isTooLong || (last !== '' && value === undefined)
    if (value !== undefined) this.value(value)
    const calls = this.calls
      .filter(({ events }) => events > 0)
      .map(({ file, reader, assistantName, unknown }) => ({
        file,
        story: reader.finish(),
        assistantName,
        unknownEvents: Object.fromEntries(unknown),
      }))
    return { calls, foreignLines: this.foreign, brokenLines: this.broken, torn, newerFormat: this.newer }
  }

  private value(value: unknown): void {
    if (!isObject(value)) this.foreign++
    else if (typeof value.type === 'string' && isObject(value.expectation)) return
    else if (Array.isArray(value.commands)) this.commands(value.commands)
    else if (isRecordingLine(value)) {
      if (typeof value.format === 'number' && value.format > CALL_LOG_FORMAT) this.newer = value.format
    } else this.event(value, typeof value.file === 'string' ? value.file : null)
  }

  private commands(commands: readonly unknown[]): void {
    for (const command of commands) {
      if (isObject(command) && command.type === 'observe') this.event(command.observation, null)
    }
  }

  private event(value: unknown, file: string | null): void {
    const reading = readObservation(value)
    if (reading.kind === 'foreign') {
      this.foreign++
      return
    }
    const begins = reading.kind === 'event' && reading.observation.type === 'call.started'
    const last = this.calls.at(-1)
    const call = last === undefined || begins || last.file !== file ? this.open(file) : last
    if (reading.kind === 'unknown') {
      const name = call.unknown.has(reading.type) || call.unknown.size < TYPE_LIMIT ? reading.type : 'others'
      call.unknown.set(name, (call.unknown.get(name) ?? 0) + 1)
      return
    }
    const { observation } = reading
    if (observation.type === 'call.started') call.assistantName = observation.assistantName
    call.events++
    call.reader.take(observation)
  }

  private open(file: string | null): OpenCall {
    const call = { file, reader: new StoryReader(), assistantName: null, unknown: new Map(), events: 0 }
    this.calls.push(call)
    return call
  }
}

/** Lines of a recording that hold no events: its header, inputs and sound. */
function isRecordingLine(value: Record<string, unknown>): boolean {
  return (
    typeof value.format === 'number' || ['input', 'audio', 'answer', 'renewal'].includes(String(value.type))
  )
}

/** Undefined where it is no JSON. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
