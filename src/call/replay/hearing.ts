import { readFile } from 'node:fs/promises'
import type { CompiledAssistant } from '../../assistant/compile.ts'
import { createDenoising } from '../../audio/denoise/denoiser.ts'
import { createTurnJudging } from '../../audio/end-of-turn/turn-judging.ts'
import { createVoiceActivityDetector } from '../../audio/vad/detector.ts'
import { loadSileroWeights } from '../../audio/vad/silero-weights.ts'
import type { Input } from '../../engine/inputs.ts'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { packageFile } from '../../package-root.ts'
import { type OutsideInput, outsideInputs } from './outside.ts'
import type { CallLog } from './read.ts'

const FRAME_MS = (FRAME_SAMPLES * 1000) / SAMPLE_RATE

/** True where a change of the assistants lets the customer's sound be heard, or judged, otherwise. */
export function hearsOtherwise(
  before: readonly CompiledAssistant[],
  after: readonly CompiledAssistant[],
): boolean {
  const [was, is] = [before[0]?.denoise, after[0]?.denoise]
  return JSON.stringify(was) !== JSON.stringify(is) || judgesTurns(before) !== judgesTurns(after)
}

/** The sound itself says when a turn is over. */
function judgesTurns(assistants: readonly CompiledAssistant[]): boolean {
  return assistants.some(({ plan }) => plan.endpointing.method.type === 'krisp')
}

/**
 * The outside inputs of a saved call with the edges of speech, and the judgements of its ends, as these assistants would find
 * them in its sound; transcripts stay as they were.
 */
export async function hearAgain(
  log: CallLog,
  assistants: readonly CompiledAssistant[],
): Promise<OutsideInput[]> {
  const edges = await findEdges(log, assistants)
  const others = outsideInputs(log).filter(({ input }) => !isEdge(input))
  const heard = edges.map(input => ({ input, step: log.steps.length }))
  return [...others, ...heard].sort((first, second) => orderMs(first.input) - orderMs(second.input))
}

function isEdge({ type }: Input): boolean {
  return type === 'speech.started' || type === 'speech.stopped' || type === 'turn.judged'
}

/** Edges come before the words of the same moment. */
function orderMs(input: Input): number {
  return isEdge(input) ? input.atMs - 0.5 : input.atMs
}

async function findEdges(log: CallLog, assistants: readonly CompiledAssistant[]): Promise<Input[]> {
  const { smart = false, fourier = null } = assistants[0]?.denoise ?? {}
  const kind = log.header.denoiser ?? 'gtcrn'
  const denoiser = await createDenoising({ smart: smart ? kind : null, fourier })
  const weights = await readFile(packageFile('dist', 'data', 'silero-v6.bin'))
  const detector = createVoiceActivityDetector(loadSileroWeights(weights))
  const judging = judgesTurns(assistants) ? createTurnJudging() : null
  const edges: Input[] = []
  try {
    for (const { audioMs: fromMs, samples } of log.sound) {
      for (let from = 0; from + FRAME_SAMPLES <= samples.length; from += FRAME_SAMPLES) {
        const audioMs = fromMs + (from * 1000) / SAMPLE_RATE
        const piece = samples.slice(from, from + FRAME_SAMPLES)
        const clean = denoiser === null ? piece : denoiser.process(piece)
        const frame = { samples: clean, audioMs: audioMs - (denoiser?.delayMs ?? 0) }
        const found = detector.process(frame)
        const finished = judging?.process(frame, found) ?? null
        // A frame is heard when its last sample is there.
        const atMs = Math.round(audioMs + FRAME_MS)
        for (const edge of found) {
          const type = edge.type === 'started' ? 'speech.started' : 'speech.stopped'
          edges.push({ type, audioMs: Math.round(edge.audioMs), atMs })
        }
        if (finished !== null)
          edges.push({ type: 'turn.judged', finished, audioMs: Math.round(frame.audioMs + FRAME_MS), atMs })
      }
    }
  } finally {
    denoiser?.close()
  }
  return edges
}
