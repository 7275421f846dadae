import { messageOf, usageError, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { Json } from './overrides.ts'
import { type CallMember, type LoadStored, resolveAssistant, resolveCall } from './sources.ts'
import { destinationName } from './tool-kinds.ts'

/** Destinations may bring in assistants of their own; more than this is a mistake of the configuration. */
const MAXIMUM_SEATS = 100

export interface SeatOptions {
  loadStored: LoadStored
  prepare: (member: CallMember) => Promise<CallMember>
  listMcpTools: ((tool: Json) => Promise<readonly Json[]>) | null
}

interface Seat {
  member: CallMember
  /** Names count among those of one squad. */
  squad: number
  /** Where its destinations lead: a place, or why nowhere. */
  places: Map<string, number | string>
  mcpTools: Map<number, readonly Json[]>
}

/**
 * The assistants of a call in their places: first those of its squad, then those that only a destination brings in (inline
 * ones, stored ones, those with overrides of their own, other squads). The same destination leads to the same place, so that
 * squads may pass a call around in a circle.
 */
export class Seats {
  readonly warnings: string[] = []
  private readonly seats: Seat[] = []
  private readonly options: SeatOptions
  private readonly made = new Map<string, number>()
  private squads = 1

  private constructor(options: SeatOptions) {
    this.options = options
  }

  /** Throws usage errors: names that nobody has, a hand-over to oneself. */
  static async create(members: readonly CallMember[], options: SeatOptions): Promise<Seats> {
    const seats = new Seats(options)
    for (const member of members) seats.add(member, 0)
    await seats.furnish(0)
    return seats
  }

  get members(): readonly CallMember[] {
    return this.seats.map(({ member }) => member)
  }

  mcpToolsOf(place: number): ReadonlyMap<number, readonly Json[]> {
    return this.seats[place]?.mcpTools ?? new Map()
  }

  /** Where a destination of the assistant at `from` leads. */
  find(from: number, destination: Json): { member: number } | { missing: string } {
    const seat = this.seats[from]
    const known = seat?.places.get(keyOf(destination)) ?? this.named(from, destination)
    return typeof known === 'number' ? { member: known } : { missing: known }
  }

  /** Makes room for the destination of an assistant, and for all that follow from it. */
  async link(from: number, destination: Json): Promise<void> {
    const before = this.seats.length
    const seat = this.seats[from]
    if (seat === undefined) return
    seat.places.set(keyOf(destination), await this.placeOf(from, destination))
    await this.furnish(before)
  }

  private add(member: CallMember, squad: number): number {
    if (this.seats.length >= MAXIMUM_SEATS)
      throw usageError(`the destinations of ${member.origin} bring in more than ${MAXIMUM_SEATS} assistants`)
    return this.seats.push({ member, squad, places: new Map(), mcpTools: new Map() }) - 1
  }

  /** Follows the destinations of the seats from one place on; seats that this adds are followed too. */
  private async furnish(from: number): Promise<void> {
    for (let place = from; place < this.seats.length; place++) {
      const seat = this.seats[place]
      if (seat === undefined) continue
      for (const { destination, path } of destinationsOf(seat.member)) {
        const found = await this.placeOf(place, destination)
        this.check(place, found, destination, path)
        seat.places.set(keyOf(destination), found)
      }
      await this.listMcpTools(seat)
    }
  }

  private check(from: number, found: number | string, destination: Json, path: string): void {
    const seat = this.seats[from]
    if (seat === undefined) return
    const { origin, assistant } = seat.member
    const place = `${origin}: ${assistant.name ?? `assistant ${from}`}, ${path}`
    const target = typeof found === 'number' ? this.seats[found] : undefined
    const isSelf =
      found === from ||
      (target?.squad === seat.squad && target.member.assistant.name === assistant.name && !!assistant.name)
    if (isSelf) throw usageError(`${place} hands the call over to the assistant itself`, 'name another one')
    const named = typeof destination.assistantName === 'string'
    const inSquad =
      this.seats.filter(({ squad }) => squad === seat.squad).length > 1 || seat.member.destinations.length > 0
    if (typeof found === 'string' && named && inSquad)
      throw usageError(`${place}: ${found}`, 'check its spelling')
  }

  private async placeOf(from: number, destination: Json): Promise<number | string> {
    const seat = this.seats[from]
    if (seat === undefined) return 'there is no such assistant'
    try {
      if (destination.type === 'squad') return await this.squadPlace(seat, destination)
      return await this.assistantPlace(from, seat, destination)
    } catch (error) {
      // What is stored elsewhere cannot be had here; the call may well do without it.
      if (error instanceof VapiError && (error.code === 'not-logged-in' || error.code === 'offline'))
        return `${destinationName(destination)} is not here: ${messageOf(error)}`
      throw error
    }
  }

  private async assistantPlace(from: number, seat: Seat, destination: Json): Promise<number | string> {
    const { assistant, assistantId } = destination
    const overrides = isObject(destination.assistantOverrides) ? destination.assistantOverrides : {}
    const isPlain = Object.keys(overrides).length === 0
    const key = JSON.stringify([seat.squad, assistant, assistantId, destination.assistantName, overrides])
    const made = this.made.get(key)
    if (made !== undefined) return made
    const base = isObject(assistant) ? null : this.named(from, destination)
    if (typeof base === 'number' && isPlain) return base
    const stored = typeof assistantId === 'string' ? { id: assistantId } : null
    const there = typeof base === 'number' ? this.seats[base]?.member : undefined
    const given = isObject(assistant)
      ? { configuration: assistant }
      : there === undefined
        ? stored
        : { configuration: { ...there.assistant } }
    if (given === null) return typeof base === 'string' ? base : 'it names no assistant'
    const { loadStored, prepare } = this.options
    const origin = { name: there?.origin ?? seat.member.origin }
    const resolved = await resolveAssistant(given, [overrides], { origin, loadStored }, this.warnings)
    const destinations = there?.destinations ?? []
    const variables = { ...seat.member.variables, ...there?.variables, ...resolved.variables }
    const place = this.add(await prepare({ ...resolved, variables, destinations }), seat.squad)
    this.made.set(key, place)
    return place
  }

  private async squadPlace(seat: Seat, destination: Json): Promise<number | string> {
    const { squad, squadId, entryAssistantName } = destination
    const squadOverrides = isObject(destination.squadOverrides) ? destination.squadOverrides : {}
    const key = JSON.stringify([squad, squadId, squadOverrides])
    let first = this.made.get(key)
    if (first === undefined) {
      const { loadStored, prepare } = this.options
      const speaker = isObject(squad)
        ? ({ type: 'squad', configuration: squad, at: [] } as const)
        : ({ type: 'squad-id', id: String(squadId ?? '') } as const)
      const none = {
        customer: {},
        phoneNumber: {},
        phoneNumberId: null,
        assistantOverrides: {},
        warnings: [],
      }
      const origin = { name: seat.member.origin }
      const resolved = await resolveCall({ ...none, speaker, squadOverrides }, { origin, loadStored })
      const number = this.squads++
      first = this.seats.length
      for (const member of resolved?.members ?? []) this.add(await prepare(member), number)
      this.warnings.push(...(resolved?.warnings ?? []))
      this.made.set(key, first)
    }
    if (typeof entryAssistantName !== 'string') return first
    const squadNumber = this.seats[first]?.squad
    const entry = this.seats.findIndex(
      ({ squad: number, member }) => number === squadNumber && member.assistant.name === entryAssistantName,
    )
    return entry === -1 ? `the squad has no member named ${entryAssistantName}` : entry
  }

  /** The assistant of the same squad that a destination names. */
  private named(from: number, { assistantName, assistantId }: Json): number | string {
    const own = this.seats[from]?.squad
    const place = this.seats.findIndex(
      ({ squad, member: { assistant } }) =>
        squad === own &&
        (typeof assistantName === 'string'
          ? assistant.name === assistantName
          : typeof assistantId === 'string' && 'id' in assistant && assistant.id === assistantId),
    )
    if (place !== -1) return place
    const names = [
      ...new Set(
        this.seats.flatMap(({ squad, member: { assistant } }) =>
          squad === own && assistant.name ? [assistant.name] : [],
        ),
      ),
    ]
    const asked = String(assistantName ?? assistantId ?? '')
    return names.length < 2
      ? `there is no other assistant in this call, so none named ${asked}`
      : `there is no member named ${asked}; there are ${names.join(', ')}`
  }

  private async listMcpTools({ member, mcpTools }: Seat): Promise<void> {
    for (const [index, tool] of (member.assistant.model?.tools ?? []).entries()) {
      if (tool.type !== 'mcp') continue
      const path = `model.tools[${index}]`
      const { listMcpTools } = this.options
      if (listMcpTools === null) {
        this.warnings.push(`${path}: the tools of an MCP server are not known here`)
        continue
      }
      try {
        mcpTools.set(index, await listMcpTools(tool))
      } catch (error) {
        this.warnings.push(`${path}: the MCP server does not tell its tools: ${messageOf(error)}`)
      }
    }
  }
}

function keyOf(destination: Json): string {
  return JSON.stringify(destination)
}

/** Whom an assistant may hand the call to, with the places of that in its configuration. */
function destinationsOf({ assistant, destinations }: CallMember): { destination: Json; path: string }[] {
  const own = destinations.map((destination, place) => ({
    destination,
    path: `assistantDestinations[${place}]`,
  }))
  const tools = (assistant.model?.tools ?? []).flatMap((tool, index) =>
    tool.type === 'transferCall' || tool.type === 'handoff'
      ? destinationsIn(tool.destinations, `model.tools[${index}].destinations`)
      : [],
  )
  return [...own, ...tools].filter(
    ({ destination: { type } }) => type === 'assistant' || type === 'squad' || type === undefined,
  )
}

function destinationsIn(list: unknown, path: string): { destination: Json; path: string }[] {
  const items: unknown[] = Array.isArray(list) ? list : []
  return items.flatMap((destination, place) =>
    isObject(destination) ? [{ destination, path: `${path}[${place}]` }] : [],
  )
}
