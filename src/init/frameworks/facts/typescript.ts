import { isObject } from '../../../is-object.ts'
import { joined, type Project, pathFrom } from '../../project.ts'
import type { TypeScriptSettings } from '../../types.ts'

/** Folders whose files show in which language a JavaScript project is written. */
const SOURCES = [
  '',
  'src',
  'src/app',
  'src/routes',
  'src/pages',
  'src/components',
  'app',
  'pages',
  'components',
]
const DEEPEST_EXTENDS = 5

/**
 * True where the project is written in TypeScript: it has a tsconfig.json, or one above it applies, and its sources are not all
 * JavaScript; or without one its components or most of its sources say so. The compiler among the dependencies says nothing.
 */
export function isTypeScript(project: Project): boolean {
  const { typescript, javascript } = project.fact(countSources)
  if (project.isFile('tsconfig.json')) return typescript > 0 || javascript === 0
  if (project.isFile('jsconfig.json')) return false
  if (typescript > javascript) return true
  const above =
    project.inRepository && project.parents.some(parent => project.isFile(joined(parent, 'tsconfig.json')))
  return above ? typescript > 0 || javascript === 0 : false
}

/** Single-file components count as what their script is in. */
function countSources(project: Project): { typescript: number; javascript: number } {
  let typescript = 0
  let javascript = 0
  for (const folder of SOURCES) {
    const components = project.files(folder, /\.(vue|svelte)$/).slice(0, 4)
    const typed = components.filter(name =>
      /<script[^<>]{0,500}\blang=["']tsx?["']/.test(project.text(joined(folder, name)) ?? ''),
    )
    typescript += typed.length
    javascript += components.filter(
      name => !typed.includes(name) && project.text(joined(folder, name))?.includes('<script'),
    ).length
    for (const name of project.files(folder, /\.(?:[cm]?[jt]s|[jt]sx)$/)) {
      if (
        /\.d\.[cm]?ts$|\.(config|conf|setup|test|spec|stories)\.|^\.|^(next-env|gulpfile|Gruntfile)\b/.test(
          name,
        )
      )
        continue
      if (/\.(?:[cm]?ts|tsx)$/.test(name)) typescript++
      else javascript++
    }
  }
  return { typescript, javascript }
}

/** What tsconfig.json asks of generated code; null where there is none in the folder or above it. */
export function typeScriptSettings(project: Project): TypeScriptSettings | null {
  const folders = ['', ...(project.inRepository ? project.parents : [])]
  for (const folder of folders) {
    const place = joined(folder, 'tsconfig.json')
    if (!project.isFile(place)) continue
    const missing: string[] = []
    const options = {
      ...referenced(project, place, missing),
      ...compilerOptions(project, place, 0, missing),
    }
    const flag = (name: string) => (typeof options[name] === 'boolean' ? (options[name] as boolean) : null)
    const word = (name: string) => (typeof options[name] === 'string' ? options[name].toLowerCase() : null)
    return {
      path: folder === '' ? 'tsconfig.json' : pathFrom(project.root, place),
      isComplete: missing.length === 0,
      skipLibCheck: flag('skipLibCheck'),
      strict: flag('strict'),
      module: word('module'),
      moduleResolution: word('moduleResolution'),
      paths: pathsOf(options.paths),
    }
  }
  return null
}

/** A solution file only names others: the one of the application speaks for it. */
function referenced(project: Project, place: string, missing: string[]): Record<string, unknown> {
  const references = project.json(place, true)?.references
  if (!Array.isArray(references)) return {}
  const names = references.map(reference => (isObject(reference) ? reference.path : null))
  const app = names.find((name): name is string => typeof name === 'string' && /app/.test(name)) ?? names[0]
  if (typeof app !== 'string' || app.length > 500) return {}
  const path = joined(place, '..', app)
  return compilerOptions(project, path.endsWith('.json') ? path : `${path}/tsconfig.json`, 1, missing)
}

/** With what it extends. Shared configurations out of packages are read where they are installed, else they are `missing`. */
function compilerOptions(
  project: Project,
  place: string,
  depth: number,
  missing: string[],
): Record<string, unknown> {
  const config = project.json(place, true)
  if (config === null || depth > DEEPEST_EXTENDS) return {}
  const bases = Array.isArray(config.extends) ? config.extends.slice(0, 10) : [config.extends]
  const inherited = bases.map(base => {
    if (typeof base !== 'string' || base.length > 500) return {}
    const paths = base.startsWith('.')
      ? [joined(place, '..', base)]
      : ['', ...project.parents].map(folder => joined(folder, 'node_modules', base))
    const files = paths.flatMap(path => [path, `${path}.json`, `${path}/tsconfig.json`])
    const file = files.find(name => project.isFile(name))
    if (file === undefined) missing.push(base)
    return file === undefined ? {} : compilerOptions(project, file, depth + 1, missing)
  })
  const own = isObject(config.compilerOptions) ? config.compilerOptions : {}
  return Object.assign({}, ...inherited, own)
}

function pathsOf(value: unknown): Record<string, string[]> {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([alias, places]) => [
      alias,
      Array.isArray(places) ? places.filter(place => typeof place === 'string') : [],
    ]),
  )
}
