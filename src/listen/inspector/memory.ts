import { randomBytes } from 'node:crypto'
import { VapiError } from '../../errors.ts'
import { describeEvent } from '../describe.ts'
import { withBody } from '../journal/edit.ts'
import { headerOf, unpack } from '../journal/packed.ts'
import { type MessageHead, noHead, readMessageHead } from '../message-head.ts'
import type { RelayedEvent, RelayListener } from '../relay/types.ts'
import { bodyView, unpackedText } from './bodies.ts'
import { conversationOf } from './conversation.ts'
import type {
  BodyView,
  CallView,
  Changes,
  EventDetail,
  EventHistory,
  EventPage,
  EventRow,
  InspectorSource,
  KeptEvent,
  KeptOutcome,
  ReplayOptions,
  Resend,
} from './types.ts'
import { type CheckedEvent, checkOutcome, detailOf, rowOf, type ViewSettings } from './views.ts'

export interface MemorySettings extends ViewSettings {
  /** How events are sent again. */
  resend: Resend
  /** Where older events are; null: what memory forgets is gone. */
  history?: EventHistory | null
  /** Bounds of what is kept. */
  maximumEvents?: number
  /** All bodies together. */
  maximumBytes?: number
  /** Of one body; of a longer one its beginning is kept. */
  maximumBodyBytes?: number
  now?(): number
}

/** Hears what the relay does, and keeps the newest of it for the inspector. */
export type EventMemory = RelayListener & InspectorSource & { duplicate(id: string, of: string): void }

const MAXIMUM_EVENTS = 2000
const MAXIMUM_BYTES = 67_108_864
const MAXIMUM_BODY_BYTES = 1_048_576
/** A page that comes anew gets so many; it asks for older ones. */
const FIRST_ROWS = 500
/** A search lets others work after so many bytes. */
const SEARCH_BYTES = 4_194_304
/** Counted for an event beside its bodies. */
const BASE_BYTES = 1024

interface Stored extends CheckedEvent {
  kept: KeptEvent & { outcomes: KeptOutcome[] }
  findings: CheckedEvent['findings'][number][]
  row: EventRow
  bytes: number
  /** Of its last change. */
  sequence: number
}

export function createEventMemory(settings: MemorySettings): EventMemory {
  return new Memory(settings)
}

class Memory implements EventMemory {
  private readonly settings: MemorySettings
  private readonly history: EventHistory | null
  private readonly run = randomBytes(4).toString('hex')
  /** In the order of arrival. */
  private readonly events = new Map<string, Stored>()
  private readonly duplicates = new Map<string, string>()
  private readonly listeners = new Set<() => void>()
  private bytes = 0
  private sequence = 0
  private replays = 0

  constructor(settings: MemorySettings) {
    this.settings = settings
    this.history = settings.history ?? null
  }

  event(event: RelayedEvent): void {
    this.keep(event, { duplicateOf: this.duplicates.get(event.id) ?? null, replayOf: null })
    this.duplicates.delete(event.id)
  }

  reply(reply: Parameters<RelayListener['reply']>[0], event: RelayedEvent): void {
    this.add({ reply: { ...reply, body: this.copyOf(reply.body) } }, event)
  }

  problem(problem: Parameters<RelayListener['problem']>[0], event: RelayedEvent | null): void {
    if (!this.events.has(problem.id)) this.keep(event ?? this.unread(problem.id), {})
    this.add({ problem }, event)
  }

  /** The event of this id, which comes now or has come, repeats that one. */
  duplicate(id: string, of: string): void {
    const stored = this.events.get(id)
    if (stored === undefined) this.duplicates.set(id, of)
    else {
      stored.kept = { ...stored.kept, duplicateOf: of }
      this.changed(stored)
    }
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  changes(cursor: string | null): Changes {
    const [run, sequence] = cursor?.split('.') ?? []
    const known = run === this.run && Number(sequence) <= this.sequence ? Number(sequence) : null
    const now = `${this.run}.${this.sequence}`
    if (known === null) return { cursor: now, reset: true, rows: this.rows().slice(-FIRST_ROWS) }
    const rows: EventRow[] = []
    if (known < this.sequence)
      for (const stored of this.events.values()) if (stored.sequence > known) rows.push(stored.row)
    return { cursor: now, reset: false, rows }
  }

  async list(before: { id: string; atMs: number } | null, limit: number): Promise<EventPage> {
    const all = this.rows()
    const place = before === null ? all.length : all.findIndex(({ id }) => id === before.id)
    const kept = place <= 0 ? [] : all.slice(Math.max(0, place - limit), place).toReversed()
    if (kept.length === limit) return { rows: kept, more: place > limit || this.history !== null }
    if (this.history === null) return { rows: kept, more: false }
    const oldestMs = kept.at(-1)?.atMs ?? before?.atMs ?? this.now()
    const rows = [...kept]
    for await (const older of this.history.before(oldestMs)) {
      const { id } = older.event
      if (id === before?.id || this.events.has(id)) continue
      if (rows.length === limit) return { rows, more: true }
      rows.push(rowOf(this.checked(older), this.settings))
    }
    return { rows, more: false }
  }

  async get(id: string): Promise<EventDetail | null> {
    const found = await this.find(id)
    return found === null ? null : detailOf(found, this.settings)
  }

  async body(id: string, of: 'request' | number): Promise<BodyView | null> {
    const found = await this.find(id)
    if (found === null) return null
    const { event, outcomes, bodyBytes } = found.kept
    const how = { mask: this.settings.mask, whole: true }
    if (of === 'request') return bodyView(event.body, event.rawHeaders, bodyBytes, how)
    const reply = outcomes[of]?.reply
    return reply === undefined ? null : bodyView(reply.body, reply.rawHeaders, reply.bodyBytes, how)
  }

  async call(callId: string): Promise<CallView | null> {
    const all: CheckedEvent[] = []
    for await (const older of this.history?.ofCall(callId, id => this.events.has(id)) ?? [])
      all.push(this.checked(older))
    for (const stored of this.events.values()) if (stored.row.callId === callId) all.push(stored)
    return all.length === 0 ? null : conversationOf(callId, all, this.settings)
  }

  async search(text: string): Promise<readonly string[]> {
    const wanted = text.toLowerCase()
    const found: string[] = []
    let read = 0
    for (const { kept, row } of this.events.values()) {
      const { event, outcomes } = kept
      const has = (body: Buffer | null, rawHeaders: readonly string[]) => {
        read += body?.length ?? 0
        return body !== null && unpackedText(body, rawHeaders).toLowerCase().includes(wanted)
      }
      if (
        has(event.body, event.rawHeaders) ||
        outcomes.some(({ reply }) => reply !== undefined && has(reply.body, reply.rawHeaders))
      )
        found.push(row.id)
      if (read < SEARCH_BYTES) continue
      read = 0
      await new Promise(setImmediate)
    }
    return found
  }

  async replay(id: string, { to, body, withSecrets }: ReplayOptions): Promise<string> {
    const found = await this.find(id)
    if (found === null) throw notKept(`the event ${id} is not kept any more`)
    const { event, bodyBytes } = found.kept
    const bytes = body === null ? event.body : Buffer.from(body)
    if (bytes === null || (body === null && bytes.length < (bodyBytes ?? 0)))
      throw notKept('of this event only the beginning is kept, so that it cannot be sent as it was')
    const sent = body === null ? { ...event, body: bytes } : withBody(event, bytes)
    const again: RelayedEvent = {
      ...sent,
      id: `replay-${++this.replays}-${this.run}`,
      receivedMs: this.now(),
      ...headOf(bytes, sent.rawHeaders),
    }
    this.keep(again, { replayOf: id })
    this.add(await this.settings.resend({ event: again, of: id, to, withSecrets }), again)
    return again.id
  }

  private keep(
    event: RelayedEvent,
    { duplicateOf = null, replayOf = null }: { duplicateOf?: string | null; replayOf?: string | null },
  ): void {
    const body = event.body === null ? null : this.copyOf(event.body)
    const kept: Stored['kept'] = {
      event: { ...event, body, head: slimHead(event.head) },
      outcomes: [],
      duplicateOf,
      replayOf,
      bodyBytes: event.body?.length ?? announcedBytes(event.rawHeaders),
    }
    const summary = describeEvent(event.head)
    const checked = { kept, findings: [], summary }
    const bytes = BASE_BYTES + (body?.length ?? 0)
    const row = rowOf(checked, this.settings)
    this.events.set(event.id, { ...checked, row, bytes, sequence: ++this.sequence })
    this.bytes += bytes
    this.forget()
    this.tell()
  }

  private add(outcome: KeptOutcome, event: RelayedEvent | null): void {
    const id = outcome.reply?.id ?? outcome.problem?.id ?? ''
    const stored = this.events.get(event?.id ?? id)
    if (stored === undefined) return
    stored.kept.outcomes.push(outcome)
    stored.findings.push(event === null ? [] : checkOutcome(outcome, event, this.settings))
    const bytes = outcome.reply?.body.length ?? 0
    stored.bytes += bytes
    this.bytes += bytes
    this.changed(stored)
    this.forget()
  }

  private changed(stored: Stored): void {
    stored.row = rowOf(stored, this.settings)
    stored.sequence = ++this.sequence
    this.tell()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }

  /** Lets the oldest go until the rest is within the bounds; the newest stays. */
  private forget(): void {
    const { maximumEvents = MAXIMUM_EVENTS, maximumBytes = MAXIMUM_BYTES } = this.settings
    for (const [id, { bytes }] of this.events) {
      if (this.events.size <= 1) return
      if (this.events.size <= maximumEvents && this.bytes <= maximumBytes) return
      this.events.delete(id)
      this.bytes -= bytes
    }
  }

  /** The beginning of a body, in memory of its own: what came may be a part of something larger. */
  private copyOf(body: Buffer): Buffer {
    const { maximumBodyBytes = MAXIMUM_BODY_BYTES } = this.settings
    const copy = Buffer.allocUnsafeSlow(Math.min(body.length, maximumBodyBytes))
    body.copy(copy)
    return copy
  }

  private async find(id: string): Promise<CheckedEvent | null> {
    const stored = this.events.get(id)
    if (stored !== undefined) return stored
    const older = await this.history?.find(id)
    return older === undefined || older === null ? null : this.checked(older)
  }

  private checked(kept: KeptEvent): CheckedEvent {
    return {
      kept,
      findings: kept.outcomes.map(outcome => checkOutcome(outcome, kept.event, this.settings)),
    }
  }

  private rows(): EventRow[] {
    return [...this.events.values()].map(({ row }) => row)
  }

  /** An event of which nothing was read. */
  private unread(id: string): RelayedEvent {
    const nothing = { method: '', requested: '', rawHeaders: [], head: noHead, malformed: false, body: null }
    return { id, receivedMs: this.now(), ...nothing }
  }

  private now(): number {
    return this.settings.now?.() ?? Date.now()
  }
}

function notKept(message: string): VapiError {
  return new VapiError({ code: 'not-kept', message, exit: 5 })
}

function headOf(bytes: Buffer, rawHeaders: readonly string[]): Pick<RelayedEvent, 'head' | 'malformed'> {
  const plain = unpack(bytes, rawHeaders, MAXIMUM_BYTES)
  const head = plain === null ? null : readMessageHead(plain, true)
  if (head !== 'malformed') return { head: head ?? noHead, malformed: false }
  const isJson = /json/i.test(headerOf(rawHeaders, 'content-type') ?? 'json')
  return { head: noHead, malformed: isJson && bytes.length > 0 }
}

/** Values of a head that are short; what is long stands in the body. */
function slimHead(head: MessageHead): MessageHead {
  const short = Object.entries(head.fields).filter(
    ([, value]) => typeof value !== 'object' && (typeof value !== 'string' || value.length <= 4000),
  )
  return { ...head, fields: Object.fromEntries(short) }
}

function announcedBytes(rawHeaders: readonly string[]): number | null {
  const length = headerOf(rawHeaders, 'content-length')
  return length === null ? null : Number(length)
}
