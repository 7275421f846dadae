import { posix } from 'node:path'
import { isObject } from '../is-object.ts'
import { withoutComments } from './frameworks/facts/text.ts'
import { joined, type Project, pathFrom } from './project.ts'
import type { Monorepo } from './types.ts'
import { expandPatterns } from './workspace-globs.ts'

/** Files of which one makes a folder a package. */
const MANIFESTS = [
  'package.json',
  'project.json',
  'deno.json',
  'deno.jsonc',
  'pyproject.toml',
  'Cargo.toml',
  'go.mod',
  'pom.xml',
  'build.gradle.kts',
  'build.gradle',
  'pubspec.yaml',
  'mix.exs',
  'Gemfile',
  'composer.json',
  'requirements.txt',
  'manage.py',
  'Package.swift',
  'Pipfile',
]

/** True for a folder that holds a manifest of any kind. `folder` as all paths of a project. */
export function isPackageFolder(project: Project, folder: string): boolean {
  return (
    MANIFESTS.some(name => project.isFile(joined(folder, name))) ||
    project.files(folder, /\.(cs|fs|vb)proj$/i).length > 0
  )
}

/**
 * The monorepo that a folder is the root of or a package of; null where it stands alone. A workspace above that does not
 * name this folder is not its own.
 */
export function monorepoOf(project: Project): Monorepo | null {
  for (const folder of ['', ...project.parents]) {
    const found = workspaceAt(project, folder)
    if (found === null || found.packages.length === 0) continue
    const root = folder === '' ? project.root : folder
    const mine = pathFrom(root, project.root)
    if (folder === '' || found.packages.includes(mine))
      return { tool: found.tool, root, packages: found.packages }
  }
  return null
}

interface Workspace {
  tool: string
  packages: string[]
}

/** Every way in which a folder can say what its packages are; the first that says something gives the name. */
function workspaceAt(project: Project, folder: string): Workspace | null {
  const at = (name: string) => joined(folder, name)
  const named: Workspace[] = []
  const add = (tool: string, patterns: unknown) => {
    if (!Array.isArray(patterns)) return
    const words = patterns.filter((pattern): pattern is string => typeof pattern === 'string')
    const packages = expandPatterns(project, folder, words, place => isPackageFolder(project, place))
    named.push({ tool, packages })
  }
  script(project, folder, add)
  const cargo = project.toml(at('Cargo.toml'))?.workspace
  if (isObject(cargo))
    add('cargo', [...listOf(cargo.members), ...listOf(cargo.exclude).map(name => `!${name}`)])
  const uv = within(project.toml(at('pyproject.toml')), 'tool', 'uv', 'workspace')
  if (isObject(uv)) add('uv', [...listOf(uv.members), ...listOf(uv.exclude).map(name => `!${name}`)])
  add('go', goWork(project.text(at('go.work'))))
  add(
    'maven',
    [...(project.text(at('pom.xml')) ?? '').matchAll(/<module>\s*([^<\s]{1,300})\s*<\/module>/g)].map(
      match => match[1],
    ),
  )
  add(
    'gradle',
    gradleIncludes(
      `${project.text(at('settings.gradle.kts')) ?? ''}\n${project.text(at('settings.gradle')) ?? ''}`,
    ),
  )
  add('dotnet', solutionFolders(project, folder))
  add('pub', project.yaml(at('pubspec.yaml'))?.workspace)
  add('melos', project.yaml(at('melos.yaml'))?.packages)
  const umbrella = /\bapps_path:\s*"([\w./-]{1,100})"/.exec(project.text(at('mix.exs')) ?? '')?.[1]
  if (umbrella !== undefined) add('mix', [`${umbrella}/*`])
  const saying = named.filter(({ packages }) => packages.length > 0)
  const [first] = saying
  if (first === undefined) return null
  return { tool: first.tool, packages: [...new Set(saying.flatMap(({ packages }) => packages))].sort() }
}

/** The workspaces of JavaScript. What runs tasks in them (Nx, Turborepo …) gives the name. */
function script(project: Project, folder: string, add: (tool: string, patterns: unknown) => void): void {
  const at = (name: string) => joined(folder, name)
  const manifest = project.isFile(at('package.json')) ? project.json(at('package.json')) : null
  const lerna = project.json(at('lerna.json'), true)
  const rush = project.json(at('rush.json'), true)
  const isNx = project.isFile(at('nx.json'))
  const runner = isNx ? 'nx' : project.isFile(at('turbo.json')) ? 'turbo' : lerna === null ? null : 'lerna'
  if (rush !== null)
    add(
      'rush',
      listOf(rush.projects).map(one => (isObject(one) ? one.projectFolder : null)),
    )
  add(runner ?? 'pnpm', project.yaml(at('pnpm-workspace.yaml'))?.packages)
  const workspaces = manifest?.workspaces
  const own =
    project.first(at('yarn.lock')) !== null
      ? 'yarn'
      : project.first(at('bun.lock'), at('bun.lockb')) === null
        ? 'npm'
        : 'bun'
  const field =
    typeof manifest?.packageManager === 'string'
      ? /^(npm|pnpm|yarn|bun)@/.exec(manifest.packageManager)?.[1]
      : undefined
  add(runner ?? field ?? own, isObject(workspaces) ? workspaces.packages : workspaces)
  if (lerna !== null) add('lerna', lerna.packages)
  if (isNx) {
    const places = ['apps', 'libs', 'packages']
    // Without a list of packages Nx looks for projects itself; theirs are customarily one or two levels below these.
    const nested = places.flatMap(place => [`${place}/*`, `${place}/*/*`])
    if (workspaces === undefined && !project.isFile(at('pnpm-workspace.yaml'))) add('nx', [...nested, '*'])
    else add('nx', nested)
  }
  for (const name of ['deno.json', 'deno.jsonc']) {
    const listed = project.json(at(name), true)?.workspace
    add('deno', isObject(listed) ? listed.members : listed)
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function within(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value)
}

function goWork(text: string | null): string[] {
  if (text === null) return []
  const block = /^use\s*\(([^)]{0,5000})\)/m.exec(text)?.[1] ?? ''
  const single = [...text.matchAll(/^use[ \t]+([^\s(]{1,300})/gm)].map(match => match[1] ?? '')
  const listed = block.split('\n').map(line => line.replace(/\/\/.*/, '').trim())
  return [...single, ...listed]
    .map(path => path.replaceAll('"', ''))
    .filter(path => path !== '' && path !== '.')
}

/** `include(":app", ":core:data")`, and the short form of Groovy. */
function gradleIncludes(text: string): string[] {
  const calls = withoutComments(text).matchAll(
    /\binclude[\s(]{0,50}((?:[\s,]{0,50}["'][^"'\n]{1,200}["'])+)/g,
  )
  return [...calls]
    .flatMap(match => [...(match[1] ?? '').matchAll(/["']:?([^"']+)["']/g)])
    .map(match => (match[1] ?? '').replaceAll(':', '/'))
}

/** The folders of the projects that the solutions here list. */
function solutionFolders(project: Project, folder: string): string[] {
  return project
    .files(folder, /\.slnx?$/i)
    .slice(0, 5)
    .flatMap(file => [
      ...(project.text(joined(folder, file)) ?? '').matchAll(/"([^"\n]{1,300}\.(?:cs|fs|vb)proj)"/gi),
    ])
    .map(match => posix.dirname((match[1] ?? '').replaceAll('\\', '/')))
    .filter(place => place !== '.' && !/(^|[./-])Tests?$/i.test(place))
}
