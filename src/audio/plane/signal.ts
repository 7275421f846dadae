import { Worker } from 'node:worker_threads'
import type { AudioFrame } from '../../engine/ports/audio-input.ts'
import type { SpeechEdge } from '../../engine/ports/voice-activity-detector.ts'
import { VapiError } from '../../errors.ts'
import { packageFile, workerFile } from '../../package-root.ts'
import type { Denoising } from '../denoise/denoiser.ts'
import type { SignalSettings } from './signal.worker.ts'

export type SignalRequest = AudioFrame
export type SignalReply =
  | { type: 'ready' }
  /** `finished`: a new judgement on the end of the turn, where there is one. */
  | { type: 'frame'; frame: AudioFrame; edges: SpeechEdge[]; finished: number | null }

/** What is done with the customer's sound. */
export interface SignalChoices {
  denoising: Denoising
  /** The silence after speech is judged: is the turn over? */
  judgeTurns: boolean
}

export interface SignalListener {
  /**
   * The processed frame, then the edges learned from it, then a judgement on the end of the turn (0 to 1) where there is a
   * new one. Frames come in order, later than they were given.
   */
  processed(frame: AudioFrame, edges: readonly SpeechEdge[], finished: number | null): void
  failed(error: Error): void
}

/** The customer's sound on its way to the transcriber: denoised, with speech found in it and judged, in a worker. */
export interface SignalProcessor {
  process(frame: AudioFrame): void
  close(): Promise<void>
}

/** Starts the worker. Frames may be given at once; they are processed when it is ready. */
export function createSignalProcessor(choices: SignalChoices, listener: SignalListener): SignalProcessor {
  const settings: SignalSettings = { weightsPath: packageFile('dist', 'data', 'silero-v6.bin'), ...choices }
  const worker = new Worker(workerFile('signal'), { workerData: settings })
  let closing = false
  worker.on('message', (reply: SignalReply) => {
    if (!closing && reply.type === 'frame') listener.processed(reply.frame, reply.edges, reply.finished)
  })
  worker.on('error', cause => {
    if (!closing) listener.failed(died(cause))
  })
  worker.on('exit', () => {
    if (!closing) listener.failed(died())
  })
  return {
    process: frame => worker.postMessage(frame),
    close: async () => {
      closing = true
      await worker.terminate()
    },
  }
}

function died(cause?: unknown): VapiError {
  return new VapiError({
    code: 'signal-processing-died',
    message: 'the processing of the customer’s sound stopped',
    endedReason: 'call.in-progress.error-vapifault-worker-died',
    cause,
  })
}
