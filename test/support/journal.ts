import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Journal, type JournalOptions, openJournal } from '../../src/listen/journal/journal.ts'
import { readMessageHead } from '../../src/listen/message-head.ts'
import type { RelayedEvent, RelayedReply } from '../../src/listen/relay/types.ts'
import { temporaryFolder } from './program.ts'

/** Where the journal of a working directory lies. */
export function folderIn(cwd: string): string {
  return join(cwd, '.vapi', 'listen')
}

export interface TestJournal extends Journal {
  warnings: string[]
}

/** A journal that is closed with the test. */
export async function openTestJournal(
  folder: string = folderIn(temporaryFolder()),
  options: Partial<JournalOptions> = {},
): Promise<TestJournal> {
  const warnings: string[] = []
  const journal = await openJournal(folder, {
    pathMode: 'append',
    warn: text => warnings.push(text),
    ...options,
  })
  onTestFinished(() => journal.close())
  return Object.assign(journal, { warnings })
}

/** An event as the relay tells it. */
export function relayedEvent(
  id: string,
  body: Buffer | string | object,
  more: Partial<RelayedEvent> = {},
): RelayedEvent {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const head = readMessageHead(bytes, true)
  return {
    id,
    receivedMs: Date.now(),
    method: 'POST',
    requested: '/hook?x=1',
    rawHeaders: [
      'Host',
      'tunnel.example.com',
      'Content-Type',
      'application/json',
      'X-Twice',
      '1',
      'X-Twice',
      '2',
    ],
    head: head === null || head === 'malformed' ? { type: null, callId: null, fields: {} } : head,
    malformed: head === 'malformed' && bytes.length > 0,
    body: bytes,
    ...more,
  }
}

/** What a target answered, as the relay tells it. */
export function relayedReply(id: string, more: Partial<RelayedReply> = {}): RelayedReply {
  const body = more.body ?? Buffer.from('{"ok":true}')
  return {
    id,
    url: 'http://localhost:3000/',
    answers: true,
    status: 200,
    rawHeaders: ['Content-Type', 'application/json'],
    bodyBytes: body.length,
    durationMs: 12.34,
    ...more,
    body,
  }
}
