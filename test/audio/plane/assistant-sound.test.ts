import { expect, it } from 'vitest'
import { createAssistantSound } from '../../../src/audio/plane/assistant-sound.ts'

const FRAME = 320
/** Samples that say which they are, never zero. */
const from = (first: number, count: number) =>
  Int16Array.from({ length: count }, (_, index) => ((first + index) % 30_000) + 1)

/** What is given for frame after frame, each asked for when the device has confirmed so many samples. */
function follow(confirmedAt: (frame: number) => number, frames: number, begin = 0): number[] {
  const sound = createAssistantSound()
  const given: number[] = []
  let confirmed = begin
  for (let frame = 0; frame < frames; frame++) {
    const until = Math.max(confirmed, confirmedAt(frame))
    if (until > confirmed) sound.played(from(confirmed, until - confirmed), confirmed)
    confirmed = until
    given.push(...sound.during(frame * 20))
  }
  return given
}

it('is what is played at the same moment', () => {
  expect(follow(frame => (frame + 1) * FRAME, 200)).toEqual([...from(0, 200 * FRAME)])
})

it('is silence before anything is played, without being late afterwards', () => {
  const given = follow(frame => (frame < 50 ? 0 : (frame + 1) * FRAME), 60, 50 * FRAME)
  expect(given).toEqual([...new Int16Array(50 * FRAME), ...from(50 * FRAME, 10 * FRAME)])
})

it('is not late where it is asked for later than it began', () => {
  const sound = createAssistantSound()
  sound.played(from(0, 100 * FRAME), 0)
  expect([...sound.during(99 * 20)]).toEqual([...from(99 * FRAME, FRAME)])
})

it.each([
  ['every 100 ms', (frame: number) => Math.floor((frame + 1) / 5) * 5 * FRAME],
  ['300 ms late', (frame: number) => (frame - 14) * FRAME],
  ['of odd lengths', (frame: number) => Math.max(0, frame * FRAME - ((frame * 37) % 211))],
])('loses nothing of a device that confirms %s', (_name, confirmedAt) => {
  const given = follow(confirmedAt, 300).filter(sample => sample !== 0)
  expect(given.length).toBeGreaterThan(280 * FRAME)
  expect(given).toEqual([...from(0, given.length)])
})

it('goes on after a device has stood still, and has silence where it left something out', () => {
  const sound = createAssistantSound()
  sound.played(from(0, FRAME), 0)
  expect([...sound.during(0)]).toEqual([...from(0, FRAME)])
  for (let frame = 1; frame < 200; frame++) expect(sound.during(frame * 20).some(Boolean)).toBe(false)
  sound.played(from(0, 30 * FRAME), 200 * FRAME)
  const given = Array.from({ length: 30 }, (_, frame) => [...sound.during((200 + frame) * 20)]).flat()
  // By now it is taken to be half a second late.
  expect(given).toEqual([...new Int16Array(25 * FRAME), ...from(0, 5 * FRAME)])
})
