import { beforeAll, describe, expect, it } from 'vitest'
import { addNoise, joinWords, noiseScene, type Scene } from '../../../bench/vad/scene.ts'
import { quantile, type Score, scoreDetector } from '../../../bench/vad/score.ts'
import { readWords, SPEECH_FILES } from '../../../bench/vad/speech.ts'
import { createVoiceActivityDetector } from '../../../src/audio/vad/detector.ts'
import { loadSileroWeights, type SileroWeights } from '../../../src/audio/vad/silero-weights.ts'
import { requiresFiles } from '../../support/requires.ts'
import { builtWeights } from './weights.ts'

const missing = requiresFiles(...SPEECH_FILES)
const SEED = 4

describe.skipIf(missing)(`voice activity in recorded speech${missing ? ` (${missing})` : ''}`, () => {
  let weights: SileroWeights
  let clean: Scene

  beforeAll(async () => {
    weights = loadSileroWeights(await builtWeights())
    clean = joinWords(await readWords(), 2, SEED)
  })

  function score(scene: Scene): Score {
    return scoreDetector(createVoiceActivityDetector(weights), scene)
  }

  it('finds every utterance of clean speech, its edges within some tens of milliseconds', () => {
    const found = score(clean)
    expect(found).toMatchObject({ utterances: 28, hits: 28, misses: 0, falseStarts: 0 })
    expect(quantile(found.onsetErrors.map(Math.abs), 0.5)).toBeLessThan(60)
    expect(quantile(found.endErrors.map(Math.abs), 0.5)).toBeLessThan(60)
    expect(Math.abs(mean(found.onsetErrors))).toBeLessThan(30)
    expect(Math.abs(mean(found.endErrors))).toBeLessThan(30)
    expect(found.splits).toBeLessThanOrEqual(2)
  })

  it.each([
    ['white', 20],
    ['white', 10],
    ['pink', 20],
    ['pink', 10],
  ] as const)('finds every utterance under %s noise at %i dB', (colour, decibels) => {
    const found = score(addNoise(clean, colour, decibels, SEED))
    expect(found).toMatchObject({ hits: 28, misses: 0, falseStarts: 0 })
    expect(quantile(found.onsetErrors.map(Math.abs), 0.5)).toBeLessThan(60)
  })

  it.each(['white', 'pink'] as const)('starts nothing in 20 s of %s noise alone', colour => {
    expect(score(noiseScene(colour, 20, SEED)).falseStarts).toBe(0)
  })
})

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
