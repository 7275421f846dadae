import { describe, expect, it } from 'vitest'
import { createSilentOutput } from '../../../src/audio/devices/silent-output.ts'
import { createIncoming } from '../../../src/call/connect/incoming.ts'
import { VirtualClock } from '../../../src/engine/ports/clock.virtual.ts'

const FRAME = 320

/** A buffer on a device that keeps the time of a virtual clock. `speed`: how much faster the server's clock goes. */
async function incoming() {
  const clock = new VirtualClock()
  const played: number[] = []
  const buffer = createIncoming(createSilentOutput({ clock }), 0, clock, samples => played.push(...samples))
  await buffer.open({
    failed: error => {
      throw error
    },
    warning: () => {},
  })
  const runUntil = (ms: number) =>
    new Promise<void>(resolve => {
      clock.at(ms, () => {
        clock.stop()
        resolve()
      })
      clock.start()
    })
  /** Frames of these values (0: silence) come from `fromMs` on, each later by `delayOf`. */
  const stream = (
    fromMs: number,
    values: readonly number[],
    delayOf: (place: number) => number = () => 0,
    frameMs = 20,
  ) => {
    let lastMs = 0
    for (const [place, value] of values.entries()) {
      lastMs = Math.max(lastMs, Math.round(fromMs + place * frameMs + delayOf(place)))
      clock.at(lastMs, () => buffer.take(new Int16Array(FRAME).fill(value)))
    }
  }
  return { clock, buffer, played, runUntil, stream }
}

const counting = (count: number) => Array.from({ length: count }, (_, place) => 1000 + place)

/** What was heard, without the silence before and after, as the values of its frames. */
function heard(played: readonly number[]): number[] {
  const from = played.findIndex(sample => sample !== 0)
  const to = played.findLastIndex(sample => sample !== 0)
  const values: number[] = []
  for (let at = from; at <= to; at += FRAME) values.push(played[at] ?? 0)
  return values
}

describe('the assistant’s sound', () => {
  it('is heard without a gap where the network delays it by up to 50 ms', async () => {
    const { buffer, played, runUntil, stream } = await incoming()
    stream(100, counting(200), place => (place * 37) % 50)
    await runUntil(6000)
    expect(heard(played)).toEqual(counting(200))
    expect(buffer.figures()).toMatchObject({ gaps: 0, receivedMs: 4000, leftOutMs: 0 })
  })

  it('is held back by 60 ms at first, and not at all longer than needed where it comes at once', async () => {
    const { played, runUntil, stream } = await incoming()
    stream(1000, counting(100))
    await runUntil(5000)
    const paced = played.findIndex(sample => sample !== 0) / 16
    expect(paced).toBeGreaterThanOrEqual(1040)
    expect(paced).toBeLessThanOrEqual(1080)

    const other = await incoming()
    other.stream(1000, counting(100), () => 0, 0)
    await other.runUntil(5000)
    expect(heard(other.played)).toEqual(counting(100))
    expect(other.played.findIndex(sample => sample !== 0) / 16).toBeLessThanOrEqual(1020)
  })

  it('plays a sound that is shorter than what is held back', async () => {
    const { played, runUntil, stream } = await incoming()
    stream(100, [1000])
    await runUntil(500)
    expect(heard(played)).toEqual([1000])
  })

  it('holds more back after it ran dry, so that the same delay is not heard again', async () => {
    const { buffer, played, runUntil, stream } = await incoming()
    // Each second one stall of 130 ms, behind which all comes at once.
    const stallOf = (place: number) => Math.max(0, place % 50 < 25 ? 0 : 130 - ((place % 50) - 25) * 20)
    stream(100, counting(500), stallOf)
    await runUntil(12_000)
    const { gaps, marginMs, latestMs } = buffer.figures()
    expect(gaps).toBeGreaterThanOrEqual(1)
    expect(gaps).toBeLessThanOrEqual(3)
    expect(marginMs).toBeGreaterThan(60)
    expect(latestMs).toBeGreaterThanOrEqual(20)
    expect(heard(played).filter(value => value !== 0)).toEqual(counting(500))
  })

  it('is new after a pause, which is no gap', async () => {
    const { buffer, played, runUntil, stream } = await incoming()
    stream(100, counting(50))
    stream(3000, counting(50))
    await runUntil(5000)
    expect(buffer.figures()).toMatchObject({ gaps: 0, marginMs: 60 })
    expect(heard(played).filter(value => value !== 0)).toEqual([...counting(50), ...counting(50)])
  })

  it('loses silence alone where the server’s clock is faster, so that it does not lag behind', async () => {
    const { buffer, runUntil, stream } = await incoming()
    // 2 % faster; speech and silence in turns of a second. Without leaving out it would lag by 1.2 s after a minute.
    const values = Array.from({ length: 3000 }, (_, place) => (place % 100 < 50 ? 1000 : 0))
    stream(100, values, () => 0, 19.6)
    await runUntil(58_000)
    expect(buffer.waitingMs()).toBeLessThan(300)
    expect(buffer.figures().leftOutMs).toBeGreaterThan(700)
    expect(buffer.figures().gaps).toBe(0)
  })

  it('that comes faster than it is spoken keeps its pauses', async () => {
    const { buffer, played, runUntil, stream } = await incoming()
    const values = Array.from({ length: 1000 }, (_, place) => (place % 50 < 40 ? 1000 : 0))
    stream(100, values, () => 0, 5)
    await runUntil(22_000)
    expect(buffer.figures()).toMatchObject({ leftOutMs: 0, gaps: 0 })
    expect(heard(played)).toEqual(values.slice(0, 990))
  })

  it('is dropped when the assistant is interrupted, and what comes then is heard', async () => {
    const { clock, buffer, played, runUntil, stream } = await incoming()
    stream(100, counting(200), () => 0, 0)
    clock.at(600, () => buffer.interrupt())
    await runUntil(1000)
    // Calling sound back from the device takes a turn of the loop.
    await new Promise(resolve => setImmediate(resolve))
    stream(2000, [7000, 7001, 7002])
    await runUntil(3000)
    const values = heard(played).filter(value => value !== 0)
    expect(values.slice(-3)).toEqual([7000, 7001, 7002])
    expect(values.length).toBeLessThan(35)
    expect(values.length).toBeGreaterThan(20)
  })

  it('is not heard until its next pause once it is hushed', async () => {
    const { clock, buffer, played, runUntil, stream } = await incoming()
    stream(100, [...counting(100), ...new Array(30).fill(0), 7000, 7001])
    clock.at(600, () => buffer.hush())
    await runUntil(5000)
    await new Promise(resolve => setImmediate(resolve))
    const values = heard(played).filter(value => value !== 0)
    expect(values.slice(-2)).toEqual([7000, 7001])
    expect(values.length).toBeLessThan(30)
  })

  it('is kept for two minutes and no longer', async () => {
    const { clock, buffer, runUntil } = await incoming()
    clock.at(100, () => buffer.take(new Int16Array(16_000 * 600).fill(1000)))
    await runUntil(200)
    expect(buffer.waitingMs()).toBeLessThanOrEqual(120_000)
    expect(buffer.waitingMs()).toBeGreaterThan(119_000)
    expect(buffer.figures().leftOutMs).toBeGreaterThan(479_000)
  })
})
