/** The file that shows which environment variables a project needs, and what keeps the real one out of the repository. */

export interface Variable {
  name: string
  comment: string
  value?: string
}

/** Names in use for such a file, the usual one first. */
export const EXAMPLE_NAMES = [
  '.env.example',
  '.env.sample',
  '.env.template',
  '.env.dist',
  'example.env',
] as const

/** The text of the example file with the variables in it that it lacks. Order, comments and values stay. */
export function withVariables(text: string, variables: readonly Variable[]): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const missing = variables.filter(
    ({ name }) => !new RegExp(`^\\s*(#\\s*)?(export\\s+)?${name}\\s*=`, 'm').test(text),
  )
  if (missing.length === 0) return text
  const opens =
    text === '' ? '' : `${text.endsWith('\n') ? '' : lineEnd}${/\n\s*\n$/.test(text) ? '' : lineEnd}`
  const lines = missing.flatMap(({ name, comment, value = '' }) => [`# ${comment}`, `${name}=${value}`])
  return text + opens + lines.join(lineEnd) + lineEnd
}

/**
 * The text of `.gitignore` that leaves the environment file out of the repository and the example in it. Null: it does so
 * already.
 */
export function withIgnoredEnvironment(text: string, example: string, real = '.env'): string | null {
  const lines = text.split(/\r?\n/).map(line => line.trim())
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const isIgnored = (name: string) =>
    lines.reduce((ignored, line) => {
      if (line === '' || line.startsWith('#')) return ignored
      const isBack = line.startsWith('!')
      return matches(isBack ? line.slice(1) : line, name) ? !isBack : ignored
    }, false)
  const added = [...(isIgnored(real) ? [] : [real]), ...(isIgnored(example) ? [`!${example}`] : [])]
  if (added.length === 0) return null
  const opens = text === '' || text.endsWith('\n') ? '' : lineEnd
  return text + opens + added.join(lineEnd) + lineEnd
}

/** Does a line of `.gitignore` mean this file of the project's own folder? */
function matches(line: string, name: string): boolean {
  const pattern = line.replace(/^\//, '').replace(/^\*\*\//, '')
  const escaped = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  return new RegExp(`^${escaped}$`).test(name)
}
