import { messageOf, usageError } from '../errors.ts'
import { escapeControls } from './json.ts'

/** Filters a value; the text is what jq prints: each result begins on a line of its own, and with `compact` is one line. */
export type JqFilter = (value: unknown, compact?: boolean) => string

/** Loads jq and checks the expression. Throws a usage error that says what is wrong with it, then and when filtering. */
export async function createJqFilter(expression: string): Promise<JqFilter> {
  const { default: loading } = await import('jq-web')
  const jq = await loading
  const run = (json: string, filter: string, compact = false): string => {
    try {
      // It gives nothing at all, not an empty text, where the filter yields nothing.
      return jq.raw(json, filter, compact ? ['-c'] : []) ?? ''
    } catch (error) {
      throw usageError(`--jq ${expression}: ${reasonOf(error)}`)
    }
  }
  // An expression that cannot be compiled fails whatever it is given; this shows it before the work.
  run('null', `empty | (${expression})`)
  return (value, compact) => {
    const text = run(JSON.stringify(value), expression, compact)
    return text === '' ? '' : `${escapeControls(text).replace(/\n$/, '')}\n`
  }
}

/** jq's own words, without its name and the numbers of its process. */
function reasonOf(error: unknown): string {
  const text = messageOf(error)
  return /jq: error(?: \(at [^)]*\))?: (.*?)(?: at <top-level>.*)?$/m.exec(text)?.[1] ?? text
}
