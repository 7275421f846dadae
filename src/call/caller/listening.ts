import type { Denoising } from '../../audio/denoise/denoiser.ts'
import { paceFrames } from '../../audio/plane/frames.ts'
import { createSignalProcessor, type SignalProcessor } from '../../audio/plane/signal.ts'
import type { TranscriptOrigin } from '../../engine/inputs.ts'
import type { Observation } from '../../engine/observations.ts'
import type { AudioFrame, AudioInput } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { Transcriber } from '../../engine/ports/transcriber.ts'
import { type CallState, isSettled } from '../../engine/state.ts'
import type { Customer, CustomerLine } from '../ports.ts'
import { failureOf } from '../work.ts'

/** After the last sound of a file, how long a transcript of it is waited for, in milliseconds. */
const LAST_TRANSCRIPT_MS = 3000

export interface ListeningOptions {
  input: AudioInput
  transcriber: Transcriber
  origin: TranscriptOrigin
  denoising: Denoising
  clock: Clock
  /** The customer's side of the recording, as it was captured. */
  tap: (frame: AudioFrame) => void
}

/** A customer who is heard: sound becomes speech edges and transcripts. When the sound is over, the customer hangs up. */
export function createListener(options: ListeningOptions): Customer {
  const { input, transcriber, clock } = options
  let line: CustomerLine
  let processor: SignalProcessor
  let state: Readonly<CallState> | null = null
  let endedMs: number | null = null
  let stopSilence = () => {}

  function hear(frame: AudioFrame): void {
    options.tap(frame)
    processor.process(frame)
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
    const { segmentFinals, segmentStartMs, speechEndMs } = current.customer
    const transcribed = segmentFinals !== '' || segmentStartMs === null
    return clock.now() - Math.max(endedMs, speechEndMs ?? 0) > (transcribed ? 500 : LAST_TRANSCRIPT_MS)
  }

  return {
    start: async given => {
      line = given
      const fail = (error: Error) =>
        line.input({ type: 'stage.failed', stage: 'audio-input', failure: failureOf(error) })
      processor = createSignalProcessor(options.denoising, {
        processed: (frame, edges) => {
          transcriber.push(frame)
          for (const { type, audioMs } of edges) {
            transcriber.speech(type, audioMs)
            line.input({
              type: type === 'started' ? 'speech.started' : 'speech.stopped',
              audioMs: Math.round(audioMs),
            })
          }
        },
        failed: fail,
      })
      await transcriber.start({
        transcript: ({ transcriptType, text, audioMs, confidence, endOfTurn }) =>
          line.input({
            type: 'transcript',
            transcriptType,
            text,
            audioMs: Math.round(audioMs),
            confidence: confidence ?? null,
            endOfTurn: endOfTurn ?? false,
            origin: options.origin,
          }),
        failed: error => line.input({ type: 'transcriber.failed', failure: failureOf(error) }),
      })
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
    close: async () => {
      stopSilence()
      await input.close()
      await processor?.close()
      await transcriber.close()
    },
  }
}
