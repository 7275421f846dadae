import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../src/listen/journal/duplicates.ts'
import { findEvent, loadLine, readEvents, scanJournal } from '../../../src/listen/journal/reader.ts'
import { listSegments } from '../../../src/listen/journal/segments.ts'
import { folderIn, openTestJournal, relayedEvent, relayedReply } from '../../support/journal.ts'
import { temporaryFolder } from '../../support/program.ts'
import { requiresFiles } from '../../support/requires.ts'

const target = 'http://localhost:3000/'
const message = { message: { type: 'hang', call: { id: 'c1' }, text: 'née' } }

async function bodiesOf(folder: string): Promise<(Buffer | null)[]> {
  return Promise.all((await readEvents(folder)).map(async ({ place }) => (await loadLine(place)).body))
}

describe('a journal', () => {
  it('has an event on disk when the call returns, in a file that only its owner may read', async () => {
    const cwd = temporaryFolder()
    const journal = await openTestJournal(folderIn(cwd))
    journal.event(relayedEvent('a-000001', message), [target])
    const [segment] = listSegments(folderIn(cwd))
    const lines = readFileSync(segment?.path ?? '', 'utf8').split('\n')
    expect(lines.slice(0, -1).map(line => JSON.parse(line))).toMatchObject([
      { format: 1, type: 'journal' },
      { type: 'event', id: 'a-000001', event: 'hang', callId: 'c1', json: message },
    ])
    expect(statSync(segment?.path ?? '').mode & 0o777).toBe(0o600)
    expect(statSync(folderIn(cwd)).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(folderIn(cwd), '.gitignore'), 'utf8')).toBe('*\n')
  })

  it.each<[string, Buffer]>([
    ['an event', Buffer.from(JSON.stringify(message))],
    ['nothing', Buffer.alloc(0)],
    [
      'JSON with line breaks and odd spaces',
      Buffer.from('{ "message":\r\n {"type": "hang"},\u2028"x":"\u2028"}'),
    ],
    ['an event on several lines', Buffer.from('{\r\n  "message": {"type": "hang"}\r\n}')],
    ['JSON with a byte order mark', Buffer.from('\ufeff{"message":{"type":"hang"}}')],
    ['an event and a space', Buffer.from('{"message":{"type":"hang"}} ')],
    ['bytes that are no text', randomBytes(3000)],
    ['an event whose text is no UTF-8', Buffer.from('{"message":{"type":"hang","text":"\xff"}}', 'latin1')],
    ['packed bytes', gzipSync('x')],
    ['malformed JSON', Buffer.from('{"message": {"type": "hang"')],
    ['text that looks like a line of the journal', Buffer.from('x,"json":{"a":1}}\n{"type":"event"}')],
    [
      'a large event',
      Buffer.from(JSON.stringify({ message: { ...message.message, text: '"é\\'.repeat(50_000) } })),
    ],
    [
      'large text that ends early',
      Buffer.from(`{"message":{"type":"hang","x":1}},"json":{}${' '.repeat(70_000)}}`),
    ],
    ['20 MB', randomBytes(20_000_000)],
    [
      '20 MB of JSON',
      Buffer.from(JSON.stringify({ message: { ...message.message, text: 'a'.repeat(20_000_000) } })),
    ],
  ])('gives back %s byte for byte', async (_, body) => {
    const folder = folderIn(temporaryFolder())
    const journal = await openTestJournal(folder)
    journal.event(relayedEvent('a-000001', body), [target])
    journal.reply(relayedReply('a-000001', { body, bodyBytes: body.length }))
    journal.event(relayedEvent('a-000002', 'after'), [])
    const [record, after] = await readEvents(folder)
    expect(after?.event.id).toBe('a-000002')
    const line = await loadLine(record!.place)
    expect(line.body?.equals(body)).toBe(true)
    expect(line.rawHeaders.slice(-4)).toEqual(['X-Twice', '1', 'X-Twice', '2'])
    const reply = await loadLine(record!.outcomes[0]!.place)
    expect(reply.body?.equals(body)).toBe(true)
    expect(isUtf8(readFileSync(record!.place.file))).toBe(true)
  })

  it('gives back any body byte for byte', async () => {
    const folder = folderIn(temporaryFolder())
    const journal = await openTestJournal(folder)
    const bodies: Buffer[] = []
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
          fc.json().map(text => Buffer.from(`{"message":{"type":"hang","x":${text}}}`)),
          fc.string({ unit: 'binary' }).map(text => Buffer.from(`{"message":{"type":"hang","x":"${text}"}}`)),
        ),
        body => {
          const id = `a-${String(bodies.push(body)).padStart(6, '0')}`
          journal.event(relayedEvent(id, body, { receivedMs: bodies.length }), [target])
        },
      ),
      { numRuns: 500 },
    )
    const read = await bodiesOf(folder)
    expect(read.map(body => body?.toString('hex'))).toEqual(bodies.map(body => body.toString('hex')))
    // What is JSON stands there as JSON: every line is some for any other reader too.
    for (const { path } of listSegments(folder))
      for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) JSON.parse(line)
  })

  it('reads what is whole of a file with a torn last line, a damaged one and one of an unknown kind', async () => {
    const folder = folderIn(temporaryFolder())
    const journal = await openTestJournal(folder)
    journal.event(relayedEvent('a-000001', message), [target])
    const [segment] = listSegments(folder)
    appendFileSync(
      segment!.path,
      '{"type":"event","id":\n{"type":"weather","id":"x","at":"2026-01-05T09:00:00Z"}\n',
    )
    journal.close()
    appendFileSync(
      segment!.path,
      '{"type":"event","id":"a-000002","at":"2026-01-05T09:00:00Z","text":"by hand","to":[]}\n{"type":"event","bodyBytes":30,"id":"a-0',
    )
    expect((await readEvents(folder)).map(({ event }) => event.id)).toEqual(['a-000002', 'a-000001'])
  })

  it.each([0, 5, 40])('goes on beside a file that was cut off after %i bytes', async bytes => {
    const folder = folderIn(temporaryFolder())
    const first = await openTestJournal(folder)
    first.event(relayedEvent('a-000001', message), [target])
    first.close()
    truncateSync(listSegments(folder)[0]!.path, bytes)
    const journal = await openTestJournal(folder)
    journal.event(relayedEvent('b-000001', message), [target])
    expect((await readEvents(folder)).map(({ event }) => event.id)).toEqual(['b-000001'])
  })

  it('refuses a newer format, for reading and for writing', async () => {
    const folder = folderIn(temporaryFolder())
    const journal = await openTestJournal(folder)
    journal.event(relayedEvent('a-000001', message), [target])
    journal.close()
    const [segment] = listSegments(folder)
    const text = readFileSync(segment!.path, 'utf8').replace('"format":1', '"format":2')
    writeFileSync(segment!.path, text)
    await expect(readEvents(folder)).rejects.toMatchObject({ code: 'journal-newer' })
    await expect(openTestJournal(folder)).rejects.toMatchObject({ code: 'journal-newer' })
  })

  it('stays within its size, and drops the oldest first', async () => {
    const folder = folderIn(temporaryFolder())
    const options = { maximumBytes: 100_000, segmentBytes: 10_000 }
    const journal = await openTestJournal(folder, options)
    for (let count = 0; count < 500; count++)
      journal.event(relayedEvent(`a-${String(count).padStart(6, '0')}`, randomBytes(900)), [target])
    const bytes = listSegments(folder).reduce((sum, segment) => sum + segment.bytes, 0)
    expect(bytes).toBeLessThanOrEqual(102_000)
    expect(bytes).toBeGreaterThan(80_000)
    const ids = (await readEvents(folder)).map(({ event }) => Number(event.id.slice(2)))
    expect(ids.at(-1)).toBe(499)
    expect(ids).toEqual(ids.map((_, place) => 500 - ids.length + place))
  })

  it('never drops what another running listener is writing to', async () => {
    const folder = folderIn(temporaryFolder())
    const quiet = await openTestJournal(folder)
    quiet.event(relayedEvent('q-000001', message), [target])
    const busy = await openTestJournal(folder, { maximumBytes: 50_000, segmentBytes: 5000 })
    for (let count = 0; count < 200; count++) busy.event(relayedEvent(`b-${count}`, randomBytes(900)), [])
    quiet.event(relayedEvent('q-000002', message), [target])
    const ids = (await readEvents(folder)).map(({ event }) => event.id)
    expect(ids).toContain('q-000001')
    expect(ids).toContain('q-000002')
    quiet.close()
    for (let count = 200; count < 300; count++) busy.event(relayedEvent(`b-${count}`, randomBytes(900)), [])
    expect((await readEvents(folder)).map(({ event }) => event.id)).not.toContain('q-000001')
  })

  it('takes two listeners at once, read in the order of arrival', async () => {
    const folder = folderIn(temporaryFolder())
    const [one, other] = [await openTestJournal(folder), await openTestJournal(folder)]
    for (let count = 0; count < 20; count++) {
      const journal = count % 2 === 0 ? one : other
      journal.event(relayedEvent(`${journal.run}-${count}`, `${count}`, { receivedMs: 1e12 + count }), [])
    }
    const numbers = (await readEvents(folder)).map(({ event }) => Number(event.id.split('-')[1]))
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, count) => count))
  })

  it('leaves no empty file behind', async () => {
    const folder = folderIn(temporaryFolder())
    const journal = await openTestJournal(folder)
    journal.close()
    expect(readdirSync(folder)).toEqual(['.gitignore'])
  })

  it.skipIf(requiresFiles('/dev/full'))('warns once of a full disk, and takes further events', async () => {
    const folder = folderIn(temporaryFolder())
    let opened = 0
    const journal = await openTestJournal(folder, {
      segmentBytes: 3000,
      open: path => openSync(opened++ === 0 ? path : '/dev/full', 'a'),
    })
    for (let count = 0; count < 20; count++) {
      journal.event(relayedEvent(`a-${count}`, randomBytes(500)), [target])
      journal.reply(relayedReply(`a-${count}`))
    }
    expect(journal.warnings).toEqual([expect.stringContaining('the disk is full')])
    expect(journal.isOpen).toBe(false)
    const kept = await readEvents(folder)
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.length).toBeLessThan(20)
  })

  it('says so at the start where the folder cannot be written', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, '.vapi'), 'a file')
    await expect(openTestJournal(folderIn(cwd))).rejects.toMatchObject({
      code: 'journal-not-written',
      hint: expect.stringContaining('--no-journal'),
    })
  })
})

describe('duplicates', () => {
  const body = (text: string, bytes = 0) => ({ message: { type: 'hang', text, more: 'x'.repeat(bytes) } })

  it.each([0, 60_000])('are marked with the id of the first, also of large bodies (%i)', async bytes => {
    const journal = await openTestJournal()
    const take = (id: string, text: string, more = {}) =>
      journal.event(relayedEvent(id, body(text, bytes), more), [target]).duplicateOf
    expect(take('1', 'one')).toBeNull()
    expect(take('2', 'two')).toBeNull()
    expect(take('3', 'one')).toBe('1')
    expect(take('4', 'one')).toBe('1')
    expect(take('5', 'one', { requested: '/other' })).toBeNull()
    expect(take('6', 'one', { method: 'PUT' })).toBeNull()
    expect((await findEvent(journal.folder, '4')).event.duplicateOf).toBe('1')
  })

  it('are told apart where a large body differs in one byte, at hand, on disk and after a restart', async () => {
    const journal = await openTestJournal()
    const bytes = Buffer.from(JSON.stringify(body('x'.repeat(100_000))))
    // Between the samples by which they are looked for.
    const other = Buffer.from(bytes)
    other[50_000] = 0x79
    expect(fingerprint([other])).toBe(fingerprint([bytes]))
    expect(journal.event(relayedEvent('1', bytes), []).duplicateOf).toBeNull()
    expect(journal.event(relayedEvent('2', other), []).duplicateOf).toBeNull()
    expect(journal.event(relayedEvent('3', other), []).duplicateOf).toBe('2')
    for (let count = 0; count < 50; count++)
      journal.event(relayedEvent(`x${count}`, randomBytes(100_000)), [])
    expect(journal.event(relayedEvent('4', other), []).duplicateOf).toBe('2')
    expect(journal.event(relayedEvent('5', bytes), []).duplicateOf).toBeNull()
    journal.close()
    const next = await openTestJournal(journal.folder)
    expect(next.event(relayedEvent('6', randomBytes(100)), []).duplicateOf).toBeNull()
    expect(next.event(relayedEvent('7', Buffer.concat([bytes, bytes])), []).duplicateOf).toBeNull()
    next.close()
    const again = await openTestJournal(journal.folder)
    expect(again.event(relayedEvent('8', Buffer.concat([bytes, bytes])), []).duplicateOf).toBe('7')
  })

  it('are found after a restart, and no longer when ten minutes have passed', async () => {
    const first = await openTestJournal()
    const now = Date.now()
    first.event(relayedEvent('1', body('one'), { receivedMs: now - 500_000 }), [target])
    first.event(relayedEvent('2', body('two'), { receivedMs: now - 700_000 }), [target])
    first.close()
    const next = await openTestJournal(first.folder)
    const take = (id: string, text: string, receivedMs: number) =>
      next.event(relayedEvent(id, body(text), { receivedMs }), [target]).duplicateOf
    expect(take('3', 'one', now)).toBe('1')
    expect(take('4', 'two', now)).toBeNull()
    expect(take('5', 'two', now + 599_000)).toBe('4')
    expect(take('6', 'two', now + 1_198_000)).toBe('4')
    expect(take('7', 'two', now + 1_799_000)).toBeNull()
  })

  it('are not what requests without a body are', async () => {
    const journal = await openTestJournal()
    expect(journal.event(relayedEvent('1', ''), []).duplicateOf).toBeNull()
    expect(journal.event(relayedEvent('2', ''), []).duplicateOf).toBeNull()
  })
})

describe('reading', () => {
  it('filters by type, call, time and failure, and takes the newest', async () => {
    const journal = await openTestJournal()
    const types = ['tool-calls', 'status-update', 'transcript', 'tool-calls']
    for (const [place, type] of types.entries()) {
      const event = { message: { type, call: { id: place < 2 ? 'c1' : 'c2' }, place } }
      journal.event(relayedEvent(`a-00000${place}`, event, { receivedMs: 1e12 + place }), [target])
      journal.reply(relayedReply(`a-00000${place}`, { status: place === 1 ? 500 : 200 }))
    }
    const ids = async (filter: Parameters<typeof readEvents>[1]) =>
      (await readEvents(journal.folder, filter)).map(({ event }) => Number(event.id.slice(2)))
    expect(await ids({ types: ['tool-*', 'transcript'] })).toEqual([0, 2, 3])
    expect(await ids({ callId: 'c1' })).toEqual([0, 1])
    expect(await ids({ sinceMs: 1e12 + 2 })).toEqual([2, 3])
    expect(await ids({ failed: true })).toEqual([1])
    expect(await ids({ last: 3, types: ['tool-calls'] })).toEqual([0, 3])
    expect(await ids({ last: 1 })).toEqual([3])
  })

  it('finds an event by its id, a unique beginning or its number', async () => {
    const journal = await openTestJournal()
    for (const id of ['ab12cd34-000001', 'ab12cd34-000002', 'ef000000-000002'])
      journal.event(relayedEvent(id, id, { receivedMs: 1e12 + Number(id.slice(-1)) }), [target])
    const find = async (id: string) => (await findEvent(journal.folder, id)).event.id
    expect(await find('ab12cd34-000001')).toBe('ab12cd34-000001')
    expect(await find('ef')).toBe('ef000000-000002')
    expect(await find('2')).toBe('ef000000-000002')
    await expect(find('ab')).rejects.toMatchObject({ code: 'usage', hint: expect.stringContaining('000002') })
    await expect(find('77')).rejects.toMatchObject({ code: 'not-found', exit: 5 })
  })

  it('gives entries with their places', async () => {
    const journal = await openTestJournal()
    const { place } = journal.event(relayedEvent('a-1', message), [target])
    const placed = []
    for await (const { place: found } of scanJournal(journal.folder)) placed.push(found)
    expect(placed).toEqual([place])
  })
})
