import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { usageError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { replaceFile } from '../../replace-file.ts'

type Environment = Readonly<Record<string, string | undefined>>

const FORMAT = 1
/** Indexes that are kept: of the last used folders and versions. */
const KEPT_INDEXES = 4

/** A file of the official documentation as it was fetched. */
export interface FetchedFile {
  url: string
  /** What the server calls this state of it; null where it does not. */
  etag: string | null
  bytes: number
  /** SHA-256 of its content. */
  sha256: string
  /** ISO 8601. */
  fetchedAt: string
}

export type OfficialFile = 'llms-full.txt' | 'openapi.json'

/** Fetched documentation and made indexes, in `VAPI_CACHE_DIR`, or `.vapi/cache` in the home folder. */
export interface DocsCache {
  readonly folder: string
  fetched(name: OfficialFile): FetchedFile | null
  read(name: OfficialFile): string
  keep(name: OfficialFile, content: string, file: FetchedFile): void
  /** An index of this name as it was kept; null where there is none. */
  index(name: string): Buffer | null
  /** Keeps an index if it can be kept; the oldest ones go. */
  keepIndex(name: string, index: Buffer): void
}

/** Opens the cache; nothing is made until something is kept. Null where there is no home folder. */
export function openDocsCache(env: Environment): DocsCache | null {
  const home = env.HOME || env.USERPROFILE
  const root = env.VAPI_CACHE_DIR ? resolve(env.VAPI_CACHE_DIR) : home ? join(home, '.vapi', 'cache') : null
  if (root === null) return null
  const folder = join(root, 'docs')
  const statePath = join(folder, 'fetched.json')

  function state(): Record<string, unknown> {
    try {
      const value: unknown = JSON.parse(readFileSync(statePath, 'utf8'))
      return isObject(value) && value.format === FORMAT ? value : {}
    } catch {
      return {}
    }
  }

  return {
    folder,
    fetched(name) {
      const file = state()[name]
      return isObject(file) && typeof file.sha256 === 'string' && existsSync(join(folder, name))
        ? (file as unknown as FetchedFile)
        : null
    },
    read: name => readFileSync(join(folder, name), 'utf8'),
    keep(name, content, file) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      replaceFile(join(folder, name), content)
      replaceFile(statePath, `${JSON.stringify({ ...state(), format: FORMAT, [name]: file }, null, 2)}\n`)
    },
    index(name) {
      const path = join(folder, indexName(name))
      try {
        const index = readFileSync(path)
        markAsUsed(path)
        return index
      } catch {
        return null
      }
    },
    keepIndex(name, index) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        replaceFile(join(folder, indexName(name)), index)
        for (const path of oldIndexes(folder)) rmSync(path, { force: true })
      } catch {
        // It is made anew the next time.
      }
    },
  }
}

/** The same. Throws a usage error where there is none. */
export function requireDocsCache(env: Environment): DocsCache {
  const cache = openDocsCache(env)
  if (cache !== null) return cache
  throw usageError('there is no home folder to keep documentation in', 'name a folder with VAPI_CACHE_DIR')
}

/** The last used ones are kept. A folder that cannot be written to keeps all. */
function markAsUsed(path: string): void {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch {
    // Its time stays.
  }
}

function indexName(name: string): string {
  return `index-${name.slice(0, 32)}.bin`
}

function oldIndexes(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => /^index-[0-9a-f]+\.bin$/.test(name))
    .map(name => join(folder, name))
    .map(path => ({ path, usedMs: statSync(path).mtimeMs }))
    .sort((one, other) => other.usedMs - one.usedMs)
    .slice(KEPT_INDEXES)
    .map(({ path }) => path)
}
