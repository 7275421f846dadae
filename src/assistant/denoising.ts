import type { Semantics } from '../engine/plan.ts'
import { defaults } from './defaults.ts'
import type { Assistant } from './schema.ts'

/** What takes noise out of the customer's sound (seed, Background speech denoising). Smart comes before Fourier. */
export interface DenoisePlan {
  smart: boolean
  /** The settings of Fourier denoising; null where it is off. */
  fourier: {
    mediaDetectionEnabled: boolean
    staticThreshold: number
    baselineOffsetDb: number
    windowSizeMs: number
    baselinePercentile: number
  } | null
}

/** Compiles `backgroundSpeechDenoisingPlan` and its older spelling, with what the user should know of it. */
export function compileDenoising(
  assistant: Assistant,
  semantics: Semantics,
): { plan: DenoisePlan; warnings: string[] } {
  const { smartDenoisingPlan, fourierDenoisingPlan } = assistant.backgroundSpeechDenoisingPlan ?? {}
  const legacy = assistant.backgroundDenoisingEnabled
  const smart =
    smartDenoisingPlan?.enabled ?? legacy ?? (semantics === 'openapi' || defaults.smartDenoisingEnabled)
  const fourier = compileFourier(fourierDenoisingPlan)
  const warnings: string[] = []
  if (legacy !== undefined) {
    warnings.push(
      'backgroundDenoisingEnabled is an old spelling; write backgroundSpeechDenoisingPlan.smartDenoisingPlan.enabled',
    )
  }
  if (fourier !== null && !smart) {
    warnings.push(
      'Fourier denoising is on without smart denoising, which it is meant to follow; set backgroundSpeechDenoisingPlan.smartDenoisingPlan.enabled',
    )
  }
  return { plan: { smart, fourier }, warnings }
}

function compileFourier(
  plan: NonNullable<Assistant['backgroundSpeechDenoisingPlan']>['fourierDenoisingPlan'],
): DenoisePlan['fourier'] {
  if (!(plan?.enabled ?? defaults.fourierDenoisingEnabled)) return null
  const { fourier } = defaults
  return {
    mediaDetectionEnabled: plan?.mediaDetectionEnabled ?? fourier.mediaDetectionEnabled,
    staticThreshold: plan?.staticThreshold ?? fourier.staticThreshold,
    baselineOffsetDb: plan?.baselineOffsetDb ?? fourier.baselineOffsetDb,
    windowSizeMs: plan?.windowSizeMs ?? fourier.windowSizeMs,
    baselinePercentile: plan?.baselinePercentile ?? fourier.baselinePercentile,
  }
}

const HEADPHONES = /head-?(?:phone|set)|earphone|earbud|air ?pods|\bbuds\b/i

/**
 * The warning that Fourier denoising may do harm where the customer wears headphones, or null. `worn`: the user says so;
 * else the names of the sound devices decide.
 */
export function headphonesWarning(
  plan: DenoisePlan,
  worn: boolean,
  devices: readonly (string | null)[],
): string | null {
  if (plan.fourier === null) return null
  const named = devices.find(device => device !== null && HEADPHONES.test(device))
  if (!worn && named === undefined) return null
  const where = named === undefined ? 'with headphones' : `with ${named}`
  return `Fourier denoising may harm the customer’s voice ${where}; without headphones it is of more use`
}
