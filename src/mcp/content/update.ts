import { createHash } from 'node:crypto'
import { asVapiError, messageOf, VapiError } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import type { DocsCache, OfficialFile } from './docs-cache.ts'
import { pagesOfFullText } from './full-text.ts'

/** Where the official documentation is. */
export const OFFICIAL_URLS: Readonly<Record<OfficialFile, string>> = {
  'llms-full.txt': 'https://docs.vapi.ai/llms-full.txt',
  'openapi.json': 'https://api.vapi.ai/api-json',
}

const MAXIMUM_BYTES = 64 * 1024 * 1024
/** A file of fewer pages is an error page, not the documentation; so is a description of fewer endpoints. */
const LEAST = { pages: 5, endpoints: 20 } as const

export interface Update {
  name: OfficialFile
  url: string
  outcome: 'new' | 'unchanged'
  bytes: number
}

interface UpdateParts {
  http: HttpClient
  cache: DocsCache
  /** Limit of every single wait: for the connection, the first byte, the next one. In milliseconds. */
  timeoutMs: number
  signal: AbortSignal
}

/**
 * Fetches a file of the official documentation, unless the server says that it has not changed. What was there stays until
 * the new one is whole and looks like one. Throws VapiError.
 */
export async function updateOfficial(
  name: OfficialFile,
  url: string,
  { http, cache, timeoutMs, signal }: UpdateParts,
): Promise<Update> {
  const before = cache.fetched(name)
  const known = before !== null && before.url === url ? before : null
  try {
    const reply = await http.request({
      url,
      headers: {
        accept: name === 'openapi.json' ? 'application/json' : 'text/plain, text/markdown',
        'accept-encoding': 'gzip, br',
        ...(known?.etag != null && { 'if-none-match': known.etag }),
      },
      signal,
      limits: { connectMs: timeoutMs, firstByteMs: timeoutMs, idleMs: timeoutMs },
    })
    if (reply.status === 304 && known !== null) {
      reply.discard()
      return { name, url, outcome: 'unchanged', bytes: known.bytes }
    }
    if (reply.status !== 200) {
      reply.cancel()
      throw failure(`${url} answered with ${reply.status}`)
    }
    const content = await reply.text(MAXIMUM_BYTES)
    await check(name, content, url)
    const sha256 = createHash('sha256').update(content).digest('hex')
    const bytes = Buffer.byteLength(content)
    const etag = reply.headers.etag ?? null
    cache.keep(name, content, { url, etag, bytes, sha256, fetchedAt: new Date().toISOString() })
    return { name, url, outcome: sha256 === known?.sha256 ? 'unchanged' : 'new', bytes }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asVapiError(thrown)
    throw new VapiError({
      code: 'docs-update-failed',
      message: error.message,
      hint:
        before === null
          ? 'try again later; vapi docs search works without it'
          : `the copy of ${before.fetchedAt} is still there`,
      cause: error,
    })
  }
}

/** Throws VapiError for what is no documentation: an error page with status 200. */
async function check(name: OfficialFile, content: string, url: string): Promise<void> {
  if (name === 'llms-full.txt') {
    const { length } = pagesOfFullText(content)
    if (length < LEAST.pages) throw failure(`${url} has ${counted(length, 'page')} that are understood`)
    return
  }
  const { fromOpenApi } = await import('./api-description.ts')
  let endpoints: number
  try {
    endpoints = fromOpenApi(JSON.parse(content)).operations.length
  } catch (error) {
    throw failure(`${url} is no API description: ${messageOf(error)}`)
  }
  if (endpoints < LEAST.endpoints) throw failure(`${url} describes ${counted(endpoints, 'endpoint')}`)
}

function counted(count: number, what: string): string {
  return count === 0 ? `no ${what}s` : count === 1 ? `only 1 ${what}` : `only ${count} ${what}s`
}

function failure(message: string): VapiError {
  return new VapiError({ code: 'docs-update-failed', message })
}
