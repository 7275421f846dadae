import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { createDenoising, type Denoising } from '../denoise/denoiser.ts'
import { createVoiceActivityDetector } from '../vad/detector.ts'
import { loadSileroWeights } from '../vad/silero-weights.ts'
import type { SignalReply, SignalRequest } from './signal.ts'

/** What the worker is started with. */
export interface SignalSettings {
  weightsPath: string
  denoising: Denoising
}

/** Denoises the customer's frames and finds speech in them, off the main thread. */
async function serve(settings: SignalSettings): Promise<void> {
  const denoiser = await createDenoising(settings.denoising)
  const detector = createVoiceActivityDetector(loadSileroWeights(readFileSync(settings.weightsPath)))
  parentPort?.on('message', ({ samples, audioMs }: SignalRequest) => {
    const clean = denoiser === null ? samples : denoiser.process(samples)
    const frame = { samples: clean, audioMs: audioMs - (denoiser?.delayMs ?? 0) }
    const reply: SignalReply = { type: 'frame', frame, edges: detector.process(frame) }
    parentPort?.postMessage(reply)
  })
  parentPort?.postMessage({ type: 'ready' } satisfies SignalReply)
}

void serve(workerData as SignalSettings)
