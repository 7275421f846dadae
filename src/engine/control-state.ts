import type { Fact } from './facts.ts'
import type { Input } from './inputs.ts'
import type { DestinationPlan } from './plan.ts'

/** What live control has changed in a call. */
export interface ControlState {
  nextWork: number
  assistantMuted: boolean
  /** The customer is muted since then; null where not. */
  mutedSinceMs: number | null
  /** The last stretch for which the customer was muted and is no more: words of it do not count. */
  mutedBefore: { fromMs: number; toMs: number } | null
  /** The muted customer is talking. */
  unheardTalking: boolean
  /** A transfer or hand-over that is under way. */
  transfer: ControlTransfer | null
  /** Messages for the telephone line, which a local call only records. */
  transportMessages: RecordedTransportMessage[]
}

export interface ControlTransfer {
  /** Names the work that finds the destination, and the words before it. */
  workId: string
  /** Its words were heard, or there are none. */
  spoken: boolean
  /** Words of its own were sent along; else those of the destination are spoken. */
  hasWords: boolean
  /** Null until it is found. */
  destination: DestinationPlan | null
}

export interface RecordedTransportMessage {
  atMs: number
  message: Readonly<Record<string, unknown>>
  dryRun: true
}

export const initialControl: ControlState = {
  nextWork: 0,
  assistantMuted: false,
  mutedSinceMs: null,
  mutedBefore: null,
  unheardTalking: false,
  transfer: null,
  transportMessages: [],
}

/** Names the words before a transfer. */
export function tagOf(workId: string): string {
  return `control/${workId}`
}

/** True where the words of this name are all that a transfer by telephone still waits for. */
export function leavesAfter({ transfer }: ControlState, tag: string | null): boolean {
  const type = transfer?.destination?.type
  const isTelephone = type === 'number' || type === 'sip'
  return isTelephone && transfer !== null && tag === tagOf(transfer.workId)
}

/** What the owners learn of an input: nothing that a muted customer says. */
export function heard(slice: ControlState, input: Input): Input | Fact {
  const { mutedSinceMs, mutedBefore } = slice
  if (mutedSinceMs === null && mutedBefore === null) return input
  switch (input.type) {
    case 'speech.started':
    case 'speech.stopped':
      return mutedSinceMs === null ? input : { type: 'customer.unheard', edge: input.type }
    // A transcript comes later than the speech that it is of.
    case 'transcript':
    case 'turn.judged':
    case 'machine.heard':
      return isMuted(slice, input.audioMs) ? { type: 'customer.unheard', edge: null } : input
    default:
      return input
  }
}

/** Was the customer muted when this was said? The moment of muting itself was still heard. */
function isMuted({ mutedSinceMs, mutedBefore }: ControlState, audioMs: number): boolean {
  if (mutedSinceMs !== null && audioMs > mutedSinceMs) return true
  return mutedBefore !== null && audioMs > mutedBefore.fromMs && audioMs <= mutedBefore.toMs
}
