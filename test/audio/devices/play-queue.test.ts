import { describe, expect, it } from 'vitest'
import { createPlayQueue, type PlayQueue } from '../../../src/audio/devices/play-queue.ts'

const sound = (value: number, length = 4) => new Int16Array(length).fill(value)
function take(queue: PlayQueue, length = 4): number[] {
  const stretch = new Int16Array(length).fill(-1)
  queue.fill(stretch)
  return [...stretch]
}

describe('the queue of the speaker', () => {
  it('gives what was added in order, across pieces of any length, and silence after it', () => {
    const queue = createPlayQueue()
    queue.add(sound(1, 3))
    queue.add(sound(2, 6))
    expect(take(queue, 4)).toEqual([1, 1, 1, 2])
    expect(take(queue, 2)).toEqual([2, 2])
    expect(take(queue, 5)).toEqual([2, 2, 2, 0, 0])
    expect(queue.taken()).toBe(9)
    expect(queue.written()).toBe(11)
  })

  it('knows how far the source was in what the device has played', () => {
    const queue = createPlayQueue()
    queue.add(sound(1, 6))
    for (let stretch = 0; stretch < 3; stretch++) take(queue)
    expect([0, 3, 4, 7, 8, 12].map(queue.takenAt)).toEqual([0, 0, 4, 4, 6, 6])
  })

  it('makes up for silence that it had to put in by leaving out silence of the source, not sound', () => {
    const queue = createPlayQueue()
    queue.add(sound(1))
    take(queue)
    take(queue)
    take(queue)
    expect(queue.add(sound(2))).toBe(false)
    expect(queue.add(sound(0))).toBe(false)
    expect(take(queue)).toEqual([2, 2, 2, 2])
    expect(queue.taken()).toBe(12)
    expect(queue.add(sound(0))).toBe(true)
    expect(queue.add(sound(0))).toBe(false)
    expect(queue.taken()).toBe(16)
    expect(queue.written()).toBe(16)
  })

  it('does not count the silence before the source began', () => {
    const queue = createPlayQueue()
    take(queue)
    expect(queue.add(sound(0))).toBe(false)
  })

  it('empties itself with a drop, and counts on from what was played', () => {
    const queue = createPlayQueue()
    queue.add(sound(1, 12))
    take(queue)
    take(queue)
    queue.drop(5)
    expect(queue.taken()).toBe(5)
    expect(queue.heard()).toBe(5)
    expect(take(queue)).toEqual([0, 0, 0, 0])
    queue.add(sound(2))
    expect(take(queue)).toEqual([2, 2, 2, 2])
    expect(queue.takenAt(queue.written())).toBe(9)
  })
})
