import type { FileHandle } from 'node:fs/promises'
import { messageOf, systemCodeOf, VapiError } from '../errors.ts'
import type { HttpClient, HttpReply } from '../net/http.ts'
import { NetworkError } from '../net/network-error.ts'
import { openPart, type Part } from './download-part.ts'
import { ApiError, errorFromReply } from './errors.ts'
import type { Api, Progress } from './types.ts'

export interface DownloadOptions {
  /** Called with bytes after every piece. */
  progress?: (progress: Progress) => void
  signal?: AbortSignal
}

export interface Downloaded {
  /** Of the whole file. */
  bytes: number
  /** Of them, how many were there from an earlier try. */
  resumedFrom: number
  contentType: string | undefined
}

/** Where a file goes: the path of a file, or a function that takes the pieces (for stdout) and waits for its reader. */
export type Destination = string | ((piece: Uint8Array) => Promise<void> | void)

/** Asks the source for the file with these headers. Throws for every bad status. */
type Ask = (headers: Readonly<Record<string, string>>) => Promise<HttpReply>

/**
 * Downloads what the API has under `path`. It answers with a redirect to a short-lived signed link elsewhere, which gets no
 * key and is never shown. A file is written as `FILE.part` and takes its name (replacing what has it) when it is whole; what
 * a broken download left is continued where the storage allows, else fetched anew. Throws what requests throw;
 * `download-cut` where the file ends too early (the part is kept); `disk-full` and `cannot-write`.
 */
export function download(
  api: Api,
  path: string,
  destination: Destination,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const { signal } = options
  const ask: Ask = headers =>
    api.open({
      method: 'GET',
      path,
      headers: { accept: '*/*', ...headers },
      timeoutMs: 0,
      ...(signal && { signal }),
    })
  return receive(ask, `${api.baseUrl}${path}`, destination, options)
}

/** The same for an address outside the API (the `url` of a file): no key goes along. `name` stands for it in errors. */
export function downloadUrl(
  http: HttpClient,
  { url, name }: { url: string; name: string },
  destination: Destination,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const { signal } = options
  const ask: Ask = async headers => {
    const reply = await http.request({ url, headers, ...(signal && { signal }) })
    if (reply.status >= 200 && reply.status < 300) return reply
    throw await errorFromReply(reply, {
      request: name,
      origin: '',
      key: '',
      keyLabel: undefined,
      now: Date.now(),
    })
  }
  // The query of a signed link changes from time to time, its path does not.
  return receive(ask, url.split('?')[0] ?? url, destination, options)
}

async function receive(
  ask: Ask,
  identity: string,
  destination: Destination,
  options: DownloadOptions,
): Promise<Downloaded> {
  if (typeof destination === 'string') return receiveFile(ask, identity, destination, options)
  const reply = await ask({})
  const total = lengthOf(reply)
  let bytes = 0
  for await (const piece of reply.body) {
    await destination(piece)
    bytes += piece.length
    options.progress?.({ done: bytes, ...(total !== null && { total }) })
  }
  checkWhole(bytes, total, null)
  return { bytes, resumedFrom: 0, contentType: reply.headers['content-type'] }
}

async function receiveFile(
  ask: Ask,
  identity: string,
  file: string,
  { progress, signal }: DownloadOptions,
): Promise<Downloaded> {
  const part = await onDisk(file, () => openPart(file, identity))
  let receiving = false
  let replaced = false
  try {
    const { reply, from } = await askFor(ask, part)
    const contentType = reply.headers['content-type']
    const rest = lengthOf(reply)
    const total = rest === null ? null : from + rest
    await onDisk(file, () => part.begin(from, { total, etag: strongTag(reply) }))
    let bytes = from
    receiving = true
    for await (const piece of reply.body) {
      await onDisk(file, () => writeAll(part.handle, piece, bytes))
      bytes += piece.length
      progress?.({ done: bytes, ...(total !== null && { total }) })
    }
    checkWhole(bytes, total, file)
    signal?.throwIfAborted()
    await onDisk(file, () => part.finish())
    replaced = true
    return { bytes, resumedFrom: from, contentType }
  } catch (error) {
    throw receiving && error instanceof NetworkError ? cutShort(file, error) : error
  } finally {
    if (!replaced) await part.close()
  }
}

/** Asks for what is missing; where the storage gives it all, or something else by now, from the beginning. */
async function askFor(ask: Ask, part: Part): Promise<{ reply: HttpReply; from: number }> {
  const { size, total, etag } = part
  if (size === 0) return { reply: await ask({}), from: 0 }
  const headers = { range: `bytes=${size}-`, ...(etag !== null && { 'if-range': etag }) }
  const reply = await ask(headers).catch(error => {
    if (error instanceof ApiError && error.status === 416) return null
    throw error
  })
  if (reply === null) return { reply: await ask({}), from: 0 }
  if (reply.status !== 206) return { reply, from: 0 }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(reply.headers['content-range'] ?? '')
  const isSame = range !== null && Number(range[1]) === size && (total === null || Number(range[2]) === total)
  if (isSame && (etag !== null || total !== null)) return { reply, from: size }
  reply.cancel()
  return { reply: await ask({}), from: 0 }
}

function lengthOf(reply: HttpReply): number | null {
  const length = reply.headers['content-length']
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : null
}

/** Only a strong tag says that the bytes are the same. */
function strongTag(reply: HttpReply): string | null {
  const { etag } = reply.headers
  return etag?.startsWith('"') ? etag : null
}

function checkWhole(bytes: number, total: number | null, file: string | null): void {
  if (total !== null && bytes !== total) throw cutShort(file)
}

function cutShort(file: string | null, cause?: VapiError): VapiError {
  return new VapiError({
    code: 'download-cut',
    message: `the download broke off before its end${cause === undefined ? '' : `: ${cause.message}`}`,
    retryable: true,
    hint: file === null ? 'try again' : `run it again: it goes on from ${file}.part`,
    cause,
  })
}

async function writeAll(handle: FileHandle, piece: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await handle.write(piece, done, piece.length - done, position + done)
    done += bytesWritten
  }
}

async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code = systemCodeOf(cause) ?? ''
    if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code))
      throw new VapiError({
        code: 'disk-full',
        message: `there is no room for ${file} (${code})`,
        hint: 'make room and run it again, or write it elsewhere',
        cause,
      })
    throw new VapiError({ code: 'cannot-write', message: `cannot write ${file}: ${messageOf(cause)}`, cause })
  }
}
