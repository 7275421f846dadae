import type { RegexTest } from '../engine/commands.ts'
import type { Input, TextSpan } from '../engine/inputs.ts'
import type { Observation } from '../engine/observations.ts'
import type { AudioOutput } from '../engine/ports/audio-output.ts'
import type { Clock } from '../engine/ports/clock.ts'
import type { EndOfTurnModel } from '../engine/ports/end-of-turn-model.ts'
import type { LanguageModel } from '../engine/ports/language-model.ts'
import type { ToolRequest, ToolRunner } from '../engine/ports/tool-runner.ts'
import type { Voice } from '../engine/ports/voice.ts'
import type { CallState } from '../engine/state.ts'

type OmitTime<T> = T extends unknown ? Omit<T, 'atMs'> : never
/** An input before the runtime has stamped its time. */
export type UntimedInput = OmitTime<Input>

/** The customer's side of a call: a person at a microphone or keyboard, a file, a script. */
export interface Customer {
  /** Begins when the call does; `input` takes speech edges, transcripts and failures, `hangUp` ends the call. */
  start(line: CustomerLine): Promise<void>
  /** What the call did in one step, and where it stands. Scripts and typed conversations act on it. */
  notice?(observations: readonly Observation[], state: Readonly<CallState>): void
  close(): Promise<void>
}

export interface CustomerLine {
  input(input: UntimedInput): void
  hangUp(endedReason: string): void
}

/** Answers to user-written regexes and to the formatter, under the 50 ms limit; `timedOut` when it was exceeded. */
export interface TextWork {
  match(tests: readonly RegexTest[]): { matches: boolean[]; timedOut: boolean }
  format(text: string): { text: string; spans: TextSpan[]; timedOut: boolean }
}

/** Everything outside the engine that one call uses. */
export interface CallPorts {
  clock: Clock
  customer: Customer
  output: AudioOutput
  tools: ToolRunner
  /** Parallel to the plan's assistants. */
  members: readonly MemberPorts[]
}

/** What one assistant of the call uses. */
export interface MemberPorts {
  model: LanguageModel
  /** Parallel to the plan's voices. */
  voices: readonly Voice[]
  voiceSettings: readonly Readonly<Record<string, unknown>>[]
  /** What a tool of the plan needs to run, by its place in the plan. */
  toolOf(tool: number): Omit<ToolRequest, 'call'>
  /** Null where no smart endpointing provider can be had; the text heuristics then decide. */
  endOfTurn: EndOfTurnModel | null
  text: TextWork
}

export interface CallStart {
  seed: number
  epochMs: number
  timeZone: string
}
