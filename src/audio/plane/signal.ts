import { Worker } from 'node:worker_threads'
import type { AudioFrame } from '../../engine/ports/audio-input.ts'
import type { SpeechEdge } from '../../engine/ports/voice-activity-detector.ts'
import { VapiError } from '../../errors.ts'
import { packageFile, workerFile } from '../../package-root.ts'
import type { Denoising } from '../denoise/denoiser.ts'
import type { SignalSettings } from './signal.worker.ts'

export type SignalRequest = AudioFrame
export type SignalReply = { type: 'ready' } | { type: 'frame'; frame: AudioFrame; edges: SpeechEdge[] }

export interface SignalListener {
  /** The processed frame, then the edges learned from it. Frames come in order, later than they were given. */
  processed(frame: AudioFrame, edges: readonly SpeechEdge[]): void
  failed(error: Error): void
}

/** The customer's sound on its way to the transcriber: denoised, with speech found in it, in a worker. */
export interface SignalProcessor {
  process(frame: AudioFrame): void
  close(): Promise<void>
}

/** Starts the worker. Frames may be given at once; they are processed when it is ready. */
export function createSignalProcessor(denoising: Denoising, listener: SignalListener): SignalProcessor {
  const settings: SignalSettings = { weightsPath: packageFile('dist', 'data', 'silero-v6.bin'), denoising }
  const worker = new Worker(workerFile('signal'), { workerData: settings })
  let closing = false
  worker.on('message', (reply: SignalReply) => {
    if (!closing && reply.type === 'frame') listener.processed(reply.frame, reply.edges)
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
