import { Parser } from 'expr-eval-fork'
import { messageOf, usageError } from '../errors.ts'

const SAMPLES = 100
/** The longest wait, in milliseconds: nobody is on the line any more after a longer one. */
const MAXIMUM_WAIT_MS = 60_000

/**
 * Compiles LiveKit's `waitFunction`: an expression in `x` (0: surely finished, 1: surely still speaking) with
 * `+ - * / ^`, parentheses, `sqrt exp max min cos sin tan abs log pow floor ceil round`, `pi` and `e`, whose value
 * is a wait in milliseconds. Negative waits count as 0, those over a minute as a minute. Throws a usage error for anything else, and for a function
 * that is not finite everywhere between 0 and 1.
 */
export function compileWaitFunction(source: string, path: string): (x: number) => number {
  const evaluate = compile(source, path)
  for (let sample = 0; sample <= SAMPLES; sample++) {
    if (!Number.isFinite(evaluate(sample / SAMPLES))) {
      throw usageError(`${path} gives no finite number at x = ${sample / SAMPLES}: ${source}`)
    }
  }
  // Between the samples it may still have a hole; nobody may wait for ever in it.
  return x => {
    const waitMs = evaluate(x)
    return Number.isFinite(waitMs) ? Math.min(MAXIMUM_WAIT_MS, Math.max(0, Math.round(waitMs))) : 0
  }
}

function compile(source: string, path: string): (x: number) => number {
  const parser = new Parser({
    allowMemberAccess: false,
    operators: {
      assignment: false,
      fndef: false,
      in: false,
      concatenate: false,
      logical: false,
      random: false,
      length: false,
    },
  })
  parser.functions = { min: Math.min, max: Math.max, pow: Math.pow }
  parser.consts = { pi: Math.PI, PI: Math.PI, e: Math.E, E: Math.E }
  try {
    const expression = parser.parse(source)
    const strange = expression.variables().find(name => name !== 'x')
    if (strange !== undefined) throw new Error(`${strange} is unknown`)
    return x => {
      try {
        return expression.evaluate({ x })
      } catch {
        // Some formulas are known to be none only when they are worked out: a call of x, a name that is guarded.
        return Number.NaN
      }
    }
  } catch (error) {
    throw usageError(`${path} is not a formula in x: ${messageOf(error)}`, 'for example "200 + 8000 * x"')
  }
}
