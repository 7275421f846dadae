import { createDenoising, type Denoising } from '../../src/audio/denoise/denoiser.ts'
import { createVoiceActivityDetector } from '../../src/audio/vad/detector.ts'
import { loadSileroWeights } from '../../src/audio/vad/silero-weights.ts'
import { filterSound, levelOf, pausesOf } from './measure.ts'
import { mix, SOUNDS } from './sounds.ts'
import { babble, createSpeaker, talk } from './speech.ts'

const SEED = 1
/** Speech over noise before, in dB. */
const RATIOS = [20, 10] as const
const FOURIER = {
  mediaDetectionEnabled: true,
  staticThreshold: -35,
  baselineOffsetDb: -15,
  windowSizeMs: 3000,
  baselinePercentile: 85,
}
const STAGES: readonly (readonly [name: string, Denoising])[] = [
  ['Fourier', { smart: null, fourier: FOURIER }],
  ['rnnoise', { smart: 'rnnoise', fourier: null }],
  ['rnnoise, Fourier', { smart: 'rnnoise', fourier: FOURIER }],
  ['gtcrn', { smart: 'gtcrn', fourier: null }],
  ['gtcrn, Fourier', { smart: 'gtcrn', fourier: FOURIER }],
]

/** Prints what each denoiser gains and takes. `folder` holds the data files, `packages` is where Flite is looked for. */
export async function run(folder: string, weights: Uint8Array, packages: string): Promise<void> {
  const speaker = await createSpeaker(packages)
  const { samples, spoken } = await talk(speaker)
  const pauses = pausesOf(spoken, samples.length)
  const sounds: [string, Float32Array][] = [['voices', await babble(speaker, samples.length)]]
  for (const [name, make] of Object.entries(SOUNDS)) sounds.push([name, make(samples.length, SEED)])
  console.log(
    'Speech of the embedded voice with generated noise. gain: how much further the noise of the pauses is',
  )
  console.log('under the speech than before, in dB; kept: change of the speech itself, in dB.\n')
  for (const ratio of RATIOS) {
    const rows: Record<string, Record<string, string>> = {}
    for (const [sound, noise] of sounds) {
      const noisy = mix(samples, spoken, noise, ratio)
      rows[sound] = {}
      for (const [stage, denoising] of STAGES) {
        const cleaned = await denoise(noisy, denoising, folder)
        const gain = contrast(cleaned, spoken, pauses) - contrast(noisy, spoken, pauses)
        rows[sound][stage] =
          `${gain.toFixed(0)} / ${(levelOf(cleaned, spoken) - levelOf(samples, spoken)).toFixed(1)}`
      }
    }
    console.log(`${ratio} dB of speech over noise (gain / kept)`)
    console.table(rows)
  }
  const loaded = loadSileroWeights(weights)
  const noisy = mix(samples, spoken, SOUNDS.fan(samples.length, SEED), 15)
  console.log(
    'Share of a core for the customer’s sound, voice activity included (budgets: 10 %, gtcrn 15 %):',
  )
  for (const [stage, denoising] of [['none', { smart: null, fourier: null }], ...STAGES] as const) {
    const filter = await createDenoising(denoising, folder)
    const detector = createVoiceActivityDetector(loaded)
    const pass = () => {
      for (let at = 0; at + 320 <= noisy.length; at += 320) {
        const frame = noisy.subarray(at, at + 320)
        detector.process({ samples: filter?.process(frame) ?? frame, audioMs: at / 16 })
      }
    }
    pass()
    const before = process.cpuUsage()
    for (let round = 0; round < 3; round++) pass()
    const { user, system } = process.cpuUsage(before)
    const share = (user + system) / 1e6 / ((3 * noisy.length) / 16_000)
    console.log(`  ${stage.padEnd(18)} ${(share * 100).toFixed(1)} %, ${filter?.delayMs ?? 0} ms late`)
    filter?.close()
  }
}

async function denoise(noisy: Int16Array, denoising: Denoising, folder: string): Promise<Int16Array> {
  const filter = await createDenoising(denoising, folder)
  if (filter === null) return noisy
  const cleaned = filterSound(filter, noisy)
  filter.close()
  return cleaned
}

/** Level of the speech over that of the pauses, in dB. */
function contrast(samples: Int16Array, spoken: [number, number][], pauses: [number, number][]): number {
  return levelOf(samples, spoken) - Math.max(-90, levelOf(samples, pauses))
}
