import type { Command } from './commands.ts'
import type { Fact } from './facts.ts'
import type { Input } from './inputs.ts'
import type { ObservationBody } from './observations.ts'
import type { AssistantPlan, CallPlan } from './plan.ts'
import type { CallState } from './state.ts'

export type SliceName = keyof CallState
type Event = Input | Fact
export type EventType = Event['type']

/** What an owner may read beside its own slice. */
export interface Surroundings {
  /** The assistant that is speaking now. */
  plan: AssistantPlan
  /** All of them. */
  call: CallPlan
  /** The whole state as it is in this round; an owner writes only its own slice. */
  others: Readonly<CallState>
  /** Time of the input of this step. */
  atMs: number
}

/** What an owner makes of an event; absent parts are unchanged or empty. */
export interface Outcome<Slice> {
  slice?: Slice
  commands?: Command[]
  facts?: Fact[]
}

type Handler<Slice, Type extends EventType> = (
  slice: Slice,
  event: Extract<Event, { type: Type }>,
  surroundings: Surroundings,
) => Outcome<Slice> | undefined

/** The owner of one slice of the state: the only code that writes it. */
export interface Owner<Name extends SliceName = SliceName> {
  name: Name
  on: { [Type in EventType]?: Handler<CallState[Name], Type> }
}

/** The command that makes an event public. */
export function observe(atMs: number, body: ObservationBody): Command {
  return { type: 'observe', observation: { ...body, atMs } }
}
