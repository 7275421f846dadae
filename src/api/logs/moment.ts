import { usageError } from '../../errors.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * A moment in epoch milliseconds: so long ago (`45s`, `30m`, `2h`, `1h30m`, `7d`, `2w`), a date (its midnight here), or a date and time
 * (`2026-01-05T09:00`, here unless it names a zone). `option` is named in the usage error.
 */
export function parseMoment(text: string, nowMs: number, option: string): number {
  const trimmed = text.trim()
  if (/^(\d+(\.\d+)?[smhdw])+$/.test(trimmed)) {
    const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)]
    return (
      nowMs - parts.reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0), 0)
    )
  }
  if (/^\d{4}-\d{2}-\d{2}([T ].+)?$/.test(trimmed)) {
    // A date alone would count as UTC.
    const ms = Date.parse(trimmed.length === 10 ? `${trimmed}T00:00` : trimmed.replace(' ', 'T'))
    if (!Number.isNaN(ms)) return ms
  }
  throw usageError(`${option} ${text} is no time`, 'write 30m, 2h, 7d, 2026-01-05 or 2026-01-05T09:00')
}
