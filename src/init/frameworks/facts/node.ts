import { isObject } from '../../../is-object.ts'
import { joined, type Project, pathFrom } from '../../project.ts'
import { withoutComments } from './text.ts'

/** What a package.json says, read once. */
export interface NodeFacts {
  /** Relative to the project's folder; null where no package.json speaks for it. */
  path: string | null
  /** The file lies above: an application of Nx or of a workspace without a package.json of its own. */
  inherited: boolean
  manifest: Record<string, unknown>
  scripts: Readonly<Record<string, string>>
  /** In which list a package is; `peer`: in that alone. Of an inherited file only what the application uses counts. */
  dependency(name: string): 'runtime' | 'development' | 'peer' | null
  /** The range as written: `^19.0.0`, `catalog:`, `workspace:*`. */
  range(name: string): string | null
  /** No script, no entry and only development dependencies: it serves the tools of another language. */
  toolsOnly: boolean
}

const LISTS = ['dependencies', 'optionalDependencies'] as const

/** Which package an executor of Nx, or a configuration file, stands for. */
const EXECUTORS: readonly [RegExp, string][] = [
  [/@nx\/next|@nrwl\/next/, 'next'],
  [/@angular-devkit\/build-angular|@angular\/build|@nx\/angular|@nrwl\/angular/, '@angular/core'],
  [/@nx\/nest|@nrwl\/nest/, '@nestjs/core'],
  [/@nx\/expo/, 'expo'],
  [/@nx\/react-native/, 'react-native'],
  [/@nx\/vue/, 'vue'],
  [/@nx\/nuxt/, 'nuxt'],
  [/@nx\/remix/, '@remix-run/react'],
  [/@nx\/vite|@nx\/react/, 'vite'],
  [/@nx\/webpack/, 'webpack'],
]
const CONFIGURATIONS: readonly [RegExp, string][] = [
  [/^next\.config\./, 'next'],
  [/^nuxt\.config\./, 'nuxt'],
  [/^astro\.config\./, 'astro'],
  [/^vite\.config\./, 'vite'],
  [/^webpack\.config\./, 'webpack'],
]

export function readNode(project: Project): NodeFacts {
  if (project.has('package.json')) return factsOf('package.json', project.json('package.json') ?? {}, null)
  const above = inheritedManifest(project)
  if (above === null) return factsOf(null, {}, null)
  return factsOf(above.path, above.manifest, usedPackages(project))
}

function factsOf(
  path: string | null,
  manifest: Record<string, unknown>,
  used: ((name: string) => boolean) | null,
): NodeFacts {
  const runtime = new Map(LISTS.flatMap(list => stringsOf(manifest[list])))
  const development = new Map(stringsOf(manifest.devDependencies))
  const peers = new Map(stringsOf(manifest.peerDependencies))
  const scripts = Object.fromEntries(stringsOf(manifest.scripts))
  const counts = (name: string) => used === null || used(name)
  return {
    path,
    inherited: used !== null,
    manifest,
    scripts,
    dependency(name) {
      if (!counts(name)) return null
      if (runtime.has(name)) return 'runtime'
      return development.has(name) ? 'development' : peers.has(name) ? 'peer' : null
    },
    range: name => runtime.get(name) ?? development.get(name) ?? peers.get(name) ?? null,
    toolsOnly:
      stringsOf(manifest.dependencies).length === 0 &&
      manifest.bin === undefined &&
      !['start', 'dev', 'serve'].some(name => scripts[name] !== undefined) &&
      (manifest.main === undefined || manifest.main === 'index.js'),
  }
}

function stringsOf(value: unknown): [string, string][] {
  if (!isObject(value)) return []
  return Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
}

/** The package.json above, where this folder is an application that has none: it has a project.json or starts from `src/main`. */
function inheritedManifest(project: Project): { path: string; manifest: Record<string, unknown> } | null {
  if (!project.isFile('project.json') && project.first(...MAINS) === null) return null
  for (const parent of project.parents) {
    const place = joined(parent, 'package.json')
    if (!project.isFile(place)) continue
    const holds = project.isFile('project.json') || project.isFile(joined(parent, 'nx.json'))
    const manifest = holds ? project.json(place) : null
    return manifest === null ? null : { path: pathFrom(project.root, place), manifest }
  }
  return null
}

const MAINS = ['src/main.tsx', 'src/main.ts', 'src/main.jsx', 'src/main.js']

function usedPackages(project: Project): (name: string) => boolean {
  const executors = JSON.stringify(project.json('project.json', true)?.targets ?? {})
  const configured = project.list('').map(({ name }) => name)
  const named = new Set([
    ...EXECUTORS.filter(([pattern]) => pattern.test(executors)).map(([, name]) => name),
    ...CONFIGURATIONS.filter(([pattern]) => configured.some(name => pattern.test(name))).map(
      ([, name]) => name,
    ),
  ])
  const sources = [...MAINS, 'src/index.tsx', 'src/index.ts', 'src/app/app.tsx', 'src/app/app.ts', 'index.js']
  return name =>
    named.has(name) ||
    (name === 'react' && named.has('next')) ||
    sources.some(path => importsOf(project.text(path), name))
}

/** True where a source imports a package or something in it, in any of the ways of JavaScript. */
export function importsOf(text: string | null, name: string): boolean {
  if (text === null || !text.includes(name)) return false
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  return new RegExp(
    `(?:\\bfrom\\s{0,20}|\\bimport\\s{0,20}\\(?\\s{0,20}|\\brequire\\s{0,20}\\(\\s{0,20})["'\`](?:npm:|jsr:)?${escaped}(?:@[^"'\`/\\n]{0,90})?(?:/[^"'\`\\n]{0,200})?["'\`]`,
  ).test(withoutComments(text))
}

const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/

/** The files that start a Node program: named by `main`, `bin` and the scripts, then the customary ones. Those that are there. */
export function nodeEntries(project: Project): readonly string[] {
  const { manifest, scripts, inherited } = project.fact(readNode)
  const named: string[] = []
  if (!inherited) {
    const words = ['dev', 'start', 'start:dev', 'serve'].flatMap(name =>
      (scripts[name] ?? '').slice(0, 1000).split(/\s+/),
    )
    named.push(...words.map(word => word.replaceAll(/^["']|["']$/g, '')))
    if (typeof manifest.main === 'string') named.push(manifest.main)
    if (typeof manifest.module === 'string') named.push(manifest.module)
    if (typeof manifest.bin === 'string') named.push(manifest.bin)
  }
  const folders = ['src', 'server', 'app', 'lib', 'api']
  const customary = ['index', 'app', 'server', 'main'].flatMap(name =>
    ['ts', 'js', 'mts', 'mjs', 'cjs', 'tsx'].map(extension => `${name}.${extension}`),
  )
  const inFolders = folders
    .filter(folder => project.isFolder(folder))
    .flatMap(folder => customary.map(name => `${folder}/${name}`))
  const found = [...named.flatMap(path => sourceOf(path)), ...inFolders, ...customary]
    .map(path => joined(path))
    .filter(path => !path.startsWith('../') && !path.startsWith('/') && CODE.test(path))
    .filter(path => project.isFile(path))
  return [...new Set(found)].slice(0, 12)
}

/** A built file stands for the source it was made of. */
function sourceOf(path: string): readonly string[] {
  if (path.length > 300) return []
  if (path.endsWith('bin/www')) return ['app.js', 'app.ts']
  const built = /^(?:\.\/)?(?:dist|build|lib|out)\/(?:src\/)?(.*?)(?:\.[cm]?js)?$/.exec(path)
  if (built?.[1] === undefined) return CODE.test(path) ? [path] : [`${path}.js`, `${path}/index.js`]
  return ['ts', 'mts', 'js'].flatMap(extension => [
    `src/${built[1]}.${extension}`,
    `${built[1]}.${extension}`,
  ])
}
