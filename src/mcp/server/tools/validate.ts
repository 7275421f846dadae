import { z } from 'zod'
import { loadValidator, type Validator } from '../../../assistant/validate/validate.ts'
import { defineTool, READS_HERE, type ServerTool } from '../tool.ts'

/** Findings of one reply; errors come first. */
const SHOWN = 100

const finding = z.object({
  path: z.string().describe('empty for the whole document'),
  level: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  fix: z.string().nullable().describe('what to write instead'),
})

/** The tool that checks an assistant; what it needs is loaded with its first call. */
export function validateAssistantTool(): ServerTool {
  let loaded: Promise<Validator> | null = null
  return defineTool({
    name: 'validate_assistant',
    title: 'Check an assistant',
    description:
      'Checks the JSON of an assistant or squad as the API takes it, without an account: unknown and missing fields, types, ranges, old spellings, and what does not go together (a voice of another provider, a broken regular expression or template). Each finding has the path, what is wrong and what to write instead. Call it before you hand out or save a configuration, and again after each change.',
    input: z.strictObject({
      assistant: z
        .record(z.string(), z.unknown())
        .describe('the body of POST /assistant; or a squad, where it has members'),
    }),
    output: z.object({
      valid: z.boolean().describe('true where nothing is an error; warnings may remain'),
      errors: z.number(),
      warnings: z.number(),
      findings: z.array(finding),
    }),
    annotations: READS_HERE,
    async run({ assistant }, { signal }) {
      loaded ??= loadValidator()
      loaded.catch(() => {
        loaded = null
      })
      const validator = await loaded
      signal.throwIfAborted()
      const all = validator.validate(assistant)
      const errors = all.filter(({ level }) => level === 'error')
      const sorted = [...errors, ...all.filter(({ level }) => level !== 'error')]
      const findings = sorted
        .slice(0, SHOWN)
        .map(({ path, level, code, message, fix = null }) => ({ path, level, code, message, fix }))
      const data = {
        valid: errors.length === 0,
        errors: errors.length,
        warnings: all.length - errors.length,
        findings,
      }
      return { text: textOf(data, all.length), data }
    },
  })
}

function textOf(
  { findings, errors, warnings }: { findings: z.infer<typeof finding>[]; errors: number; warnings: number },
  total: number,
): string {
  if (total === 0) return 'Nothing is wrong with it.'
  const lines = findings.map(
    ({ level, path, message, fix }) =>
      `- ${level} at ${path === '' ? '(the whole)' : `\`${path}\``}: ${message}${fix === null ? '' : `. Fix: ${fix}`}`,
  )
  const more = total > findings.length ? [`- … and ${total - findings.length} more`] : []
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
  return [`${count(errors, 'error')}, ${count(warnings, 'warning')}`, ...lines, ...more].join('\n')
}
