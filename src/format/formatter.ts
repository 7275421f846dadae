/** Turns a model's text into text that a voice can speak. The steps are in `steps.ts`. */
import type { FormatPlan, FormattedText } from './plan.ts'
import { STEPS } from './steps.ts'
import { TrackedText } from './tracked-text.ts'

export type * from './plan.ts'

export type Formatter = (text: string) => FormattedText

/** A formatter for one plan; it holds no state between texts. With `enabled: false` texts pass unchanged. */
export function createFormatter(plan: FormatPlan): Formatter {
  const { enabled, formattersEnabled } = plan
  const steps = STEPS.filter(({ name, isOnByDefault }) => {
    if (!enabled) return false
    if (name === null) return true
    return formattersEnabled === null ? isOnByDefault : formattersEnabled.includes(name)
  })
  return source => {
    const formatted = steps.reduce((text, step) => step.run(text, plan), TrackedText.of(source))
    return { text: formatted.text, spans: formatted.spans() }
  }
}
