import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom, makeNoise, type NoiseColour } from '../../../bench/vad/noise.ts'
import { runDetector } from '../../../bench/vad/score.ts'
import { createVoiceActivityDetector } from '../../../src/audio/vad/detector.ts'
import { loadSileroWeights, type SileroWeights } from '../../../src/audio/vad/silero-weights.ts'
import type { VoiceActivityDetector } from '../../../src/engine/ports/voice-activity-detector.ts'
import { join, silence, type Vowel, vowel } from './sounds.ts'
import { builtWeights } from './weights.ts'

let weights: SileroWeights

beforeAll(async () => {
  weights = loadSileroWeights(await builtWeights())
})

function detector(): VoiceActivityDetector {
  return createVoiceActivityDetector(weights)
}

/** Noise of a seed, so loud (root mean square). */
function noise(colour: NoiseColour, durationMs: number, level: number, seed = 1): Int16Array {
  return Int16Array.from(makeNoise(colour, durationMs * 16, createRandom(seed)), value => {
    return Math.max(-32768, Math.min(32767, value * level))
  })
}

/** A word-like sound: `parts` vowels of 150 ms. */
function word(parts: number, pitchHertz = 120): Int16Array {
  const names: Vowel[] = ['a', 'i', 'o', 'a']
  return join(
    ...Array.from({ length: parts }, (_, part) => vowel(names[part % 4], 150, pitchHertz + 5 * part)),
  )
}

/** The edges of a sound that begins `beforeMs` after the stream, and when they were learned, both counted from it. */
function edgesAround(sound: Int16Array, beforeMs = 1000) {
  return runDetector(detector(), join(silence(beforeMs), sound, silence(1000))).map(edge => ({
    type: edge.type,
    audioMs: edge.audioMs - beforeMs,
    learnedMs: edge.learnedMs - beforeMs,
  }))
}

describe('createVoiceActivityDetector', () => {
  it('tells when an utterance began and ended', () => {
    const [started, stopped, ...more] = edgesAround(word(6))
    expect(more).toEqual([])
    expect(started).toMatchObject({ type: 'started' })
    expect(stopped).toMatchObject({ type: 'stopped' })
    expect(Math.abs(started.audioMs)).toBeLessThan(50)
    expect(Math.abs(stopped.audioMs - 900)).toBeLessThan(60)
    expect(started.learnedMs).toBeLessThan(140)
    expect(stopped.learnedMs - 900).toBeLessThan(350)
  })

  it('keeps an utterance with short pauses whole', () => {
    expect(edgesAround(join(word(4), silence(120), word(2), silence(150), word(3)))).toHaveLength(2)
  })

  it('parts utterances at longer pauses', () => {
    const edges = edgesAround(join(word(4), silence(600), word(4)))
    expect(edges.map(({ type }) => type)).toEqual(['started', 'stopped', 'started', 'stopped'])
    expect(Math.abs(edges[2].audioMs - 1200)).toBeLessThan(50)
  })

  it('gives times in the audio of the frames, wherever they begin', () => {
    const sound = join(silence(500), word(4), silence(600))
    const shifted = detector()
    const edges: number[] = []
    for (let frame = 0; (frame + 1) * 320 <= sound.length; frame++) {
      const samples = sound.subarray(frame * 320, (frame + 1) * 320)
      for (const edge of shifted.process({ samples, audioMs: 7000 + frame * 20 })) edges.push(edge.audioMs)
    }
    expect(edges).toEqual(runDetector(detector(), sound).map(edge => edge.audioMs + 7000))
  })

  it('gives the same edges for the same frames', () => {
    const sound = join(silence(300), word(5), noise('pink', 800, 200), word(2), silence(500))
    expect(runDetector(detector(), sound)).toEqual(runDetector(detector(), sound))
  })

  it.each<[string, () => Int16Array]>([
    ['silence', () => silence(5000)],
    ['white noise', () => noise('white', 10_000, 3000)],
    ['pink noise', () => noise('pink', 10_000, 3000)],
    [
      'a hum of 50 Hz',
      () => Int16Array.from({ length: 80_000 }, (_, index) => 6000 * Math.sin((index * Math.PI) / 160)),
    ],
    ['a constant', () => new Int16Array(80_000).fill(20_000)],
  ])('hears no speech in %s', (_, make) => {
    expect(runDetector(detector(), make())).toEqual([])
  })

  it('hears no speech in clicks and bursts of noise of 50 ms', () => {
    for (const colour of ['white', 'pink'] as const) {
      for (let seed = 1; seed <= 10; seed++) {
        expect(edgesAround(noise(colour, 50, 200 * seed * seed, seed), 1000 + seed * 13)).toEqual([])
      }
    }
  })

  it('knows that a voice of 50 to 100 ms has stopped before 200 ms are over', () => {
    let triggered = 0
    for (const durationMs of [50, 75, 100]) {
      for (let variant = 0; variant < 12; variant++) {
        const names: Vowel[] = ['a', 'i', 'o']
        const edges = edgesAround(
          vowel(names[variant % 3], durationMs, 90 + 12 * variant),
          1000 + variant * 7,
        )
        const [started, stopped] = edges
        if (!started) continue
        triggered++
        expect(edges).toHaveLength(2)
        expect(stopped.learnedMs - started.audioMs).toBeLessThan(200)
      }
    }
    expect(triggered).toBeGreaterThan(10)
  })

  it('still hears speech after a minute of silence', () => {
    const edges = edgesAround(word(5), 60_000)
    expect(edges.map(({ type }) => type)).toEqual(['started', 'stopped'])
    expect(Math.abs(edges[0].audioMs)).toBeLessThan(50)
  })
})
