import type { RandomState } from './text/random.ts'

/** A hook that was triggered: what it does, step by step. */
export interface HookRun {
  /** The assistant whose hook it is, and the hook's place in its plan. */
  member: number
  hook: number
  /** Place of the action that is under way, or comes next. */
  action: number
  /** What the action waits for; null where it has not begun. */
  wait:
    | { type: 'render'; workId: string }
    /** `model`: place of the model that was asked. */
    | { type: 'model'; workId: string; text: string; model: number }
    | { type: 'speech'; tag: string }
    | { type: 'tool'; callId: string }
    /** The next action begins in a step of its own. */
    | { type: 'next' }
    | null
  /** The customer spoke since: a hook that asks for a word has nothing more to do. */
  overtaken: boolean
}

/** The customer's silence, which timeout hooks measure (ruling 5). */
export interface SilenceState {
  /** When it began, later by the pauses in it; null while the customer speaks, and before it can begin. */
  startMs: number | null
  /** A tool call or a transfer runs since then; the clock stands. */
  pausedMs: number | null
  /** A hook was due while an answer was prepared or spoken: the clock starts anew when that is over. */
  restarts: boolean
  /** When each hook is due next in this silence, by its place in the plan; null: no more. Absent: at its time. */
  next: Record<string, number | null>
}

export interface HooksState {
  nextWork: number
  nextCall: number
  random: RandomState
  /** Triggered hooks in their order; the first is under way. */
  runs: HookRun[]
  /** Hooks that would have been triggered while a tool call or a transfer ran. */
  postponed: { member: number; hook: number }[]
  silence: SilenceState
  /** How often each timeout hook was triggered, by member and place. */
  counts: Record<string, number>
  /** Tool calls and transfers that are under way. */
  openCalls: string[]
  /** How sure the transcriber was of the finals of the turn that is under way. */
  confidences: number[]
  /** The call ends, and hooks on `call.ending` run. */
  ending: {
    endedReason: string
    /** What the last action was, where it makes the ended reason. */
    last: 'say' | 'transfer' | null
    /** The customer has gone, or no voice is left: nothing is said. */
    mute: boolean
    /** Calls that no action waits for; the end of the call does. */
    openCalls: string[]
  } | null
}

export const initialHooks: HooksState = {
  nextWork: 0,
  nextCall: 0,
  random: 0,
  runs: [],
  postponed: [],
  silence: { startMs: null, pausedMs: null, restarts: false, next: {} },
  counts: {},
  openCalls: [],
  confidences: [],
  ending: null,
}
