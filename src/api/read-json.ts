import { VapiError } from '../errors.ts'
import { isReadable } from '../net/content-encoding.ts'
import type { HttpReply } from '../net/http.ts'
import { excerpt } from '../net/reply.ts'
import { withoutKey } from './errors.ts'
import type { Json } from './types.ts'

const MEBIBYTE = 1_048_576
/** More is not read into memory. A page of 1,000 of the API's largest objects stays well below. */
export const MAXIMUM_JSON_BYTES = 64 * MEBIBYTE

/**
 * The JSON of a good reply; undefined where it is empty. Throws `reply-too-large`, before reading where the reply says
 * its size, `not-json` for a web page or anything else, and what the network throws.
 */
export async function readJson(reply: HttpReply, key: string): Promise<Json | undefined> {
  const { origin } = new URL(reply.url)
  if (Number(reply.headers['content-length'] ?? 0) > MAXIMUM_JSON_BYTES) {
    reply.cancel()
    throw tooLarge(origin)
  }
  const encoding = reply.headers['content-encoding']
  if (encoding !== undefined && !isReadable(encoding)) {
    reply.cancel()
    throw notJson(origin, reply, `something packed with ${excerpt(encoding, 20)}, which was not asked for`)
  }
  const text = await reply.text(MAXIMUM_JSON_BYTES).catch(error => {
    throw error instanceof VapiError && error.code === 'reply-too-large' ? tooLarge(origin) : error
  })
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw notJson(origin, reply, describe(withoutKey(text, key), reply.headers['content-type'] ?? ''))
  }
}

function describe(text: string, contentType: string): string {
  const start = text.slice(0, 4096)
  if (/html|xml/i.test(contentType) || /^\s*</.test(start)) {
    const title = /<title[^>]*>([^<]*)<\/title>/i.exec(start)
    return title ? `a web page, "${excerpt(title[1] ?? '', 100)}"` : 'a web page'
  }
  if (/^\s*[[{]/.test(start)) return `broken JSON, which begins with ${excerpt(start, 80)}`
  return `something that is not JSON: ${excerpt(start)}`
}

function notJson(origin: string, reply: HttpReply, what: string): VapiError {
  return new VapiError({
    code: 'not-json',
    message: `${origin} answered with ${what}`,
    status: reply.status,
    hint: 'check the address of the API (--base-url), and whether a proxy or a login page of the network stands in between',
  })
}

function tooLarge(origin: string): VapiError {
  return new VapiError({
    code: 'reply-too-large',
    message: `${origin} answered with more than ${MAXIMUM_JSON_BYTES / MEBIBYTE} MiB`,
    hint: 'ask for less at once: a smaller --limit, a narrower filter',
  })
}
