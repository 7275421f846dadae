import type { ExitCode } from '../errors.ts'
import type { DestinationPlan } from './plan.ts'
import type { HeardChunk } from './ports/audio-output.ts'
import type { ToolCall } from './ports/language-model.ts'
import type { ToolOutcome } from './ports/tool-runner.ts'
import type { WordTiming } from './ports/voice.ts'

/** A failure as the engine sees it: plain data made from a VapiError. */
export interface Failure {
  code: string
  message: string
  retryable: boolean
  /** What the call's `endedReason` becomes if this ends it. */
  endedReason: string | null
  /** What the user may try next. */
  hint: string | null
  /** Exit code of a program that ends because of it. */
  exit: ExitCode
}

/** A message to a live call, as posted to `controlUrl` (vapi-api.md 2.5), checked where it came in. */
export type ControlMessage =
  | {
      type: 'say'
      content: string
      endCallAfterSpoken?: boolean
      /** True: what is being said is cut off. False, or not set: the text waits for it. */
      interruptAssistantEnabled?: boolean
      /** False: the customer cannot stop it. */
      interruptionsEnabled?: boolean
    }
  | {
      type: 'add-message'
      message: { role: 'system' | 'user' | 'assistant' | 'tool' | 'function'; content: string }
      triggerResponseEnabled?: boolean
    }
  | {
      type: 'control'
      control:
        | 'mute-assistant'
        | 'unmute-assistant'
        | 'mute-customer'
        | 'unmute-customer'
        | 'say-first-message'
    }
  | { type: 'end-call' }
  /** `content` is spoken before the call goes to `destination`, which is as it was posted. */
  | { type: 'transfer' | 'handoff'; destination: Readonly<Record<string, unknown>>; content?: string }
  /** For the telephone line. */
  | { type: 'send-transport-message'; message: Readonly<Record<string, unknown>> }

interface Timed {
  /** When it was learned, in milliseconds since the call began. */
  atMs: number
}
interface ForWork extends Timed {
  /** The work command that this answers. */
  workId: string
}

export interface CallStarted extends Timed {
  type: 'call.started'
  /** Seed of every random choice in the call. */
  seed: number
  /** Wall clock at 0 ms, for time stamps and Liquid's dates. */
  epochMs: number
  /** IANA name. */
  timeZone: string
}
/** The customer can be heard: the microphone, the file or the keyboard is open. */
export interface CustomerJoined extends Timed {
  type: 'customer.joined'
}
/** The call is over from outside. */
export interface CallHangUp extends Timed {
  type: 'call.hangup'
  endedReason: string
}
export interface ControlReceived extends Timed {
  type: 'control'
  message: ControlMessage
}

export interface SpeechStarted extends Timed {
  type: 'speech.started'
  /** When the sound began; waits count from here. */
  audioMs: number
}
export interface SpeechStopped extends Timed {
  type: 'speech.stopped'
  audioMs: number
}
/** The customer's sound was judged after speech: the probability (1: certainly) that the turn is over. */
export interface TurnJudged extends Timed {
  type: 'turn.judged'
  finished: number
  /** End of the sound that was judged. */
  audioMs: number
}
export interface PlaybackStarted extends Timed {
  type: 'playback.started'
  utteranceId: string
}
export interface PlaybackDrained extends Timed {
  type: 'playback.drained'
  utteranceId: string
}
export interface PlaybackCleared extends Timed {
  type: 'playback.cleared'
  utteranceId: string
  heard: HeardChunk[]
}

/** Where the words come from: a recogniser, the script of a scripted caller, or a keyboard. */
export type TranscriptOrigin = 'recognition' | 'script' | 'keyboard'

export interface TranscriptReceived extends Timed {
  type: 'transcript'
  transcriptType: 'partial' | 'final'
  text: string
  /** End of the speech that the text covers. */
  audioMs: number
  confidence: number | null
  /** BCP 47, as the transcriber reports it; null where it tells none. */
  language: string | null
  endOfTurn: boolean
  origin: TranscriptOrigin
  /**
   * Absent where the customer's side cannot hear the assistant's. Else how alike the loudness of both was in this stretch
   * (from -1 to 1, at the best delay), or null where there was too little sound to say.
   */
  echo?: number | null
}
export interface TranscriberFailed extends Timed {
  type: 'transcriber.failed'
  /** Its place among those of the first assistant. */
  transcriber: number
  failure: Failure
}

/** Answer to `match`: which of the tests fit; `timedOut` where a user's regex exceeded its limit. */
export interface MatchDone extends ForWork {
  type: 'match.done'
  matches: boolean[]
  timedOut: boolean
}
/** Answer to `predict`: probability that the turn is over. */
export interface PredictDone extends ForWork {
  type: 'predict.done'
  finished: number
}
/** Answer to `endpointing.request`: the turn is over so long after the end of speech, 0 to 15 s. */
export interface EndpointingAnswered extends ForWork {
  type: 'endpointing.answered'
  timeoutSeconds: number
}
/** Neither `predict` nor `endpointing.request` was answered. */
export interface PredictFailed extends ForWork {
  type: 'predict.failed'
  failure: Failure
}

/** A stretch of formatted text and the source characters it came from. */
export interface TextSpan {
  from: number
  to: number
  sourceFrom: number
  sourceTo: number
}
export interface FormatDone extends ForWork {
  type: 'format.done'
  text: string
  spans: TextSpan[]
  timedOut: boolean
}

/** Answer to `render`: the texts in their order; a text with a fault stays as it was, and `fault` tells it. */
export interface RenderDone extends ForWork {
  type: 'render.done'
  texts: string[]
  fault: string | null
}

export interface ModelText extends ForWork {
  type: 'model.text'
  text: string
}
export interface ModelDone extends ForWork {
  type: 'model.done'
  toolCalls: ToolCall[]
}
export interface ModelFailed extends ForWork {
  type: 'model.failed'
  failure: Failure
}

/** The first sound of a chunk is there. */
export interface VoiceReady extends ForWork {
  type: 'voice.ready'
}
/** When words of a chunk are heard that is still being voiced; `voice.done` has all of them. */
export interface VoiceWords extends ForWork {
  type: 'voice.words'
  words: WordTiming[]
}
export interface VoiceDone extends ForWork {
  type: 'voice.done'
  durationMs: number
  words: WordTiming[]
}
export interface VoiceFailed extends ForWork {
  type: 'voice.failed'
  /** Sound of the chunk that had been received and will still be played. */
  receivedMs: number
  words: WordTiming[]
  failure: Failure
}

/** What an answer of a tool comes to in the call. */
export type ToolResult =
  | Exclude<ToolOutcome, { type: 'destination' }>
  | {
      type: 'destination'
      /** The destination that the server named, with its place among the call's assistants. */
      destination: DestinationPlan
      result?: string
      message?: Readonly<Record<string, unknown>>
      variables?: Readonly<Record<string, unknown>>
      warnings?: readonly string[]
    }
export interface ToolDone extends ForWork {
  type: 'tool.done'
  outcome: ToolResult
}

/** Answer to `judge`: whether the tool's rejection plan fits the conversation; `timedOut` where that took too long. */
export interface JudgeDone extends ForWork {
  type: 'judge.done'
  rejected: boolean
  timedOut: boolean
}

/** Somebody at this machine pressed the key that stops the assistant: it is an interruption without words. */
export interface InterruptPressed extends Timed {
  type: 'interrupt.pressed'
}

/** The customer pressed keys of a telephone. */
export interface KeysPressed extends Timed {
  type: 'keys.pressed'
  keys: string
}

/** What the customer's sound says of machines: a beep is over, or an audio model hears a machine's voice. */
export interface MachineHeard extends Timed {
  type: 'machine.heard'
  what: 'beep' | 'voice'
  audioMs: number
}

export interface TimerFired extends Timed {
  type: 'timer'
  timerId: string
}
/** A stage of the audio plane died (microphone, speaker, signal processing). */
export interface StageFailed extends Timed {
  type: 'stage.failed'
  stage: 'audio-input' | 'audio-output'
  failure: Failure
}
/** Something the user should know; it is observed and changes nothing. */
export interface WarningRaised extends Timed {
  type: 'warning'
  message: string
}

/** A server took a message of the call, with this HTTP status; it is observed and changes nothing. */
export interface MessageDelivered extends Timed {
  type: 'message.sent'
  messageType: string
  status: number
}

/** Everything that the engine learns. The log of these is the call. */
export type Input =
  | CallStarted
  | CustomerJoined
  | CallHangUp
  | ControlReceived
  | SpeechStarted
  | SpeechStopped
  | TurnJudged
  | PlaybackStarted
  | PlaybackDrained
  | PlaybackCleared
  | TranscriptReceived
  | TranscriberFailed
  | MatchDone
  | PredictDone
  | EndpointingAnswered
  | PredictFailed
  | FormatDone
  | RenderDone
  | ModelText
  | ModelDone
  | ModelFailed
  | VoiceReady
  | VoiceWords
  | VoiceDone
  | VoiceFailed
  | ToolDone
  | JudgeDone
  | InterruptPressed
  | KeysPressed
  | MachineHeard
  | TimerFired
  | StageFailed
  | WarningRaised
  | MessageDelivered

type InputClass = 'control' | 'audio-edge' | 'provider-result' | 'timer'

const classes: Record<Input['type'], InputClass> = {
  'call.started': 'control',
  'customer.joined': 'control',
  'call.hangup': 'control',
  control: 'control',
  'interrupt.pressed': 'control',
  'stage.failed': 'control',
  warning: 'control',
  'message.sent': 'control',
  'speech.started': 'audio-edge',
  'speech.stopped': 'audio-edge',
  'turn.judged': 'audio-edge',
  'machine.heard': 'audio-edge',
  'playback.started': 'audio-edge',
  'playback.drained': 'audio-edge',
  'playback.cleared': 'audio-edge',
  transcript: 'provider-result',
  'transcriber.failed': 'provider-result',
  'match.done': 'provider-result',
  'predict.done': 'provider-result',
  'endpointing.answered': 'provider-result',
  'predict.failed': 'provider-result',
  'format.done': 'provider-result',
  'render.done': 'provider-result',
  'model.text': 'provider-result',
  'model.done': 'provider-result',
  'model.failed': 'provider-result',
  'voice.ready': 'provider-result',
  'voice.words': 'provider-result',
  'voice.done': 'provider-result',
  'voice.failed': 'provider-result',
  'tool.done': 'provider-result',
  'judge.done': 'provider-result',
  'keys.pressed': 'provider-result',
  timer: 'timer',
}
const ranks: Record<InputClass, number> = { control: 0, 'audio-edge': 1, 'provider-result': 2, timer: 3 }

/** Order of inputs at the same `atMs`: control, audio edges, provider results, timers. */
export function inputRank(type: Input['type']): number {
  return ranks[classes[type]]
}
