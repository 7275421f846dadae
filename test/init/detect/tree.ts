import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Detection, Layout } from '../../../src/init/types.ts'

/** Files of a made-up project: text, bytes, or an object that is written as JSON. A name with `/` at its end is a folder. */
export type Files = Readonly<Record<string, string | Uint8Array | object>>

export interface Case {
  name: string
  files: Files
  /** The folder that is looked at, where it is not the whole. */
  within?: string
  expect: Partial<
    Omit<Detection, 'layout' | 'packages' | 'candidates' | 'warnings' | 'monorepo' | 'manager'>
  > & {
    layout?: Partial<Layout>
    manager?: Partial<NonNullable<Detection['manager']>>
    monorepo?: { tool: string; packages: string[] } | null
    /** Folder → framework. */
    packages?: Record<string, string | null>
    /** The ids that are listed, the best first. */
    candidates?: string[]
    warnings?: readonly RegExp[]
  }
}

/** Writes files into a new folder that is a repository of its own, hands it over and removes it. */
export async function withTree<T>(files: Files, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-detect-'))
  try {
    await mkdir(join(folder, '.git'))
    for (const [path, content] of Object.entries(files)) {
      const place = join(folder, path)
      await mkdir(path.endsWith('/') ? place : dirname(place), { recursive: true })
      if (!path.endsWith('/')) await writeFile(place, bytesOf(content))
    }
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function bytesOf(content: string | Uint8Array | object): string | Uint8Array {
  if (typeof content === 'string' || content instanceof Uint8Array) return content
  return JSON.stringify(content, null, 2)
}

/** A package.json with these dependencies; names may carry a range: `react@^19.0.0`. */
export function needs(runtime: string, development = '', more: object = {}): object {
  const list = (words: string) =>
    Object.fromEntries(
      words
        .split(' ')
        .filter(Boolean)
        .map(word => {
          const at = word.indexOf('@', 1)
          return at === -1 ? [word, '^1.0.0'] : [word.slice(0, at), word.slice(at + 1)]
        }),
    )
  return {
    name: 'x',
    private: true,
    dependencies: list(runtime),
    devDependencies: list(development),
    ...more,
  }
}
