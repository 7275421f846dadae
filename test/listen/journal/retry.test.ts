import { describe, expect, it, onTestFinished } from 'vitest'
import { readEvents } from '../../../src/listen/journal/reader.ts'
import type { ResendOutcome } from '../../../src/listen/journal/resend.ts'
import { createRetrier, type Retrier, type RetrierOptions } from '../../../src/listen/journal/retry.ts'
import { folderIn, openTestJournal, relayedEvent, relayedReply } from '../../support/journal.ts'
import { temporaryFolder } from '../../support/program.ts'

const target = 'http://localhost:3000/'
const copy = 'http://localhost:4000/'

/** A clock that goes on when nobody has anything to do: each sleep is over at its time, in order. */
function virtualClock() {
  let nowMs = Date.now()
  const sleeps = new Set<{ untilMs: number; wake: () => void }>()
  return {
    now: () => nowMs,
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>(resolve => {
        const wake = () => {
          sleeps.delete(sleep)
          resolve()
        }
        const sleep = { untilMs: nowMs + ms, wake }
        sleeps.add(sleep)
        if (signal.aborted) sleep.wake()
        else signal.addEventListener('abort', () => sleep.wake(), { once: true })
      }),
    /** Lets the time pass until what is given is true. */
    async passUntil(condition: () => boolean) {
      for (let round = 0; !condition(); round++) {
        if (round > 20_000) throw new Error('it never came to that')
        await new Promise(resolve => setImmediate(resolve))
        if (condition()) return
        const next = [...sleeps].toSorted((one, other) => one.untilMs - other.untilMs)[0]
        if (next === undefined || round % 5 !== 4) continue
        nowMs = Math.max(nowMs, next.untilMs)
        next.wake()
      }
    },
  }
}

interface Sent {
  id: string
  target: string
  attempt: number
  possiblyDelivered: boolean
  headers: readonly string[]
  body: string
  atMs: number
}

async function setUp(
  answer: (sent: Sent) => number | 'down' | 'broken',
  options: Partial<RetrierOptions> & { folder?: string; isUp?: (target: string) => boolean } = {},
) {
  const journal = await openTestJournal(options.folder ?? folderIn(temporaryFolder()))
  const clock = virtualClock()
  const sent: Sent[] = []
  const notes: string[] = []
  const retrier: Retrier = createRetrier({
    journal,
    targets: [target, copy],
    clock,
    reaches: async url => options.isUp?.(url) ?? true,
    note: text => notes.push(text),
    send: async ({
      event,
      target: url,
      attempt,
      possiblyDelivered,
      headers,
      answers,
    }): Promise<ResendOutcome> => {
      const { id } = event
      const body = event.body?.toString() ?? ''
      const one = { id, target: url, attempt, possiblyDelivered, headers, body, atMs: clock.now() }
      sent.push(one)
      const result = answer(one)
      if (typeof result === 'number')
        return { type: 'reply', reply: relayedReply(id, { url, answers, status: result }) }
      const failure = { id, url, answers, message: 'gone', durationMs: 1 }
      if (result === 'broken') return { type: 'problem', problem: { type: 'broken', ...failure } }
      return { type: 'problem', problem: { type: 'target', code: 'ECONNREFUSED', ...failure } }
    },
    ...options,
  })
  onTestFinished(() => retrier.close(true))
  const receive = (id: string, to: readonly string[] = [target]) => {
    const event = relayedEvent(id, { message: { type: 'hang', id } }, { receivedMs: clock.now() })
    retrier.event(event, to, journal.event(event, to).place)
    return event
  }
  const reply = (id: string, status: number, url = target) => {
    const told = relayedReply(id, { url, status })
    journal.reply(told)
    retrier.reply(told)
  }
  const down = (id: string, url = target, code = 'ECONNREFUSED') => {
    const problem = { type: 'target', id, url, answers: true, code, message: code, durationMs: 1 } as const
    journal.problem(problem)
    retrier.problem(problem)
  }
  return { journal, clock, sent, notes, retrier, receive, reply, down }
}

describe('retries', () => {
  it('send again what was not taken, in order of arrival, with a mark', async () => {
    const { clock, sent, receive, down, reply, retrier } = await setUp(() => 200)
    for (const id of ['1', '2', '3']) receive(id)
    reply('2', 200)
    down('3')
    down('1')
    await clock.passUntil(() => retrier.waiting === 0 && sent.length === 2)
    expect(sent.map(({ id }) => id)).toEqual(['1', '3'])
    expect(sent[0]).toMatchObject({
      headers: ['X-Vapi-Retry', '1'],
      body: '{"message":{"type":"hang","id":"1"}}',
    })
  })

  it('wait with the growing delays of the plan, and give up in the end', async () => {
    const plan = { type: 'exponential', maxRetries: 3, baseDelayMs: 1000, excludedStatusCodes: [] } as const
    const { clock, sent, notes, receive, reply } = await setUp(() => 500, { plan })
    const receivedMs = clock.now()
    receive('1')
    reply('1', 500)
    await clock.passUntil(() => notes.length > 0)
    expect(sent.map(({ atMs }) => atMs - receivedMs)).toEqual([1000, 3000, 7000])
    expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(notes).toEqual([expect.stringContaining('given up after 4 tries')])
  })

  it('leave excluded statuses alone', async () => {
    const plan = { type: 'fixed', maxRetries: 3, baseDelayMs: 0, excludedStatusCodes: [404] } as const
    const { clock, sent, receive, reply, retrier } = await setUp(
      ({ attempt }) => (attempt === 1 ? 503 : 404),
      {
        plan,
      },
    )
    receive('1')
    reply('1', 404)
    receive('2')
    reply('2', 500)
    await clock.passUntil(() => sent.length === 2 && retrier.waiting === 0)
    expect(sent.map(({ id }) => id)).toEqual(['2', '2'])
  })

  it('wait for a target that is down without end, and ask no more of it than whether it is there', async () => {
    let looks = 0
    const { clock, sent, receive, down, retrier } = await setUp(() => 200, {
      isUp: () => ++looks > 100,
    })
    for (let count = 0; count < 20; count++) {
      receive(String(count))
      down(String(count))
    }
    await clock.passUntil(() => retrier.waiting === 0)
    expect(sent.map(({ id, attempt }) => `${id}:${attempt}`)).toEqual(
      Array.from({ length: 20 }, (_, count) => `${count}:1`),
    )
    expect(looks).toBeGreaterThan(100)
  })

  it('count for each target alone', async () => {
    const { clock, sent, receive, down, reply, retrier } = await setUp(() => 200)
    receive('1', [target, copy])
    reply('1', 200)
    down('1', copy)
    await clock.passUntil(() => retrier.waiting === 0 && sent.length > 0)
    expect(sent).toMatchObject([{ id: '1', target: copy }])
  })

  it('say of a delivery that broke off that it may have come', async () => {
    const { clock, sent, receive, down, retrier } = await setUp(({ attempt }) =>
      attempt < 2 ? 'broken' : 200,
    )
    receive('1')
    down('1', target, 'ECONNRESET')
    await clock.passUntil(() => retrier.waiting === 0 && sent.length === 2)
    const headers = ['X-Vapi-Possibly-Delivered', 'true']
    expect(sent[0]?.headers).toEqual(['X-Vapi-Retry', '1', ...headers])
    expect(sent[1]?.headers).toEqual(['X-Vapi-Retry', '2', ...headers])
  })

  it('go on where an ended listener stopped, from the journal alone', async () => {
    const folder = folderIn(temporaryFolder())
    const first = await setUp(() => 500, { folder, isUp: () => false })
    for (const id of ['under way', 'done', 'down', 'failed', 'left out', 'refused', 'cancelled'])
      first.receive(id, id === 'left out' ? [] : [target])
    first.reply('done', 204)
    first.down('down')
    first.reply('failed', 500)
    for (const problem of [
      { type: 'refused', id: 'refused', status: 413, message: '' },
      { type: 'cancelled', id: 'cancelled', durationMs: 1 },
    ] as const)
      first.journal.problem(problem)
    await first.retrier.close(true)
    first.journal.close()
    const { clock, sent, retrier } = await setUp(() => 200, { folder })
    expect(await retrier.start()).toEqual({ open: 4, possiblyDelivered: 2 })
    await clock.passUntil(() => retrier.waiting === 0)
    expect(
      sent
        .map(({ id, possiblyDelivered }) => [id, possiblyDelivered])
        .toSorted((one, other) => (one < other ? -1 : 1)),
    ).toEqual([
      ['cancelled', true],
      ['down', false],
      ['failed', false],
      ['under way', true],
    ])
    const failed = await readEvents(folder, { failed: true })
    expect(failed.map(({ event }) => event.id)).toEqual(['refused'])
    // Nothing is left for the one after.
    await retrier.close()
    expect(await (await setUp(() => 200, { folder })).retrier.start()).toEqual({
      open: 0,
      possiblyDelivered: 0,
    })
  })

  it('remember through another end that a delivery may have come, though the target was down meanwhile', async () => {
    const folder = folderIn(temporaryFolder())
    const first = await setUp(() => 200, { folder, isUp: () => false })
    first.receive('1')
    await first.retrier.close(true)
    first.journal.close()
    const second = await setUp(() => 'down', { folder })
    await second.retrier.start()
    await second.clock.passUntil(() => second.sent.length === 1)
    await second.retrier.close(true)
    second.journal.close()
    const { clock, sent, retrier } = await setUp(() => 200, { folder })
    await retrier.start()
    await clock.passUntil(() => sent.length === 1)
    expect(sent[0]).toMatchObject({ id: '1', possiblyDelivered: true })
  })

  it('count the tries of listeners that have ended', async () => {
    const folder = folderIn(temporaryFolder())
    const plan = { type: 'fixed', maxRetries: 2, baseDelayMs: 1000, excludedStatusCodes: [] } as const
    const first = await setUp(() => 500, { folder, plan })
    first.receive('1')
    first.reply('1', 500)
    await first.clock.passUntil(() => first.sent.length === 1)
    await first.retrier.close()
    first.journal.close()
    const next = await setUp(() => 500, { folder, plan })
    await next.retrier.start()
    await next.clock.passUntil(() => next.notes.length > 0)
    expect(next.sent.map(({ attempt }) => attempt)).toEqual([2])
  })

  it('keep away from what another running listener has open, and from targets that nobody named', async () => {
    const folder = folderIn(temporaryFolder())
    const running = await setUp(() => 500, { folder, isUp: () => false })
    running.receive('1')
    running.down('1')
    const ended = await openTestJournal(folder)
    ended.event(relayedEvent('2', { message: { type: 'hang' } }), ['http://localhost:5000/'])
    ended.close()
    const next = await setUp(() => 200, { folder })
    expect(await next.retrier.start()).toEqual({ open: 0, possiblyDelivered: 0 })
  })

  it('leave events of the day before yesterday alone', async () => {
    const folder = folderIn(temporaryFolder())
    const ended = await openTestJournal(folder)
    const old = relayedEvent('1', { message: { type: 'hang' } }, { receivedMs: Date.now() - 2 * 86_400_000 })
    ended.event(old, [target])
    ended.close()
    const next = await setUp(() => 200, { folder })
    expect(await next.retrier.start()).toEqual({ open: 0, possiblyDelivered: 0 })
  })

  it('end with the listener: a try that is under way comes to its end', async () => {
    let finish: () => void = () => {}
    const held = new Promise<void>(resolve => {
      finish = resolve
    })
    const { clock, sent, retrier, receive, down, journal } = await setUp(() => 200, {
      send: async ({ event }) => {
        sent.push({ id: event.id } as Sent)
        await held
        return { type: 'reply', reply: relayedReply(event.id, { url: target }) }
      },
    })
    for (const id of ['1', '2']) {
      receive(id)
      down(id)
    }
    await clock.passUntil(() => sent.length === 1)
    const closed = retrier.close()
    finish()
    await closed
    expect(sent).toHaveLength(1)
    const failed = await readEvents(journal.folder, { failed: true })
    expect(failed.map(({ event }) => event.id)).toEqual(['2'])
  })
})
