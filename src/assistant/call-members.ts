import type { CallPlan, DestinationPlan, Semantics } from '../engine/plan.ts'
import type { VapiError } from '../errors.ts'
import { type CompiledAssistant, compileAssistant } from './compile.ts'
import { compileDestination } from './destinations.ts'
import { type Json, mergeOverrides } from './overrides.ts'
import { type CallRecipe, keepAnswers, optionsOf } from './recipe.ts'
import { Seats } from './seats.ts'
import { type CallConfiguration, type CallMember, type LoadStored, noAccount } from './sources.ts'

export interface CompileCallOptions {
  semantics: Semantics
  /** Values of variables that go before those of the configuration. */
  variables: Json
  /** Wall clock at the call's begin. */
  epochMs: number
  id: string
  /** `webCall`, `inboundPhoneCall`, `outboundPhoneCall`. */
  type: string
  /** Fetches stored assistants and squads that destinations name. */
  loadStored?: LoadStored
  /** What is done to an assistant that only a destination brings in, before it is compiled. */
  prepare?: (member: CallMember) => Promise<CallMember>
  /** What the server of an `mcp` tool offers; without it such tools are left out with a warning. */
  listMcpTools?: (tool: Json) => Promise<readonly Json[]>
  /** Told of a voice that the model of an assistant, by its place, refuses, in place of an error. */
  refused?: ((member: number, error: VapiError) => void) | undefined
}

/** The assistants of a call made ready; the first one opens it. */
export type CompiledMembers = [CompiledAssistant, ...CompiledAssistant[]]

/**
 * The assistants of a call, also while it runs: they are rendered anew when tools bring variables, and others may join
 * them when a server names one. The places of those that are there never change.
 */
export class CallMembers {
  /** What there is to say of the configuration and of all assistants stands in the warnings of the first. */
  compiled: CompiledMembers
  /** How they are made: with it, they are made again. */
  readonly recipe: CallRecipe
  private readonly seats: Seats
  private readonly configuration: CallConfiguration
  private readonly options: CompileCallOptions
  private learned: Json = {}
  /** One change at a time, so that none undoes another. */
  private last: Promise<unknown> = Promise.resolve()

  private constructor(
    compiled: CompiledMembers,
    seats: Seats,
    configuration: CallConfiguration,
    options: CompileCallOptions,
    recipe: CallRecipe,
  ) {
    this.compiled = compiled
    this.recipe = recipe
    this.seats = seats
    this.configuration = configuration
    this.options = options
  }

  /** Throws usage errors that name the path of the fault. */
  static async create(configuration: CallConfiguration, given: CompileCallOptions): Promise<CallMembers> {
    const { semantics, variables, epochMs, id, type } = given
    const recipe: CallRecipe = {
      configuration,
      options: { semantics, variables, epochMs, id, type },
      answers: [],
    }
    const options = keepAnswers(given, recipe.answers)
    const { loadStored = noAccount, prepare = async member => member, listMcpTools = null } = options
    const seats = await Seats.create(configuration.members, { loadStored, prepare, listMcpTools })
    const [first, ...others] = await Promise.all(
      seats.members.map((_, place) => compileSeat(seats, place, configuration, options, {})),
    )
    if (first === undefined) throw new Error('a call has at least one assistant')
    const told = [
      ...configuration.warnings,
      ...seats.warnings,
      ...[first, ...others].flatMap(({ plan }) => plan.warnings),
    ]
    const opening = { ...first, plan: { ...first.plan, warnings: [...new Set(told)] } }
    return new CallMembers([opening, ...others], seats, configuration, options, recipe)
  }

  /** Makes the assistants of a call again, with what the world outside answered then. */
  static restore(recipe: CallRecipe): Promise<CallMembers> {
    return CallMembers.create(recipe.configuration, optionsOf(recipe))
  }

  /** Renders all texts anew with these variables before the others. */
  learn(variables: Json): Promise<CompiledMembers> {
    this.learned = { ...this.learned, ...variables }
    return this.change(async () => {
      const [first, ...others] = await Promise.all(this.compiled.map((_, place) => this.compile(place)))
      if (first !== undefined) this.compiled = [first, ...others]
      return this.compiled
    })
  }

  /** The destination that a server named for the assistant at `from`, which may bring in further assistants. */
  join(from: number, destination: Json): Promise<DestinationPlan> {
    return this.change(async () => {
      const { type } = destination
      if (type === 'assistant' || type === 'squad' || type === undefined)
        await this.seats.link(from, destination)
      const [first, ...others] = this.compiled
      for (let place = this.compiled.length; place < this.seats.members.length; place++)
        others.push(await this.compile(place))
      this.compiled = [first, ...others]
      const { render } = this.compiled[from] ?? first
      const typed = type === undefined ? { ...destination, type: 'assistant' } : destination
      return compileDestination(typed, 'destination', render, given => this.seats.find(from, given))
    })
  }

  private compile(place: number): Promise<CompiledAssistant> {
    return compileSeat(this.seats, place, this.configuration, this.options, this.learned)
  }

  private change<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.last.then(work)
    this.last = done.catch(() => undefined)
    return done
  }
}

function compileSeat(
  seats: Seats,
  place: number,
  { customer, phoneNumber }: CallConfiguration,
  { semantics, variables, epochMs, id, type, refused }: CompileCallOptions,
  learned: Json,
): Promise<CompiledAssistant> {
  const member = seats.members[place]
  if (member === undefined) throw new Error(`there is no assistant ${place}`)
  return compileAssistant(member.assistant, {
    semantics,
    epochMs,
    variables: { ...mergeOverrides(member.variables, variables), ...learned },
    call: { id, type, customer, phoneNumber },
    origin: member.origin,
    ...(refused !== undefined && { refused: error => refused(place, error) }),
    tools: {
      find: destination => seats.find(place, destination),
      destinations: member.destinations,
      mcpTools: seats.mcpToolsOf(place),
    },
  })
}

/** The plans of compiled assistants, as the engine takes them. */
export function plansOf([first, ...others]: CompiledMembers): CallPlan['members'] {
  return [first.plan, ...others.map(({ plan }) => plan)]
}
