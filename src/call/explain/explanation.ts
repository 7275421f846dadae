import type { EndpointingSource, UtteranceSource } from '../../engine/observations.ts'
import type { SpeakingSettings } from '../../engine/settings.ts'
import type { TextSign } from '../../engine/text/heuristics.ts'

/** What the time between the customer's last sound and the assistant's first one went into, in this order. */
export const PARTS = [
  /** Until the final transcript was there. */
  'transcription',
  /** From there until the wait was decided: rules, a prediction, or a transcript that never came. */
  'deciding',
  /** The rest of the wait. */
  'endpointing',
  /** The turn was over, but the assistant still said something that the customer cannot interrupt. */
  'own-speech',
  /** Until the model's first words, in all its requests. */
  'model',
  'tools',
  /** From the model's first words until there were enough of them for the voice. */
  'text',
  /** With voices that failed. */
  'voice-failure',
  /** Until the voice's first sound. */
  'voice',
  /** The voice was ready, but other words of the assistant were heard first. */
  'behind',
  /** The voice was ready, but the customer was speaking. */
  'behind-customer',
  'backoff',
  /** `waitSeconds`. */
  'wait',
  /** What is left: from asking the output to play until it sounded. */
  'output',
] as const
export type PartName = (typeof PARTS)[number]

/** Where the time before an answer went; the parts add up to `totalMs`. */
export interface AnswerTime {
  totalMs: number
  /** In the order of `PARTS`, without those that took no time. */
  parts: { name: PartName; ms: number }[]
}

/** A decision on the end of a turn and what it rests on. Times are milliseconds since the call's begin. */
export interface Decision {
  by: EndpointingSource
  /** Path of the setting that gave the wait, or null. */
  setting: string | null
  waitMs: number
  atMs: number
  /** Null where the record does not tell. */
  speechEndMs: number | null
  detail: string
  rule: number | null
  stillSpeaking: number | null
  /** Krisp's probability that the customer has finished. */
  finished: number | null
  sign: TextSign | null
  /** Why this wait, as a clause. */
  reason: string
  /** Where the customer went on before the wait was over: how long they had paused; else null. */
  pausedMs: number | null
}

/** Something that a turn's times, or its silence, are to be understood from. */
export interface Remark {
  atMs: number
  about:
    | 'endpointing'
    | 'interruption'
    | 'hook'
    | 'tool'
    | 'model'
    | 'voice'
    | 'transcriber'
    | 'squad'
    | 'transfer'
    | 'speech'
    | 'warning'
  text: string
}

export interface SaidPiece {
  atMs: number
  source: UtteranceSource
  heard: string
  unheard: string
  ending: 'completed' | 'interrupted' | 'stopped' | 'open'
}

/** Why the assistant spoke when it did in one turn. */
export interface TurnExplanation {
  /** 0 is what comes before the customer's first turn. */
  turn: number
  assistantName: string | null
  fromMs: number
  endedMs: number | null
  /** When the answer began to sound; null where none did. */
  soundedMs: number | null
  customer: string
  said: SaidPiece[]
  outcome: 'opening' | 'answered' | 'taken-back' | 'unanswered' | 'unfinished'
  /** What ended the turn. */
  decision: Decision | null
  /** Decisions that the customer overtook by going on. */
  overtaken: Decision[]
  time: AnswerTime | null
  /** Why, in whole sentences. */
  why: string[]
  /** In the order of their happening. */
  remarks: Remark[]
}

export type SettingValue = string | number | boolean

/** One thing to change so that the assistant speaks earlier. */
export interface Advice {
  /** Path in the configuration. */
  setting: string
  /** The assistant that it is about, where the call had several. */
  assistantName: string | null
  /** The setting's values, typed as in the configuration; null where there is none to give. */
  from: SettingValue | null
  to: SettingValue | null
  /** Computed from this call; where the customer or a provider would have acted differently, it differs. */
  saves: { turn: number; ms: number }[]
  /** `exact`: by the settings alone; `at-most`: no more than this; `unknown`: `saves` has the time that it is about. */
  certainty: 'exact' | 'at-most' | 'unknown'
  /** What was found in this call. */
  finding: string
  risk: string
}

/** A call, explained. */
export interface CallExplanation {
  /** The simulation file that it is from, where the record names one. */
  file: string | null
  assistantName: string | null
  lengthMs: number
  ended: { atMs: number; endedReason: string; endedMessage: string | null; why: string } | null
  /** Those in force at the begin; null where the record is of an older program. */
  settings: SpeakingSettings | null
  /** Of the turns whose time was measured; null without any. */
  summary: {
    measured: number
    medianMs: number
    slowestMs: number
    slowestTurn: number
    /** Share of all the time that each part took, from 0 to 1. */
    shares: { name: PartName; share: number }[]
  } | null
  turns: TurnExplanation[]
  /** What saves most comes first. */
  advice: Advice[]
  /** How many events of each type were met that this program does not know. */
  unknownEvents: Record<string, number>
}
