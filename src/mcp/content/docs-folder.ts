import { createHash } from 'node:crypto'
import { closeSync, type Dirent, fstatSync, openSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { fileFaultOf, usageError } from '../../errors.ts'
import type { Page } from '../index/page.ts'
import { officialPage } from './official-page.ts'

/** A tree that has more files is none of documentation. */
const MAXIMUM_FILES = 20_000
/** Larger files are left out. */
const MAXIMUM_BYTES = 2_000_000

interface DocsFile {
  /** Its path within the folder, with `/`. */
  path: string
  bytes: number
  changedMs: number
}

/** Documentation in a folder: a tree of Markdown or MDX files. */
export interface DocsFolder {
  /** Changes when a file does. */
  readonly signature: string
  pages(): Page[]
}

/** Looks through a folder of documentation; its files are read by `pages` alone. Throws a usage error where it has none. */
export function openDocsFolder(folder: string): DocsFolder {
  const files = filesOf(folder)
  if (files.length === 0)
    throw usageError(`there are no Markdown files in ${folder}`, 'name the folder with --docs-dir DIR')
  const hash = createHash('sha256')
  for (const { path, bytes, changedMs } of files) hash.update(`${path}\0${bytes}\0${changedMs}\n`)
  return {
    signature: hash.digest('hex'),
    pages: () => {
      const pages = new Map<string, Page>()
      for (const { path } of files) {
        const id = path.replace(/\.mdx?$/, '')
        const page = officialPage(id, readFileSync(join(folder, path), 'utf8'))
        // Of `a.md` and `a.mdx` the latter counts.
        if (page !== null) pages.set(id, page)
      }
      return [...pages.values()]
    },
  }
}

function filesOf(root: string): DocsFile[] {
  const files: DocsFile[] = []
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(join(root, folder), folder === '')) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name)) folders.push(path)
      if (!entry.isFile() || !/\.mdx?$/.test(entry.name)) continue
      const stats = readableStats(join(root, path))
      if (stats !== null && stats.size <= MAXIMUM_BYTES)
        files.push({ path, bytes: stats.size, changedMs: Math.round(stats.mtimeMs) })
      if (files.length > MAXIMUM_FILES)
        throw usageError(
          `${root} has more than ${MAXIMUM_FILES} Markdown files`,
          'name the folder of the documentation',
        )
    }
  }
  return files.sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** Null for a file that cannot be read: it is left out. */
function readableStats(path: string): Stats | null {
  try {
    const file = openSync(path, 'r')
    try {
      return fstatSync(file)
    } finally {
      closeSync(file)
    }
  } catch {
    return null
  }
}

/** Folders below the first that cannot be read are left out. */
function entriesOf(folder: string, isRoot: boolean): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (!isRoot) return []
    throw usageError(`${folder} cannot be read: ${fileFaultOf(error)}`)
  }
}
