import type { HomeConfig } from './types.ts'
import { parseSwitch } from './values.ts'

/** The variables that opt out, as the platform's own command reads them (cli-surface.md 2.6). */
export const analyticsVariables = [
  'VAPI_DISABLE_ANALYTICS',
  'VAPI_NO_TELEMETRY',
  'DISABLE_TELEMETRY',
  'DO_NOT_TRACK',
] as const

export interface AnalyticsState {
  disabled: boolean
  /** What opts out: the name of a variable, or `config`; null where nothing does. */
  by: string | null
}

/**
 * Whether the user opted out. Any value of a variable does, except those that plainly say no (`0`, `false`, `no`, `off`
 * in any case); such a value does not opt in again where another variable or the file opts out.
 */
export function analyticsState(
  home: Pick<HomeConfig, 'analyticsDisabled'>,
  env: Readonly<Record<string, string | undefined>>,
): AnalyticsState {
  const by = analyticsVariables.find(name => {
    const value = env[name]?.trim() ?? ''
    return value !== '' && parseSwitch(value) !== false
  })
  if (by !== undefined) return { disabled: true, by }
  return { disabled: home.analyticsDisabled, by: home.analyticsDisabled ? 'config' : null }
}
