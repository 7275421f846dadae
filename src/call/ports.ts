import type { RegexTest } from '../engine/commands.ts'
import type { Input, TextSpan } from '../engine/inputs.ts'
import type { Observation } from '../engine/observations.ts'
import type { CallPlan, DestinationPlan } from '../engine/plan.ts'
import type { AudioOutput } from '../engine/ports/audio-output.ts'
import type { Clock } from '../engine/ports/clock.ts'
import type { EndOfTurnModel } from '../engine/ports/end-of-turn-model.ts'
import type { EndpointingServer } from '../engine/ports/endpointing-server.ts'
import type { LanguageModel, ModelMessage } from '../engine/ports/language-model.ts'
import type { ToolRequest, ToolRunner } from '../engine/ports/tool-runner.ts'
import type { Voice, VoiceAudio } from '../engine/ports/voice.ts'
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
  /** Goes over to another of the first assistant's transcribers, without losing words; its failure is an input. */
  listenWith?(transcriber: number): void
  /** Nothing that the person says is to be taken from now on, or it is again. The engine passes over what comes all the same. */
  mute?(muted: boolean): void
  close(): Promise<void>
}

export interface CustomerLine {
  input(input: UntimedInput): void
  hangUp(endedReason: string): void
}

/**
 * Answers to user-written regexes, to the formatter and to templates, under the 50 ms limit; `timedOut` or a `fault`
 * when it was exceeded.
 */
export interface TextWork {
  match(tests: readonly RegexTest[]): { matches: boolean[]; timedOut: boolean }
  format(text: string): { text: string; spans: TextSpan[]; timedOut: boolean }
  /** Renders templates at a moment of the call, with `values` before its variables. With a fault they stay as they are. */
  render(
    texts: readonly string[],
    values: Readonly<Record<string, unknown>>,
    atMs: number,
  ): { texts: string[]; fault: string | null }
  /** Does the rejection plan of a tool, by its place in the plan, fit the conversation? */
  judge(
    tool: number,
    messages: readonly ModelMessage[],
    nowMs: number,
  ): { rejected: boolean; timedOut: boolean }
}

/** Everything outside the engine that one call uses. */
export interface CallPorts {
  clock: Clock
  customer: Customer
  output: AudioOutput
  tools: ToolRunner
  /** Sound files that are played in place of words, by their addresses. */
  sounds?: ReadonlyMap<string, VoiceAudio>
  /** Parallel to the plan's assistants. */
  members: readonly MemberPorts[]
  /** Changes the assistants while the call runs; without it, they stay as they are. */
  assistants?: CallAssistants
}

/** The assistants of a call as they are from now on. */
export interface Renewal {
  plans: CallPlan['members']
  members: readonly MemberPorts[]
}

/** Changes the assistants of a call while it runs. Those that are there keep their places. */
export interface CallAssistants {
  /** Renders their texts anew with what a tool has found out. */
  learn(variables: Readonly<Record<string, unknown>>): Promise<Renewal>
  /** The destination that a server named for one of them, which may bring in others. Throws VapiError. */
  join(
    member: number,
    destination: Readonly<Record<string, unknown>>,
  ): Promise<{ renewal: Renewal; destination: DestinationPlan }>
}

/** What one assistant of the call uses. */
export interface MemberPorts {
  /** Parallel to the plan's models. */
  models: readonly LanguageModel[]
  /** Parallel to the plan's voices. */
  voices: readonly Voice[]
  voiceSettings: readonly Readonly<Record<string, unknown>>[]
  /** What a tool of the plan needs to run, by its place in the plan. */
  toolOf(tool: number): Omit<ToolRequest, 'call' | 'messages'>
  /** Null where no smart endpointing provider can be had; the text heuristics then decide. */
  endOfTurn: EndOfTurnModel | null
  /** The user's server that says how long to wait; null or absent where none can be asked. */
  endpointing?: EndpointingServer | null
  text: TextWork
}

export interface CallStart {
  seed: number
  epochMs: number
  timeZone: string
}
