import { isUtf8 } from 'node:buffer'
import { openSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeeper } from '../../../src/listen/journal/keep.ts'
import { areSame, areUtf8, bytesOf, copyFrom, joined } from '../../../src/listen/journal/pieces.ts'
import { loadLine, readEvents } from '../../../src/listen/journal/reader.ts'
import { listSegments } from '../../../src/listen/journal/segments.ts'
import { readHeadOfPieces, readMessageHead } from '../../../src/listen/message-head.ts'
import { openTestJournal, relayedEvent, relayedReply } from '../../support/journal.ts'
import { openRelay, send, startTarget } from '../../support/relay.ts'

const target = 'http://localhost:3000/'

function textOf(folder: string): string {
  return readFileSync(listSegments(folder)[0]?.path ?? '', 'utf8')
}

/** Bytes, cut at any places. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map(place => place % (bytes.length + 1)).toSorted((a, b) => a - b)
  return [0, ...places].map((from, place) => bytes.subarray(from, places[place] ?? bytes.length))
}

const anyBytes = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map(text => Buffer.from(text)),
  fc.uint8Array({ maxLength: 30 }).map(bytes => Buffer.from(bytes)),
)
const anyCuts = fc.array(fc.nat(40), { maxLength: 6 })

describe('a body in pieces', () => {
  it('is UTF-8 where it is that as a whole', () => {
    fc.assert(
      fc.property(anyBytes, anyCuts, (bytes, cuts) => {
        expect(areUtf8(cut(bytes, cuts))).toBe(isUtf8(bytes))
      }),
      { numRuns: 1000 },
    )
  })

  it('has the bytes, the length and the parts of the whole', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, anyCuts, fc.nat(30), fc.nat(30), (bytes, other, cuts, from, length) => {
        const pieces = cut(bytes, cuts)
        expect(joined(pieces)).toEqual(bytes)
        expect(bytesOf(pieces)).toBe(bytes.length)
        expect(areSame(pieces, bytes)).toBe(true)
        expect(areSame(pieces, other)).toBe(bytes.equals(other))
        const part = Buffer.alloc(Math.min(length, Math.max(0, bytes.length - from)))
        copyFrom(pieces, from, part)
        expect(part).toEqual(bytes.subarray(from, from + part.length))
      }),
    )
  })

  it('has the head of the whole, and is only joined where its first piece does not tell it', () => {
    const toolCallList = [{ id: 'call_1', function: { name: 'book' } }]
    const artifact = { messages: Array.from({ length: 300 }, (_, place) => ({ place, text: 'né}{"' })) }
    const orders = [
      { type: 'tool-calls', toolCallList, call: { id: 'c1' }, artifact },
      { artifact, call: { id: 'c1' }, type: 'tool-calls', toolCallList },
    ]
    for (const [place, message] of orders.entries())
      for (const text of [JSON.stringify({ message }), JSON.stringify({ message }).slice(0, -9)]) {
        const bytes = Buffer.from(text)
        const joins: string[] = []
        const join = () => {
          joins.push('')
          return bytes
        }
        const pieces = [bytes.subarray(0, 4000), bytes.subarray(4000), Buffer.from('')]
        expect(readHeadOfPieces(pieces, join)).toEqual(readMessageHead(bytes, true))
        expect(joins).toHaveLength(place)
      }
  })
})

describe('a journal that gathers', () => {
  it('has all lines of a moment on disk when it calls back, in their order', async () => {
    const journal = await openTestJournal(undefined, { gathers: true })
    const large = Buffer.from(JSON.stringify({ message: { type: 'hang', text: 'é'.repeat(150_000) } }))
    journal.event(relayedEvent('1', { message: { type: 'hang' } }), [target])
    journal.event(relayedEvent('2', large), [target], cut(large, [65_537, 131_001]))
    journal.reply(relayedReply('1'))
    journal.event(relayedEvent('3', { message: { type: 'hang', count: 3 } }), [target])
    expect(textOf(journal.folder)).not.toContain('"count":3')
    await new Promise<void>(resolve => journal.written(resolve))
    const lines = textOf(journal.folder).trimEnd().split('\n')
    expect(lines.slice(1).map(line => JSON.parse(line))).toMatchObject([
      { type: 'event', id: '1' },
      { type: 'event', id: '2' },
      { type: 'reply', id: '1' },
      { type: 'event', id: '3' },
    ])
    const [, second] = await readEvents(journal.folder)
    expect((await loadLine(second?.place ?? expect.unreachable())).body).toEqual(large)
  })

  it('has what is about to be sent again on disk when the call returns, and all when it is closed', async () => {
    const journal = await openTestJournal(undefined, { gathers: true })
    journal.attempt({ type: 'attempt', id: '1', atMs: 0, target, attempt: 1, possiblyDelivered: false })
    expect(textOf(journal.folder)).toContain('"attempt"')
    journal.reply(relayedReply('1'))
    journal.close()
    expect(textOf(journal.folder)).toContain('"reply"')
  })

  it('recognises large duplicates of the same moment', async () => {
    const journal = await openTestJournal(undefined, { gathers: true })
    const text = { message: { type: 'hang', text: 'x'.repeat(50_000) } }
    expect(journal.event(relayedEvent('1', text), []).duplicateOf).toBeNull()
    expect(journal.event(relayedEvent('2', text), []).duplicateOf).toBe('1')
  })

  it('calls back on a full disk too', async () => {
    const full = { gathers: true, open: () => openSync('/dev/full', 'a') }
    await expect(openTestJournal(undefined, full)).rejects.toMatchObject({ code: 'journal-not-written' })
    let opened = 0
    const journal = await openTestJournal(undefined, {
      gathers: true,
      segmentBytes: 300,
      open: path => openSync(opened++ === 0 ? path : '/dev/full', 'a', 0o600),
    })
    for (const id of ['1', '2', '3'])
      journal.event(relayedEvent(id, { message: { type: 'hang', id } }), [target])
    await new Promise<void>(resolve => journal.written(resolve))
    expect(journal.isOpen).toBe(false)
    expect(journal.warnings).toHaveLength(1)
  })

  it('has each event before its target does, and each reply before its sender', async () => {
    const journal = await openTestJournal(undefined, { gathers: true })
    const missing: string[] = []
    const need = (part: string) => {
      if (!textOf(journal.folder).includes(part)) missing.push(part)
    }
    const server = await startTarget((_request, reply, body) => {
      need(body.toString())
      reply.end(`answer ${body.length}`)
    })
    const keeper = createKeeper({ journal, retrier: null, targetsOf: () => [target], duplicate: () => {} })
    const relay = await openRelay(
      [`*=${server.port}`],
      { wholeBodies: true, whenKept: then => journal.written(then) },
      keeper,
    )
    await Promise.all(
      Array.from({ length: 60 }, async (_, count) => {
        const body = JSON.stringify({ message: { type: 'hang', text: 'x'.repeat(count * 3000) } })
        await send(relay.port, { body })
        need(`answer ${body.length}`)
      }),
    )
    expect(missing).toEqual([])
    expect(relay.replies).toHaveLength(60)
  })

  it('is waited for, by the event and by the end of the reply', async () => {
    const got: string[] = []
    const server = await startTarget((request, reply) => {
      got.push(request.url ?? '')
      reply.end('whole')
    })
    const waiting: (() => void)[] = []
    let called: () => void = () => {}
    const next = () =>
      new Promise<() => void>(resolve => {
        called = () => resolve(waiting.shift() ?? expect.unreachable())
        if (waiting.length > 0) called()
      })
    const whenKept = (then: () => void) => {
      waiting.push(then)
      called()
    }
    const relay = await openRelay([`*=${server.port}`], { wholeBodies: true, whenKept })
    let answered = false
    const answer = send(relay.port, { path: '/relayed', body: '{}' }).then(({ body }) => {
      answered = true
      return body.toString()
    })
    const goOn = await next()
    // Whatever was sent before would have come before this.
    await send(server.port, { path: '/direct' })
    expect(got).toEqual(['/direct'])
    goOn()
    const end = await next()
    await send(server.port, { path: '/direct' })
    expect(answered).toBe(false)
    end()
    expect(await answer).toBe('whole')
  })
})
