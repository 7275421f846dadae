import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { systemCodeOf } from '../errors.ts'

/** What was downloaded of a file so far: `FILE.part`, and `FILE.part.json` that says of what it is a part. */
export interface Part {
  readonly handle: FileHandle
  /** Bytes that are there and belong to the wanted file. */
  readonly size: number
  /** What the earlier try learned; null where it learned nothing. */
  readonly total: number | null
  readonly etag: string | null
  /** Keeps the first `from` bytes and notes what the whole will be. */
  begin(from: number, whole: { total: number | null; etag: string | null }): Promise<void>
  /** The part is whole: it takes the file's name. */
  finish(): Promise<void>
  /** Leaves the part for a later try; an empty one goes. */
  close(): Promise<void>
}

/** The number that says how `FILE.part.json` is written; another one is not ours to continue. */
const FORMAT = 1

/** Opens the part of `file`, or a new one. `identity` says what is downloaded: a part of something else is not used. */
export async function openPart(file: string, identity: string): Promise<Part> {
  const path = `${file}.part`
  const notePath = `${path}.json`
  const note = await readNote(notePath, identity)
  const handle = await open(path, 'r+').catch(error => {
    if (systemCodeOf(error) !== 'ENOENT') throw error
    return open(path, 'wx+')
  })
  const size = note === null ? 0 : await sizeOf(handle)
  return {
    handle,
    size,
    total: note?.total ?? null,
    etag: note?.etag ?? null,
    async begin(from, whole) {
      if ((await sizeOf(handle)) > from) await handle.truncate(from)
      await writeFile(notePath, `${JSON.stringify({ format: FORMAT, identity, ...whole })}\n`, {
        mode: 0o600,
      })
    },
    async finish() {
      await handle.close()
      await rename(path, file)
      await rm(notePath, { force: true })
    },
    async close() {
      const isEmpty = (await sizeOf(handle).catch(() => 1)) === 0
      await handle.close().catch(() => {})
      if (!isEmpty) return
      await rm(path, { force: true })
      await rm(notePath, { force: true })
    },
  }
}

async function sizeOf(handle: FileHandle): Promise<number> {
  return (await handle.stat()).size
}

async function readNote(
  path: string,
  identity: string,
): Promise<{ total: number | null; etag: string | null } | null> {
  try {
    const note = JSON.parse(await readFile(path, 'utf8'))
    if (note.format !== FORMAT || note.identity !== identity) return null
    return {
      total: typeof note.total === 'number' ? note.total : null,
      etag: typeof note.etag === 'string' ? note.etag : null,
    }
  } catch {
    return null
  }
}
