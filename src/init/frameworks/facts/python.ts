import { isObject } from '../../../is-object.ts'
import { joined, type Project } from '../../project.ts'

/** What a Python project needs, by the names of packages (small letters, `-`), with the file that says so. */
export interface PythonFacts {
  packages: ReadonlyMap<string, string>
  /** The files that speak for Python at all, the main one first. */
  manifests: readonly string[]
  pyproject: Record<string, unknown> | null
}

const REQUIREMENTS = [
  'requirements.txt',
  'requirements.in',
  'requirements/base.txt',
  'requirements/common.txt',
  'requirements/production.txt',
  'requirements/prod.txt',
  'requirements-dev.txt',
]
const MOST_REQUIREMENT_FILES = 20

export function readPython(project: Project): PythonFacts {
  const packages = new Map<string, string>()
  const add = (file: string) => (requirement: unknown) => {
    if (typeof requirement !== 'string') return
    const name = requirementName(requirement)
    if (name !== null && !packages.has(name)) packages.set(name, file)
  }
  const pyproject = project.toml('pyproject.toml')
  listed(pyproject).forEach(add('pyproject.toml'))
  readRequirements(project, add)
  const pipfile = project.toml('Pipfile')
  for (const section of ['packages', 'dev-packages']) keysOf(pipfile?.[section]).forEach(add('Pipfile'))
  for (const file of ['setup.py', 'setup.cfg']) requiresOf(project.text(file), file).forEach(add(file))
  const present = [
    'pyproject.toml',
    'requirements.txt',
    'Pipfile',
    'setup.py',
    'setup.cfg',
    'requirements.in',
  ].filter(file => project.isFile(file))
  const nested = REQUIREMENTS.slice(2, 6).filter(file => project.isFile(file))
  return { packages, manifests: [...present, ...nested], pyproject }
}

/** `Flask-Cors[async]==3.0` → `flask-cors`; null for options, addresses and paths. */
export function requirementName(line: string): string | null {
  const trimmed = line.trim().slice(0, 500)
  const egg = /#egg=([\w.-]+)/.exec(trimmed)?.[1]
  const name = egg ?? /^([A-Za-z0-9][\w.-]*)\s*(?:\[|[<>=!~;@,(\s]|$)/.exec(trimmed)?.[1]
  return name === undefined ? null : name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

/** All that pyproject.toml lists, in the ways of PEP 621, dependency groups, Poetry, PDM and uv. */
function listed(pyproject: Record<string, unknown> | null): unknown[] {
  if (pyproject === null) return []
  const part = (value: unknown, ...path: string[]) =>
    path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value)
  const lists = (value: unknown) =>
    isObject(value) ? Object.values(value).flatMap(list => arrayOf(list)) : []
  const groups = part(pyproject, 'tool', 'poetry', 'group')
  return [
    ...arrayOf(part(pyproject, 'project', 'dependencies')),
    ...lists(part(pyproject, 'project', 'optional-dependencies')),
    ...lists(part(pyproject, 'dependency-groups')),
    ...keysOf(part(pyproject, 'tool', 'poetry', 'dependencies')),
    ...keysOf(part(pyproject, 'tool', 'poetry', 'dev-dependencies')),
    ...(isObject(groups) ? Object.values(groups).flatMap(group => keysOf(part(group, 'dependencies'))) : []),
    ...lists(part(pyproject, 'tool', 'pdm', 'dev-dependencies')),
    ...arrayOf(part(pyproject, 'tool', 'uv', 'dev-dependencies')),
  ]
}

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : []
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The requirement files, and those that they include. */
function readRequirements(project: Project, add: (file: string) => (requirement: unknown) => void): void {
  const waiting = REQUIREMENTS.filter(file => project.isFile(file))
  const seen = new Set<string>()
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    if (seen.has(file) || seen.size >= MOST_REQUIREMENT_FILES) continue
    seen.add(file)
    for (const line of (project.text(file) ?? '').split('\n')) {
      const included = /^\s*(?:-r|--requirement)[\s=]+([^\s#]{1,200})/.exec(line)?.[1]
      if (included !== undefined) {
        const path = joined(file, '..', included)
        if (!path.startsWith('../') && !path.startsWith('/')) waiting.push(path)
      } else if (!/^\s*(#|-)/.test(line) || /#egg=/.test(line)) add(file)(line)
    }
  }
}

/** The words in quotation marks of `install_requires`, or the lines below it. */
function requiresOf(text: string | null, file: string): string[] {
  if (text === null) return []
  if (file === 'setup.cfg') {
    const [, ...lines] = text.split(/^install_requires[ \t]*=/m)[1]?.split('\n') ?? []
    const end = lines.findIndex(line => !/^[ \t]/.test(line))
    return end === -1 ? lines : lines.slice(0, end)
  }
  const block = /install_requires\s*=\s*\[([^\]]{0,5000})\]/.exec(text)?.[1] ?? ''
  return [...block.matchAll(/["']([^"'\n]+)["']/g)].map(match => match[1] ?? '')
}

/** Files in which a Python program is customarily started, those that are there. */
export function pythonEntries(project: Project): readonly string[] {
  const names = ['main', 'app', 'wsgi', 'asgi', 'server', 'api', 'application', 'run']
  const plain = names.map(name => `${name}.py`)
  const known = ['app', 'src', 'api', 'src/app', 'server', 'backend'].flatMap(folder =>
    ['main', '__init__', 'app', 'server'].map(name => `${folder}/${name}.py`),
  )
  const inside = ['', 'src'].flatMap(folder =>
    project
      .sourceFolders(folder)
      .filter(name => !/^(tests?|docs?|scripts|migrations|static|templates|examples)$/.test(name))
      .slice(0, 30)
      .flatMap(name =>
        ['main.py', 'app.py', '__init__.py', 'server.py'].map(file => joined(folder, name, file)),
      ),
  )
  const found = [...plain, ...known, ...inside].filter(path => project.isFile(path))
  const others = project.files('', /\.py$/).slice(0, 20)
  return [...new Set([...found, ...others])].slice(0, 60)
}

/** The dotted package that a file is in, '' for one beside the manifest. A `src` folder is no part of it. */
export function packageOf(project: Project, entry: string | null): string {
  const folders = entry?.split('/').slice(0, -1) ?? []
  if (folders[0] === 'src' && !project.isFile('src/__init__.py')) folders.shift()
  return folders.join('.')
}

/** The requirements file that is written by hand, which a package is added to; null where there is none. */
export function requirementsFile(project: Project): string | null {
  const files = ['requirements.txt', 'requirements.in', 'requirements/base.txt', 'requirements/common.txt']
  const there = files.filter(file => project.isFile(file))
  return (
    there.find(file => {
      const text = project.text(file) ?? ''
      const generated =
        /autogenerated by (?:pip-compile|uv)|exported by|generated by pip-compile|uv export|uv pip compile/i
      if (generated.test(text.slice(0, 1000))) return false
      const lines = text.split('\n').filter(line => line.trim() !== '' && !line.trim().startsWith('#'))
      const onlyIncludes = lines.length > 0 && lines.every(line => /^\s*(-r|--requirement)\b/.test(line))
      return !(onlyIncludes && there.length > 1)
    }) ?? null
  )
}
