import { basename, posix } from 'node:path'
import type { Detection } from '../types.ts'
import type { When } from './schema.ts'

/** What templates may ask about a project, by name. Lists are several values of one fact. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** The facts of a project; what is not known is not there. */
export function factsOf(detection: Detection): Facts {
  const { layout, framework, variant, language, typescript, packageManager, root } = detection
  const known: Record<string, unknown> = {
    ...layout,
    framework,
    variant,
    language,
    typescript,
    packageManager,
    folder: basename(root),
    entryFolder: layout == null ? undefined : folderOf(layout.entry ?? layout.source),
    manifestName: layout?.manifest == null ? undefined : posix.basename(layout.manifest),
    trait: layout?.traits ?? [],
    packagePath: layout?.basePackage?.replaceAll('.', '/'),
    skipLibCheck: layout?.tsconfig?.skipLibCheck ?? undefined,
  }
  const facts: Record<string, string | number | boolean | readonly string[]> = {}
  for (const [name, value] of Object.entries(known)) if (isFact(value)) facts[name] = value
  return facts
}

/** The folder that a path is in, with `/` at its end; '' for the project's own. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** Do all of these hold? `major: '>=19'` and `'<5'` compare; `'!name'` holds where a fact is not that value. */
export function holds(when: When | undefined, facts: Facts): boolean {
  return Object.entries(when ?? {}).every(([name, wanted]) => {
    const given = facts[name]
    const choices = Array.isArray(wanted) ? wanted : [wanted]
    return choices.some(choice => fits(choice, given))
  })
}

/** The text with `{name}` replaced by facts; null where one of them is not known. */
export function withFacts(text: string, facts: Facts): string | null {
  let isKnown = true
  const filled = text.replace(/\{([a-zA-Z]+)\}/g, (_all, name: string) => {
    const value = facts[name]
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    isKnown = false
    return ''
  })
  return isKnown ? filled : null
}

function fits(choice: string | number | boolean, given: Facts[string] | undefined): boolean {
  if (typeof choice === 'string') {
    const compared = /^(>=|<)(\d+)$/.exec(choice)
    if (compared !== null) {
      if (typeof given !== 'number') return false
      return compared[1] === '<' ? given < Number(compared[2]) : given >= Number(compared[2])
    }
    if (choice.startsWith('!')) return !fits(choice.slice(1), given)
  }
  const same = (one: unknown) => one === choice || String(one) === choice
  return isList(given) ? given.some(same) : same(given)
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}

function isFact(value: unknown): value is Facts[string] {
  return (
    ['string', 'number', 'boolean'].includes(typeof value) ||
    (Array.isArray(value) && value.every(one => typeof one === 'string'))
  )
}
