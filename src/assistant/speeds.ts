import type { Json } from './overrides.ts'

interface SpeedRange {
  minimum: number
  maximum: number
}

const FREE: SpeedRange = { minimum: 0, maximum: Number.POSITIVE_INFINITY }

/**
 * The voices that take a `speed`, with its range; 1 is their ordinary pace (API: voices; the seed's Speech configuration
 * knows PlayHT's alone). Cartesia has one of its own inside `generationConfig`.
 */
export const VOICE_SPEEDS = {
  azure: { minimum: 0.5, maximum: 2 },
  embedded: { minimum: 0.25, maximum: 4 },
  '11labs': { minimum: 0.7, maximum: 1.2 },
  lmnt: { minimum: 0.25, maximum: 2 },
  microsoft: { minimum: 0.5, maximum: 2 },
  minimax: { minimum: 0.5, maximum: 2 },
  neuphonic: { minimum: 0.25, maximum: 2 },
  openai: { minimum: 0.25, maximum: 4 },
  playht: { minimum: 0.1, maximum: 5 },
  'rime-ai': { ...FREE, minimum: 0.1 },
  silent: { minimum: 0.25, maximum: 4 },
  'smallest-ai': FREE,
  vapi: { minimum: 0.25, maximum: 2 },
  xai: { minimum: 0.7, maximum: 1.5 },
} as const satisfies Readonly<Record<string, SpeedRange>>

/** The settings of a voice with its speed as its provider takes it, and what the user should know of it. */
export function compileSpeed(
  provider: string,
  settings: Json,
  path: string,
): { settings: Json; warnings: string[] } {
  const { speed, ...others } = settings
  if (speed === undefined) return { settings, warnings: [] }
  const ranges: Readonly<Record<string, SpeedRange>> = VOICE_SPEEDS
  const range = Object.hasOwn(ranges, provider) ? ranges[provider] : undefined
  if (range === undefined) {
    const better = provider === 'cartesia' ? '; write generationConfig: { speed: … }' : ''
    const warning = `${path}.speed has no effect with voices of ${provider}${better}`
    return { settings: others, warnings: [warning] }
  }
  if (typeof speed !== 'number' || !Number.isFinite(speed) || speed <= 0)
    return { settings: others, warnings: [`${path}.speed is not a number over 0 and has no effect`] }
  const held = Math.min(range.maximum, Math.max(range.minimum, speed))
  if (held === speed) return { settings, warnings: [] }
  const allowed = `${provider} takes ${range.minimum} to ${range.maximum}`
  const warning = `${path}.speed ${speed} is out of range and counts as ${held}: ${allowed}`
  return { settings: { ...settings, speed: held }, warnings: [warning] }
}
