import type { Failure } from './inputs.ts'
import type { TurnLatency, UtteranceSource } from './observations.ts'
import type { ToolCall } from './ports/language-model.ts'

/** When the steps towards an answer happened; `turn.latency` is computed from it. */
export interface TurnTimes {
  turn: number
  /** End of the customer's speech. Null where no speech asked for the answer. */
  speechEndMs: number | null
  turnEndedMs: number
}

/** Something to speak that no reply of the model feeds. */
export interface SayRequest {
  text: string
  source: UtteranceSource
  interruptible: boolean
  /** Hang up with this `endedReason` once it was spoken to its end. */
  endsCall: string | null
  /** The turn that it answers; null where it answers none. */
  times: TurnTimes | null
}

/** What owners tell each other within one step. Facts are handled by all owners in the next round. */
export type Fact =
  /** The wait after the customer's speech is over. */
  | { type: 'endpoint.reached' }
  /** A customer's turn is complete. `newText` is what came since a turn that was reopened. */
  | { type: 'turn.ended'; text: string; newText: string; times: TurnTimes }
  /** The customer spoke before the answer was heard: the answer is void, its turn goes on (ruling 9). */
  | { type: 'turn.reopened' }
  /** The model is asked without a new turn of the customer. */
  | { type: 'reply.wanted'; times: TurnTimes }
  /** A reply begins, grows, is complete. `replyId` names it. */
  | { type: 'reply.started'; replyId: string; times: TurnTimes; requestedMs: number }
  | { type: 'reply.text'; replyId: string; text: string }
  | { type: 'reply.completed'; replyId: string; text: string; toolCalls: ToolCall[]; times: TurnTimes }
  /** The customer interrupted: everything prepared is void. */
  | { type: 'interrupted' }
  /** The customer's last utterance was only an acknowledgement. */
  | { type: 'acknowledged'; text: string }
  | ({ type: 'say' } & SayRequest)
  /** `turn`: the turn that it answers, or null. */
  | {
      type: 'utterance.started'
      utteranceId: string
      text: string
      turn: number | null
      latency: TurnLatency | null
    }
  /** The text of an utterance that is being spoken grew. */
  | { type: 'utterance.extended'; utteranceId: string; text: string }
  | {
      type: 'utterance.finished'
      utteranceId: string
      source: UtteranceSource
      spokenText: string
      heard: boolean
      endsCall: string | null
    }
  | { type: 'tool.started'; call: ToolCall }
  | { type: 'tool.finished'; call: ToolCall; text: string }
  | { type: 'message.added'; role: 'system' | 'user' | 'assistant' | 'tool' | 'function'; content: string }
  /** The call must end. `message` is spoken before, where given; `now` cuts everything off. */
  | { type: 'end.wanted'; endedReason: string; message: string | null; now: boolean; failure: Failure | null }
  /** Nothing more is spoken or asked; owners drop their timers and work. */
  | { type: 'call.closing' }
