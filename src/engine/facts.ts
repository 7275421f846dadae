import type { Failure, SpeechStarted, SpeechStopped } from './inputs.ts'
import type { TurnLatency, UtteranceSource } from './observations.ts'
import type { ContextPlan } from './plan.ts'
import type { ToolCall } from './ports/language-model.ts'
import type { RecordedTransfer } from './tools-state.ts'

/** When the steps towards an answer happened; `turn.latency` is computed from it. */
export interface TurnTimes {
  turn: number
  /** End of the customer's speech. Null where no speech asked for the answer. */
  speechEndMs: number | null
  turnEndedMs: number
  /** When the last final transcript of the turn came. */
  transcribedMs?: number
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
  /** The text is the address of a sound file, which is played. */
  sound?: true
  /** It goes before everything that is not heard yet. */
  first?: true
  /** Repeated when it was spoken or dropped, for whoever waits for that. */
  tag?: string
}

/** What owners tell each other within one step. Facts are handled by all owners in the next round. */
export type Fact =
  /** The wait after the customer's speech is over. */
  | { type: 'endpoint.reached' }
  /** The transcriber was too unsure of a final text: it does not count. */
  | {
      type: 'transcript.dropped'
      text: string
      audioMs: number
      endOfTurn: boolean
      confidence: number
      minimum: number
    }
  /** The customer's side heard the assistant's own words: they do not count. */
  | {
      type: 'transcript.self-heard'
      transcriptType: 'partial' | 'final'
      text: string
      audioMs: number
      endOfTurn: boolean
      echo: number | null
    }
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
      tag: string | null
    }
  /** It was dropped before any of it was heard. */
  | { type: 'utterance.dropped'; tag: string | null }
  /** Nothing will be said in answer to this turn. */
  | { type: 'turn.settled'; turn: number }
  | { type: 'tool.started'; call: ToolCall }
  | { type: 'tool.finished'; call: ToolCall; text: string; dryRun?: boolean }
  /** Run this tool of the plan as if the model had called it, but do not ask the model afterwards. */
  | { type: 'tool.wanted'; call: ToolCall; tool: number }
  /** What is being said is cut off, and the reply that it belongs to. */
  | { type: 'speech.cut' }
  /** The assistant's first message is to be said, whatever opened the call. */
  | { type: 'first-message.wanted' }
  /** A transfer by telephone that no tool asked for. */
  | { type: 'transfer.recorded'; record: RecordedTransfer }
  /** The call goes to a telephone: what is being heard is heard to its end, and nothing else is said or asked. */
  | { type: 'call.forwarded' }
  /** A muted customer began or stopped speaking (`edge`), or said something. */
  | { type: 'customer.unheard'; edge: 'speech.started' | 'speech.stopped' | null }
  /** A customer who is talking is muted, or is heard again: an edge for those who listen. */
  | SpeechStarted
  | SpeechStopped
  /** Another assistant of the call shall speak from now on; `toolCallId` names the call that asked for it. */
  | { type: 'assistant.wanted'; member: number; context: ContextPlan; toolCallId: string; times: TurnTimes }
  | { type: 'assistant.changed'; member: number; context: ContextPlan; toolCallId: string; times: TurnTimes }
  | { type: 'message.added'; role: 'system' | 'user' | 'assistant' | 'tool' | 'function'; content: string }
  /** The call must end. `message` is spoken before, where given; `now` cuts everything off. */
  | { type: 'end.wanted'; endedReason: string; message: string | null; now: boolean; failure: Failure | null }
  /** A machine has answered: the assistant falls silent, and only the message to it follows. */
  | { type: 'voicemail.detected' }
  /** The assistant falls silent and asks nothing more; its hooks on `call.ending` may still act. */
  | { type: 'call.ending'; endedReason: string }
  /** Those hooks are done. `endedReason`: what they made of it. */
  | { type: 'ending.done'; endedReason: string }
  /** What hooks wanted to say is not said: what is not heard yet, or all of it. */
  | { type: 'say.withdrawn'; what: 'unheard' | 'all' }
  /** Nothing more is spoken or asked; owners drop their timers and work. */
  | { type: 'call.closing' }
