import { createContext, Script } from 'node:vm'
import type { RulePatterns } from '../assistant/endpointing.ts'
import type { Rejection } from '../assistant/tool-rejection.ts'
import type { Render } from '../assistant/variables.ts'
import type { RegexTest } from '../engine/commands.ts'
import { messageOf, systemCodeOf } from '../errors.ts'
import { createFormatter } from '../format/formatter.ts'
import type { FormatPlan } from '../format/plan.ts'
import type { TextWork } from './ports.ts'

/** How long a user's regexes may take for one text, in milliseconds. */
const LIMIT_MS = 50
/** How often work is begun again that had no processor to run on. */
const MAXIMUM_TRIES = 20

/**
 * Runs user-written regexes, the formatter and templates. What does not come to an end is stopped by the limit: a
 * failed match, or a text that stays as it is. Without user regexes nothing can run away, and the guard is left out.
 */
export function createTextWork(
  rulePatterns: readonly RulePatterns[],
  format: FormatPlan,
  render: Render,
  rejections: readonly (Rejection | null)[] = [],
): TextWork {
  const formatter = createFormatter(format)
  const guard = createGuard()
  const guarded = format.replacements.some(({ type }) => type === 'regex')
  const fits = (test: RegexTest | undefined): boolean => {
    const pattern = test === undefined ? undefined : rulePatterns[test.rule]?.[test.subject]
    if (test === undefined || pattern === null || pattern === undefined) return false
    pattern.lastIndex = 0
    return pattern.test(test.text)
  }
  return {
    match: tests => {
      const matches = tests.map(() => false)
      let timedOut = false
      for (let place = 0; place < tests.length; ) {
        const first = place
        const done = guard(() => {
          for (; place < tests.length; place++) matches[place] = fits(tests[place])
          return true
        })
        // Each has the whole time for itself; one that takes longer is passed over, and the next ones are tried.
        if (done === null && place === first) {
          timedOut = true
          place++
        }
      }
      return { matches, timedOut }
    },
    format: text => {
      const formatted = guarded ? guard(() => formatter(text)) : formatter(text)
      if (formatted === null) return { text, spans: [], timedOut: true }
      return { text: formatted.text, spans: [...formatted.spans], timedOut: false }
    },
    judge: (tool, messages, nowMs) => {
      const rejection = rejections[tool] ?? null
      if (rejection === null) return { rejected: false, timedOut: false }
      try {
        const rejected = guard(() => rejection(messages, nowMs))
        return { rejected: rejected ?? false, timedOut: rejected === null }
      } catch {
        // A template that cannot be rendered says nothing against the call.
        return { rejected: false, timedOut: false }
      }
    },
    render: (texts, values, atMs) => {
      try {
        const rendered = guard(() =>
          texts.map(text => render(text, 'the text', { values: { ...values }, atMs })),
        )
        if (rendered !== null) return { texts: rendered, fault: null }
        return { texts: [...texts], fault: `it took over ${LIMIT_MS} ms` }
      } catch (error) {
        return { texts: [...texts], fault: messageOf(error) }
      }
    },
  }
}

/** Runs a function under the limit; null when it was exceeded. V8 stops even a regex that backtracks. */
export function createGuard(): <Result>(work: () => Result) => Result | null {
  const sandbox: { work: () => unknown } = { work: () => undefined }
  const context = createContext(sandbox)
  const script = new Script('work()')
  return <Result>(work: () => Result): Result | null => {
    let result: Result | null = null
    sandbox.work = () => {
      result = work()
    }
    for (let tries = 1; ; tries++) {
      const before = process.cpuUsage()
      try {
        script.runInContext(context, { timeout: LIMIT_MS })
        return result
      } catch (error) {
        if (systemCodeOf(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
        // The limit is of the wall clock: on a busy machine it passes while the work does not run at all.
        const { user, system } = process.cpuUsage(before)
        if ((user + system) / 1000 >= LIMIT_MS / 2 || tries === MAXIMUM_TRIES) return null
      }
    }
  }
}
