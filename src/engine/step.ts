import { admit } from './admission.ts'
import type { Command, StampedCommand } from './commands.ts'
import { heard } from './control-state.ts'
import type { Fact } from './facts.ts'
import type { Input } from './inputs.ts'
import type { EventType, Outcome, SliceName, Surroundings } from './owner.ts'
import { control } from './owners/control.ts'
import { customer } from './owners/customer.ts'
import { endpointing } from './owners/endpointing.ts'
import { hang } from './owners/hang.ts'
import { history } from './owners/history.ts'
import { hooks } from './owners/hooks.ts'
import { interruption } from './owners/interruption.ts'
import { keypad } from './owners/keypad.ts'
import { lifecycle } from './owners/lifecycle.ts'
import { limits } from './owners/limits.ts'
import { reply } from './owners/reply.ts'
import { selfHearing } from './owners/self-hearing.ts'
import { speaking } from './owners/speaking.ts'
import { squad } from './owners/squad.ts'
import { tools } from './owners/tools.ts'
import { transcription } from './owners/transcription.ts'
import { voicemail } from './owners/voicemail.ts'
import type { CallPlan } from './plan.ts'
import type { CallState } from './state.ts'

/** The fixed order in which owners see each event. Later owners read what earlier ones wrote in the same round. */
const owners = [
  customer,
  transcription,
  selfHearing,
  history,
  endpointing,
  interruption,
  reply,
  tools,
  speaking,
  hooks,
  keypad,
  limits,
  voicemail,
  hang,
  control,
  lifecycle,
  squad,
] as const

interface Listener {
  name: SliceName
  /** The table of an owner is typed by event; here the two halves of that type meet again. */
  handle: (slice: unknown, event: unknown, surroundings: Surroundings) => Outcome<unknown> | undefined
}

/** Who hears what, in the order of the owners: most events concern few of them. */
const listeners = new Map<EventType, Listener[]>()
for (const { name, on } of owners) {
  for (const [type, handle] of Object.entries(on) as [EventType, Listener['handle']][]) {
    listeners.set(type, [...(listeners.get(type) ?? []), { name, handle }])
  }
}

/** What still counts when a call only waits to learn how much was heard of what it played. */
const lastInputs: ReadonlySet<Input['type']> = new Set([
  'playback.started',
  'playback.drained',
  'playback.cleared',
  'warning',
  'message.sent',
])

/** More rounds than this mean that owners answer each other without end. */
const MAXIMUM_ROUNDS = 16

export interface Step {
  state: CallState
  commands: StampedCommand[]
}

/**
 * The heart of a call: what follows from an input. Pure: the same plan, state and input give the same result; the
 * given state is not changed. Inputs must come in the order of their `atMs`.
 */
export function step(call: CallPlan, state: CallState, input: Input): Step {
  const commands: StampedCommand[] = []
  const { phase } = state.lifecycle
  if (phase === 'ended' || (phase === 'closing' && !lastInputs.has(input.type))) return { state, commands }
  // A copy of this step's own: what owners see of each other is always the latest.
  const current: CallState = { ...state }
  let events: (Input | Fact)[] = [admit(heard(state.control, input), call, state)]
  for (let round = 0; events.length > 0; round++) {
    if (round > MAXIMUM_ROUNDS) throw new Error(`the engine did not settle after ${input.type}`)
    const facts: Fact[] = []
    for (const event of events) {
      for (const { name, handle } of listeners.get(event.type) ?? []) {
        const { member } = current.squad
        const plan = call.members[member] ?? call.members[0]
        const outcome = handle(current[name], event, { plan, call, others: current, atMs: input.atMs })
        if (outcome === undefined) continue
        if (outcome.slice !== undefined) write(current, name, outcome.slice)
        for (const command of outcome.commands ?? []) commands.push(stamp(command, member))
        if (outcome.facts !== undefined) facts.push(...outcome.facts)
      }
    }
    events = facts
  }
  return { state: current, commands }
}

/** Owners are typed by their own slice; see `Listener`. */
function write(state: Record<SliceName, unknown>, name: SliceName, slice: unknown): void {
  state[name] = slice
}

/** Work that names no assistant is for the one that is speaking. */
function stamp(command: Command, member: number): StampedCommand {
  return 'workId' in command && command.type !== 'cancel'
    ? { ...command, member: command.member ?? member }
    : command
}
