import type { ReportedCall } from '../record.ts'
export function renderReport(_call: ReportedCall): string {
  return '<!doctype html>'
}
