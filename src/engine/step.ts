import type { Command, StampedCommand } from './commands.ts'
import type { Fact } from './facts.ts'
import type { Input } from './inputs.ts'
import type { Outcome, Surroundings } from './owner.ts'
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
import { speaking } from './owners/speaking.ts'
import { squad } from './owners/squad.ts'
import { tools } from './owners/tools.ts'
import type { CallPlan } from './plan.ts'
import type { CallState } from './state.ts'

/** The fixed order in which owners see each event. Later owners read what earlier ones wrote in the same round. */
const owners = [
  customer,
  history,
  endpointing,
  interruption,
  reply,
  tools,
  speaking,
  hooks,
  keypad,
  limits,
  hang,
  lifecycle,
  squad,
] as const

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
  if (state.lifecycle.phase === 'ended') return { state, commands }
  let current = state
  let events: (Input | Fact)[] = [input]
  for (let round = 0; events.length > 0; round++) {
    if (round > MAXIMUM_ROUNDS) throw new Error(`the engine did not settle after ${input.type}`)
    const facts: Fact[] = []
    for (const event of events) {
      for (const owner of owners) {
        const { member } = current.squad
        const plan = call.members[member] ?? call.members[0]
        const outcome = handle(owner, event, { plan, call, others: current, atMs: input.atMs })
        if (outcome === undefined) continue
        if (outcome.slice !== undefined) current = { ...current, [owner.name]: outcome.slice }
        if (outcome.commands !== undefined)
          commands.push(...outcome.commands.map(command => stamp(command, member)))
        if (outcome.facts !== undefined) facts.push(...outcome.facts)
      }
    }
    events = facts
  }
  return { state: current, commands }
}

/** Work that names no assistant is for the one that is speaking. */
function stamp(command: Command, member: number): StampedCommand {
  return 'workId' in command && command.type !== 'cancel'
    ? { ...command, member: command.member ?? member }
    : command
}

function handle(owner: (typeof owners)[number], event: Input | Fact, surroundings: Surroundings) {
  // The table is typed by event; here the two halves of that type meet again.
  const handler = owner.on[event.type] as
    | ((slice: unknown, event: unknown, surroundings: Surroundings) => Outcome<unknown> | undefined)
    | undefined
  return handler?.(surroundings.others[owner.name], event, surroundings)
}
