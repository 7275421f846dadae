/**
 * Files of a repository on Hugging Face, or on a mirror that speaks its API. After the Hub's API documentation ("List repo
 * tree") and its own client, @huggingface/hub: GET /api/models/REPOSITORY/tree/REVISION gives paths, sizes and digests (for
 * files in Git LFS the SHA-256 of the content, for others Git's own of the blob), page by page by the Link header;
 * /REPOSITORY/resolve/REVISION/PATH gives a file, mostly through a redirect to a storage.
 */
import { usageError, VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { HttpClient, HttpReply } from '../../net/http.ts'

/** What the content's digest is, in hexadecimal: `git` is the SHA-1 of Git's blob. */
export interface Digest {
  algorithm: 'sha256' | 'git'
  hex: string
}

export interface ListedFile {
  path: string
  bytes: number
  digest: Digest
}

export interface ModelSource {
  http: HttpClient
  /** `https://huggingface.co`, without a slash at its end. */
  endpoint: string
}

const MAXIMUM_PAGES = 50

/** The Hub's address, or that of `HF_ENDPOINT`. Throws a usage error for a wrong one. */
export function hubEndpoint(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env.HF_ENDPOINT
  if (!chosen) return 'https://huggingface.co'
  if (!/^https?:\/\//i.test(chosen) || !URL.canParse(chosen))
    throw usageError(
      `HF_ENDPOINT: ${chosen} is not an address that begins with http:// or https://`,
      'unset it for https://huggingface.co',
    )
  return chosen.replace(/\/+$/, '')
}

/** Where a file of a repository is. */
export function fileUrl(endpoint: string, repository: string, revision: string, path: string): string {
  return `${endpoint}/${repository}/resolve/${revision}/${path.split('/').map(encodeURIComponent).join('/')}`
}

/** All files of a repository at a revision. Throws VapiError `model-source-refused` for a bad status or answer. */
export async function listFiles(
  { http, endpoint }: ModelSource,
  repository: string,
  revision: string,
  signal: AbortSignal,
): Promise<ListedFile[]> {
  const files: ListedFile[] = []
  let next: string | null = `${endpoint}/api/models/${repository}/tree/${revision}?recursive=true`
  for (let page = 0; next !== null && page < MAXIMUM_PAGES; page++) {
    const reply: HttpReply = await http.request({
      url: next,
      headers: { accept: 'application/json' },
      signal,
    })
    if (reply.status !== 200) {
      reply.discard()
      throw sourceRefused(`the list of ${repository}`, endpoint, reply.status)
    }
    const entries = await reply.json()
    if (!Array.isArray(entries)) throw sourceRefused(`the list of ${repository}`, endpoint, reply.status)
    files.push(...entries.flatMap(fileOf))
    const link = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(reply.headers.link ?? '')?.[1]
    next = link === undefined ? null : new URL(link, next).href
  }
  return files
}

function fileOf(entry: unknown): ListedFile[] {
  if (!isObject(entry) || entry.type !== 'file' || typeof entry.path !== 'string') return []
  const { path, lfs } = entry
  const inLfs = isObject(lfs) ? lfs : null
  const oid = String((inLfs ?? entry).oid ?? '')
  const hex = oid.replace(/^sha256:/, '').toLowerCase()
  const bytes = Number((inLfs ?? entry).size)
  const known = inLfs ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/
  if (!known.test(hex) || !Number.isSafeInteger(bytes) || bytes < 0) return []
  return [{ path, bytes, digest: { algorithm: inLfs ? 'sha256' : 'git', hex } }]
}

/** What a status that is no success means. 429 and 5xx may pass. */
export function sourceRefused(what: string, endpoint: string, status: number): VapiError {
  const retryable = status === 429 || status >= 500
  const hint = retryable
    ? 'try again later; HF_ENDPOINT names another source, a mirror of Hugging Face'
    : 'look whether HF_ENDPOINT and the proxy settings are right; --debug shows the requests'
  return new VapiError({
    code: 'model-source-refused',
    message: `${new URL(endpoint).host} did not give ${what} (${status})`,
    status,
    retryable,
    hint,
  })
}
