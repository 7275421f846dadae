import { isUtf8 } from 'node:buffer'
import { stripVTControlCharacters } from 'node:util'
import { defineCommand } from '../cli/definition.ts'
import { type ExportedEvent, hideSecrets } from '../listen/journal/export.ts'
import { unpack } from '../listen/journal/packed.ts'
import { restoreEvent } from '../listen/journal/resend.ts'
import type { OutcomeEntry } from '../listen/journal/types.ts'
import { findingsOf } from '../listen/listener.ts'
import { hideAddress, maskText, maskValue } from '../listen/mask.ts'
import { findServerMessageType } from '../messages/events.ts'
import type { Finding } from '../messages/reply-findings.ts'
import { DEFAULT_TIMEOUT_SECONDS } from '../messages/send.ts'
import { ID_SUMMARY, loadRecord, selectRecords } from './listen-recorded.ts'

/** Bodies that unpack to more are shown packed. */
const SHOWN_BYTES = 100_000_000

export default defineCommand(
  {
    name: 'listen show',
    summary: 'show an event that vapi listen has kept, with its replies',
    description:
      'Bodies are laid out where they are JSON; --json has them as they came (as base64 where they are no text). Secrets in headers and in addresses (paths, targets) are never shown; --mask hides telephone numbers, e-mail addresses and values that names tell to be secrets in bodies, paths and messages as well. The journal itself keeps bodies as they came.',
    args: [{ name: 'id', summary: ID_SUMMARY, required: true }],
    options: {
      mask: {
        type: 'boolean',
        summary: 'hide telephone numbers, e-mail addresses and secrets in bodies and paths too',
      },
      limit: {
        type: 'number',
        placeholder: 'SECONDS',
        minimum: 1,
        summary: `timeoutSeconds of your server: later replies are findings (default ${DEFAULT_TIMEOUT_SECONDS})`,
      },
    },
    formats: ['table', 'json', 'yaml'],
    examples: [
      { command: 'vapi listen show 3f2a9c01-000012', does: 'one event' },
      { command: 'vapi listen show 12', does: 'the newest one of this number' },
      { command: 'vapi listen show 12 --jq .body', does: 'its body as it came' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [id], options }, context) => {
    const { output } = context
    const selection = { last: undefined, type: undefined, 'call-id': undefined, since: undefined }
    const [record] = await selectRecords(id, selection, context)
    if (record === undefined) return undefined
    const loaded = await loadRecord(record)
    const findings = findingsBy(loaded, options.limit ?? DEFAULT_TIMEOUT_SECONDS)
    if (output.isJson || output.options.format === 'yaml')
      await output.document(documentOf(loaded, findings, options.mask))
    else output.text(textOf(loaded, findings, options.mask))
    return undefined
  },
)

function findingsBy(
  { event, line, outcomes }: ExportedEvent,
  limitSeconds: number,
): Map<OutcomeEntry, Finding[]> {
  const restored = restoreEvent(event, line)
  return new Map(
    outcomes.flatMap(({ entry, line: reply }) => {
      if (entry.type !== 'reply' || !entry.answers) return []
      const { id, target: url, answers, status, bodyBytes, durationMs } = entry
      const body = reply.body ?? Buffer.alloc(0)
      const relayed = { id, url, answers, status, rawHeaders: reply.rawHeaders, body, bodyBytes, durationMs }
      return [[entry, findingsOf(relayed, restored, limitSeconds)] as const]
    }),
  )
}

function documentOf(
  { event, line, outcomes, url }: ExportedEvent,
  findings: Map<OutcomeEntry, Finding[]>,
  mask: boolean,
): object {
  const { id, atMs, event: type, callId, method, to, bodyBytes, duplicateOf, replayOf, malformed } = event
  return {
    id,
    at: new Date(atMs).toISOString(),
    event: type,
    callId,
    method,
    path: shownAddress(event.requested, mask),
    url: url === null ? null : shownAddress(url, mask),
    to: to.map(target => shownAddress(target, mask)),
    duplicateOf,
    replayOf,
    malformed,
    headers: pairs(hideSecrets(line.rawHeaders)),
    bodyBytes,
    ...rawBody(line.body, mask),
    outcomes: outcomes.map(({ entry, line: reply }) => {
      const { atMs: outcomeMs, id: _, target, ...rest } = entry
      return {
        ...rest,
        target: target === null ? null : shownAddress(target, mask),
        ...(entry.type === 'problem' && { message: shownMessage(entry.message, mask) }),
        at: new Date(outcomeMs).toISOString(),
        ...(entry.type === 'reply' && {
          headers: pairs(hideSecrets(reply.rawHeaders)),
          ...rawBody(reply.body, mask),
          findings: findings.get(entry) ?? [],
        }),
      }
    }),
  }
}

function shownAddress(address: string, mask: boolean): string {
  return mask ? maskText(hideAddress(address)) : hideAddress(address)
}

function shownMessage(message: string, mask: boolean): string {
  return mask ? maskText(message) : message
}

/** Names and values in turn, as pairs: names may come several times. */
function pairs(rawHeaders: readonly string[]): string[][] {
  return rawHeaders.flatMap((name, place) => (place % 2 === 0 ? [[name, rawHeaders[place + 1] ?? '']] : []))
}

function rawBody(body: Buffer | null, mask: boolean): object {
  if (body === null) return { body: null }
  if (!isUtf8(body)) return { bodyBase64: body.toString('base64') }
  const text = body.toString('utf8')
  return { body: mask ? maskedText(text) : text }
}

function maskedText(text: string): string {
  const value = parsed(text)
  return value === undefined ? maskText(text) : JSON.stringify(maskValue(value))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function textOf(
  { event, line, outcomes }: ExportedEvent,
  findings: Map<OutcomeEntry, Finding[]>,
  mask: boolean,
): string {
  const needed = event.event === null ? null : (findServerMessageType(event.event)?.reply ?? null)
  const lines = [
    `${event.event ?? 'request'} ${event.id}, ${new Date(event.atMs).toISOString()}`,
    ...(event.callId === null ? [] : [`call: ${event.callId}`]),
    ...(event.duplicateOf === null ? [] : [`the same as: ${event.duplicateOf}`]),
    ...(event.replayOf === null ? [] : [`sent again from: ${event.replayOf}`]),
    ...(needed === null ? [] : [`reply needed: ${needed}`]),
    '',
    `${event.method} ${shownAddress(event.requested, mask)}`,
    ...headerLines(line.rawHeaders),
    ...bodyLines(line.body, line.rawHeaders, mask),
  ]
  for (const { entry, line: reply } of outcomes) {
    lines.push('', `→ ${outcomeLine(entry, mask)}`)
    if (entry.type !== 'reply') continue
    lines.push(...headerLines(reply.rawHeaders), ...bodyLines(reply.body, reply.rawHeaders, mask))
    const kept = reply.body?.length ?? 0
    if (kept < entry.bodyBytes) lines.push(`… ${entry.bodyBytes - kept} more bytes were not kept`)
    for (const { level, path, message, fix } of findings.get(entry) ?? [])
      lines.push(`${level}: ${path === '' ? '' : `${path}: `}${message}; ${fix}`)
  }
  if (outcomes.length === 0)
    lines.push('', event.to.length === 0 ? 'it was passed to no target' : 'no reply was recorded')
  return lines.map(text => `${clean(text)}\n`).join('')
}

function outcomeLine(entry: OutcomeEntry, mask: boolean): string {
  const again = entry.attempt > 0 ? ` (sent again, ${entry.attempt})` : ''
  const target = entry.target === null ? '' : shownAddress(entry.target, mask)
  switch (entry.type) {
    case 'reply':
      return `${target}: ${entry.status} in ${Math.round(entry.durationMs)} ms${entry.answers ? '' : ' (copy)'}${again}`
    case 'attempt':
      return `${target}: sent again, ${entry.attempt}${entry.possiblyDelivered ? ', though it may have come before' : ''}`
    case 'problem': {
      const where = target === '' ? '' : `${target}: `
      const what = { target: 'no answer', broken: 'the reply broke off', refused: 'refused' }
      if (entry.problem === 'cancelled') return 'the sender went away before the reply'
      return `${where}${what[entry.problem]} (${shownMessage(entry.message, mask)})${again}`
    }
  }
}

function headerLines(rawHeaders: readonly string[]): string[] {
  return pairs(hideSecrets(rawHeaders)).map(([name, value]) => `${name}: ${value}`)
}

function bodyLines(body: Buffer | null, rawHeaders: readonly string[], mask: boolean): string[] {
  if (body === null) return ['', '(the body was not kept)']
  if (body.length === 0) return []
  const plain = unpack(body, rawHeaders, SHOWN_BYTES) ?? body
  if (!isUtf8(plain)) return ['', `(${body.length} bytes that are no text; --json has them as base64)`]
  const text = plain.toString('utf8')
  const value = parsed(text)
  if (value === undefined) return ['', ...(mask ? maskText(text) : text).split('\n')]
  return ['', ...JSON.stringify(mask ? maskValue(value) : value, null, 2).split('\n')]
}

/** Nothing that comes over the wire steers the terminal. */
function clean(line: string): string {
  return stripVTControlCharacters(line).replace(/\p{Cc}/gu, ' ')
}
