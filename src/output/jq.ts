import { messageOf, usageError } from '../errors.ts'

/** Filters a value; the text is what jq prints, results on lines of their own. */
export type JqFilter = (value: unknown) => string

/** Loads jq and checks the expression. Throws a usage error that says what is wrong with it. */
export async function createJqFilter(expression: string): Promise<JqFilter> {
  const { default: loading } = await import('jq-web')
  const jq = await loading
  const filter: JqFilter = value => {
    try {
      const text = jq.raw(JSON.stringify(value), expression)
      return text === '' ? '' : `${text.replace(/\n$/, '')}\n`
    } catch (error) {
      throw usageError(
        `--jq ${expression}: ${
          messageOf(error)
            .replace(/^jq: error:? ?/i, '')
            .split('\n')[0]
        }`,
      )
    }
  }
  // An expression that cannot be compiled fails whatever it is given; `empty` data shows it before the work.
  try {
    jq.raw('null', `empty | (${expression})`)
  } catch (error) {
    throw usageError(`--jq ${expression} is not valid: ${messageOf(error).split('\n')[0]}`)
  }
  return filter
}
