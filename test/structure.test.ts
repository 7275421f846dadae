import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { actions } from '../src/api/actions.ts'
import type { Resource } from '../src/api/resources/types.ts'
import { resources } from '../src/api/resources.ts'
import { globalOptions } from '../src/cli/global-options.ts'
import { commands } from '../src/commands/manifest.ts'

const root = new URL('..', import.meta.url).pathname
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map(file => ({ file, text: readFileSync(join(root, 'src', file), 'utf8') }))

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

const imports: Import[] = files.flatMap(({ file, text }) =>
  [...text.matchAll(/(?:^|\n)(import|export)( type)?\b[^'";]*?from '(\.[^']+)'|import\('(\.[^']+)'\)/g)].map(
    match => ({
      from: file,
      to: normalize(join(dirname(file), match[3] ?? match[4] ?? '')),
      typeOnly: match[2] !== undefined,
    }),
  ),
)

/** What each folder may import beside itself and the root's errors and paths. `engine/ports` is its part for adapters. */
const arrows: Record<string, readonly string[]> = {
  engine: [],
  format: [],
  web: [],
  net: [],
  config: [],
  output: [],
  audio: ['engine/ports'],
  messages: ['engine', 'net'],
  providers: ['engine/ports', 'format', 'net', 'audio/resample.ts', 'audio/samples.ts'],
  assistant: ['engine', 'format'],
  call: ['engine', 'format', 'audio', 'providers', 'assistant', 'messages', 'web', 'net'],
  auth: ['config', 'web'],
  api: ['net', 'messages'],
  listen: ['messages', 'web', 'net', 'config'],
  trigger: ['messages', 'net'],
  init: [],
  mcp: ['config', 'net', 'assistant', 'messages'],
  commands: [
    'engine',
    'audio',
    'providers',
    'assistant',
    'messages',
    'net',
    'config',
    'auth',
    'api',
    'call',
    'listen',
    'trigger',
    'init',
    'mcp',
    'output',
    'cli',
  ],
  cli: ['commands/manifest.ts', 'output', 'config', 'api', 'net'],
}

const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')

describe('the house', () => {
  it('has arrows in one direction', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [source, target] = [folderOf(from), folderOf(to)]
      if (target === '' || source === target) return false
      return !(arrows[source] ?? []).some(allowed => to === allowed || to.startsWith(`${allowed}/`))
    })
    expect(wrong).toEqual([])
  })

  it('knows every folder', () => {
    const folders = new Set(files.map(({ file }) => folderOf(file)).filter(folder => folder !== ''))
    expect([...folders].filter(folder => !(folder in arrows))).toEqual([])
  })

  it('lets commands share files but not import each other', () => {
    // The common verbs of resources are there to be used by the commands that add something to them.
    const isCommand = (file: string) => /^commands\/[^/]*$/.test(file) && /defineCommand\(/.test(textOf(file))
    expect(imports.filter(({ from, to }) => isCommand(from) && isCommand(to))).toEqual([])
  })

  it('loads commands only through the manifest, and none of them before it runs', () => {
    const eager = imports.filter(
      ({ from, to }) => from.startsWith('cli/') && to.startsWith('commands/') && !to.endsWith('manifest.ts'),
    )
    expect(eager).toEqual([])
    expect(textOf('commands/manifest.ts')).not.toMatch(/^import (?!type|\{ (actions|resources) \})/m)
  })

  it('touches process streams in output, the launcher and workers alone, and exits in cli', () => {
    const allowed = (file: string) => file.startsWith('output/') || file.endsWith('.worker.ts')
    const touching = files.filter(
      ({ file, text }) => !allowed(file) && /\bprocess\.(stdout|stderr|stdin)\b|\bconsole\./.test(text),
    )
    expect(touching.map(({ file }) => file)).toEqual([])
    const exiting = files.filter(
      ({ file, text }) => !allowed(file) && file !== 'cli/main.ts' && /\bprocess\.exit\(/.test(text),
    )
    expect(exiting.map(({ file }) => file)).toEqual([])
  })

  it('has no file over 400 lines', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 401).map(({ file }) => file)
    expect(long).toEqual([])
  })

  it('explains folders of more than twelve files on a page', () => {
    const counts = new Map<string, number>()
    for (const { file } of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
    const crowded = [...counts].filter(([, count]) => count > 12).map(([folder]) => folder)
    const pages = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(file =>
      file.endsWith('README.md'),
    )
    const explained = (folder: string) =>
      pages.some(page => folder === dirname(page) || folder.startsWith(`${dirname(page)}/`))
    expect(crowded.filter(folder => !explained(folder))).toEqual([])
  })

  it('does not work at import and keeps no state in modules', () => {
    const stateful = files
      .filter(({ file, text }) => !file.endsWith('.worker.ts') && /^let /m.test(text))
      .map(({ file }) => file)
    expect(stateful).toEqual([])
  })
})

describe('every command', async () => {
  const definitions = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => ({ name, definition: (await load()).definition })),
  )

  it.each(definitions)(
    '$name is defined under its own name, with a summary and an example',
    ({ name, definition }) => {
      expect(definition.name).toBe(name)
      expect(definition.summary).toMatch(/^[a-z].*[^.]$/)
      expect(definition.examples.length).toBeGreaterThan(0)
      for (const { command } of definition.examples) expect(command).toContain(`vapi ${name}`)
    },
  )

  it.each(definitions)('$name reads every option that it declares', ({ definition }) => {
    const sources = files
      .filter(({ file }) => file.startsWith('commands/'))
      .map(({ text }) => text)
      .join('\n')
    for (const option of Object.keys(definition.options)) {
      if (isInTable(definition.name, option)) continue
      const camel = option.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
      expect(sources, option).toMatch(
        new RegExp(`(options|sound)(\\.${camel}\\b|\\['${option}'\\])|\\{ ${camel} \\} = sound`),
      )
    }
  })

  it.each(definitions)('$name has no option that hides a global one', ({ definition }) => {
    expect(Object.keys(definition.options).filter(option => option in globalOptions)).toEqual([])
  })
})

/** Flags that the resource table gives are read through it; test/commands/valid-requests.test.ts sees each in a request. */
function isInTable(name: string, option: string): boolean {
  const resource = resources
    .filter(({ words }) => name.startsWith(`${words} `))
    .reduce<Resource | undefined>(
      (longest, one) => (one.words.length > (longest?.words.length ?? 0) ? one : longest),
      undefined,
    )
  const action = actions.find(({ words }) => words === name)
  const fields = [
    ...(resource?.fields ?? []),
    ...Object.values(resource?.variants?.of ?? {}).flatMap(variant => variant.fields),
    ...(resource?.filters ?? []),
    ...(action?.fields ?? []),
    ...(action?.query ?? []),
  ]
  const names = [resource?.variants?.field, ...Object.keys(resource?.placeholders ?? {})]
  return fields.some(({ flag }) => flag === option) || names.includes(option)
}

function textOf(file: string): string {
  return files.find(candidate => candidate.file === file)?.text ?? ''
}
