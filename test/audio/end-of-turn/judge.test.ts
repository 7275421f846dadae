import { describe, expect, it } from 'vitest'
import { createRandom, makeNoise } from '../../../bench/vad/noise.ts'
import { afterSilence, createKrispJudge } from '../../../src/audio/end-of-turn/judge.ts'
import { createPitchMeter, WINDOW } from '../../../src/audio/end-of-turn/pitch.ts'
import { createTurnJudging } from '../../../src/audio/end-of-turn/turn-judging.ts'

/** A voice-like sound: six harmonics in syllables of 200 ms, its pitch going through the given values, evenly. */
function voice(pitchesHz: readonly number[], seconds: number, level = 0.2): Int16Array {
  const count = Math.round(seconds * 16_000)
  const samples = new Int16Array(count)
  let phase = 0
  for (let index = 0; index < count; index++) {
    const at = (index / count) * (pitchesHz.length - 1)
    const [from, to] = [pitchesHz[Math.floor(at)] ?? 0, pitchesHz[Math.ceil(at)] ?? 0]
    phase += (2 * Math.PI * (from + (to - from) * (at % 1))) / 16_000
    const syllable = 0.15 + 0.85 * Math.abs(Math.sin((Math.PI * index) / 3200))
    let sum = 0
    for (let harmonic = 1; harmonic <= 6; harmonic++) sum += Math.sin(harmonic * phase) / harmonic
    samples[index] = Math.round(32_767 * level * syllable * sum * 0.5)
  }
  return samples
}

const silence = (ms: number) => new Int16Array(ms * 16)

function judged(sounds: readonly Int16Array[], frame = 320): number {
  const judge = createKrispJudge()
  const all = sounds.flatMap(sound => [...sound])
  for (let at = 0; at < all.length; at += frame) judge.push(Int16Array.from(all.slice(at, at + frame)))
  return judge.judge()
}

describe('the pitch meter', () => {
  const windowOf = (wave: (second: number) => number) =>
    Float32Array.from({ length: WINDOW }, (_, index) => wave(index / 8000))
  const semitones = (hertz: number) => 12 * Math.log2(hertz / 65)

  it.each([75, 100, 130, 220, 350])('finds %d Hz to a fifth of a semitone, at any level', hertz => {
    const tone = (second: number) =>
      [1, 2, 3, 4].reduce(
        (sum, harmonic) => sum + Math.sin(2 * Math.PI * hertz * harmonic * second) / harmonic,
        0,
      )
    const pitchOf = createPitchMeter()
    for (const level of [1, 0.01])
      expect(Math.abs(pitchOf(windowOf(second => level * tone(second))) - semitones(hertz))).toBeLessThan(0.2)
  })

  it('finds none in noise and in silence', () => {
    const noise = makeNoise('white', WINDOW, createRandom(3))
    const pitchOf = createPitchMeter()
    expect(pitchOf(noise)).toBeNaN()
    expect(pitchOf(new Float32Array(WINDOW))).toBeNaN()
  })
})

describe('the judge of sound', () => {
  const before = [silence(500), voice([130, 150, 120, 140, 110], 1.2), silence(900)]

  it('finds nothing over before anybody spoke', () => {
    expect(createKrispJudge().judge()).toBe(0)
    expect(judged([silence(3000)])).toBe(0)
  })

  it('takes a falling end for a likelier end than a level one', () => {
    const fall = judged([...before, voice([130, 150, 125, 85], 1), silence(250)])
    const level = judged([...before, voice([130, 150, 140, 145], 1), silence(250)])
    expect(fall).toBeGreaterThan(level + 0.2)
  })

  it('grows surer with silence, and certain in the end', () => {
    const speech = [...before, voice([130, 150, 140, 145], 1)]
    const after = [250, 500, 1000, 2000].map(ms => judged([...speech, silence(ms)]))
    for (const [index, finished] of after.slice(1).entries())
      expect(finished).toBeGreaterThan(after[index] ?? 1)
    expect(judged([...speech, silence(6500)])).toBe(1)
  })

  it('begins anew when somebody speaks again', () => {
    const judge = createKrispJudge()
    for (const sound of [...before, voice([140, 100], 1), silence(2500)]) judge.push(sound)
    const late = judge.judge()
    judge.push(voice([130, 150, 140, 145], 0.6))
    expect(judge.judge()).toBeLessThan(late)
  })

  it('gives the same for frames of any length', () => {
    const sounds = [...before, voice([130, 150, 125, 85], 1), silence(240)]
    expect(judged(sounds, 320)).toBe(judged(sounds, 160))
    expect(judged(sounds, 1000)).toBe(judged(sounds, 320))
  })

  it('does not depend on how loud the line is', () => {
    const at = (level: number) =>
      judged([
        silence(500),
        voice([130, 150, 120], 1.2, level),
        silence(700),
        voice([130, 150, 100], 1, level),
        silence(250),
      ])
    expect(Math.abs(at(0.5) - at(0.03))).toBeLessThan(0.05)
  })

  it('takes the end of speech from a voice activity detector where there is one, and lets silence decide on what it cannot hear', () => {
    const judge = createKrispJudge()
    judge.push(silence(1000))
    const early = judge.judge(500)
    judge.push(silence(2000))
    expect(judge.judge(500)).toBeGreaterThan(early)
  })

  it('survives a cut line: full scale, square waves, nothing but ones', () => {
    for (const value of [32_767, -32_768, 1]) {
      const finished = judged([new Int16Array(16_000).fill(value), silence(300)])
      expect(finished).toBeGreaterThanOrEqual(0)
      expect(finished).toBeLessThanOrEqual(1)
    }
  })
})

describe('the growing odds', () => {
  it('are even at even evidence a quarter of a second after the speech', () => {
    expect(afterSilence(0, 250)).toBe(0.5)
  })

  it('reach any threshold, 1 too', () => {
    expect(afterSilence(-4, 6000)).toBe(1)
  })
})

describe('judging beside a voice activity detector', () => {
  const frameAt = (index: number, samples = new Int16Array(320)) => ({ samples, audioMs: 5000 + index * 20 })

  it('judges at the end of speech and every 100 ms of the silence, until it is certain', () => {
    const judging = createTurnJudging()
    const speech = voice([130, 150, 125, 85], 1)
    const judgements: { frame: number; finished: number }[] = []
    for (let index = 0; index < 450; index++) {
      const spoken = index < 50 ? speech.slice(index * 320, (index + 1) * 320) : undefined
      const edges =
        index === 5
          ? [{ type: 'started' as const, audioMs: 5000 }]
          : index === 62
            ? [{ type: 'stopped' as const, audioMs: 6000 }]
            : []
      const finished = judging.process(frameAt(index, spoken), edges)
      if (finished !== null) judgements.push({ frame: index, finished })
    }
    expect(judgements.slice(0, 3).map(({ frame }) => frame)).toEqual([62, 67, 72])
    expect(judgements.at(-1)?.finished).toBe(1)
    expect(judgements.filter(({ finished }) => finished === 1)).toHaveLength(1)
  })

  it('says nothing while somebody speaks', () => {
    const judging = createTurnJudging()
    expect(judging.process(frameAt(0), [{ type: 'stopped', audioMs: 5000 }])).not.toBeNull()
    const again = Array.from({ length: 20 }, (_, index) =>
      judging.process(frameAt(index + 1), index === 0 ? [{ type: 'started', audioMs: 5020 }] : []),
    )
    expect(again.every(finished => finished === null)).toBe(true)
  })
})
