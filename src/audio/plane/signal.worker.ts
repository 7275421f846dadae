import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { createDenoising } from '../denoise/denoiser.ts'
import { createTurnJudging } from '../end-of-turn/turn-judging.ts'
import { createVoiceActivityDetector } from '../vad/detector.ts'
import { loadSileroWeights } from '../vad/silero-weights.ts'
import type { SignalChoices, SignalReply, SignalRequest } from './signal.ts'

/** What the worker is started with. */
export interface SignalSettings extends SignalChoices {
  weightsPath: string
}

/** Denoises the customer's frames, finds speech in them and judges its ends, off the main thread. */
async function serve(settings: SignalSettings): Promise<void> {
  const denoiser = await createDenoising(settings.denoising)
  const detector = createVoiceActivityDetector(loadSileroWeights(readFileSync(settings.weightsPath)))
  const judging = settings.judgeTurns ? createTurnJudging() : null
  parentPort?.on('message', ({ samples, audioMs }: SignalRequest) => {
    const clean = denoiser === null ? samples : denoiser.process(samples)
    const frame = { samples: clean, audioMs: audioMs - (denoiser?.delayMs ?? 0) }
    const edges = detector.process(frame)
    const finished = judging?.process(frame, edges) ?? null
    const reply: SignalReply = {
      type: 'judged',
      frame: denoiser === null ? null : frame,
      edges,
      finished,
      audioMs: frame.audioMs,
    }
    parentPort?.postMessage(reply)
  })
  parentPort?.postMessage({ type: 'ready' } satisfies SignalReply)
}

void serve(workerData as SignalSettings)
