/** One file of a model, from the network to the disk: continued where it broke off, and not believed before its digest is right. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { asVapiError, fileFaultOf, systemCodeOf, VapiError } from '../../errors.ts'
import type { HttpReply } from '../../net/http.ts'
import { type Digest, type ModelSource, sourceRefused } from './hugging-face.ts'

/** A file that is to be on the disk. */
export interface WantedFile {
  url: string
  /** Where it goes; `FILE.part` beside it while it is not whole. */
  file: string
  bytes: number
  digest: Digest
}

export interface FetchOptions {
  signal: AbortSignal
  /** Told after every piece how many bytes more (or, where it begins anew, fewer) are there. */
  gained(bytes: number): void
}

/** Tries in a row without a byte gained. */
const MAXIMUM_TRIES = 5
const FIRST_PAUSE_MS = 500

/**
 * Fetches a file unless it is there. What a broken try left is continued by Range; a lost connection is taken up again by
 * itself, five times without progress. Throws `model-checksum` where the content is not what it must be (the file is
 * removed then), `model-source-refused`, `disk-full`, `cannot-write`, the network's errors and the signal's reason.
 */
export async function fetchFile(
  source: ModelSource,
  wanted: WantedFile,
  options: FetchOptions,
): Promise<void> {
  if ((await sizeOf(wanted.file)) === wanted.bytes) return options.gained(wanted.bytes)
  const part = `${wanted.file}.part`
  await onDisk(part, () => mkdir(dirname(part), { recursive: true }))
  const handle = await onDisk(part, () => open(part, 'a+'))
  try {
    let there = (await sizeOf(part)) ?? 0
    if (there > wanted.bytes) {
      await onDisk(part, () => handle.truncate(0))
      there = 0
    }
    options.gained(there)
    let tries = 0
    // A source that was never reached is not there; one that was reached comes back.
    let reached = false
    while (there < wanted.bytes) {
      const before = there
      try {
        there = await receive(source, wanted, handle, there, options)
        if (there < wanted.bytes) throw cutShort(wanted)
      } catch (error) {
        there = (await sizeOf(part)) ?? 0
        tries = there > before ? 1 : tries + 1
        const { retryable, status } = asVapiError(error)
        reached ||= there > before || status !== undefined
        if (options.signal.aborted || !retryable || !reached || tries >= MAXIMUM_TRIES) throw error
        await delay(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal: options.signal })
      }
    }
    await onDisk(part, () => handle.sync())
  } finally {
    await handle.close()
  }
  await checkDigest(part, wanted, options.signal).catch(async error => {
    if (error instanceof VapiError) await rm(part, { force: true })
    throw error
  })
  await onDisk(part, () => rename(part, wanted.file))
}

/** Takes what comes from `there` on; gives how far it came. */
async function receive(
  { http, endpoint }: ModelSource,
  wanted: WantedFile,
  handle: FileHandle,
  there: number,
  { signal, gained }: FetchOptions,
): Promise<number> {
  const headers = { accept: '*/*', ...(there > 0 && { range: `bytes=${there}-` }) }
  const reply = await http.request({ url: wanted.url, headers, signal })
  if (reply.status !== 200 && reply.status !== 206) {
    reply.discard()
    // A range that the source cannot give: what is there is not the beginning of its file.
    if (reply.status !== 416) throw sourceRefused(wanted.url, endpoint, reply.status)
    return beginAnew(wanted, handle, there, gained)
  }
  let done = there
  if (there > 0 && !continues(reply, there)) done = await beginAnew(wanted, handle, there, gained)
  for await (const piece of reply.body) {
    if (done + piece.length > wanted.bytes) {
      reply.cancel()
      throw wrongContent(wanted, 'is larger than it should be')
    }
    await onDisk(wanted.file, () => writeAll(handle, piece))
    done += piece.length
    gained(piece.length)
  }
  return done
}

/** False where the source gives the file from its beginning. */
function continues(reply: HttpReply, there: number): boolean {
  return reply.status === 206 && reply.headers['content-range']?.startsWith(`bytes ${there}-`) === true
}

async function beginAnew(
  wanted: WantedFile,
  handle: FileHandle,
  there: number,
  gained: (bytes: number) => void,
): Promise<number> {
  await onDisk(wanted.file, () => handle.truncate(0))
  gained(-there)
  return 0
}

/** True for a file whose content is what it must be. */
export async function isWhole(
  file: string,
  { bytes, digest }: { bytes: number; digest: Digest },
  signal: AbortSignal,
): Promise<boolean> {
  return (await sizeOf(file)) === bytes && (await digestOf(file, bytes, digest, signal)) === digest.hex
}

async function checkDigest(part: string, wanted: WantedFile, signal: AbortSignal): Promise<void> {
  const hex = await digestOf(part, wanted.bytes, wanted.digest, signal)
  if (hex !== wanted.digest.hex) throw wrongContent(wanted, `has the checksum ${hex}`)
}

async function digestOf(
  file: string,
  bytes: number,
  { algorithm }: Digest,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash(algorithm === 'git' ? 'sha1' : 'sha256')
  if (algorithm === 'git') hash.update(`blob ${bytes}\0`)
  for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024, signal })) hash.update(piece)
  return hash.digest('hex')
}

function wrongContent({ url, digest }: WantedFile, what: string): VapiError {
  return new VapiError({
    code: 'model-checksum',
    message: `${url} ${what}, not ${digest.hex}; it was thrown away`,
    hint: 'try again; a proxy or a mirror (HF_ENDPOINT) that changes files is not fit as a source',
  })
}

function cutShort({ url }: WantedFile): VapiError {
  return new VapiError({
    code: 'download-cut',
    message: `the download broke off before its end: ${url}`,
    retryable: true,
    hint: 'run it again: it goes on where it stopped',
  })
}

async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await handle.write(piece, done, piece.length - done)
    done += bytesWritten
  }
}

async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    stats => (stats.isFile() ? stats.size : null),
    () => null,
  )
}

/** Errors of the disk in plain words. */
export async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(systemCodeOf(cause) ?? '')) throw diskFull(file, cause)
    throw new VapiError({
      code: 'cannot-write',
      message: `cannot write ${file}: ${fileFaultOf(cause)}`,
      hint: 'VAPI_MODELS_DIR names another folder for models',
      cause,
    })
  }
}

export function diskFull(file: string, cause?: unknown): VapiError {
  return new VapiError({
    code: 'disk-full',
    message: `there is no room for ${file}`,
    hint: 'make room and run it again (it goes on where it stopped), or name another disk with VAPI_MODELS_DIR',
    cause,
  })
}
