import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { writePages } from '../../../scripts/pages.mjs'
import {
  createEventMemory,
  type EventMemory,
  type MemorySettings,
} from '../../../src/listen/inspector/memory.ts'
import { createResend } from '../../../src/listen/inspector/resend.ts'
import { type Inspector, startInspector } from '../../../src/listen/inspector/server.ts'
import type { Journal } from '../../../src/listen/journal/journal.ts'
import { readMessageHead } from '../../../src/listen/message-head.ts'
import type { RelayedEvent, RelayedReply } from '../../../src/listen/relay/types.ts'
import { parseRoute } from '../../../src/listen/routes.ts'
import { sampleMessage } from '../../../src/messages/samples.ts'

/** The page's script as it is now, not as it was built last. */
export async function bundlePage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vapi-page-'))
  try {
    await writePages(folder)
    return readFileSync(join(folder, 'inspector.js'), 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const BEGAN_MS = Date.UTC(2026, 2, 4, 9, 30)

/** A request as the relay tells of it. */
export function event(
  id: string,
  message: Record<string, unknown> | Buffer | string,
  over: Partial<RelayedEvent> = {},
): RelayedEvent {
  const body = Buffer.isBuffer(message)
    ? message
    : Buffer.from(typeof message === 'string' ? message : JSON.stringify({ message }))
  const head = readMessageHead(body, true)
  return {
    id,
    receivedMs: BEGAN_MS,
    method: 'POST',
    requested: '/webhook',
    rawHeaders: ['Content-Type', 'application/json', 'X-Vapi-Secret', 'sesame'],
    head: head === 'malformed' || head === null ? { type: null, callId: null, fields: {} } : head,
    malformed: head === 'malformed',
    body,
    ...over,
  }
}

/** A message of the platform. */
export function message(type: string, fields: Record<string, unknown> = {}, callId?: string) {
  const subject = { nowMs: BEGAN_MS, fields, ...(callId !== undefined && { call: { id: callId } }) }
  const made = sampleMessage(type, subject)
  if (made === null) throw new Error(`no sample of ${type}`)
  return made
}

export function reply(id: string, content: unknown, over: Partial<RelayedReply> = {}): RelayedReply {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
  return {
    id,
    url: 'http://localhost:3000/webhook',
    answers: true,
    status: 200,
    rawHeaders: ['Content-Type', 'application/json'],
    body,
    bodyBytes: body.length,
    durationMs: 12.5,
    ...over,
  }
}

export interface OpenInspector extends Inspector {
  memory: EventMemory
  token: string
}

/** An inspector whose events are sent again to that target; closed with `close`. */
export async function openInspector(
  target = 'localhost:9',
  settings: Partial<MemorySettings> = {},
  script = '',
  journal: Journal | null = null,
): Promise<OpenInspector> {
  const ending = new AbortController()
  const routes = [parseRoute(`*=${target}`)]
  const resend = createResend(
    { routes, pathMode: 'append', sessionId: '0123abcd', tls: { skipVerify: false, ca: null } },
    ending.signal,
    journal,
  )
  const memory = createEventMemory({ limitSeconds: 20, mask: false, resend, ...settings })
  const inspector = await startInspector({
    source: memory,
    port: 0,
    listener: {
      url: 'http://127.0.0.1:4242',
      routes: routes.map(({ patterns, target: { url } }) => ({ events: patterns, target: url.href })),
      mask: settings.mask ?? false,
    },
    script,
  })
  const close = () => {
    inspector.close()
    ending.abort()
  }
  return { ...inspector, close, memory, token: inspector.url.split('token=')[1] ?? '' }
}

export async function openForTest(...options: Parameters<typeof openInspector>): Promise<OpenInspector> {
  const opened = await openInspector(...options)
  onTestFinished(opened.close)
  return opened
}

export interface Asked {
  status: number
  headers: IncomingMessage['headers']
  text: string
  json: () => Record<string, unknown>
}

/** A request with exactly these headers: nothing is checked or added as a browser would. */
export function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Asked> {
  const { method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, answer => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8')
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text,
          json: () => JSON.parse(text),
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
