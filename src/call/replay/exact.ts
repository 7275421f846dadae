import { isDeepStrictEqual } from 'node:util'
import type { StampedCommand } from '../../engine/commands.ts'
import type { Input } from '../../engine/inputs.ts'
import type { CallPlan } from '../../engine/plan.ts'
import { initialState } from '../../engine/state.ts'
import { step } from '../../engine/step.ts'
import { messageOf } from '../../errors.ts'
import type { CallLog, LoggedStep } from './read.ts'
import { type RestoredCall, renewedPlans, restoreCall } from './restore.ts'

/** The first step whose commands are not those of the log. */
export interface ReplayDifference {
  /** Where the commands stand in the file. */
  line: number
  /** The input's place among all inputs, from 0. */
  step: number
  input: Input
  /** The first command that differs, by its place among those of the step. */
  place: number
  /** Where in that command; empty for the whole of it. */
  path: string
  /** Null where there is none. */
  recorded: StampedCommand | null
  replayed: StampedCommand | null
  /** What the engine threw. */
  error: string | null
}

export interface ExactReplay {
  /** Inputs that were taken, up to the difference. */
  inputs: number
  commands: number
  difference: ReplayDifference | null
}

/** Takes the inputs of a saved call again, with freshly compiled plans, and compares what the engine asks for. */
export async function replayExactly(log: CallLog): Promise<ExactReplay> {
  const restored = await restoreCall(log, log.recipe)
  return compareSteps(log, restored)
}

async function compareSteps(log: CallLog, { members, plan }: RestoredCall): Promise<ExactReplay> {
  const renewed = await renewedPlans(members, log.renewals)
  let current: CallPlan = plan
  let state = initialState(current)
  let commands = 0
  for (const [place, logged] of log.steps.entries()) {
    const plans = logged.renewal === null ? undefined : renewed.get(logged.renewal)
    if (plans !== undefined) current = { ...current, members: plans }
    try {
      const next = step(current, state, logged.input)
      state = next.state
      const difference = compare(logged, next.commands, place)
      if (difference !== null) return { inputs: place + 1, commands, difference }
      commands += next.commands.length
    } catch (error) {
      const difference = differenceAt(logged, place, 0, null, messageOf(error))
      return { inputs: place + 1, commands, difference }
    }
  }
  return { inputs: log.steps.length, commands, difference: null }
}

function compare(
  logged: LoggedStep,
  commands: readonly StampedCommand[],
  place: number,
): ReplayDifference | null {
  const replayed: readonly StampedCommand[] = JSON.parse(JSON.stringify(commands))
  if (isDeepStrictEqual(replayed, logged.commands)) return null
  const count = Math.max(replayed.length, logged.commands.length)
  for (let at = 0; at < count; at++)
    if (!isDeepStrictEqual(replayed[at], logged.commands[at]))
      return differenceAt(logged, place, at, replayed[at] ?? null, null)
  return null
}

function differenceAt(
  { input, commands, line }: LoggedStep,
  step: number,
  place: number,
  replayed: StampedCommand | null,
  error: string | null,
): ReplayDifference {
  const recorded = commands[place] ?? null
  return { line, step, input, place, path: pathOf(recorded, replayed), recorded, replayed, error }
}

/** The way to the first part that differs. */
function pathOf(first: unknown, second: unknown): string {
  const isParted = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null
  if (!isParted(first) || !isParted(second)) return ''
  for (const key of new Set([...Object.keys(first), ...Object.keys(second)])) {
    if (isDeepStrictEqual(first[key], second[key])) continue
    const below = pathOf(first[key], second[key])
    return below === '' ? key : `${key}.${below}`
  }
  return ''
}
