import { isUtf8 } from 'node:buffer'
import { STATUS_CODES } from 'node:http'
import { maskHeaders } from '../../net/trace.ts'
import { hideAddress } from '../mask.ts'
import { endToEnd } from '../relay/headers.ts'
import type { LoadedLine } from './reader.ts'
import type { EventEntry, OutcomeEntry } from './types.ts'

/** An event with all that is known of it. */
export interface ExportedEvent {
  event: EventEntry
  line: LoadedLine
  /** Where it went; null where it went nowhere. */
  url: string | null
  outcomes: { entry: OutcomeEntry; line: LoadedLine }[]
}

export interface ExportOptions {
  /** Values of headers and of query parameters that name a secret are kept. */
  withSecrets: boolean
}

export const exportFormats = ['jsonl', 'har', 'curl', 'http'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Names and values in turn, with the values of those that name a secret replaced. */
export function hideSecrets(rawHeaders: readonly string[]): string[] {
  return rawHeaders.map((text, place) => {
    if (place % 2 === 0) return text
    const name = rawHeaders[place - 1] ?? ''
    const masked = maskHeaders({ [name]: text })[name] ?? text
    // Some repeat the address that was asked for.
    return /^(\/|https?:\/\/)/.test(masked) ? hideAddress(masked) : masked
  })
}

function pairsOf(rawHeaders: readonly string[]): [name: string, value: string][] {
  return rawHeaders.flatMap((name, place) =>
    place % 2 === 0 ? [[name, rawHeaders[place + 1] ?? ''] as [string, string]] : [],
  )
}

/** The lines of the journal itself with their secrets in place, or hidden; all else stays as it is, byte for byte. */
export function journalLines({ line, outcomes }: ExportedEvent, { withSecrets }: ExportOptions): Buffer {
  return Buffer.concat(
    [line, ...outcomes.map(outcome => outcome.line)].flatMap(({ parsed }) => {
      const head = withSecrets ? parsed.head : Buffer.from(JSON.stringify(withoutSecrets(parsed.fields)))
      const newLine = Buffer.from('\n')
      if (parsed.body === null) return [head, newLine]
      return [head.subarray(0, -1), Buffer.from(',"json":'), parsed.body, Buffer.from('}'), newLine]
    }),
  )
}

function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  const { headers, path, to, target } = fields
  return {
    ...fields,
    ...(typeof path === 'string' && { path: hideAddress(path) }),
    ...(Array.isArray(to) && { to: to.map(String).map(hideAddress) }),
    ...(typeof target === 'string' && { target: hideAddress(target) }),
    ...(Array.isArray(headers) && { headers: hideSecrets(headers.map(String)) }),
  }
}

/** The request as the sender sent it, as bytes of HTTP/1.1; several of them follow each other as on one connection. */
export function rawRequest({ event, line }: ExportedEvent, { withSecrets }: ExportOptions): Buffer {
  const headers = pairsOf(withSecrets ? line.rawHeaders : hideSecrets(line.rawHeaders)).filter(
    ([name]) => !/^(content-length|transfer-encoding)$/i.test(name),
  )
  const body = line.body ?? Buffer.alloc(0)
  if (body.length > 0 || event.method !== 'GET') headers.push(['Content-Length', String(body.length)])
  const path = withSecrets ? event.requested : hideAddress(event.requested)
  const head = [`${event.method} ${path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

/** Arguments of a program may be no longer than this on Linux. */
const LONGEST_ARGUMENT = 100_000

/**
 * A line for a POSIX shell that sends the event with curl. A body that is no text, or is longer than an argument may be,
 * comes through a pipe.
 */
export function curlCommand({ event, line, url }: ExportedEvent, { withSecrets }: ExportOptions): string {
  const { rawHeaders, body } = line
  const kept = endToEnd(rawHeaders, ['host', 'content-length', 'expect'])
  const headers = pairsOf(withSecrets ? kept : hideSecrets(kept))
  const has = (name: string) => headers.some(([given]) => given.toLowerCase() === name)
  // What curl would add by itself.
  const unwanted = ['Accept', 'User-Agent', ...(body === null ? [] : ['Content-Type', 'Expect'])].filter(
    name => !has(name.toLowerCase()),
  )
  const address = url ?? `http://localhost${event.requested}`
  const words = [
    'curl -sS --globoff --path-as-is',
    event.method === 'HEAD' ? '--head' : `-X ${quote(event.method)}`,
    ...headers.map(([name, value]) => `-H ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`),
    ...unwanted.map(name => `-H ${quote(`${name}:`)}`),
  ]
  const shown = withSecrets ? address : hideAddress(address)
  if (body === null || body.length === 0) return `${[...words, quote(shown)].join(' ')}\n`
  const text = isUtf8(body) && !body.includes(0) ? body.toString('utf8') : null
  if (text !== null && body.length <= LONGEST_ARGUMENT)
    return `${[...words, `--data-raw ${quote(text)}`, quote(shown)].join(' ')}\n`
  const source =
    text === null ? `printf %s ${quote(body.toString('base64'))} | base64 -d` : `printf %s ${quote(text)}`
  return `${source} | ${[...words, '--data-binary @-', quote(shown)].join(' ')}\n`
}

/** As one word of a POSIX shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** What stands before and after the entries of an HTTP archive. */
export function harFrame(version: string): { before: string; after: string } {
  const creator = JSON.stringify({ name: 'vapi', version })
  return { before: `{"log":{"version":"1.2","creator":${creator},"entries":[\n`, after: '\n]}}\n' }
}

/** One entry of an HTTP archive (HAR 1.2) for each reply; one without for an event that got none. */
export function harEntries(exported: ExportedEvent, { withSecrets }: ExportOptions): object[] {
  const { event, line, outcomes, url } = exported
  const shown = (rawHeaders: readonly string[]) =>
    pairsOf(withSecrets ? rawHeaders : hideSecrets(rawHeaders)).map(([name, value]) => ({ name, value }))
  const given = url ?? `http://localhost${event.requested}`
  const address = new URL(withSecrets ? given : hideAddress(given))
  const request = {
    method: event.method,
    url: address.href,
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: shown(line.rawHeaders),
    queryString: [...address.searchParams].map(([name, value]) => ({ name, value })),
    ...(line.body !== null && { postData: { mimeType: typeOf(line.rawHeaders), ...contentOf(line.body) } }),
    headersSize: -1,
    bodySize: line.body?.length ?? -1,
  }
  const entry = (durationMs: number, response: object, comment: string) => ({
    startedDateTime: new Date(event.atMs).toISOString(),
    time: durationMs,
    request,
    response,
    cache: {},
    timings: { send: 0, wait: durationMs, receive: 0 },
    comment,
  })
  const replies = outcomes.flatMap(outcome => {
    if (outcome.entry.type !== 'reply') return []
    const { entry: reply, line: answer } = outcome
    const body = answer.body ?? Buffer.alloc(0)
    const { text, encoding } = contentOf(body)
    const response = {
      status: reply.status,
      statusText: STATUS_CODES[reply.status] ?? '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: shown(answer.rawHeaders),
      content: {
        size: reply.bodyBytes,
        mimeType: typeOf(answer.rawHeaders),
        text,
        ...(encoding !== undefined && { encoding }),
      },
      redirectURL: '',
      headersSize: -1,
      bodySize: reply.bodyBytes,
    }
    const target = withSecrets ? reply.target : hideAddress(reply.target)
    return [entry(reply.durationMs, response, `${event.event ?? 'request'} ${event.id} ${target}`)]
  })
  if (replies.length > 0) return replies
  const problem = outcomes.findLast(outcome => outcome.entry.type === 'problem')?.entry
  const nothing = {
    status: 0,
    statusText: problem?.type === 'problem' ? problem.message : '',
    httpVersion: '',
    cookies: [],
    headers: [],
    content: { size: 0, mimeType: '' },
    redirectURL: '',
    headersSize: -1,
    bodySize: -1,
  }
  return [entry(0, nothing, `${event.event ?? 'request'} ${event.id}`)]
}

/** HAR knows an encoding for replies alone; for requests the same name says the same. */
function contentOf(body: Buffer): { text: string; encoding?: 'base64' } {
  return isUtf8(body)
    ? { text: body.toString('utf8') }
    : { text: body.toString('base64'), encoding: 'base64' }
}

function typeOf(rawHeaders: readonly string[]): string {
  const found = pairsOf(rawHeaders).find(([name]) => name.toLowerCase() === 'content-type')
  return found?.[1] ?? 'application/octet-stream'
}
