import { createContext, Script } from 'node:vm'
import type { RulePatterns } from '../assistant/endpointing.ts'
import { systemCodeOf } from '../errors.ts'
import { createFormatter } from '../format/formatter.ts'
import type { FormatPlan } from '../format/plan.ts'
import type { TextWork } from './ports.ts'

/** How long a user's regexes may take for one text, in milliseconds. */
const LIMIT_MS = 50

/**
 * Runs user-written regexes and the formatter. A regex that does not come to an end is stopped by the limit: a failed
 * match, or a text that is spoken as it is. Without user regexes nothing can run away, and the guard is left out.
 */
export function createTextWork(rulePatterns: readonly RulePatterns[], format: FormatPlan): TextWork {
  const formatter = createFormatter(format)
  const guard = createGuard()
  const guarded = format.replacements.some(({ type }) => type === 'regex')
  return {
    match: tests => {
      const matches = guard(() =>
        tests.map(({ rule, subject, text }) => {
          const pattern = rulePatterns[rule]?.[subject]
          if (pattern === null || pattern === undefined) return false
          pattern.lastIndex = 0
          return pattern.test(text)
        }),
      )
      return { matches: matches ?? tests.map(() => false), timedOut: matches === null }
    },
    format: text => {
      const formatted = guarded ? guard(() => formatter(text)) : formatter(text)
      if (formatted === null) return { text, spans: [], timedOut: true }
      return { text: formatted.text, spans: [...formatted.spans], timedOut: false }
    },
  }
}

/** Runs a function under the limit; null when it was exceeded. V8 stops even a regex that backtracks. */
function createGuard(): <Result>(work: () => Result) => Result | null {
  const sandbox: { work: () => unknown } = { work: () => undefined }
  const context = createContext(sandbox)
  const script = new Script('work()')
  return <Result>(work: () => Result): Result | null => {
    let result: Result | null = null
    sandbox.work = () => {
      result = work()
    }
    try {
      script.runInContext(context, { timeout: LIMIT_MS })
      return result
    } catch (error) {
      if (systemCodeOf(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null
      throw error
    }
  }
}
