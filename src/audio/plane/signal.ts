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
  /** `frame`: the sound without noise; null where nothing is taken out. `finished`: a new judgement on the end of the turn. */
  | {
      type: 'judged'
      frame: AudioFrame | null
      edges: SpeechEdge[]
      finished: number | null
      audioMs: number
    }

/** What is done with the customer's sound. */
export interface SignalChoices {
  denoising: Denoising
  /** The silence after speech is judged: is the turn over? */
  judgeTurns: boolean
}

export interface SignalListener {
  /** The frame for those who listen: denoised in the worker, or at once where nothing is to be taken out. In order. */
  heard(frame: AudioFrame): void
  /**
   * What was learned from the frame that began at `audioMs`, after that was heard: edges of speech, and a judgement on the end of
   * the turn (0 to 1) where there is a new one.
   */
  judged(edges: readonly SpeechEdge[], finished: number | null, audioMs: number): void
  failed(error: Error): void
}

/** The customer's sound on its way to the transcriber: denoised, with speech found in it and judged, in a worker. */
export interface SignalProcessor {
  process(frame: AudioFrame): void
  close(): Promise<void>
}

/** Starts the worker. Frames may be given at once; they are judged when it is ready. */
export function createSignalProcessor(choices: SignalChoices, listener: SignalListener): SignalProcessor {
  const settings: SignalSettings = { weightsPath: packageFile('dist', 'data', 'silero-v6.bin'), ...choices }
  const worker = new Worker(workerFile('signal'), { workerData: settings })
  const isClean = choices.denoising.smart === null && choices.denoising.fourier === null
  let closing = false
  worker.on('message', (reply: SignalReply) => {
    if (closing || reply.type === 'ready') return
    if (reply.frame !== null) listener.heard(reply.frame)
    listener.judged(reply.edges, reply.finished, reply.audioMs)
  })
  worker.on('error', cause => {
    if (!closing) listener.failed(died(cause))
  })
  worker.on('exit', () => {
    if (!closing) listener.failed(died())
  })
  return {
    process: frame => {
      // The worker waits for its turn on the CPU, and what the transcriber gets need not.
      if (isClean) listener.heard(frame)
      worker.postMessage(frame)
    },
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
