import { describe, expect, it } from 'vitest'
import { createSilentOutput } from '../../../src/audio/devices/silent-output.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import type { Clock } from '../../../src/engine/ports/clock.ts'
import { VirtualClock } from '../../../src/engine/ports/clock.virtual.ts'

function testSource() {
  const book = { pulled: 0, played: [] as number[] }
  const source = {
    pull: (samples: number) => {
      book.pulled += samples
      return new Int16Array(samples)
    },
    played: (total: number) => book.played.push(total),
    failed: () => {},
  }
  return { book, source }
}

/** A clock that stands still until it is set; then what is due runs once, as after a stall of the program. */
function stallingClock(startMs: number) {
  let nowMs = startMs
  let due: { atMs: number; action: () => void }[] = []
  const clock: Clock = {
    ...createRealClock(),
    now: () => nowMs,
    at: (atMs, action) => {
      const entry = { atMs, action }
      due.push(entry)
      return () => {
        due = due.filter(other => other !== entry)
      }
    },
  }
  const setTo = (toMs: number) => {
    nowMs = toMs
    const ready = due.filter(({ atMs }) => atMs <= nowMs)
    due = due.filter(({ atMs }) => atMs > nowMs)
    for (const { action } of ready) action()
  }
  return { clock, setTo, waiting: () => due.map(({ atMs }) => atMs) }
}

describe('the output without sound', () => {
  it('pulls 20 ms every 20 ms and confirms them when their time is over', async () => {
    const clock = new VirtualClock()
    const { book, source } = testSource()
    await createSilentOutput({ clock }).open(source)
    clock.at(1010, () => clock.stop())
    clock.start()
    await new Promise(setImmediate)
    expect(book.pulled).toBe(51 * 320)
    expect(book.played).toEqual(Array.from({ length: 50 }, (_, index) => (index + 1) * 320))
  })

  it('catches up after a stall and keeps its rhythm', async () => {
    const { clock, setTo, waiting } = stallingClock(7)
    const { book, source } = testSource()
    await createSilentOutput({ clock }).open(source)
    expect(book.pulled).toBe(0)
    setTo(7)
    expect(book.pulled).toBe(320)
    setTo(7 + 509)
    expect(book.pulled).toBe(26 * 320)
    expect(book.played.at(-1)).toBe(25 * 320)
    expect(waiting()).toEqual([7 + 520])
  })

  it('drops what was not played to the sample, and goes on from there after its caller', async () => {
    const { clock, setTo, waiting } = stallingClock(0)
    const { book, source } = testSource()
    const output = createSilentOutput({ clock })
    await output.open(source)
    setTo(0)
    setTo(35.5)
    expect(await output.drop()).toBe(568)
    expect(book.pulled).toBe(640)
    expect(waiting()).toEqual([35.5])
    setTo(35.5)
    setTo(55.5)
    expect(book.pulled).toBe(640 + 640)
    expect(book.played).toEqual([320, 888])
    expect(await output.drop()).toBe(888)
  })

  it('does nothing more when it is closed, also from within', async () => {
    const { clock, setTo, waiting } = stallingClock(0)
    const { book, source } = testSource()
    const output = createSilentOutput({ clock })
    await output.open({ ...source, played: () => void output.close() })
    setTo(0)
    setTo(500)
    expect(book.pulled).toBe(320)
    expect(waiting()).toEqual([])
  })
})
