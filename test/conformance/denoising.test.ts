import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { binLevels, binOf, filterSound, levelOf, pausesOf } from '../../bench/denoise/measure.ts'
import { CHORD, mix, SOUNDS } from '../../bench/denoise/sounds.ts'
import { babble, createSpeaker, talk } from '../../bench/denoise/speech.ts'
import { createRandom, makeNoise } from '../../bench/vad/noise.ts'
import { writeData } from '../../scripts/data.mjs'
import { type CompiledAssistant, compileAssistant } from '../../src/assistant/compile.ts'
import { headphonesWarning } from '../../src/assistant/denoising.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { createDenoiser, createDenoising, type Denoising } from '../../src/audio/denoise/denoiser.ts'
import { createFourier, type FourierSettings } from '../../src/audio/denoise/fourier.ts'
import type { Semantics } from '../../src/engine/plan.ts'

type Stretch = [from: number, to: number]

const SECOND = 16_000
const page = {
  mediaDetectionEnabled: true,
  staticThreshold: -35,
  baselineOffsetDb: -15,
  windowSizeMs: 3000,
  baselinePercentile: 85,
} as const satisfies FourierSettings

let folder: string
let speech: Int16Array
let spoken: Stretch[]
let pauses: Stretch[]
let chatter: Float32Array

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vapi-conformance-'))
  await writeData(folder)
  const speaker = await createSpeaker(import.meta.url)
  const said = await talk(speaker)
  speech = said.samples
  spoken = said.spoken
  pauses = pausesOf(spoken, speech.length)
  chatter = await babble(speaker, speech.length)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const fourier = (samples: Int16Array, settings: Partial<FourierSettings> = {}) =>
  filterSound(createFourier({ ...page, ...settings }), samples)

async function denoise(samples: Int16Array, denoising: Denoising): Promise<Int16Array> {
  const denoiser = await createDenoising(denoising, folder)
  return denoiser === null ? samples : filterSound(denoiser, samples)
}

/** By how much the level changed, in dB. */
const change = (before: Int16Array, after: Int16Array, stretches: Stretch[]) =>
  levelOf(after, stretches) - levelOf(before, stretches)

/** The largest difference of two samples at the same place, from `from` up to `to`. */
function difference(one: Int16Array, other: Int16Array, from = 0, to = one.length): number {
  let largest = one.length === other.length ? 0 : Number.POSITIVE_INFINITY
  for (let at = from; at < to; at++) largest = Math.max(largest, Math.abs(one[at] - other[at]))
  return largest
}

/** The fixed noisy recording: a fan 17 dB under the speech, which is near the default threshold. */
const noisy = () => mix(speech, spoken, SOUNDS.fan(speech.length, 1), 17)
/** A held chord, as of a radio, 8 dB under the speech. */
const withMusic = () => mix(speech, spoken, SOUNDS.music(speech.length), 8)

/** `more` leaves no bin louder than `less` does, and the whole quieter by at least so many dB. */
function expectFiltersMore(more: Int16Array, less: Int16Array, byDb: number, stretches?: Stretch[]) {
  const all: Stretch[] = stretches ?? [[0, less.length]]
  const [lower, higher] = [binLevels(more, all), binLevels(less, all)]
  const loudest = Math.max(...higher)
  const wrong = [...lower.keys()].filter(bin => higher[bin] > loudest - 50 && lower[bin] > higher[bin] + 0.1)
  expect(wrong).toEqual([])
  expect(levelOf(less, all) - levelOf(more, all)).toBeGreaterThan(byDb)
}

function compile(
  plan: unknown,
  semantics: Semantics = 'documentation',
  rest: object = {},
): Promise<CompiledAssistant> {
  const assistant = parseAssistant({ ...rest, backgroundSpeechDenoisingPlan: plan }, 'the page')
  return compileAssistant(assistant, { semantics, variables: {}, epochMs: 0 })
}

const smartOn = { smartDenoisingPlan: { enabled: true } }
const fourierPlan = (settings: object) => ({
  ...smartOn,
  fourierDenoisingPlan: { enabled: true, ...settings },
})

describe('smart denoising', () => {
  it.each([
    ['none', { smart: null, fourier: null }, null],
    ['smart', { smart: 'gtcrn', fourier: null }, 'gtcrn'],
    ['Fourier', { smart: null, fourier: page }, 'fourier'],
    ['both', { smart: 'gtcrn', fourier: page }, 'gtcrn, fourier'],
  ] as const)('[denoise-methods-together-or-apart] %s', async (_name, denoising, stages) => {
    expect((await createDenoising(denoising, folder))?.name ?? null).toBe(stages)
  })

  async function expectLowers(sound: Float32Array, atLeastDb: number) {
    const before = mix(speech, spoken, sound, 12)
    const after = await denoise(before, { smart: 'gtcrn', fourier: null })
    expect(change(before, after, pauses)).toBeLessThan(-atLeastDb)
    expect(Math.abs(change(speech, after, spoken))).toBeLessThan(1.5)
  }

  it('[denoise-smart-keyboard] typing', () => expectLowers(SOUNDS.keyboard(speech.length, 1), 12))
  it('[denoise-smart-voices] conversations in the background', () => expectLowers(chatter, 5))
  it('[denoise-smart-street] traffic', () => expectLowers(SOUNDS.street(speech.length, 1), 12))
  it('[denoise-smart-fan] fans', () => expectLowers(SOUNDS.fan(speech.length, 1), 12))
  it('[denoise-smart-pets] pets', () => expectLowers(SOUNDS.pets(speech.length, 1), 6))

  it.each(['rnnoise', 'gtcrn'] as const)('[denoise-smart-real-time] %s', async kind => {
    const { delayMs } = await createDenoiser(kind, folder)
    expect(delayMs).toBeLessThan(40)
  })

  it('[denoise-plan-property] is configured by the plan', async () => {
    expect((await compile(smartOn)).denoise.smart).toBe(true)
    expect(
      (await compile(undefined, 'documentation', { smartDenoisingPlan: { enabled: true } })).denoise.smart,
    ).toBe(false)
  })

  it('[denoise-smart-default] is off where it is not set', async () => {
    for (const plan of [undefined, {}, { smartDenoisingPlan: {} }])
      expect((await compile(plan)).denoise.smart).toBe(false)
  })

  it('[denoise-smart-default-openapi] is on with the reading of the API document', async () => {
    for (const plan of [undefined, {}]) expect((await compile(plan, 'openapi')).denoise.smart).toBe(true)
    expect((await compile({ smartDenoisingPlan: { enabled: false } }, 'openapi')).denoise.smart).toBe(false)
  })

  it('[denoise-smart-switch] is switched by enabled and by nothing else', async () => {
    const { denoise: off } = await compile({ smartDenoisingPlan: { enabled: false, strength: 9 } })
    const { denoise: on } = await compile({ smartDenoisingPlan: { enabled: true, strength: 9 } })
    expect([off, on]).toEqual([
      { smart: false, fourier: null },
      { smart: true, fourier: null },
    ])
  })

  it('[denoise-example-smart-only, denoise-quiet-office] the plan of the page runs no Fourier stage', async () => {
    expect((await compile(smartOn)).denoise).toEqual({ smart: true, fourier: null })
  })

  it('[api-denoise-legacy] the old switch is read, with a warning', async () => {
    const { denoise: read, plan } = await compile(undefined, 'documentation', {
      backgroundDenoisingEnabled: true,
    })
    expect(read.smart).toBe(true)
    expect(plan.warnings).toContainEqual(
      expect.stringContaining('backgroundDenoisingEnabled is an old spelling'),
    )
  })
})

describe('the Fourier plan', () => {
  it('[denoise-fourier-default] is off where it is not set', async () => {
    for (const plan of [{}, smartOn, { ...smartOn, fourierDenoisingPlan: { baselineOffsetDb: -10 } }])
      expect((await compile(plan)).denoise.fourier).toBeNull()
  })

  const defaultOf = async (name: keyof FourierSettings) =>
    (await compile(fourierPlan({}))).denoise.fourier?.[name]
  it('[denoise-media-default] mediaDetectionEnabled', async () =>
    expect(await defaultOf('mediaDetectionEnabled')).toBe(true))
  it('[denoise-static-threshold-default] staticThreshold', async () =>
    expect(await defaultOf('staticThreshold')).toBe(-35))
  it('[denoise-offset-default] baselineOffsetDb', async () =>
    expect(await defaultOf('baselineOffsetDb')).toBe(-15))
  it('[denoise-window-default] windowSizeMs', async () => expect(await defaultOf('windowSizeMs')).toBe(3000))
  it('[denoise-percentile-default] baselinePercentile', async () =>
    expect(await defaultOf('baselinePercentile')).toBe(85))

  async function expectRange(name: keyof FourierSettings, least: number, most: number) {
    for (const value of [least, (least + most) / 2, most])
      expect((await compile(fourierPlan({ [name]: value }))).denoise.fourier?.[name]).toBe(value)
    for (const value of [least - 1, most + 1, Number.NaN, '5'])
      await expect(async () => compile(fourierPlan({ [name]: value }))).rejects.toThrow(
        `backgroundSpeechDenoisingPlan.fourierDenoisingPlan.${name}`,
      )
  }

  it('[denoise-static-threshold-range] -80 to 0', () => expectRange('staticThreshold', -80, 0))
  it('[denoise-offset-range] -30 to -5', () => expectRange('baselineOffsetDb', -30, -5))
  it('[denoise-window-range] 1000 to 30000', () => expectRange('windowSizeMs', 1000, 30_000))
  it('[denoise-percentile-range] 1 to 99', () => expectRange('baselinePercentile', 1, 99))

  it('[denoise-example-both] gives the same sound with and without its defaults', async () => {
    const { denoise: written, plan } = await compile(fourierPlan(page))
    const { denoise: short } = await compile(fourierPlan({}))
    expect(written).toEqual({ smart: true, fourier: page })
    expect(plan.warnings.filter(warning => /denois/i.test(warning))).toEqual([])
    const [one, other] = await Promise.all(
      [written, short].map(({ fourier: settings }) =>
        denoise(noisy(), { smart: 'gtcrn', fourier: settings }),
      ),
    )
    expect(difference(one, other)).toBe(0)
  })

  it('[denoise-noisy-call-center] the call centre runs both', async () => {
    const call = {
      mediaDetectionEnabled: true,
      baselineOffsetDb: -10,
      windowSizeMs: 2000,
      baselinePercentile: 90,
    }
    expect((await compile(fourierPlan(call))).denoise).toEqual({ smart: true, fourier: { ...page, ...call } })
  })

  it('[denoise-smart-comes-with-fourier, denoise-fourier-never-alone] is warned about without smart denoising', async () => {
    const alone = await compile({ fourierDenoisingPlan: { enabled: true } })
    expect(alone.plan.warnings).toContainEqual(expect.stringContaining('without smart denoising'))
    const together = await compile(fourierPlan({}))
    expect(together.plan.warnings.join()).not.toContain('without smart denoising')
  })

  it.each([
    [true, [null], true],
    [false, ['the default microphone', 'the default speaker'], false],
    [false, ['AirPods Pro', null], true],
    [false, ['Built-in Audio', 'Jabra USB Headset'], true],
    [false, ['MacBook Pro Microphone', 'External Headphones'], true],
    [false, ['Headroom Audio'], false],
  ])(
    '[denoise-fourier-headphones, denoise-not-with-headphones] worn: %s, devices: %j, warned: %s',
    (worn, devices, warned) => {
      const both = { smart: true, fourier: page }
      expect(headphonesWarning(both, worn, devices) !== null).toBe(warned)
      expect(headphonesWarning({ smart: true, fourier: null }, worn, devices)).toBeNull()
    },
  )
})

describe('Fourier denoising', () => {
  it('[denoise-fourier-frequency-domain] lowers steady noise in its bins and leaves the others', () => {
    const whistle = Float32Array.from({ length: speech.length }, (_, at) =>
      Math.sin((2 * Math.PI * 5000 * at) / SECOND),
    )
    const before = mix(speech, spoken, whistle, 20)
    const after = fourier(before)
    const [levelsBefore, levelsAfter] = [binLevels(before, spoken), binLevels(after, spoken)]
    expect(levelsBefore[binOf(5000)] - levelsAfter[binOf(5000)]).toBeGreaterThan(10)
    const clean = binLevels(fourier(speech), spoken)
    for (let bin = binOf(200); bin < binOf(4500); bin++)
      expect(Math.abs(levelsAfter[bin] - clean[bin])).toBeLessThan(1)
  })

  /** Pauses after the first sentence: what lasts is known by then. */
  const later = () => pauses.filter(([from]) => from > spoken[0][1])

  it('[denoise-fourier-media, denoise-media-effect, denoise-trouble-audible-media] finds a held chord', () => {
    const before = withMusic()
    const [on, off] = [true, false].map(mediaDetectionEnabled => fourier(before, { mediaDetectionEnabled }))
    expectFiltersMore(on, off, 6, later())
    for (const hertz of CHORD) {
      const bin = binOf(hertz)
      expect(binLevels(before, later())[bin] - binLevels(on, later())[bin]).toBeGreaterThan(10)
    }
    expect(Math.abs(change(before, on, spoken))).toBeLessThan(1.5)
  })

  it('[denoise-home-with-media, denoise-media-essential] the plan for a home needs media detection', () => {
    const home = { baselineOffsetDb: -15, windowSizeMs: 4000, baselinePercentile: 80 }
    const before = withMusic()
    const with_ = fourier(before, { ...home, mediaDetectionEnabled: true })
    expect(change(before, with_, later())).toBeLessThan(-6)
    expectFiltersMore(with_, fourier(before, { ...home, mediaDetectionEnabled: false }), 6, later())
  })

  describe('the static threshold', () => {
    /** A fan alone, 45 dB under full scale: it never makes a baseline. */
    const fan = () => SOUNDS.fan(4 * SECOND, 2).map(value => value * 32_768 * 10 ** (-45 / 20))
    const beginning = () => Int16Array.from(fan(), Math.round)
    const filtered = (staticThreshold: number, samples: Int16Array = beginning()) =>
      fourier(samples, { staticThreshold, mediaDetectionEnabled: false })

    it('[denoise-static-threshold-effect] filters what is under it while there is no baseline', () => {
      const sound = beginning()
      expect(change(sound, filtered(-35), [[0, sound.length]])).toBeLessThan(-10)
      expect(change(sound, filtered(-80), [[0, sound.length]])).toBeGreaterThan(-1)
      expectFiltersMore(filtered(-35), filtered(-50), 5)
      expectFiltersMore(filtered(-50), filtered(-65), 0.05)
    })

    it('[denoise-static-threshold-is-fallback] has no effect once the baseline is there', () => {
      const sound = noisy()
      const [high, low] = [filtered(-10, sound), filtered(-80, sound)]
      const from = spoken[0][1]
      expect(change(low, high, [[0, SECOND]])).toBeLessThan(-5)
      expect(difference(high, low, from)).toBeLessThanOrEqual(1)
    })

    it('[denoise-trouble-cutting-threshold] a lower one keeps more of quiet first words', () => {
      const quiet = Int16Array.from(speech, sample => Math.round(sample / 12))
      const first: Stretch[] = [[spoken[0][0], spoken[0][0] + 0.3 * SECOND]]
      expect(change(quiet, filtered(-35, quiet), first)).toBeLessThan(-3)
      expect(change(quiet, filtered(-60, quiet), first)).toBeGreaterThan(-1)
    })
  })

  describe('the offset', () => {
    it('[denoise-offset-meaning] what is further under the baseline is filtered, what is nearer stays', () => {
      const settings = { mediaDetectionEnabled: false, baselineOffsetDb: -20 }
      const near = mix(speech, spoken, SOUNDS.music(speech.length), 12)
      const far = mix(speech, spoken, SOUNDS.music(speech.length), 30)
      expect(change(near, fourier(near, settings), later())).toBeGreaterThan(-1)
      expect(change(far, fourier(far, settings), later())).toBeLessThan(-15)
    })

    const at = (baselineOffsetDb: number) =>
      fourier(noisy(), { baselineOffsetDb, mediaDetectionEnabled: false })
    it('[denoise-offset-aggressive] -10 filters more than -15', () =>
      expectFiltersMore(at(-10), at(-15), 0.001))
    it('[denoise-offset-conservative, denoise-trouble-robotic-offset] -20 filters less than -15', () =>
      expectFiltersMore(at(-15), at(-20), 3, pauses))
    it('[denoise-trouble-audible-offset] -12 filters more than -15', () =>
      expectFiltersMore(at(-12), at(-15), 1, pauses))
  })

  describe('the window', () => {
    /** Loud speech, then the same 14 dB quieter. */
    function baselines(windowSizeMs: number): number[] {
      const sound = new Int16Array(speech.length * 2)
      sound.set(speech)
      sound.set(
        speech.map(sample => Math.round(sample / 5)),
        speech.length,
      )
      const filter = createFourier({ ...page, windowSizeMs })
      const seen: number[] = []
      for (let at = 0; at + 320 <= sound.length; at += 320) {
        filter.process(sound.subarray(at, at + 320))
        if (filter.baselineDb !== null) seen.push(filter.baselineDb)
      }
      return seen
    }
    const settledAfter = (levels: number[]) =>
      levels.findIndex((level, at) => at > 600 && level < levels[500] - 10)
    const variation = (levels: number[]) => {
      const part = levels.slice(100, 1000)
      return part.slice(1).reduce((sum, level, at) => sum + Math.abs(level - part[at]), 0)
    }

    it('[denoise-window-larger, denoise-window-smaller] a larger one follows more slowly and varies less', () => {
      const [small, middle, large] = [1000, 3000, 10_000].map(baselines)
      expect(settledAfter(small)).toBeLessThan(settledAfter(middle))
      expect(settledAfter(middle)).toBeLessThan(settledAfter(large))
      expect(variation(small)).toBeGreaterThan(1.5 * variation(middle))
      expect(variation(middle)).toBeGreaterThan(1.5 * variation(large))
    })

    it('[denoise-trouble-cutting-window] a larger one changes less from moment to moment', () => {
      expect(variation(baselines(2000))).toBeGreaterThan(variation(baselines(6000)))
    })
  })

  describe('the percentile', () => {
    /** Every second sentence is 14 dB quieter. */
    const uneven = () =>
      speech.map((sample, at) =>
        spoken.some(([from, to], index) => index % 2 === 1 && at >= from && at < to)
          ? Math.round(sample / 5)
          : sample,
      )
    const quiet = () => spoken.filter((_, index) => index % 2 === 1)
    const at = (baselinePercentile: number) =>
      fourier(uneven(), { baselinePercentile, mediaDetectionEnabled: false })

    it('[denoise-percentile-high, denoise-percentile-low] a high one filters quieter speech more', () => {
      expectFiltersMore(at(85), at(50), 0.2, quiet())
      expectFiltersMore(at(95), at(85), 0.05, quiet())
    })
    it('[denoise-trouble-robotic-percentile] 75 filters less than 85', () =>
      expectFiltersMore(at(85), at(75), 0.05, quiet()))
  })

  it('[denoise-example-call-center-added] the added plan filters more than the defaults', () => {
    const added = { baselineOffsetDb: -10, windowSizeMs: 2000, baselinePercentile: 90 }
    expect(change(fourier(noisy()), fourier(noisy(), added), pauses)).toBeLessThan(-1)
  })

  it('[denoise-aggressive-harms-voice] more aggressive settings take more of the voice too', () => {
    const clean = { mediaDetectionEnabled: false }
    const lost = (settings: Partial<FourierSettings>) => {
      const after = fourier(speech, { ...clean, ...settings })
      return levelOf(
        speech.map((sample, at) => sample - after[at]),
        spoken,
      )
    }
    const steps = [-20, -15, -10, -5].map(baselineOffsetDb => lost({ baselineOffsetDb }))
    expect(steps).toEqual(steps.toSorted((one, other) => one - other))
    expect(steps[3]).toBeGreaterThan(steps[0] + 6)
  })

  it('[denoise-order] gets the output of smart denoising', async () => {
    const together = await createDenoising({ smart: 'gtcrn', fourier: page }, folder)
    const smart = await createDenoiser('gtcrn', folder)
    const second = createFourier(page)
    expect(together?.delayMs).toBe(smart.delayMs + second.delayMs)
    const sound = noisy()
    for (let at = 0; at + 320 <= 3 * SECOND; at += 320) {
      const frame = sound.subarray(at, at + 320)
      const one = together?.process(frame) ?? frame
      expect(difference(one, second.process(smart.process(frame)))).toBe(0)
    }
  })

  it('[denoise-trouble-audible-both] both together leave less noise than smart denoising alone', async () => {
    const sound = mix(speech, spoken, chatter, 10)
    const both = await denoise(sound, { smart: 'rnnoise', fourier: page })
    const alone = await denoise(sound, { smart: 'rnnoise', fourier: null })
    expect(change(alone, both, pauses)).toBeLessThan(-1.5)
  })
})

describe('the sound of Fourier denoising', () => {
  it('is late by what is declared and comes back unchanged where nothing is filtered', () => {
    const open = createFourier({ ...page, staticThreshold: -80, mediaDetectionEnabled: false })
    expect(open.delayMs).toBe(22)
    const loud = Int16Array.from(makeNoise('white', 2 * SECOND, createRandom(4)), value =>
      Math.round(value * 3000),
    )
    const after = filterSound(open, loud)
    expect(difference(after, loud, 1600, loud.length - 1600)).toBeLessThanOrEqual(1)
  })

  it('is the same for the same recording', () => {
    expect(difference(fourier(noisy()), fourier(noisy()))).toBe(0)
  })

  it('is silence for silence, and finite for anything', () => {
    expect(fourier(new Int16Array(SECOND)).every(sample => sample === 0)).toBe(true)
    const square = Int16Array.from({ length: SECOND }, (_, at) => (at % 32 < 16 ? 32_767 : -32_768))
    expect(levelOf(fourier(square), [[0, SECOND]])).toBeLessThanOrEqual(0.1)
  })
})
