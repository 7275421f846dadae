import { opendirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { fileFaultOf, systemCodeOf, usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { type ParseYaml, parseSmall, parseStrictJson, parseTolerantJson } from './parse.ts'
import { type Entry, type Listing, listFolder, NOTHING, readText, statOf } from './read.ts'

/** The most that is read of a manifest or a source file, in bytes. A larger one is not read, and that is told. */
const FILE_LIMIT = 1024 * 1024
/** Lock files of large repositories have several megabytes. */
export const LOCK_FILE_LIMIT = 16 * 1024 * 1024
const HIGHEST_PARENT = 24

/** Folders in which no source of the project is. */
const NOT_SOURCE = new Set(
  'node_modules vendor target build dist out bin obj venv env Pods coverage __pycache__ tmp log logs'.split(
    ' ',
  ),
)

/**
 * The files of a folder as facts: each is read once, when it is asked for, and never more than a megabyte of it. Single
 * folders are listed, nothing is walked. What cannot be read is as if it were not there, and is told in `warnings`.
 * Paths are relative to the project's folder with `/`, and may lead above it.
 */
export interface Project {
  /** Absolute. */
  readonly root: string
  /** The folders above that may say something about this one, the nearest first: up to the one with `.git`, else up to home. */
  readonly parents: readonly string[]
  /** True where one of `parents` or the folder itself holds `.git`. */
  readonly inRepository: boolean
  readonly warnings: string[]
  /** A file of any kind or a folder. */
  has(path: string): boolean
  isFile(path: string): boolean
  isFolder(path: string): boolean
  /** When a file was last written, in ms since 1970; 0 where it is not there. */
  changedAtMs(path: string): number
  /** The names in a folder, sorted; none where there is no such folder. */
  list(folder: string): readonly Entry[]
  /** The names of folders in a folder that may hold sources: neither hidden nor one of dependencies or build results. */
  sourceFolders(folder: string): readonly string[]
  /** The names of files in a folder that fit. */
  files(folder: string, pattern: RegExp): readonly string[]
  /** The first of these paths that is a file. */
  first(...paths: readonly string[]): string | null
  /** The text of a file without a byte order mark and with `\n`; null where it is not there or cannot be read. */
  text(path: string, limit?: number): string | null
  /** The object in a JSON file; with `comments`, as tsconfig.json and deno.jsonc may have them. */
  json(path: string, comments?: boolean): Record<string, unknown> | null
  toml(path: string): Record<string, unknown> | null
  yaml(path: string): Record<string, unknown> | null
  /** What a function finds out of this project, found once. */
  fact<T>(read: (project: Project) => T): T
  /** Another folder, seen in the same way, with warnings of its own. */
  at(folder: string): Project
}

/**
 * Opens a folder. Throws a usage error where it is not there, is no folder or may not be read.
 * `parseYaml` is handed in because the library is heavy: `null` reads no YAML.
 */
export function openProject(folder: string, parseYaml: ParseYaml | null = null): Project {
  const root = resolve(folder)
  try {
    const real = realpathSync(root)
    if (!statSync(real).isDirectory()) throw usageError(`${folder} is not a folder`)
    opendirSync(real).closeSync()
    return makeProject(real, parseYaml, {
      texts: new Map(),
      stats: new Map(),
      listings: new Map(),
      parsed: new Map(),
    })
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    const code = systemCodeOf(error)
    if (code === 'ENOENT') throw usageError(`there is no folder ${folder}`)
    if (code === 'ELOOP') throw usageError(`${folder} is a link that leads to itself`)
    throw usageError(`the folder ${folder} cannot be read: ${fileFaultOf(error)}`)
  }
}

const aboveOf = ({ root }: Project) => parentsOf(root)

/** Folders above that may speak for this one. */
function parentsOf(root: string): { parents: string[]; inRepository: boolean } {
  const parents: string[] = []
  const isRepository = (folder: string) => statOf(join(folder, '.git')) !== null
  if (isRepository(root)) return { parents, inRepository: true }
  const home = realHome()
  for (let folder = dirname(root); parents.length < HIGHEST_PARENT; folder = dirname(folder)) {
    if (isRepository(folder)) return { parents: [...parents, folder], inRepository: true }
    if (folder === home || folder === dirname(folder)) break
    parents.push(folder)
  }
  return { parents, inRepository: false }
}

function realHome(): string {
  try {
    return realpathSync(homedir())
  } catch {
    return homedir()
  }
}

/** What was found out of single places, for all folders that are looked at in one run. */
interface Known {
  texts: Map<string, string | null>
  stats: Map<string, Stats | null>
  listings: Map<string, Listing>
  parsed: Map<string, Record<string, unknown> | null>
}

function makeProject(root: string, parseYaml: ParseYaml | null, known: Known): Project {
  const warnings: string[] = []
  const facts = new Map<unknown, unknown>()
  const folders = new Map<string, Listing>()
  const places = new Map<string, string>()
  const absolute = (path: string) =>
    remembered(places, path, () => (isAbsolute(path) ? path : join(root, path)))
  const warn = (text: string) => {
    if (!warnings.includes(text)) warnings.push(text)
  }

  const listing = (place: string): Listing =>
    remembered(known.listings, place, () =>
      listFolder(place, fault => warn(`the folder ${shown(root, place)} ${fault}`)),
    )

  /**
   * Most of what is asked after is not there: the list of its folder tells that for all of it at once. False for what
   * cannot be told in this way (above the project, in node_modules, in folders of very many names).
   */
  function isAbsent(path: string): boolean {
    if (path === '' || path.startsWith('/') || path.startsWith('..') || /[:\\]|node_modules/.test(path))
      return false
    const cut = path.lastIndexOf('/')
    const folder = cut === -1 ? '' : path.slice(0, cut)
    const inside = remembered(folders, folder, () => (isAbsent(folder) ? NOTHING : listing(absolute(folder))))
    return inside.isComplete && !inside.names.has(path.slice(cut + 1))
  }

  function stat(path: string): Stats | null {
    if (isAbsent(path)) return null
    const place = absolute(path)
    return remembered(known.stats, place, () => statOf(place))
  }

  function text(path: string, limit = FILE_LIMIT): string | null {
    if (isAbsent(path)) return null
    const place = absolute(path)
    return remembered(known.texts, place, () => {
      const found = readText(place, limit)
      if (typeof found === 'object' && found !== null)
        warn(`${shown(root, place)} is not read: ${found.fault}`)
      return typeof found === 'string' ? found : null
    })
  }

  /** A parsed file: an object, or a warning. */
  function parsed(path: string, kind: string, parse: (text: string) => unknown) {
    if (isAbsent(path)) return null
    return remembered(known.parsed, `${kind} ${absolute(path)}`, () => {
      const content = text(path)
      if (content === null) return null
      try {
        const value = parse(content)
        if (isObject(value)) return value
        if (value !== null || kind === 'json') warn(`${shown(root, absolute(path))} holds no object`)
      } catch (error) {
        warn(`${shown(root, absolute(path))} cannot be read: ${firstLine(error)}`)
      }
      return null
    })
  }

  const project: Project = {
    root,
    get parents() {
      return project.fact(aboveOf).parents
    },
    get inRepository() {
      return project.fact(aboveOf).inRepository
    },
    warnings,
    has: path => stat(path) !== null,
    isFile: path => stat(path)?.isFile() === true,
    isFolder: path => stat(path)?.isDirectory() === true,
    changedAtMs: path => stat(path)?.mtimeMs ?? 0,
    list: folder => (isAbsent(folder) ? [] : listing(absolute(folder)).entries),
    sourceFolders: folder =>
      project
        .list(folder)
        .filter(({ name, isFolder }) => isFolder && !name.startsWith('.') && !NOT_SOURCE.has(name))
        .map(({ name }) => name),
    files: (folder, pattern) =>
      project
        .list(folder)
        .filter(({ name, isFolder }) => !isFolder && pattern.test(name))
        .map(({ name }) => name),
    first: (...paths) => paths.find(path => project.isFile(path)) ?? null,
    text,
    json: (path, comments = false) =>
      parsed(path, comments ? 'jsonc' : 'json', comments ? parseTolerantJson : parseStrictJson),
    toml: path => parsed(path, 'toml', parseToml),
    yaml: path => (parseYaml === null ? null : parsed(path, 'yaml', text => parseSmall(text, parseYaml))),
    fact: <T>(read: (project: Project) => T): T => remembered(facts, read, () => read(project)) as T,
    at: folder => makeProject(resolve(root, folder), parseYaml, known),
  }
  return project
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key)
  if (found !== undefined || known.has(key)) return found as V
  const made = make()
  known.set(key, made)
  return made
}

/** A path as it is shown: relative to the project's folder. */
function shown(root: string, place: string): string {
  return relative(root, place).split(sep).join('/') || '.'
}

/** `from` in the terms of paths that are relative to another folder. */
export function pathFrom(folder: string, place: string): string {
  return relative(folder, place).split(sep).join('/')
}

/** Joins with `/`, without `./`. */
export function joined(...parts: readonly string[]): string {
  const path = posix.join(...parts)
  return path === '.' ? '' : path
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n')[0] ?? '').replace(/:$/, '').slice(0, 200)
}
