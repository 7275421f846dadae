import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom, makeNoise } from '../../../bench/vad/noise.ts'
import { addNoise, joinWords, type Scene } from '../../../bench/vad/scene.ts'
import { power, readWords, SPEECH_FILES } from '../../../bench/vad/speech.ts'
import { writeData } from '../../../scripts/data.mjs'
import { createDenoiser, type DenoiserKind } from '../../../src/audio/denoise/denoiser.ts'
import { SampleQueue } from '../../../src/audio/denoise/sample-queue.ts'
import { requiresFiles } from '../../support/requires.ts'
import { join, silence, vowel } from '../vad/sounds.ts'

const missing = requiresFiles(...SPEECH_FILES)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), 'vapi-denoise-'))
  await writeData(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The whole sound through a new denoiser, with what was lost at its end to the delay. */
async function denoise(kind: DenoiserKind, samples: Int16Array): Promise<Int16Array> {
  const denoiser = await createDenoiser(kind, folder)
  const cleaned = new Int16Array(samples.length)
  for (let from = 0; from + 320 <= samples.length; from += 320) {
    const frame = denoiser.process(samples.subarray(from, from + 320))
    expect(frame).toHaveLength(320)
    cleaned.set(frame, from)
  }
  denoiser.close()
  denoiser.close()
  return cleaned
}

async function delayOf(kind: DenoiserKind): Promise<number> {
  const denoiser = await createDenoiser(kind, folder)
  denoiser.close()
  return denoiser.delayMs
}

function decibels(ratio: number): number {
  return 10 * Math.log10(ratio)
}

/** The delay at which two sounds are most alike, in samples up to 60 ms. */
function delayBetween(before: Int16Array, after: Int16Array): number {
  const likeness = Array.from({ length: 960 }, (_, delay) => {
    let sum = 0
    for (let index = 0; index + delay < after.length; index++) sum += before[index] * after[index + delay]
    return sum
  })
  return likeness.indexOf(Math.max(...likeness))
}

describe.each(['rnnoise', 'gtcrn'] as const)('the denoiser %s', kind => {
  it('names itself and a delay of less than 40 ms', async () => {
    const denoiser = await createDenoiser(kind, folder)
    expect(denoiser.name).toBe(kind)
    expect(denoiser.delayMs).toBeGreaterThan(0)
    expect(denoiser.delayMs).toBeLessThan(40)
    denoiser.close()
  })

  it('is late by what it declares, from the first to the last word', async () => {
    const delayMs = await delayOf(kind)
    const word = join(silence(500), vowel('a', 300, 110), vowel('o', 200, 130), silence(200))
    const sound = join(...Array.from({ length: 12 }, () => word))
    const cleaned = await denoise(kind, sound)
    for (const at of [0, 11 * word.length]) {
      const found = delayBetween(sound.subarray(at, at + word.length), cleaned.subarray(at, at + word.length))
      expect(Math.abs(found / 16 - delayMs)).toBeLessThanOrEqual(1)
    }
  })

  it('gives silence for silence', async () => {
    expect((await denoise(kind, silence(1000))).every(sample => sample === 0)).toBe(true)
  })

  it('gives the same for the same sound, whatever another stream hears', async () => {
    const sound = join(silence(200), vowel('i', 400, 150), silence(400))
    const loud = Int16Array.from(makeNoise('white', sound.length, createRandom(2)), value => value * 5000)
    const [first, , second] = await Promise.all([
      denoise(kind, sound),
      denoise(kind, loud),
      denoise(kind, sound),
    ])
    expect(first).toEqual(second)
    expect(first.some(sample => sample !== 0)).toBe(true)
  })

  it('survives sound at full scale that is no speech, and is quiet after it', async () => {
    const square = Int16Array.from({ length: 32_000 }, (_, index) => (index % 32 < 16 ? 32_767 : -32_768))
    const noise = Int16Array.from(makeNoise('white', 32_000, createRandom(3)), value => {
      return Math.max(-32_768, Math.min(32_767, value * 60_000))
    })
    const cleaned = await denoise(kind, join(square, noise, silence(2000)))
    expect(Math.max(...cleaned.slice(-8000).map(Math.abs))).toBeLessThan(10)
  })

  describe.skipIf(missing)(`with recorded speech${missing ? ` (${missing})` : ''}`, () => {
    let clean: Scene

    beforeAll(async () => {
      clean = joinWords(await readWords(), 1, 3)
    })

    it.each([
      ['white', 20],
      ['pink', 10],
    ] as const)(
      'takes %s noise at %i dB out of pauses and leaves speech as loud as it was',
      async (colour, level) => {
        const noisy = addNoise(clean, colour, level, 5)
        const cleaned = await denoise(kind, noisy.samples)
        const delayMs = await delayOf(kind)
        const part = (samples: Int16Array, fromMs: number, toMs: number) =>
          samples.subarray(fromMs * 16, toMs * 16)
        for (const [index, { fromMs, toMs }] of clean.utterances.entries()) {
          const spoken =
            power(part(cleaned, fromMs + delayMs, toMs + delayMs)) / power(part(clean.samples, fromMs, toMs))
          expect(Math.abs(decibels(spoken))).toBeLessThan(4)
          const next = clean.utterances[index + 1]
          if (!next) continue
          const pause = [toMs + 200, next.fromMs - 50] as const
          const cut =
            power(part(noisy.samples, ...pause)) /
            power(part(cleaned, pause[0] + delayMs, pause[1] + delayMs))
          expect(decibels(cut)).toBeGreaterThan(8)
        }
      },
    )

    it('harms clean speech little', async () => {
      const cleaned = await denoise(kind, clean.samples)
      const delayMs = await delayOf(kind)
      const after = cleaned.subarray(delayMs * 16)
      const difference = after.map((sample, index) => sample - clean.samples[index])
      expect(decibels(power(clean.samples.subarray(0, after.length)) / power(difference))).toBeGreaterThan(10)
    })
  })
})

describe('createDenoiser', () => {
  it('says what to do where its data is missing', async () => {
    await expect(createDenoiser('gtcrn', joinPath(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'denoiser-missing',
      hint: 'install the program again, or use the denoiser rnnoise',
    })
  })
})

describe('SampleQueue', () => {
  it('keeps the order of any pieces, and refuses what it does not have', () => {
    const queue = new SampleQueue()
    let pushed = 0
    let taken = 0
    for (let round = 1; round < 200; round++) {
      queue.push(Float32Array.from({ length: (round * 37) % 301 }, () => pushed++))
      const count = Math.min(queue.length, (round * 53) % 331)
      for (const value of queue.take(count)) expect(value).toBe(taken++)
    }
    expect(queue.length).toBe(pushed - taken)
    expect(() => queue.take(queue.length + 1)).toThrow(RangeError)
  })
})
