import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import { VapiError } from '../../errors.ts'
import { packageFile } from '../../package-root.ts'
import { decodeIndex } from '../index/index-file.ts'
import type { Page } from '../index/page.ts'
import type { SearchIndex } from '../index/search-index.ts'

/** What was made at build time (scripts/docs.mjs). */
export interface Shipped {
  /** The knowledge base, the commands and the API reference. */
  index: SearchIndex
  /** Its pages as they were indexed. */
  pages(): Page[]
}

/** Reads what the program brings. Throws VapiError where the installation is not whole. */
export function openShipped(): Shipped {
  const index = decodeIndex(unpacked('docs.bin.br'))
  if (index === null) throw damaged('docs.bin.br')
  return { index, pages: () => pagesOf(index) }
}

function unpacked(name: string): Buffer {
  const packed = read(name)
  try {
    return brotliDecompressSync(packed)
  } catch {
    throw damaged(name)
  }
}

/** A name of exactly this content. */
export function shippedName(): string {
  return read('docs.hash').toString().trim()
}

/** The pages of an index. */
export function pagesOf(index: SearchIndex): Page[] {
  return index.pages.map((head, number) => ({ ...head, text: index.textOf(number) }))
}

/** Words that people use for pages of the official documentation, by the ids of these. */
export function shippedKeywords(): Readonly<Record<string, readonly string[]>> {
  return JSON.parse(read('docs-keywords.json').toString()) as Record<string, string[]>
}

function read(name: string): Buffer {
  try {
    return readFileSync(packageFile('dist', 'data', name))
  } catch {
    throw damaged(name)
  }
}

function damaged(name: string): VapiError {
  return new VapiError({
    code: 'installation-damaged',
    message: `dist/data/${name} is missing or damaged`,
    hint: 'install vapi again',
  })
}
