import { isObject } from '../../is-object.ts'
import { type Finding, formatPath, type PathPart } from './finding.ts'
import { rules } from './rules.ts'
import { loadSchema, type Schema } from './schema.ts'
import { isSquad, squadFindings } from './squad.ts'
import { checkShape } from './walk.ts'

export interface ValidateOptions {
  /** `assistant.create`; `squad.create` for squads. */
  schema: Schema
  /** What is wrong with a Liquid template, or null; templates are not checked without it. */
  templateFault?: (text: string) => string | null
}

/**
 * Checks an assistant as the API takes it: its shape (unknown and missing fields, types, ranges, old spellings) and what
 * does not go together. Pure. Findings of the shape come first, those of rules after them.
 */
export function validateAssistant(value: unknown, options: ValidateOptions): Finding[] {
  return merge(checkShape(value, options.schema), assistantFindings(value, options, []))
}

/** The same for a squad: its members' inline assistants, their overrides, names and destinations. */
export function validateSquad(value: unknown, options: ValidateOptions): Finding[] {
  const shape = checkShape(value, options.schema)
  return merge(
    shape,
    squadFindings(value, (member, at) => assistantFindings(member, options, at)),
  )
}

/** Checks documents; the schema and the template parser are loaded once. */
export interface Validator {
  /** Checks an assistant, or a squad where the document has `members` (or is a list of them). */
  validate(document: unknown): Finding[]
}

/** Loads what validation needs: some 30 ms. */
export async function loadValidator(): Promise<Validator> {
  const [assistant, squad, templateFault] = await Promise.all([
    loadSchema('assistant.create'),
    loadSchema('squad.create'),
    loadTemplateCheck(),
  ])
  return {
    validate: document =>
      isSquad(document)
        ? validateSquad(document, { schema: squad, templateFault })
        : validateAssistant(document, { schema: assistant, templateFault }),
  }
}

/** What the rules say of an assistant; `at`: where it stands, which makes it a member of a squad unless it is the top. */
function assistantFindings(
  value: unknown,
  { schema, templateFault = () => null }: ValidateOptions,
  at: readonly PathPart[],
): Finding[] {
  if (!isObject(value)) return []
  const own = { root: { $ref: '#/definitions/CreateAssistantDto' }, definitions: schema.definitions }
  const input = { assistant: value, schema: own, isMember: at.length > 0, templateFault }
  const found: Finding[] = []
  for (const { code, check } of rules) {
    check(input, (level, below, message, fix) => {
      const place = [...at, ...below]
      found.push({
        path: formatPath(place),
        at: place,
        level,
        code,
        message,
        ...(fix !== undefined && { fix }),
      })
    })
  }
  return found
}

/** A rule that knows why a value is refused says it better than the list of allowed ones. */
function merge(shape: readonly Finding[], told: readonly Finding[]): Finding[] {
  const explained = new Set(told.filter(({ code }) => code.startsWith('foreign-')).map(({ path }) => path))
  const isVague = ({ code, path }: Finding) =>
    (code === 'not-allowed' || code === 'unknown-value') && explained.has(path)
  return [...shape.filter(finding => !isVague(finding)), ...told]
}

async function loadTemplateCheck(): Promise<(text: string) => string | null> {
  const { Liquid } = await import('liquidjs')
  const liquid = new Liquid({ templates: {} })
  return text => {
    try {
      liquid.parse(text)
      return null
    } catch (error) {
      return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    }
  }
}
