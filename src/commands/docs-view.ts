import type { Output } from '../output/output.ts'
import { printable, printableLines } from '../output/table.ts'
import type { Found } from './docs-search.ts'

/** What was found, for people: title, place, the lines that fit. */
export async function describeFound(found: readonly Found[], { options }: Output): Promise<string> {
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: options.colour.stdout ? 1 : 0 })
  return found
    .map(({ id, title, section, url, snippet }, place) => {
      const heading = printable([title, ...section.filter(name => name !== title)].join(' › '))
      const where = printable(url ?? `vapi docs open ${id}`)
      const lines = printableLines(snippet)
        .split('\n')
        .map(line => `   ${line}`)
      return [`${place + 1}. ${chalk.bold(heading)}`, `   ${chalk.cyan(where)}`, ...lines, ''].join('\n')
    })
    .join('\n')
}
