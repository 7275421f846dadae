import { describe, expect, it } from 'vitest'
import {
  collectNewest,
  entryJson,
  everything,
  isWanted,
  keyOf,
  type LogEntry,
} from '../../../src/api/logs/entry.ts'
import { parseMoment } from '../../../src/api/logs/moment.ts'

const entry = (atMs: number | null, more: Partial<LogEntry> = {}): LogEntry => ({
  atMs,
  level: 'info',
  type: 'log',
  callId: 'c1',
  assistantId: 'a1',
  text: `at ${atMs}`,
  source: 'call-log',
  data: null,
  ...more,
})

describe('entries of several sources', () => {
  it('come in order of time, each once', () => {
    const collector = collectNewest(null)
    for (const atMs of [30, 10, 20, 10, null]) collector.add(entry(atMs))
    expect(collector.entries().map(({ atMs }) => atMs)).toEqual([null, 10, 20, 30])
    expect(collector.cut).toBe(false)
  })

  it('keep the order in which they came at the same moment', () => {
    const collector = collectNewest(null)
    for (const text of ['b', 'a', 'c']) collector.add(entry(1, { text }))
    expect(collector.entries().map(({ text }) => text)).toEqual(['b', 'a', 'c'])
  })

  it('are the newest where there are more than wanted', () => {
    const collector = collectNewest(3)
    for (let atMs = 1000; atMs > 0; atMs--) collector.add(entry(atMs))
    expect(collector.entries().map(({ atMs }) => atMs)).toEqual([998, 999, 1000])
    expect(collector.cut).toBe(true)
  })

  it('are the same however a call’s record changes later', () => {
    const before = entry(1, { source: 'calls', data: { status: 'in-progress' } })
    expect(keyOf({ ...before, atMs: 2, data: { status: 'ended' } })).toBe(keyOf(before))
    expect(keyOf(entry(1, { data: 1 }))).not.toBe(keyOf(entry(1, { data: 2 })))
  })

  it('carry their time as text for machines', () => {
    expect(entryJson(entry(0))).toMatchObject({ time: '1970-01-01T00:00:00.000Z', callId: 'c1', data: null })
    expect(entryJson(entry(null))).toMatchObject({ time: null })
  })
})

describe('a filter', () => {
  it.each<[Partial<typeof everything>, Partial<LogEntry>, boolean]>([
    [{}, {}, true],
    [{ level: 'warn' }, { level: 'error' }, true],
    [{ level: 'warn' }, { level: 'info' }, false],
    [{ type: 'webhook' }, { type: 'log' }, false],
    [{ callId: 'c2' }, {}, false],
    [{ assistantId: 'a1' }, { assistantId: null }, false],
    [{ sinceMs: 10 }, { atMs: 9 }, false],
    [{ sinceMs: 10, untilMs: 20 }, { atMs: 20 }, true],
    [{ untilMs: 20 }, { atMs: 21 }, false],
    [{ sinceMs: 10 }, { atMs: null }, true],
  ])('%j lets %j through: %s', (filter, more, wanted) => {
    expect(isWanted(entry(15, more), { ...everything, ...filter })).toBe(wanted)
  })
})

describe('a moment', () => {
  const now = Date.UTC(2026, 0, 5, 12)
  it.each([
    ['30m', now - 30 * 60_000],
    ['2h', now - 7_200_000],
    ['1h30m', now - 5_400_000],
    ['7d', now - 7 * 86_400_000],
    ['1.5h', now - 5_400_000],
    ['2026-01-05T09:00:00Z', Date.UTC(2026, 0, 5, 9)],
    ['2026-01-05', new Date(2026, 0, 5).getTime()],
    ['2026-01-05 09:30', new Date(2026, 0, 5, 9, 30).getTime()],
  ])('%s is understood', (text, ms) => {
    expect(parseMoment(text, now, '--since')).toBe(ms)
  })

  it.each(['', 'soon', '2h ago', '5', '2026-13-45', '1736067600', '-2h'])('"%s" is a usage error', text => {
    expect(() => parseMoment(text, now, '--since')).toThrow(/--since/)
  })
})
