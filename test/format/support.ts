import type { FormatPlan } from '../../src/format/plan.ts'
import type { Step } from '../../src/format/steps.ts'
import { TrackedText } from '../../src/format/tracked-text.ts'

/** The plan of an assistant that sets nothing. */
export function planWith(settings: Partial<FormatPlan> = {}): FormatPlan {
  return { enabled: true, numberToDigitsCutoff: 2025, formattersEnabled: null, replacements: [], ...settings }
}

/** The text that one step alone makes of a text. */
export function runStep(step: Step['run'], text: string, settings: Partial<FormatPlan> = {}): string {
  return step(TrackedText.of(text), planWith(settings)).text
}
