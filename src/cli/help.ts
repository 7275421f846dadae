import type { CommandDefinition } from './definition.ts'
import { createParser } from './parse.ts'

/** Rendered help by command name; the empty name is the program itself. Made at build time. */
export function renderHelp(
  definitions: readonly CommandDefinition[],
  version: string,
): Record<string, string> {
  const pages: Record<string, string> = {}
  for (const definition of definitions) pages[definition.name] = commandHelp(definition)
  const groups = new Set(
    definitions.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0] ?? ''] : [])),
  )
  for (const group of groups) {
    const members = definitions.filter(({ name }) => name.startsWith(`${group} `))
    pages[group] =
      `Usage: vapi ${group} <command>\n\n${commandTable(members)}\nvapi ${group} <command> --help tells more of each.\n`
  }
  pages[''] = rootHelp(definitions, version)
  return pages
}

function rootHelp(definitions: readonly CommandDefinition[], version: string): string {
  return `vapi ${version}: run, test and understand voice assistants on your own machine

Usage: vapi <command> [options]

${commandTable(definitions)}
Options:
  -h, --help     help for vapi or for a command
  -v, --version  print the version

Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 a check found something, 4 not logged in or key refused,
5 not found, 130 interrupted.
`
}

function commandTable(definitions: readonly CommandDefinition[]): string {
  const width = Math.max(...definitions.map(({ name }) => name.length))
  return `Commands:\n${definitions.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`).join('')}`
}

function commandHelp(definition: CommandDefinition): string {
  const parser = createParser(definition)
  parser.configureHelp({ helpWidth: 100 })
  const examples = definition.examples.map(({ command, does }) => `  ${command}\n      ${does}\n`).join('')
  return parser.helpInformation() + (examples === '' ? '' : `\nExamples:\n${examples}`)
}
