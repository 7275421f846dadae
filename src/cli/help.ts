import { aliases, aliasesOf } from './aliases.ts'
import type { CommandDefinition } from './definition.ts'
import { globalOptions } from './global-options.ts'
import { headings, subgroups } from './groups.ts'
import { topics } from './help-topics.ts'
import { createParser } from './parse.ts'

/** Width of rendered help, in columns: it is made at build time, for any terminal. */
const WIDTH = 100

export interface Help {
  /** By command or group; the empty name is the program itself. */
  pages: Record<string, string>
  /** `vapi help TOPIC`. */
  topics: Record<string, string>
}

/** Renders all help. Made at build time, see scripts/manifest.mjs. */
export function renderHelp(definitions: readonly CommandDefinition[], version: string): Help {
  const pages: Record<string, string> = {}
  for (const group of groupsOf(definitions)) pages[group] = groupHelp(group, definitions)
  for (const definition of definitions) {
    const members =
      pages[definition.name] === undefined ? '' : `\n${memberTable(definition.name, definitions)}`
    pages[definition.name] = commandHelp(definition) + members + alsoLine(definition.name)
  }
  pages[''] = rootHelp(definitions, version)
  return {
    pages,
    topics: Object.fromEntries(
      Object.entries(topics).map(([name, topic]) => [name, `${topic.text.trim()}\n`]),
    ),
  }
}

/** Words that have commands below them: `simulation`, `simulation personality`. */
function groupsOf(definitions: readonly CommandDefinition[]): Set<string> {
  return new Set(
    definitions.flatMap(({ name }) => {
      const words = name.split(' ')
      return words.slice(1).map((_, place) => words.slice(0, place + 1).join(' '))
    }),
  )
}

/** What most groups have stands first, in this order, whichever file its command comes from. */
const COMMON: readonly string[] = ['list', 'get', 'create', 'update', 'delete', 'clone']

/** The direct members of a group: commands, and groups below it. The empty name is the program. */
export function membersOf(
  group: string,
  definitions: readonly CommandDefinition[],
): { name: string; summary: string }[] {
  const prefix = group === '' ? '' : `${group} `
  const below = definitions.filter(({ name }) => name.startsWith(prefix) && name !== group)
  const words = new Set(below.map(({ name }) => name.slice(prefix.length).split(' ')[0] ?? ''))
  const rank = (word: string) => (COMMON.includes(word) ? COMMON.indexOf(word) : COMMON.length)
  const ordered = [...words].sort((left, right) => rank(left) - rank(right))
  return ordered.map(word => {
    const name = `${prefix}${word}`
    const command = definitions.find(definition => definition.name === name)
    const isGroup = below.some(definition => definition.name.startsWith(`${name} `))
    return { name, summary: isGroup ? groupSummary(name, definitions) : (command?.summary ?? '') }
  })
}

/** What a group is for; the names of its commands where nobody said it. */
function groupSummary(group: string, definitions: readonly CommandDefinition[]): string {
  const said = headings.find(({ words }) => words[group])?.words[group] ?? subgroups[group]
  if (said) return said
  const own = definitions.find(({ name }) => name === group)
  if (own !== undefined) return own.summary
  const names = membersOf(group, definitions).map(({ name }) => name.slice(group.length + 1))
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} …` : names.join(', ')
}

function groupHelp(group: string, definitions: readonly CommandDefinition[]): string {
  const summary = groupSummary(group, definitions)
  return `Usage: vapi ${group} <command>

${summary}

${memberTable(group, definitions)}
vapi ${group} <command> --help tells more of each.
${alsoLine(group)}`
}

function memberTable(group: string, definitions: readonly CommandDefinition[]): string {
  return `Commands:\n${table(membersOf(group, definitions))}`
}

function rootHelp(definitions: readonly CommandDefinition[], version: string): string {
  const members = [...membersOf('', definitions), ...listedAliases(definitions)]
  const listed = new Set(headings.flatMap(({ words }) => Object.keys(words)))
  const width = Math.max(...members.map(({ name }) => name.length))
  const sections = headings.map(({ title, words }, place) => {
    const shown = Object.keys(words).flatMap(word => members.filter(({ name }) => name === word))
    if (place === headings.length - 1) shown.push(...members.filter(({ name }) => !listed.has(name)))
    return shown.length === 0 ? '' : `${title}:\n${table(shown, width)}\n`
  })
  return `vapi ${version}: build, run, test and understand voice assistants

Usage: vapi <command> [options]

${sections.join('')}Help:
${table(
  [
    { name: '<command> --help', summary: 'what a command or a group of commands does' },
    ...Object.entries(topics).map(([name, { summary }]) => ({ name: `help ${name}`, summary })),
    { name: '--version', summary: 'print the version' },
  ],
  width,
)}`
}

/** Aliases of commands that stand under a heading like commands of their own: `login`. */
function listedAliases(definitions: readonly CommandDefinition[]): { name: string; summary: string }[] {
  return headings.flatMap(({ words }) =>
    Object.entries(words).flatMap(([name, summary]) =>
      definitions.some(definition => definition.name === aliases[name]) ? [{ name, summary }] : [],
    ),
  )
}

function commandHelp(definition: CommandDefinition): string {
  const parser = createParser(definition)
  parser.configureHelp({ helpWidth: WIDTH })
  for (const option of parser.options) {
    const name = option.long?.replace(/^--/, '') ?? ''
    if (name in globalOptions) option.helpGroup('Global options:')
    if (name === 'output')
      option.argChoices = definition.formats.length === 0 ? undefined : [...definition.formats]
  }
  const examples = definition.examples.map(({ command, does }) => `  ${command}\n      ${does}\n`).join('')
  return parser.helpInformation() + (examples === '' ? '' : `\nExamples:\n${examples}`)
}

function alsoLine(name: string): string {
  const others = aliasesOf(name)
  return others.length === 0 ? '' : `\nAlso: ${others.map(other => `vapi ${other}`).join(', ')}\n`
}

/** Names and summaries in two columns; long summaries are wrapped. */
function table(rows: readonly { name: string; summary: string }[], atLeast = 0): string {
  const width = Math.max(atLeast, ...rows.map(({ name }) => name.length))
  return rows
    .map(({ name, summary }) => {
      const lines = wrap(summary, WIDTH - width - 4)
      return `  ${name.padEnd(width)}  ${lines.join(`\n${' '.repeat(width + 4)}`)}`.trimEnd()
    })
    .map(line => `${line}\n`)
    .join('')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
