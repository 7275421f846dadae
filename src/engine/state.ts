import { type ControlState, initialControl } from './control-state.ts'
import { type EndpointingState, initialEndpointing } from './endpointing-state.ts'
import type { TurnTimes } from './facts.ts'
import { type HooksState, initialHooks } from './hooks-state.ts'
import type { Failure } from './inputs.ts'
import type { TurnLatency, UtteranceSource } from './observations.ts'
import type { CallPlan } from './plan.ts'
import type { ToolCall } from './ports/language-model.ts'
import type { SpokenChunk } from './text/heard.ts'
import type { ToolsState } from './tools-state.ts'
import { initialVoicemail, type VoicemailState } from './voicemail-state.ts'

/** What the customer says: the words of the turn that is under way. */
export interface CustomerState {
  talking: boolean
  /** When the speech segment that is under way, or was last, began. */
  segmentStartMs: number | null
  /** Final texts of this segment, joined. */
  segmentFinals: string
  /** Final texts of the current turn that are in no answered turn yet. */
  finals: string[]
  /** Words of this segment after its finals, as far as they are known. */
  partial: string
  /** End of the last speech. */
  speechEndMs: number | null
  /** When the last final text came. */
  transcribedMs: number | null
  turn: number
  /** A turn that ended and whose answer was not heard yet: its texts and times. */
  unanswered: { finals: string[]; times: TurnTimes } | null
  /** The wait was over while the assistant was speaking; the turn ends when it has stopped. */
  deferred: boolean
  /** The language that was detected last, as the transcriber reports it; null before the first. */
  language: string | null
}

export interface InterruptionState {
  /** Voice activity has lasted for `voiceSeconds` in this segment. */
  voiced: boolean
  /** This segment interrupted, or was reported as ignored. */
  settled: boolean
  /** From when on voice is counted towards an interruption. */
  listeningFromMs: number | null
  inBackoff: boolean
  /** End of the backoff that is under way, or was last; 0 before the first. */
  backoffUntilMs: number
}

export interface ReplyState {
  nextWork: number
  /** An answer that is wanted and waits: for the customer to finish, or for the reply before it. */
  held: TurnTimes | null
  /** Place of the model in use, for each assistant of the call. */
  models: number[]
  active: {
    /** The work of the request that is under way. */
    workId: string
    /** The answer, whichever model gives it. */
    replyId: string
    /** Place of the model that was asked. */
    model: number
    text: string
    times: TurnTimes
    requestedMs: number
    firstTokenSeen: boolean
  } | null
}

export interface Chunk extends SpokenChunk {
  /** The format or voice work that is under way; the voice work once its sound is complete. */
  workId: string | null
  stage: 'waiting' | 'formatting' | 'formatted' | 'voicing' | 'voiced'
}

export interface Utterance {
  id: string
  source: UtteranceSource
  /** The assistant that says it, by its place in the plan. */
  member: number
  /** The reply that feeds it, or null. */
  replyId: string | null
  /** Place of the voice that says it; null before the first was asked. */
  voice: number | null
  /** Text that is not cut into chunks yet. */
  buffer: string
  /** No more text comes. */
  complete: boolean
  chunks: Chunk[]
  /** `waiting`: sound is there, its time has not come. `starting`: play was asked for. */
  stage: 'preparing' | 'waiting' | 'starting' | 'speaking' | 'clearing'
  /** When its first sound was heard; null before. */
  startedMs: number | null
  /** `playback.finish` was sent. */
  finished: boolean
  interruptible: boolean
  /** The turn that it answers; null where it answers none. */
  times: TurnTimes | null
  /** When its first text went to a voice, and when the first sound came back. */
  requestedMs: number | null
  readyMs: number | null
  endsCall: string | null
  /** Its text is the address of a sound file. */
  sound: boolean
  /** Told with its end, for whoever waits for it; or null. */
  tag: string | null
}

export interface SpeakingState {
  nextUtterance: number
  nextWork: number
  queue: Utterance[]
  /** Place of the voice in use, for each assistant of the call. */
  voices: number[]
  /** Places of the voices that have failed and are not asked again, for each assistant of the call. */
  failedVoices: number[][]
  /** The turn whose first sound has been heard already, so that `waitSeconds` does not apply again. */
  answeredTurn: number
}

export interface KeypadState {
  /** Keys that were pressed and are no message yet. */
  keys: string
  /** It was told that pressed keys have no effect. */
  warned: boolean
}

export type HistoryEntry =
  | {
      role: 'system' | 'user' | 'bot'
      message: string
      atMs: number
      endMs: number
      utteranceId?: string
      /** A system message of an assistant's configuration. */
      prompt?: true
    }
  /** Added from outside in the name of a tool or function; no call of the model belongs to it. */
  | { role: 'tool' | 'function'; message: string; atMs: number; endMs: number }
  | { role: 'tool_calls'; atMs: number; calls: ToolCall[] }
  | {
      role: 'tool_call_result'
      atMs: number
      toolCallId: string
      name: string
      result: string
      /** Its effect was only recorded. */
      dryRun?: true
    }

/** What the model is not given of the history, by the places of its entries, and what it is given first. */
export interface ModelContext {
  hidden: number[]
  first: number[]
  /** Calls that are left out with their results. */
  hiddenCalls: string[]
  /** Where the entries of the assistant that speaks now begin. */
  sessionFrom: number
}

export interface HistoryState {
  entries: HistoryEntry[]
  context: ModelContext
  latencies: TurnLatency[]
  /** How often the customer stopped the assistant. */
  interruptions: number
  /** How often the assistant began while the customer was talking. */
  talkedOver: number
}

export interface SquadState {
  /** The assistant that is speaking now, by its place in the plan. */
  member: number
  /** Hand-overs since the customer's last turn. */
  handovers: number
}

export interface HangState {
  /** The turn whose answer is awaited; null where none is, or where its delay was told. */
  turn: number | null
}

export interface TranscriptionState {
  /** Place of the transcriber in use, among those of the first assistant. */
  transcriber: number
}

export interface SelfHearingState {
  /** How often the assistant's own words came back from the customer's side. */
  times: number
}

export interface LimitsState {
  durationStarted: boolean
  /** The silence has lasted long enough; only words that were on their way then are waited for. */
  wordsAwaited: boolean
}

export interface LifecycleState {
  /** `ending`: hooks on `call.ending` run. */
  phase: 'idle' | 'live' | 'speaking-last' | 'ending' | 'closing' | 'ended'
  epochMs: number
  /** The end waits for the last words, which were handed to the queue of speech. */
  lastWordsDue: boolean
  /** The owners have dropped their work; the call ends once it is known what of its last sound was heard. */
  isOff: boolean
  endedReason: string | null
  failure: Failure | null
}

/** Everything a call remembers; plain JSON. Each slice belongs to the owner of its name. */
export interface CallState {
  squad: SquadState
  customer: CustomerState
  transcription: TranscriptionState
  endpointing: EndpointingState
  interruption: InterruptionState
  reply: ReplyState
  speaking: SpeakingState
  tools: ToolsState
  keypad: KeypadState
  history: HistoryState
  hooks: HooksState
  limits: LimitsState
  voicemail: VoicemailState
  hang: HangState
  selfHearing: SelfHearingState
  control: ControlState
  lifecycle: LifecycleState
}

/** The state before `call.started`. */
export function initialState(call: CallPlan): CallState {
  const [plan] = call.members
  return {
    squad: { member: 0, handovers: 0 },
    customer: {
      talking: false,
      segmentStartMs: null,
      segmentFinals: '',
      finals: [],
      partial: '',
      speechEndMs: null,
      transcribedMs: null,
      turn: 0,
      unanswered: null,
      deferred: false,
      language: null,
    },
    transcription: { transcriber: 0 },
    endpointing: initialEndpointing,
    interruption: {
      voiced: false,
      settled: false,
      listeningFromMs: null,
      inBackoff: false,
      backoffUntilMs: 0,
    },
    reply: { nextWork: 0, held: null, models: call.members.map(() => 0), active: null },
    speaking: {
      nextUtterance: 0,
      nextWork: 0,
      queue: [],
      voices: call.members.map(() => 0),
      failedVoices: call.members.map(() => []),
      answeredTurn: 0,
    },
    tools: { nextWork: 0, random: 0, running: [], answerDue: false, variables: {}, transfers: [] },
    keypad: { keys: '', warned: false },
    history: {
      entries: plan.model.systemMessages.map(message => promptEntry(message, 0)),
      context: { hidden: [], first: [], hiddenCalls: [], sessionFrom: 0 },
      latencies: [],
      interruptions: 0,
      talkedOver: 0,
    },
    hooks: initialHooks,
    limits: { durationStarted: false, wordsAwaited: false },
    voicemail: initialVoicemail,
    hang: { turn: null },
    selfHearing: { times: 0 },
    control: initialControl,
    lifecycle: {
      phase: 'idle',
      epochMs: 0,
      lastWordsDue: false,
      isOff: false,
      endedReason: null,
      failure: null,
    },
  }
}

/** A system message of an assistant's configuration, as it enters the history. */
export function promptEntry(message: string, atMs: number): HistoryEntry {
  return { role: 'system', message, atMs, endMs: atMs, prompt: true }
}

/** True of what is heard, or will be in a moment. */
export function isSounding({ stage }: Utterance): boolean {
  return stage === 'speaking' || stage === 'starting'
}

/** The utterance that the customer hears now, if any. */
export function audibleUtterance(state: Readonly<CallState>): Utterance | null {
  const head = state.speaking.queue[0]
  return head !== undefined && head.stage === 'speaking' ? head : null
}

/** True while an answer, or the rest of one, is prepared and nothing is heard: words of the customer make it void. */
export function isAnswerUnderway(state: Readonly<CallState>): boolean {
  const { reply, speaking, tools } = state
  if (audibleUtterance(state) !== null) return false
  return (
    reply.active !== null ||
    speaking.queue.some(({ times, stage }) => times !== null && stage !== 'clearing') ||
    tools.running.some(({ awaited }) => awaited)
  )
}

/** True where nothing is under way that would make the assistant speak: it is the customer's move. */
export function isSettled(state: Readonly<CallState>): boolean {
  const { control, customer, endpointing, hooks, interruption, keypad, reply, speaking } = state
  const { tools, voicemail } = state
  return (
    voicemail.stage !== 'waiting' &&
    keypad.keys === '' &&
    !customer.talking &&
    customer.finals.length === 0 &&
    customer.unanswered === null &&
    endpointing.stage === 'idle' &&
    !interruption.inBackoff &&
    reply.active === null &&
    reply.held === null &&
    speaking.queue.length === 0 &&
    tools.running.length === 0 &&
    hooks.runs.length === 0 &&
    hooks.postponed.length === 0 &&
    control.transfer === null
  )
}

/** All words of the speech segment that is under way, or was last. */
export function segmentText(customer: Readonly<CustomerState>): string {
  return joinWords(customer.segmentFinals, customer.partial)
}

export function joinWords(before: string, after: string): string {
  return before === '' || after === '' ? before + after : `${before} ${after}`
}

/** The last thing that the assistant said or is saying. */
export function lastAssistantText(state: Readonly<CallState>): string {
  const entry = state.history.entries.findLast(candidate => candidate.role === 'bot')
  return entry?.role === 'bot' ? entry.message : ''
}
