import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  createEventMemory,
  type EventMemory,
  type MemorySettings,
} from '../../../src/listen/inspector/memory.ts'
import type { ResendRequest } from '../../../src/listen/inspector/types.ts'
import { openRelay, send, startTarget } from '../../support/relay.ts'
import { FIRST_CALL, SECOND_CALL, tellStory } from './story.ts'
import { event, message, reply } from './support.ts'

const resent: ResendRequest[] = []

function memoryOf(settings: Partial<MemorySettings> = {}): EventMemory {
  return createEventMemory({
    limitSeconds: 20,
    mask: false,
    resend: async request => {
      resent.push(request)
      return { reply: reply(request.event.id, { results: [] }) }
    },
    ...settings,
  })
}

const idsOf = (memory: EventMemory) => memory.changes(null).rows.map(({ id }) => id)

describe('the memory of the inspector', () => {
  it('tells the useful line, the outcome and the findings of each event', async () => {
    const memory = memoryOf()
    tellStory(memory)
    const rows = memory.changes(null).rows
    expect(rows.find(({ id }) => id === '0a1b2c3d-000010')).toMatchObject({
      type: 'tool-calls',
      callId: FIRST_CALL,
      summary: 'bookAppointment({"day":"2026-03-06","time":"09:30","name":"Ann Example"})',
      state: 'answered',
      status: 200,
      durationMs: 21_480,
      limitMs: 20_000,
      errors: 4,
      warnings: 1,
    })
    expect(rows.find(({ type }) => type === 'assistant-request')?.limitMs).toBe(7500)
    expect(rows.find(({ id }) => id === '0a1b2c3d-000016')).toMatchObject({ state: 'failed', status: null })
    expect(rows.find(({ id }) => id === '0a1b2c3d-000100')).toMatchObject({
      state: 'refused',
      status: 413,
      summary: 'the body is larger than 20000000 bytes (--max-body)',
    })
    expect(rows.find(({ id }) => id === '0a1b2c3d-000099')?.malformed).toBe(true)
    const detail = await memory.get('0a1b2c3d-000010')
    expect(detail?.row.summary).toContain('bookAppointment')
    expect(detail?.outcomes[0]?.findings.map(({ path }) => path)).toContain('results[0].toolCallId')
  })

  it('forgets the oldest beyond its number of events', () => {
    const memory = memoryOf({ maximumEvents: 3 })
    for (const id of ['1', '2', '3', '4', '5']) memory.event(event(id, message('hang')))
    expect(idsOf(memory)).toEqual(['3', '4', '5'])
  })

  it('forgets the oldest beyond its bytes, replies counted too, and keeps the newest whatever its size', () => {
    const memory = memoryOf({ maximumBytes: 100_000, maximumBodyBytes: 200_000 })
    const large = Buffer.alloc(40_000, 'x')
    const first = event('1', large)
    memory.event(first)
    memory.event(event('2', large))
    expect(idsOf(memory)).toEqual(['1', '2'])
    memory.reply(reply('1', large), first)
    expect(idsOf(memory)).toEqual(['2'])
    memory.event(event('3', Buffer.alloc(150_000, 'x')))
    expect(idsOf(memory)).toEqual(['3'])
    memory.event(event('4', large))
    memory.event(event('5', large))
    expect(idsOf(memory)).toEqual(['4', '5'])
  })

  it('keeps the beginning of a large body, says so, and does not send it again', async () => {
    const memory = memoryOf({ maximumBodyBytes: 1000 })
    memory.event(event('1', { type: 'hang', text: 'é'.repeat(5000) }))
    const body = (await memory.get('1'))?.request.body
    expect(body).toMatchObject({ kind: 'text', keptBytes: 1000 })
    expect(body?.bytes).toBeGreaterThan(10_000)
    await expect(memory.replay('1', { to: null, body: null, withSecrets: true })).rejects.toThrow('beginning')
  })

  it('gives large texts only when they are asked for', async () => {
    const memory = memoryOf()
    const told = event('1', { type: 'hang', text: 'x'.repeat(300_000) })
    memory.event(told)
    memory.reply(reply('1', { text: 'y'.repeat(300_000) }), told)
    const detail = await memory.get('1')
    expect(detail?.request.body).toMatchObject({ kind: 'json', text: null })
    expect((await memory.body('1', 'request'))?.text).toHaveLength(detail?.request.body.bytes ?? 0)
    expect((await memory.body('1', 0))?.text).toContain('yyy')
    expect(await memory.body('1', 7)).toBeNull()
  })

  it('tells what changed since a cursor, and everything anew to one of another run', () => {
    const memory = memoryOf()
    const first = event('1', message('hang'))
    memory.event(first)
    const { cursor } = memory.changes(null)
    expect(memory.changes(cursor)).toEqual({ cursor, reset: false, rows: [] })
    memory.event(event('2', message('hang')))
    memory.reply(reply('1', {}), first)
    const next = memory.changes(cursor)
    expect(next.reset).toBe(false)
    expect(next.rows.map(({ id, state }) => `${id} ${state}`)).toEqual(['1 answered', '2 waiting'])
    expect(memory.changes(memoryOf().changes(null).cursor)).toMatchObject({ reset: true })
    expect(memory.changes('nonsense')).toMatchObject({ reset: true })
  })

  it('tells its listeners of each change until they end it', () => {
    const memory = memoryOf()
    let heard = 0
    const end = memory.subscribe(() => heard++)
    const told = event('1', message('hang'))
    memory.event(told)
    memory.reply(reply('1', {}), told)
    end()
    memory.event(event('2', message('hang')))
    expect(heard).toBe(2)
  })

  it('marks a duplicate that is told before or after its event', () => {
    const memory = memoryOf()
    memory.duplicate('2', '1')
    memory.event(event('2', message('hang')))
    memory.event(event('3', message('hang')))
    memory.duplicate('3', '1')
    expect(memory.changes(null).rows.map(({ duplicateOf }) => duplicateOf)).toEqual(['1', '1'])
  })

  it('gives older events in pages', async () => {
    const memory = memoryOf()
    for (let at = 1; at <= 5; at++) memory.event(event(String(at), message('hang')))
    const rowsBefore = async (id: string | null, limit: number) => {
      const page = await memory.list(id === null ? null : { id, atMs: 0 }, limit)
      return [page.rows.map(row => row.id).join(' '), page.more]
    }
    expect(await rowsBefore(null, 2)).toEqual(['5 4', true])
    expect(await rowsBefore('4', 2)).toEqual(['3 2', true])
    expect(await rowsBefore('2', 2)).toEqual(['1', false])
  })

  it('finds a text in bodies of requests and replies, packed ones too, upper and lower case alike', async () => {
    const memory = memoryOf()
    const json = Buffer.from('{"message": {"type": "hang", "note": "Grüße aus Köln"}}')
    const rawHeaders = ['Content-Type', 'application/json', 'Content-Encoding', 'gzip']
    memory.event(event('1', gzipSync(json), { rawHeaders }))
    const second = event('2', message('hang'))
    memory.event(second)
    memory.reply(reply('2', { note: 'KÖLN' }), second)
    memory.event(event('3', message('hang')))
    expect(await memory.search('köln')).toEqual(['1', '2'])
    expect((await memory.get('1'))?.request.body).toMatchObject({ kind: 'json', unpacked: 'gzip' })
  })

  it('shows bytes that are no text as a table', async () => {
    const memory = memoryOf()
    memory.event(event('1', Buffer.from([0, 1, 0xff, 0x41])))
    expect((await memory.get('1'))?.request.body).toMatchObject({
      kind: 'binary',
      text: `00000000  00 01 ff 41${' '.repeat(36)}  ···A`,
    })
  })

  it('hides the values of secret headers always, and numbers and addresses in bodies where that is asked for', async () => {
    const fields = { customer: { number: '+15550100123' }, server: { secret: 'sesame' } }
    const plain = memoryOf()
    plain.event(event('1', message('hang', fields)))
    const seen = JSON.stringify(await plain.get('1'))
    expect(seen).toContain('+15550100123')
    expect(JSON.stringify((await plain.get('1'))?.request.headers)).not.toContain('sesame')
    const masked = memoryOf({ mask: true })
    masked.event(event('1', message('hang', fields)))
    const hidden = JSON.stringify(await masked.get('1'))
    expect(hidden).not.toContain('0100123')
    expect(hidden).not.toContain('sesame')
  })

  it('sends an event again as an event of its own, which is checked', async () => {
    const memory = memoryOf()
    memory.event(event('1', message('tool-calls')))
    const id = await memory.replay('1', { to: null, body: null, withSecrets: true })
    expect(resent.at(-1)).toMatchObject({ of: '1', to: null, withSecrets: true })
    const row = memory.changes(null).rows.find(candidate => candidate.id === id)
    expect(row).toMatchObject({ type: 'tool-calls', replayOf: '1', state: 'answered', errors: 1 })
  })

  it('sends another body with another length, unpacked', async () => {
    const memory = memoryOf()
    const rawHeaders = ['Content-Encoding', 'gzip', 'Content-Length', '7', 'X-Other', 'stays']
    memory.event(event('1', gzipSync('{}'), { rawHeaders }))
    await memory.replay('1', { to: 'localhost:1', body: '{"message": {"type": "hang"}}', withSecrets: false })
    expect(resent.at(-1)).toMatchObject({ to: 'localhost:1', withSecrets: false })
    expect(resent.at(-1)?.event).toMatchObject({ rawHeaders: ['X-Other', 'stays'], head: { type: 'hang' } })
    await expect(memory.replay('9', { to: null, body: '', withSecrets: false })).rejects.toThrow('not kept')
  })
})

describe('a relay that the memory listens to', () => {
  it('is shown with what really came and went', async () => {
    const target = await startTarget((_request, answer) => {
      answer.setHeader('X-Mine', 'yes')
      answer.end('{"results": []}')
    })
    const memory = memoryOf()
    const relay = await openRelay([`*=localhost:${target.port}/hook`], { wholeBodies: true }, memory)
    const body = JSON.stringify({ message: message('tool-calls') })
    await send(relay.port, { path: '/in?a=1', body })
    const [row] = memory.changes(null).rows
    expect(row).toMatchObject({
      type: 'tool-calls',
      path: '/in?a=1',
      state: 'answered',
      status: 200,
      errors: 1,
    })
    const detail = await memory.get(row?.id ?? '')
    expect(detail?.request.body.text).toBe(body)
    expect(detail?.outcomes[0]?.headers).toContainEqual(['X-Mine', 'yes'])
    await target.close()
    await send(relay.port, { body })
    expect(memory.changes(null).rows[1]).toMatchObject({ state: 'failed' })
  })
})

describe('a conversation', () => {
  it('is made of transcripts, tools and what happened, in their order', async () => {
    const memory = memoryOf()
    tellStory(memory)
    const { items = [] } = (await memory.call(FIRST_CALL)) ?? {}
    expect(items.map(item => (item.kind === 'said' ? `${item.role}: ${item.text}` : item.kind))).toEqual([
      'note',
      'note',
      'assistant: Riverside Dental, how can I help you?',
      'user: I would like an appointment on Friday, in the morning if you can.',
      'tool',
      'assistant: Nine thirty is free. Shall I book it for you?',
      'user: Yes, please.',
      'tool',
      'note',
      'assistant: I am sorry, that took a while. Your appointment is on Friday at nine thirty.',
      'note',
      'end',
    ])
    const tools = items.filter(item => item.kind === 'tool')
    expect(tools.map(({ name, state, result }) => [name, state, result])).toEqual([
      ['findSlots', 'done', '09:30 and 11:00 are free'],
      ['bookAppointment', 'failed', 'the reply has no result of this call'],
    ])
  })

  it('is made of the history that messages carry where there are no transcripts', async () => {
    const memory = memoryOf()
    tellStory(memory)
    const call = await memory.call(SECOND_CALL)
    expect(call?.items.filter(({ kind }) => kind === 'said')).toHaveLength(4)
    expect(call?.items.find(({ kind }) => kind === 'tool')).toMatchObject({
      state: 'failed',
      result: 'no reply',
    })
    expect(call?.speaking).toEqual(['user'])
    expect(await memory.call('unknown')).toBeNull()
  })

  it('shows words that are not final until the final ones come, at the same place', async () => {
    const memory = memoryOf()
    const say = (id: string, transcript: string, transcriptType: string) =>
      memory.event(event(id, message('transcript', { role: 'user', transcript, transcriptType }, 'c')))
    say('1', 'I', 'partial')
    say('2', 'I would', 'partial')
    expect((await memory.call('c'))?.items).toMatchObject([{ key: '1', text: 'I would', partial: true }])
    say('3', 'I would like that.', 'final')
    expect((await memory.call('c'))?.items).toMatchObject([
      { key: '1', text: 'I would like that.', partial: false },
    ])
  })

  it('is masked where that is asked for', async () => {
    const memory = memoryOf({ mask: true })
    tellStory(memory)
    const seen = JSON.stringify(await memory.call(SECOND_CALL))
    expect(seen).toContain('findCustomer')
    expect(seen).not.toContain('0100123')
  })
})
