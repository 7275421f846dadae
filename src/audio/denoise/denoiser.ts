import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VapiError } from '../../errors.ts'
import { packageFile } from '../../package-root.ts'
import { createFourier, type FourierSettings } from './fourier.ts'
import { createGtcrn } from './gtcrn.ts'
import { createRnnoise } from './rnnoise.ts'

/** The smart denoisers: `rnnoise` is the light one, `gtcrn` the better one. */
export type DenoiserKind = 'rnnoise' | 'gtcrn'

/** What takes noise out of the customer's sound; null is off. Fourier denoising gets what smart denoising made. */
export interface Denoising {
  readonly smart: DenoiserKind | null
  readonly fourier: FourierSettings | null
}

/** Takes noise out of one stream of speech, frame by frame. */
export interface Denoiser {
  readonly name: string
  /** How much later a sound comes out than it went in: constant, in milliseconds. */
  readonly delayMs: number
  /** Takes the next frame of 320 samples (20 ms at 16 kHz) and gives as many; the first ones are silence. */
  process(frame: Int16Array): Int16Array
  /** Frees the memory; nothing may be called after. */
  close(): void
}

/**
 * Makes a denoiser. `dataFolder` is where the build put `gtcrn.wasm`.
 * Throws VapiError `denoiser-missing` where that file cannot be read.
 */
export async function createDenoiser(
  kind: DenoiserKind,
  dataFolder: string = packageFile('dist', 'data'),
): Promise<Denoiser> {
  return kind === 'rnnoise' ? await createRnnoise() : await createGtcrn(await readProgram(dataFolder))
}

/** The stages that are on, smart before Fourier, as one denoiser; null where none is. Throws as `createDenoiser`. */
export async function createDenoising(
  { smart, fourier }: Denoising,
  dataFolder?: string,
): Promise<Denoiser | null> {
  const first = smart === null ? null : await createDenoiser(smart, dataFolder)
  const second = fourier === null ? null : createFourier(fourier)
  if (first === null || second === null) return first ?? second
  return {
    name: `${first.name}, ${second.name}`,
    delayMs: first.delayMs + second.delayMs,
    process: frame => second.process(first.process(frame)),
    close: () => first.close(),
  }
}

async function readProgram(dataFolder: string): Promise<Uint8Array> {
  const path = join(dataFolder, 'gtcrn.wasm')
  try {
    return await readFile(path)
  } catch (cause) {
    throw new VapiError({
      code: 'denoiser-missing',
      message: `the denoiser gtcrn cannot be loaded from ${path}`,
      hint: 'install the program again, or use the denoiser rnnoise',
      cause,
    })
  }
}
