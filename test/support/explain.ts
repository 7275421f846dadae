import { explainCall } from '../../src/call/explain/explain.ts'
import type { CallExplanation, PartName, TurnExplanation } from '../../src/call/explain/explanation.ts'
import { type ReadLog, readLog } from '../../src/call/explain/read-log.ts'
import { runSimulation, type SimulatedCall } from './simulation.ts'

/** What a record says, given as it is written. */
export async function readRecord(...pieces: (string | Uint8Array)[]): Promise<ReadLog> {
  return readLog(
    (async function* () {
      yield* pieces
    })(),
  )
}

/** The JSON lines of events. */
export function linesOf(events: readonly unknown[]): string {
  return events.map(event => `${JSON.stringify(event)}\n`).join('')
}

/** Explains a call of its events, through the form in which they are printed. */
export async function explainEvents(events: readonly unknown[]): Promise<CallExplanation> {
  const { calls } = await readRecord(linesOf(events))
  const [call] = calls
  if (call === undefined || calls.length > 1) throw new Error(`${calls.length} calls instead of one`)
  return explainCall(call)
}

/** Runs a scenario (YAML) and explains the call. */
export async function explainSimulation(
  yaml: string,
): Promise<{ call: SimulatedCall; explanation: CallExplanation }> {
  const call = await runSimulation(yaml)
  return { call, explanation: await explainEvents(call.observations) }
}

export function turnOf({ turns }: CallExplanation, turn: number): TurnExplanation {
  const found = turns.find(each => each.turn === turn)
  if (found === undefined) throw new Error(`no turn ${turn}`)
  return found
}

/** The parts of a turn's time by their names. */
export function partsOf(explanation: CallExplanation, turn: number): Partial<Record<PartName, number>> {
  return Object.fromEntries(turnOf(explanation, turn).time?.parts.map(({ name, ms }) => [name, ms]) ?? [])
}
