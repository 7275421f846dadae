import type { TurnTimes } from './facts.ts'
import type { DestinationPlan } from './plan.ts'
import type { ToolCall } from './ports/language-model.ts'
import type { RandomState } from './text/random.ts'

export interface ToolsState {
  nextWork: number
  random: RandomState
  running: ToolRun[]
  /** A tool of the batch that runs has ended without words of its own: the model must answer. */
  answerDue: boolean
  /** What tools have taken out of their results, by the variable's name. */
  variables: Record<string, unknown>
  transfers: RecordedTransfer[]
}

/** A tool that was called and is not done with yet. */
export interface ToolRun {
  /** Names its work. */
  workId: string
  /** With the arguments that the tool gets. */
  call: ToolCall
  tool: number
  /** The assistant that called it, by its place in the plan. */
  member: number
  times: TurnTimes
  /** The answer waits for it. */
  awaited: boolean
  /** Nobody is asked to answer it: no model called it. */
  quiet: boolean
  /**
   * `announcing`: its start message is spoken first. `leaving`: the words before a transfer are spoken. `leaving-soon`:
   * a hand-over waits for the other tools of its batch. `transferring`: the transfer itself runs.
   */
  stage: 'judging' | 'announcing' | 'running' | 'leaving' | 'leaving-soon' | 'transferring'
  /** Delays after which it still has something to say, in milliseconds since the call. */
  delays: number[]
  destination: DestinationPlan | null
  /** What the model is told of a hand-over. */
  result: string | null
}

/** A transfer by telephone; in a local call it is only recorded. */
export interface RecordedTransfer {
  destination: Readonly<Record<string, unknown>>
  mode: string
  atMs: number
  status: 'completed' | 'failed'
  dryRun: true
}
