import type {
  DecisionGrounds,
  EndpointingSource,
  Observation,
  TurnLatency,
  UtteranceSource,
} from '../../engine/observations.ts'
import type { SpeakingSettings } from '../../engine/settings.ts'

/** A stretch of the customer's speech and its words. Times are milliseconds since the call's begin. */
export interface CustomerSpeech {
  type: 'customer'
  fromMs: number
  /** Null where the record breaks off while the customer speaks. */
  toMs: number | null
  /** When its end was noticed: a little later. Null where it was not. */
  learnedMs: number | null
  text: string
  /** False where the words are those of an unfinished transcript. */
  final: boolean
  /** True where the words were taken for an acknowledgement and left out of the turn. */
  acknowledgement: boolean
  typed: boolean
  confidence: number | null
}

/** An utterance of the assistant: what was heard of it and what was not. */
export interface AssistantSpeech {
  type: 'assistant'
  fromMs: number
  toMs: number | null
  heard: string
  unheard: string
  source: UtteranceSource
  /** `stopped`: cut off without an interruption, by the call's end or because the customer spoke on. */
  ending: 'completed' | 'interrupted' | 'stopped' | 'open'
}

/** Who decided how long to wait after the customer's speech, and whether it came to that. */
export interface EndpointingDecision {
  type: 'decision'
  fromMs: number
  by: EndpointingSource
  waitMs: number
  detail: string
  grounds: DecisionGrounds
  /** `overtaken`: the customer went on, or another decision took its place. */
  outcome: 'ended' | 'overtaken' | 'open'
}

export interface ToolUse {
  type: 'tool'
  fromMs: number
  toMs: number | null
  name: string
  arguments: Readonly<Record<string, unknown>>
  result: string | null
  error: string | null
}

export interface Interruption {
  type: 'interruption'
  fromMs: number
  by: 'vad' | 'words' | 'phrase' | 'key'
  ignored: boolean
  reason: string
  /** Until when the assistant stays silent; null where it was not interrupted. */
  silentUntilMs: number | null
}

export interface Warning {
  type: 'warning'
  fromMs: number
  text: string
}

export interface Failure {
  type: 'failure'
  fromMs: number
  text: string
}

export type TurnItem =
  | CustomerSpeech
  | AssistantSpeech
  | EndpointingDecision
  | ToolUse
  | Interruption
  | Warning
  | Failure

/** What happens between the end of the customer's speech and the assistant's first sound, in this order. */
export const STAGES = ['endpointing', 'model', 'voice', 'wait'] as const
export type StageName = (typeof STAGES)[number]

export interface Stage {
  name: StageName
  fromMs: number
  toMs: number
}

const WORK_TYPES = [
  'model.requested',
  'model.first-token',
  'model.completed',
  'model.failed',
  'model.switched',
  'voice.requested',
  'voice.ready',
  'voice.failed',
  'voice.switched',
  'transcriber.failed',
  'transcriber.switched',
  'transcript.dropped',
  'transcript.self-heard',
  'language.changed',
  'hook.triggered',
  'hook.skipped',
  'tool.called',
  'tool.completed',
  'transfer.started',
  'transfer.failed',
  'assistant.requested',
  'assistant.changed',
  'assistant.hanging',
  'assistant.muted',
  'assistant.unmuted',
  'customer.muted',
  'customer.unmuted',
  'control.received',
  'voicemail.detected',
] as const satisfies readonly Observation['type'][]

/** What the assistant, its providers and those who control the call did, as it was observed. */
export type WorkEvent = Extract<Observation, { type: (typeof WORK_TYPES)[number] }>

const workTypes: ReadonlySet<string> = new Set(WORK_TYPES)

export function isWork(observation: Observation): observation is WorkEvent {
  return workTypes.has(observation.type)
}

/** One turn of the customer and what the assistant did about it. */
export interface Turn {
  /** 0 is what comes before the customer's first turn. */
  number: number
  fromMs: number
  /** When the turn was found to be over; null for the opening and for a turn that never ended. */
  endedMs: number | null
  /** In the order of their happening. */
  items: TurnItem[]
  /** In its order: what the items do not tell of the work on the answer. */
  work: WorkEvent[]
  /** As measured by the engine: of answers to speech that were heard. */
  latency: TurnLatency | null
  /** When the sound began that `latency` measures. */
  soundedMs: number | null
  /** Who spoke when the turn ended, and the settings then in force; null where the record does not tell. */
  assistantName: string | null
  settings: SpeakingSettings | null
  /** Without gaps; those of an answer that never sounded end where it was given up. */
  stages: Stage[]
  /** True where the assistant was heard in this turn. */
  answered: boolean
  /** True where the customer spoke on before the answer, so that these words belong to the next turn too. */
  takenBack: boolean
}

/** A call, read from its observations: what the report draws and tells. */
export interface Story {
  turns: Turn[]
  /** The end of the call as observed; null where the record breaks off before it. */
  ended: { atMs: number; endedReason: string; endedMessage: string | null } | null
  /** The time of the last thing that happened. */
  lengthMs: number
}

type ItemOf<Type extends TurnItem['type']> = Extract<TurnItem, { type: Type }>

/** The items of one kind among others. */
export function itemsOf<Type extends TurnItem['type']>(
  items: readonly TurnItem[],
  type: Type,
): ItemOf<Type>[] {
  return items.filter((item): item is ItemOf<Type> => item.type === type)
}

/** The last item of a kind. */
export function lastOf<Type extends TurnItem['type']>(
  items: readonly TurnItem[],
  type: Type,
): ItemOf<Type> | undefined {
  return items.findLast((item): item is ItemOf<Type> => item.type === type)
}
