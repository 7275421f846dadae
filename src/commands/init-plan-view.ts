import type { ChalkInstance } from 'chalk'
import { frameworkOf } from '../init/frameworks/table.ts'
import type { FileChange, InitPlan } from '../init/types.ts'
import { printable, printableLines } from '../output/table.ts'

const KINDS: Readonly<Record<FileChange['kind'], string>> = {
  create: 'new',
  edit: 'changed',
  replace: 'in the way',
}

/** The plan for people: what was found, the files as a tree, the changes of each, the commands. */
export async function planText(plan: InitPlan, colour: boolean): Promise<string> {
  const { Chalk } = await import('chalk')
  const paint = new Chalk({ level: colour ? 1 : 0 })
  const { detection, changes, installs, byHand } = plan
  const { framework, variant, language, manager, root, markers } = detection
  const label = frameworkOf(framework)?.label ?? framework
  const facts = [variant, language, manager === null ? null : manager.id].filter(fact => fact !== null)
  const lines = [
    `${printable(root)}: ${paint.bold(label)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`,
    ...markers.map(({ file, what }) => paint.dim(`  ${printable(file)}: ${printable(what)}`)),
    '',
    ...treeLines(changes, paint),
  ]
  for (const change of changes.filter(({ kind }) => kind === 'edit'))
    lines.push('', await diffText(change, paint))
  if (installs.length > 0) {
    lines.push('', 'To install:')
    for (const { command } of installs) lines.push(`  ${printable(command.join(' '))}`)
  }
  for (const { path, text, why } of byHand)
    lines.push('', `By hand, in ${printable(path)} (${printable(why)}):`, indented(printableLines(text)))
  return `${lines.join('\n')}\n`
}

/** What would become of a file, as a unified diff. */
export async function diffOf({ path, before, after }: FileChange): Promise<string> {
  const { createTwoFilesPatch } = await import('diff')
  const patch = createTwoFilesPatch(
    before === null ? '/dev/null' : path,
    path,
    before ?? '',
    after,
    undefined,
    undefined,
    { context: 3 },
  )
  return patch.slice(patch.indexOf('--- '))
}

/** The diff as it is shown at a terminal. */
export async function diffText(change: FileChange, paint: ChalkInstance): Promise<string> {
  const lines = printableLines((await diffOf(change)).trimEnd()).split('\n')
  return lines.map(line => painted(line, paint)).join('\n')
}

function painted(line: string, paint: ChalkInstance): string {
  if (/^(---|\+\+\+) /.test(line)) return paint.bold(line)
  if (line.startsWith('+')) return paint.green(line)
  if (line.startsWith('-')) return paint.red(line)
  return line.startsWith('@@') ? paint.cyan(line) : line
}

interface Folder {
  folders: Map<string, Folder>
  files: { name: string; kind: FileChange['kind'] }[]
}

function treeLines(changes: readonly FileChange[], paint: ChalkInstance): string[] {
  const top: Folder = { folders: new Map(), files: [] }
  for (const { path, kind } of changes) {
    const names = path.split('/')
    const name = names.pop() ?? path
    let place = top
    for (const folder of names) {
      const inner = place.folders.get(folder) ?? { folders: new Map(), files: [] }
      place.folders.set(folder, inner)
      place = inner
    }
    place.files.push({ name, kind })
  }
  return branches(top, '', paint)
}

function branches({ folders, files }: Folder, lead: string, paint: ChalkInstance): string[] {
  const byName = (one: string, other: string) => (one < other ? -1 : 1)
  const inner = [...folders.keys()].sort(byName)
  const own = files.toSorted((one, other) => byName(one.name, other.name))
  const colours = { create: paint.green, edit: paint.yellow, replace: paint.red }
  const count = inner.length + own.length
  const branch = (place: number) => (place === count - 1 ? '└── ' : '├── ')
  return [
    ...inner.flatMap((name, place) => {
      const folder = folders.get(name)
      const below = `${lead}${place === count - 1 ? '    ' : '│   '}`
      return [
        `${lead}${branch(place)}${printable(name)}/`,
        ...(folder === undefined ? [] : branches(folder, below, paint)),
      ]
    }),
    ...own.map(
      ({ name, kind }, place) =>
        `${lead}${branch(inner.length + place)}${printable(name)}  ${colours[kind](KINDS[kind])}`,
    ),
  ]
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ')
}
