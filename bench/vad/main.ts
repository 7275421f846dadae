import { createVoiceActivityDetector } from '../../src/audio/vad/detector.ts'
import { loadSileroWeights } from '../../src/audio/vad/silero-weights.ts'
import { addNoise, joinWords, noiseScene, type Scene } from './scene.ts'
import { quantile, type Score, scoreDetector } from './score.ts'
import { readWords, SPEECH_FILES } from './speech.ts'

const ROUNDS = 4
const SEED = 20_260_101

/** Prints how well and how fast the voice activity detector works; `weights` is the content of silero-v6.bin. */
export async function run(weights: Uint8Array): Promise<void> {
  const loaded = loadSileroWeights(weights)
  const score = (scene: Scene) => scoreDetector(createVoiceActivityDetector(loaded), scene)
  const clean = joinWords(await readWords(), ROUNDS, SEED)
  console.log(
    `Speech: ${SPEECH_FILES.length} files of alsa-utils cut into words at 45 dB under their loudest 5 ms,`,
  )
  console.log(
    `joined with silences of 500 to 900 ms: ${clean.utterances.length} utterances. Errors in ms, positive is late.`,
  )
  console.log('known: from the true edge until the detector told it.\n')
  const rows = [rowOf('clean', score(clean))]
  for (const colour of ['white', 'pink'] as const) {
    for (const decibels of [20, 10, 5]) {
      rows.push(rowOf(`${colour} ${decibels} dB`, score(addNoise(clean, colour, decibels, SEED))))
    }
  }
  console.table(Object.fromEntries(rows))
  for (const colour of ['white', 'pink'] as const) {
    const { falseStarts } = score(noiseScene(colour, 60, SEED))
    console.log(`60 s of ${colour} noise alone: ${falseStarts} false starts`)
  }
}

function rowOf(name: string, score: Score): [string, Record<string, number>] {
  const sizes = (errors: number[]) => errors.map(Math.abs)
  return [
    name,
    {
      hits: score.hits,
      misses: score.misses,
      'false starts': score.falseStarts,
      splits: score.splits,
      'onset median': round(quantile(score.onsetErrors, 0.5)),
      'onset mean': round(mean(score.onsetErrors)),
      'onset p90 size': round(quantile(sizes(score.onsetErrors), 0.9)),
      'onset known': round(quantile(score.onsetDelays, 0.5)),
      'end median': round(quantile(score.endErrors, 0.5)),
      'end mean': round(mean(score.endErrors)),
      'end p90 size': round(quantile(sizes(score.endErrors), 0.9)),
      'end known': round(quantile(score.endDelays, 0.5)),
      'real-time factor': Number(score.realTimeFactor.toFixed(4)),
    },
  ]
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function round(value: number): number {
  return Math.round(value)
}
