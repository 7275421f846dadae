/** Brings a model to this machine. */
import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { VapiError } from '../../errors.ts'
import type { LocalModel, ModelFile } from './catalogue.ts'
import { diskFull, fetchFile, isWhole, onDisk, type WantedFile } from './fetch-file.ts'
import { fileUrl, type ListedFile, listFiles, type ModelSource } from './hugging-face.ts'
import {
  findKept,
  type KeptFile,
  type KeptModel,
  MANIFEST,
  modelFolder,
  partBytes,
  partFolder,
} from './store.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface PullOptions {
  source: ModelSource
  env: Environment
  signal: AbortSignal
  progress(progress: { done: number; total: number }): void
  /** Bytes that the disk of a folder has room for; the system's word unless given. */
  freeBytes?: (folder: string) => Promise<number>
}

/** Files that come at the same time: the many small ones of some voices wait for the network, not for its width. */
const AT_ONCE = 4
/** Left free on the disk. */
const MARGIN_BYTES = 32_000_000

/**
 * Fetches a model: each file by itself, checked by its digest, into a folder that takes the model's name when all of it is
 * there. What an earlier try left is kept. Only one may work on a model at a time: the caller holds the lock of `partFolder`.
 * Throws what `fetchFile` throws, `model-changed` where the source lists something else than what is pinned.
 */
export async function pullModel(model: LocalModel, options: PullOptions): Promise<KeptModel> {
  const { source, env, signal, freeBytes = roomOf } = options
  const folder = partFolder(env, model)
  await onDisk(folder, () => mkdir(folder, { recursive: true }))
  const files = await filesOf(model, source, signal)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const needed = total - partBytes(env, model) + MARGIN_BYTES
  if (needed > (await freeBytes(folder)))
    throw diskFull(`${model.name} (${Math.ceil(needed / 1e6)} MB) in ${dirname(folder)}`)

  let done = 0
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const gained = (bytes: number) => {
    done += bytes
    options.progress({ done, total })
  }
  const waiting = files.map(
    (file): WantedFile => ({
      url: fileUrl(source.endpoint, model.repository, model.revision, file.path),
      file: join(folder, file.name),
      bytes: file.bytes,
      digest: file.digest,
    }),
  )
  const work = async () => {
    for (let wanted = waiting.shift(); wanted !== undefined; wanted = waiting.shift())
      await fetchFile(source, wanted, { signal: both, gained })
  }
  const workers = Array.from({ length: AT_ONCE }, () =>
    work().catch(error => {
      // The first failure ends the others; theirs says nothing.
      stop.abort(error)
      throw error
    }),
  )
  const failed = (await Promise.allSettled(workers)).some(({ status }) => status === 'rejected')
  if (failed) throw signal.aborted ? signal.reason : stop.signal.reason
  const kept = files.map(({ name, bytes, digest }): KeptFile => ({ name, bytes, digest }))
  await putInPlace(model, env, kept)
  const found = findKept(env, model.name, model.engine)
  if (found === null)
    throw new VapiError({ code: 'internal', message: `${model.name} was pulled and is not there` })
  return found
}

/** The names of a pulled model's files that are missing or not what they were. */
export async function damagedFiles({ folder, files }: KeptModel, signal: AbortSignal): Promise<string[]> {
  const damaged: string[] = []
  for (const file of files ?? []) {
    signal.throwIfAborted()
    if (!(await isWhole(join(folder, file.name), file, signal))) damaged.push(file.name)
  }
  return damaged
}

/** Makes a damaged model one that is under way, without its damaged files, so that `pullModel` mends it. */
export async function takeApart(
  env: Environment,
  model: LocalModel,
  { folder }: KeptModel,
  damaged: readonly string[],
): Promise<void> {
  const part = partFolder(env, model)
  await onDisk(part, async () => {
    await rm(part, { recursive: true, force: true })
    await rename(folder, part)
    for (const name of [MANIFEST, ...damaged]) await rm(join(part, name), { force: true })
  })
}

type PinnedFile = ListedFile & { name: string }

/** What is to be fetched. The source is asked only for what the table does not say. */
async function filesOf(model: LocalModel, source: ModelSource, signal: AbortSignal): Promise<PinnedFile[]> {
  const { files, folders = [], repository, revision } = model
  const isPinned = (file: ModelFile) => file.bytes !== undefined && file.sha256 !== undefined
  const listed =
    folders.length === 0 && files.every(isPinned)
      ? null
      : await listFiles(source, repository, revision, signal)
  const named = files.map(file => pin(file, listed?.find(({ path }) => path === file.path) ?? null, model))
  const inFolders = (listed ?? []).filter(({ path }) => folders.some(folder => path.startsWith(`${folder}/`)))
  for (const folder of folders)
    if (!inFolders.some(({ path }) => path.startsWith(`${folder}/`))) throw changed(model, `lacks ${folder}`)
  for (const { path } of inFolders) {
    const isPlain = path.split('/').every(step => step !== '' && step !== '.' && step !== '..')
    if (!isPlain || /[\\:\0]/.test(path))
      throw changed(model, `has a file of the name ${JSON.stringify(path)}`)
  }
  return [...named, ...inFolders.map(file => ({ ...file, name: file.path }))]
}

function pin(file: ModelFile, listed: ListedFile | null, model: LocalModel): PinnedFile {
  const { path, name } = file
  const bytes = file.bytes ?? listed?.bytes
  const digest =
    file.sha256 === undefined ? listed?.digest : { algorithm: 'sha256' as const, hex: file.sha256 }
  if (bytes === undefined || digest === undefined) throw changed(model, `lacks ${path}`)
  if (listed !== null && listed.bytes !== bytes)
    throw changed(model, `has another ${path}: ${listed.bytes} bytes`)
  if (listed?.digest.algorithm === digest.algorithm && listed.digest.hex !== digest.hex)
    throw changed(model, `has another ${path}: ${listed.digest.hex}`)
  return { path, name, bytes, digest }
}

function changed({ repository, revision }: LocalModel, what: string): VapiError {
  return new VapiError({
    code: 'model-changed',
    message: `the source’s ${repository} at ${revision.slice(0, 12)} ${what}; nothing of it was taken`,
    hint: 'unset HF_ENDPOINT if it names a mirror; a newer vapi may know a newer revision',
  })
}

async function putInPlace(model: LocalModel, env: Environment, files: readonly KeptFile[]): Promise<void> {
  const { engine, name, repository, revision, licence } = model
  const part = partFolder(env, model)
  const folder = modelFolder(env, model)
  const old = part.replace(/part$/, 'old')
  const manifest = { engine, name, repository, revision, licence, files }
  await onDisk(folder, async () => {
    await writeFile(join(part, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
    await rm(old, { recursive: true, force: true })
    await rename(folder, old).catch(error => {
      if (error.code !== 'ENOENT') throw error
    })
    await rename(part, folder)
    await rm(old, { recursive: true, force: true })
  })
}

async function roomOf(folder: string): Promise<number> {
  // Where the system does not tell, the disk will.
  const room = await statfs(folder).catch(() => null)
  return room === null ? Number.POSITIVE_INFINITY : room.bavail * room.bsize
}
