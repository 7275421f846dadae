import type { Changes, EventRow } from '../wire.ts'
import type { View } from './state.ts'

/** So many events are kept in the page. */
const MAXIMUM_ROWS = 20_000

/** The events that the page knows, in the order of their arrival. */
export class Rows {
  private rows: EventRow[] = []
  private readonly places = new Map<string, number>()
  /** Place of the first row; older ones get places before it. */
  private base = 0
  /** There are older events than these. */
  hasOlder = true

  get size(): number {
    return this.rows.length
  }

  get oldest(): EventRow | undefined {
    return this.rows[0]
  }

  find(id: string): EventRow | undefined {
    const place = this.places.get(id)
    return place === undefined ? undefined : this.rows[place - this.base]
  }

  all(): readonly EventRow[] {
    return this.rows
  }

  /** Takes what changed; gives the rows that are new. */
  take({ reset, rows }: Changes): EventRow[] {
    if (reset) {
      this.rows = []
      this.places.clear()
      this.base = 0
      this.hasOlder = true
    }
    const added = rows.filter(row => {
      const place = this.places.get(row.id)
      if (place === undefined) return true
      this.rows[place - this.base] = row
      return false
    })
    for (const row of added) {
      this.places.set(row.id, this.base + this.rows.length)
      this.rows.push(row)
    }
    const over = this.rows.length - MAXIMUM_ROWS
    if (over > 0) {
      for (const row of this.rows.splice(0, over)) this.places.delete(row.id)
      this.base += over
      this.hasOlder = true
    }
    return added
  }

  /** Takes older events, the newest of them first. */
  takeOlder(older: readonly EventRow[], more: boolean): void {
    const unknown = older.filter(({ id }) => !this.places.has(id)).toReversed()
    this.hasOlder = more && unknown.length > 0
    this.base -= unknown.length
    this.rows = [...unknown, ...this.rows]
    for (const [at, { id }] of unknown.entries()) this.places.set(id, this.base + at)
  }

  /** What the filters leave, the newest first. `matches`: events whose bodies have the text. */
  filtered(view: View, matches: ReadonlySet<string>): EventRow[] {
    const text = view.text.trim().toLowerCase()
    const found: EventRow[] = []
    for (let place = this.rows.length - 1; place >= 0; place--) {
      const row = this.rows[place]
      if (row !== undefined && isWanted(row, view, text, matches)) found.push(row)
    }
    return found
  }
}

function isWanted(row: EventRow, view: View, text: string, matches: ReadonlySet<string>): boolean {
  return (
    (view.type === '' || typeOf(row) === view.type) &&
    (view.call === '' || row.callId === view.call) &&
    (!view.failed || hasFailed(row)) &&
    (text === '' || matches.has(row.id) || hasText(row, text))
  )
}

function hasText(row: EventRow, text: string): boolean {
  return [row.summary, row.type, row.callId, row.id, row.path].some(
    value => value?.toLowerCase().includes(text) === true,
  )
}

/** What stands in the list as the type of an event. */
export function typeOf({ type, method, path }: EventRow): string {
  return type ?? (`${method} ${path}`.trim() || 'request')
}

/** No reply that the platform can use came of it. */
export function hasFailed(row: EventRow): boolean {
  if (row.state === 'waiting') return false
  return row.state !== 'answered' || row.errors > 0 || isBad(row.status)
}

export function isBad(status: number | null): boolean {
  return status !== null && (status < 200 || status > 299)
}

export interface CallRow {
  id: string
  firstMs: number
  lastMs: number
  events: number
  failed: number
  /** The last status that was told. */
  status: string
}

/** The calls of these events, the one that was heard of last first. */
export function callsOf(rows: readonly EventRow[]): CallRow[] {
  const calls = new Map<string, CallRow>()
  for (const row of rows) {
    const { callId: id, atMs } = row
    if (id === null) continue
    const call = calls.get(id) ?? { id, firstMs: atMs, lastMs: atMs, events: 0, failed: 0, status: '' }
    call.lastMs = atMs
    call.events++
    if (hasFailed(row)) call.failed++
    if (row.type === 'status-update') call.status = row.summary
    if (row.type === 'end-of-call-report') call.status = `ended, ${row.summary}`
    calls.set(id, call)
  }
  return [...calls.values()].toSorted((one, other) => other.lastMs - one.lastMs)
}
