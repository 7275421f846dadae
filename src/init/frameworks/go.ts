import { joined, type Project } from '../project.ts'
import type { Layout } from '../types.ts'
import { portInCode } from './facts/port.ts'
import { type Framework, marker, when } from './row.ts'

interface GoFacts {
  module: string | null
  /** Modules that the program itself needs, in order, with their versions. */
  direct: readonly { path: string; version: string }[]
  /** Files with `func main()`, the nearest first. */
  entries: readonly string[]
}

function readGo(project: Project): GoFacts {
  const text = project.text('go.mod')
  if (text === null) return { module: null, direct: [], entries: [] }
  const direct: { path: string; version: string }[] = []
  let inRequire = false
  for (const whole of text.split('\n')) {
    const line = whole.slice(0, 500)
    const single = /^\s*require\s+([^\s(]+)\s+(\S+)(.*)$/.exec(line)
    if (/^\s*require\s*\(/.test(line)) inRequire = true
    else if (/^\s*\)/.test(line)) inRequire = false
    const found = single ?? (inRequire ? /^\s*([^\s()/]\S*)\s+(v\S+)(.*)$/.exec(line) : null)
    if (found?.[1] !== undefined && !/\/\/\s*indirect/.test(found[3] ?? ''))
      direct.push({ path: found[1].replaceAll('"', ''), version: found[2] ?? '' })
  }
  const module = /^[ \t]*module[ \t]+"?([^\s"]{1,300})/m.exec(text)?.[1] ?? null
  return { module, direct, entries: goEntries(project) }
}

function goEntries(project: Project): readonly string[] {
  const commands = project.sourceFolders('cmd').slice(0, 20)
  const files = [
    'main.go',
    'cmd/main.go',
    ...commands.flatMap(name => [`cmd/${name}/main.go`, `cmd/${name}/${name}.go`]),
    'src/main.go',
    'app/main.go',
    'server/main.go',
    ...project
      .files('', /\.go$/)
      .filter(name => !name.endsWith('_test.go'))
      .slice(0, 20),
  ]
  const found = [...new Set(files)].filter(path => project.isFile(path))
  return found.filter(path => /^func main\(\)/m.test(project.text(path) ?? ''))
}

/** Where routes are made, when not in the entry: customary files of Go servers. */
function sources(project: Project): readonly string[] {
  const { entries } = project.fact(readGo)
  const folders = [
    '',
    'internal/server',
    'server',
    'routes',
    'router',
    'internal/routes',
    'internal/router',
    'api',
  ]
  const others = folders.flatMap(folder =>
    project.files(folder, /^(server|routes?|router|app|api)\.go$/).map(name => joined(folder, name)),
  )
  return [...new Set([...entries, ...others])]
}

function importsModule(text: string | null, path: string): boolean {
  if (text === null) return false
  const escaped = path.replaceAll('.', '\\.')
  return new RegExp(`"${escaped}(?:/[^"\\n]*)?"`).test(text)
}

/** The module of `path` in any major version: `github.com/labstack/echo/v4`. */
function isModule(candidate: string, path: string): boolean {
  return (
    candidate === path ||
    (candidate.startsWith(`${path}/v`) && /^v\d+$/.test(candidate.slice(path.length + 1)))
  )
}

const ROUTERS: Readonly<Record<string, string>> = {
  gin: 'github.com/gin-gonic/gin',
  echo: 'github.com/labstack/echo',
  fiber: 'github.com/gofiber/fiber',
  chi: 'github.com/go-chi/chi',
}

/** The routers among the direct requirements; when several are there, those that a program imports count more. */
function routersOf(project: Project): { required: readonly string[]; imported: ReadonlyMap<string, string> } {
  const { direct } = project.fact(readGo)
  const required = direct.flatMap(({ path }) =>
    Object.keys(ROUTERS).filter(id => isModule(path, ROUTERS[id] ?? '')),
  )
  const imported = new Map<string, string>()
  for (const id of new Set(required)) {
    const file = project.fact(sources).find(path => importsModule(project.text(path), ROUTERS[id] ?? ''))
    if (file !== undefined) imported.set(id, file)
  }
  return { required: [...new Set(required)], imported }
}

function goLayout(project: Project, id: string | null, usual: number): Partial<Layout> {
  const facts = project.fact(readGo)
  const imported = id === null ? undefined : project.fact(routersOf).imported.get(id)
  const entry = facts.entries.find(path => path === imported) ?? facts.entries[0] ?? null
  const module = facts.direct.find(({ path }) => id !== null && isModule(path, ROUTERS[id] ?? ''))
  const inPath = /\/v(\d+)$/.exec(module?.path ?? '')?.[1]
  const major = inPath ?? /^v(\d+)/.exec(module?.version ?? '')?.[1]
  return {
    source: '',
    entry,
    extension: 'go',
    major: major === undefined ? null : Number(major),
    manifest: 'go.mod',
    registerIn: imported ?? entry,
    port: (entry === null ? null : portInCode(project, entry)) ?? usual,
    goModule: facts.module,
  }
}

function router(id: string, label: string, port: number): Framework {
  return {
    id,
    label,
    family: 'service',
    kind: 'back-end',
    language: 'go',
    port,
    beats: ['go'],
    markers(project) {
      const { required, imported } = project.fact(routersOf)
      if (!required.includes(id)) return []
      const file = imported.get(id)
      // Of several the first that is required; what no program imports stands behind what one does.
      const first = required[0] === id && imported.size === 0
      const weight = file !== undefined || first ? 'strong' : 'weak'
      return [
        ...when(file !== undefined, file ?? null, `imports ${ROUTERS[id]}`, 'certain'),
        marker('go.mod', `requires ${ROUTERS[id]}`, weight),
      ]
    },
    layout: project => goLayout(project, id, port),
  }
}

const go: Framework = {
  id: 'go',
  label: 'Go',
  family: 'general',
  kind: 'back-end',
  language: 'go',
  port: 8080,
  beats: [],
  markers(project) {
    const { entries } = project.fact(readGo)
    const manifest = when(project.isFile('go.mod'), 'go.mod', 'is there', 'strong')
    const served = entries.find(path => importsModule(project.text(path), 'net/http'))
    return [...manifest, ...when(served !== undefined, served ?? null, 'imports net/http', 'strong')]
  },
  layout: project => goLayout(project, null, 8080),
}

export const goFrameworks: readonly Framework[] = [
  router('gin', 'Gin', 8080),
  router('echo', 'Echo', 8080),
  router('fiber', 'Fiber', 3000),
  router('chi', 'chi', 8080),
  go,
]
