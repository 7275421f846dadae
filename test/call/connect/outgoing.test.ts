import { describe, expect, it } from 'vitest'
import { createOutgoing } from '../../../src/call/connect/outgoing.ts'
import type { Clock } from '../../../src/engine/ports/clock.ts'

/** A clock that is set by hand. */
function handClock() {
  let nowMs = 0
  const due: { atMs: number; action: () => void }[] = []
  const clock = {
    now: () => nowMs,
    at: (atMs: number, action: () => void) => {
      const entry = { atMs, action }
      due.push(entry)
      return () => void due.splice(due.indexOf(entry), 1)
    },
  } as Clock
  return {
    clock,
    /** Sets the time: all timers that are due run, then whatever waits for the turn's end. */
    async advance(toMs: number) {
      nowMs = toMs
      for (const entry of due.splice(0)) {
        if (entry.atMs <= toMs) entry.action()
        else due.push(entry)
      }
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

const speech = (value = 5000) => new Int16Array(320).fill(value)
const silence = () => new Int16Array(320)

function sending() {
  const { clock, advance } = handClock()
  const sent: number[] = []
  const outgoing = createOutgoing(clock, samples => sent.push(samples[0] ?? 0))
  return { outgoing, sent, advance }
}

describe('the customer’s sound', () => {
  it('is silence at the pace of the clock where its source gives none', async () => {
    const { outgoing, sent, advance } = sending()
    outgoing.start()
    for (let ms = 20; ms <= 2000; ms += 20) await advance(ms)
    expect(sent.length).toBeGreaterThanOrEqual(96)
    expect(sent.length).toBeLessThanOrEqual(100)
    expect(new Set(sent)).toEqual(new Set([0]))
  })

  it('goes out as it comes, without silence in between where it is a little late', async () => {
    const { outgoing, sent, advance } = sending()
    outgoing.start()
    for (let frame = 1; frame <= 100; frame++) {
      await advance(frame * 20 + (frame % 3) * 15)
      outgoing.take(speech(frame))
    }
    expect(sent).toEqual(Array.from({ length: 100 }, (_, place) => place + 1))
  })

  it('loses nothing when the program was busy: what arrived meanwhile comes before silence is put in', async () => {
    const { outgoing, sent, advance } = sending()
    outgoing.start()
    await advance(20)
    outgoing.take(speech(1))
    const stalled = advance(520)
    for (let frame = 2; frame <= 26; frame++) outgoing.take(speech(frame))
    await stalled
    expect(sent).toEqual(Array.from({ length: 26 }, (_, place) => place + 1))
  })

  it('does not lag behind after its source brings late what silence stood for', async () => {
    const { outgoing, sent, advance } = sending()
    outgoing.start()
    for (let ms = 20; ms <= 1000; ms += 20) await advance(ms)
    const before = sent.length
    for (let frame = 0; frame < 50; frame++) outgoing.take(speech())
    for (let ms = 1020; ms <= 4000; ms += 20) {
      await advance(ms)
      outgoing.take(silence())
    }
    expect(sent.filter(value => value !== 0)).toHaveLength(50)
    expect(sent.length - before).toBeGreaterThanOrEqual(150)
    expect(sent.length).toBeLessThanOrEqual(204)
  })

  it('is silence while it is muted, and in place of it something else may be sent', async () => {
    const { outgoing, sent, advance } = sending()
    outgoing.take(speech(1))
    outgoing.start()
    await advance(20)
    outgoing.take(speech(2), speech(3))
    outgoing.mute(true)
    outgoing.take(speech(4))
    outgoing.mute(false)
    outgoing.take(speech(5))
    expect(sent).toEqual([3, 0, 5])
    outgoing.stop()
    outgoing.take(speech(6))
    expect(sent).toHaveLength(3)
  })
})
