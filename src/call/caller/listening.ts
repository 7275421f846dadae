import { createBeepDetector } from '../../audio/beep.ts'
import type { Denoising } from '../../audio/denoise/denoiser.ts'
import type { EchoLikeness } from '../../audio/plane/echo-likeness.ts'
import { paceFrames } from '../../audio/plane/frames.ts'
import { createSignalProcessor, type SignalProcessor } from '../../audio/plane/signal.ts'
import type { TranscriptOrigin } from '../../engine/inputs.ts'
import type { Observation } from '../../engine/observations.ts'
import {
  type AudioFrame,
  type AudioInput,
  FRAME_SAMPLES,
  SAMPLE_RATE,
} from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { Transcriber } from '../../engine/ports/transcriber.ts'
import { type CallState, isSettled } from '../../engine/state.ts'
import type { Customer, CustomerLine } from '../ports.ts'
import { failureOf } from '../work.ts'
import { createTranscriberLine } from './transcribers.ts'
import { FADE_MS } from './untranscribed.ts'

/** After the last sound of a file, how long a transcript of it is waited for, in milliseconds. */
const LAST_TRANSCRIPT_MS = 3000
/** The same where the transcriber is known to be at work on it still: a machine may be slow. */
const WORKING_MS = 20_000
/** Words that no speech was found for are taken to be so long. */
const UNKNOWN_SPEECH_MS = 2000
const KEPT_SPEECHES = 50
const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000

export interface ListeningOptions {
  input: AudioInput
  /** Those of the plan; the first listens until the call goes over to another. */
  transcribers: readonly Transcriber[]
  origin: TranscriptOrigin
  denoising: Denoising
  /** The sound says when a turn is over. */
  judgeTurns?: boolean
  /** A machine may answer: its beep is listened for. */
  hearsBeeps: boolean
  clock: Clock
  /** The customer's side of the recording, as it was captured. */
  tap: (frame: AudioFrame) => void
  /** What counts of a captured frame: silence while the microphone rests. Detection and recognition get that; the tap does not. */
  guard?: (frame: AudioFrame) => AudioFrame
  /** Takes the frames that count. */
  counted?: (frame: AudioFrame) => void
  /** The microphone may hear the assistant: transcripts tell how alike both sides sounded. Null or absent: it cannot. */
  likeness?: EchoLikeness | null
  /** What the assistant says in the 20 ms from a moment of the call on; absent where it is not heard. */
  assistantDuring?: (audioMs: number) => Int16Array
}

/** A customer who is heard: sound becomes speech edges and transcripts. When the sound is over, the customer hangs up. */
export function createListener(options: ListeningOptions): Customer {
  const { input, clock } = options
  let line: CustomerLine
  let processor: SignalProcessor
  let state: Readonly<CallState> | null = null
  let endedMs: number | null = null
  /** Silence stands for the customer's sound, in the recording too. */
  let muted = false
  const beeps = options.hearsBeeps ? createBeepDetector() : null
  let stopSilence = () => {}
  const { likeness = null } = options
  /** Final transcripts cover the speech up to here. */
  let coveredMs = 0
  /** When the last stretches of speech began: a recogniser may be some of them late. */
  const speechesMs: number[] = []
  const transcribers = createTranscriberLine(options.transcribers, clock, {
    transcript: ({ transcriptType, text, audioMs, confidence, language, endOfTurn }) => {
      if (transcriptType === 'final') coveredMs = Math.max(coveredMs, audioMs)
      line.input({
        type: 'transcript',
        transcriptType,
        text,
        audioMs: Math.round(audioMs),
        confidence: confidence ?? null,
        language: language ?? null,
        endOfTurn: endOfTurn ?? false,
        origin: options.origin,
        ...(likeness !== null && {
          echo: likeness.between(
            speechesMs.findLast(fromMs => fromMs < audioMs) ?? audioMs - UNKNOWN_SPEECH_MS,
            audioMs,
          ),
        }),
      })
    },
    failed: (transcriber, error) =>
      line.input({ type: 'transcriber.failed', transcriber, failure: failureOf(error) }),
    warning: message => line.input({ type: 'warning', message }),
  })

  function hear(captured: AudioFrame): void {
    const frame = muted ? { ...captured, samples: new Int16Array(captured.samples.length) } : captured
    options.tap(frame)
    const counted = options.guard?.(frame) ?? frame
    options.counted?.(counted)
    likeness?.customer(counted.samples, counted.audioMs)
    if (beeps?.push(counted.samples)) {
      const audioMs = Math.round(counted.audioMs)
      line.input({ type: 'machine.heard', what: 'beep', audioMs })
    }
    processor.process(counted)
  }

  /** Silence goes on after the sound, so that detection and recognition come to their ends. */
  function goOnInSilence(): void {
    endedMs = clock.now()
    stopSilence = paceFrames(
      clock,
      () => {},
      frame => {
        hear(frame)
        if (state !== null && isOver(state)) {
          stopSilence()
          line.hangUp('customer-ended-call')
        }
      },
    )
  }

  function isOver(current: Readonly<CallState>): boolean {
    if (endedMs === null || !isSettled(current) || current.lifecycle.phase !== 'live') return false
    const { speechEndMs } = current.customer
    // A slow transcriber tells one stretch of speech after the other: the last one's words count.
    const transcribed = speechEndMs === null || coveredMs >= speechEndMs - FADE_MS
    // Another transcriber took over: it may still find words in what was kept for it.
    const caughtUpMs = transcribers.caughtUpMs()
    if (caughtUpMs === null || clock.now() < caughtUpMs) return false
    const limitMs = transcribed ? 500 : transcribers.isBehind() ? WORKING_MS : LAST_TRANSCRIPT_MS
    return clock.now() - Math.max(endedMs, speechEndMs ?? 0) > limitMs
  }

  return {
    listenWith: place => transcribers.switchTo(place),
    start: async given => {
      line = given
      const fail = (error: Error) =>
        line.input({ type: 'stage.failed', stage: 'audio-input', failure: failureOf(error) })
      const signal = { denoising: options.denoising, judgeTurns: options.judgeTurns ?? false }
      processor = createSignalProcessor(signal, {
        heard: frame => {
          const assistant = options.assistantDuring?.(frame.audioMs)
          transcribers.push(assistant === undefined ? frame : { ...frame, assistant })
        },
        judged: (edges, finished, frameMs) => {
          for (const { type, audioMs } of edges) {
            if (type === 'started') {
              speechesMs.push(audioMs)
              if (speechesMs.length > KEPT_SPEECHES) speechesMs.shift()
            }
            transcribers.speech(type, audioMs)
            line.input({
              type: type === 'started' ? 'speech.started' : 'speech.stopped',
              audioMs: Math.round(audioMs),
            })
          }
          if (finished !== null)
            line.input({ type: 'turn.judged', finished, audioMs: Math.round(frameMs + FRAME_MS) })
        },
        failed: fail,
      })
      await transcribers.start()
      await input.start({
        frame: hear,
        ended: goOnInSilence,
        failed: fail,
        warning: message => line.input({ type: 'warning', message }),
      })
    },
    notice: (_observations: readonly Observation[], current) => {
      state = current
    },
    mute: value => {
      muted = value
    },
    close: async () => {
      stopSilence()
      await input.close()
      await processor?.close()
      await transcribers.close()
    },
  }
}
