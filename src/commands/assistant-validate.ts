import { resolve } from 'node:path'
import { loadSource } from '../assistant/load.ts'
import type { Finding } from '../assistant/validate/finding.ts'
import { createLocator } from '../assistant/validate/positions.ts'
import { loadValidator, type Validator } from '../assistant/validate/validate.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { asVapiError, Exit, type VapiError } from '../errors.ts'

/** A finding with its place in a file, as `--json` prints it. */
interface Row extends Omit<Finding, 'at'> {
  file: string
  line: number
  column: number
}

export default defineCommand(
  {
    name: 'assistant validate',
    summary: 'check assistant and squad files without an account',
    description:
      'Checks what the API would refuse (unknown and missing fields, types, ranges, old spellings) and what does not go together (voices of another provider, invalid regular expressions, templates with faults …), with the place in the file and what to write instead. Exits with 3 when an error was found, 2 when a file cannot be read.',
    args: [
      {
        name: 'file',
        summary: 'files with an assistant or a squad (JSON or YAML, - is standard input)',
        required: true,
        variadic: true,
      },
    ],
    options: { strict: { type: 'boolean', summary: 'let warnings count as errors' } },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv'],
    examples: [
      { command: 'vapi assistant validate assistant.yaml', does: 'every fault with its line' },
      { command: 'vapi assistant validate assistants/*.json --strict --quiet', does: 'a check for CI' },
      { command: 'vapi assistant get reception --json | vapi assistant validate -', does: 'a stored one' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args, options }, context) => {
    const { output } = context
    const validator = await loadValidator()
    const rows: Row[] = []
    let broken: VapiError | null = null
    for (const file of args) {
      if (context.signal.aborted) break
      try {
        rows.push(...(await checkFile(file, validator, context)))
      } catch (thrown) {
        context.signal.throwIfAborted()
        const error = asVapiError(thrown)
        output.error(error)
        broken ??= error
      }
    }
    await print(rows, context)
    const errors = rows.filter(({ level }) => level === 'error').length
    const warnings = rows.length - errors
    output.note(
      `${count(errors, 'error')} and ${count(warnings, 'warning')} in ${count(args.length, 'file')}`,
    )
    if (broken !== null) return broken.exit
    return errors > 0 || (options.strict && warnings > 0) ? Exit.checkFailed : Exit.done
  },
)

async function checkFile(
  file: string,
  validator: Validator,
  { output, workingDirectory }: Context,
): Promise<Row[]> {
  const path = file === '-' ? file : resolve(workingDirectory, file)
  const { text, document } = await loadSource(path, output.streams.stdin)
  const findings = validator.validate(document)
  if (findings.length === 0) return []
  const locate = await createLocator(text, path)
  return findings
    .map(({ at, ...finding }) => ({ file: file === '-' ? '<stdin>' : file, ...locate(at), ...finding }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
}

async function print(rows: readonly Row[], { output }: Context): Promise<void> {
  const isText =
    output.options.format === 'table' || (output.options.format === null && output.streams.stdoutIsTerminal)
  if (isText && !output.isJson) {
    for (const row of rows) {
      const fix = row.fix === undefined ? '' : `  fix: ${row.fix}\n`
      output.text(printed(`${place(row)} ${row.level} ${row.path || '(document)'}: ${row.message}\n${fix}`))
    }
    return
  }
  await output.list(
    rows,
    [
      { heading: 'PLACE', value: place },
      { heading: 'LEVEL', value: ({ level }) => level },
      { heading: 'PATH', value: ({ path }) => path },
      { heading: 'MESSAGE', value: ({ message }) => message },
      { heading: 'FIX', value: ({ fix }) => fix ?? '' },
    ],
    place,
  )
}

/** Text of a file may carry what steers a terminal. */
function printed(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, ' ')
}

function place({ file, line, column }: Row): string {
  return `${file}:${line}:${column}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
