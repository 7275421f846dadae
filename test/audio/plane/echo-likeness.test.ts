import { describe, expect, it } from 'vitest'
import { createEchoLikeness } from '../../../src/audio/plane/echo-likeness.ts'
import { synthesise } from '../../support/speech.ts'

const SAID =
  'We have two openings this week: Tuesday at nine thirty in the morning, or Thursday at a quarter past four. Which of them would suit you best?'
const OTHERS = [
  'Tuesday? Tuesday is fine.',
  'Tuesday at nine thirty in the morning.',
  'No, wait, I wanted to ask something else first about the price.',
  'Sorry, could you say that again please, the line is bad.',
  'My number is five five five, one two three four.',
  'Yes.',
]

/** What a microphone makes of it: later, softer, with the room's echo and some noise; `noise` in samples. */
function room(samples: Int16Array, delayMs: number, gain: number, noise: number): Int16Array {
  const delay = delayMs * 16
  const heard = new Int16Array(samples.length + delay + 4800)
  let seed = 1
  for (let place = 0; place < heard.length; place++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    let sum = (seed / 2 ** 31 - 1) * noise
    for (const [late, share] of [
      [0, 1],
      [350, 0.5],
      [810, 0.35],
      [1500, 0.2],
      [2600, 0.12],
    ] as const)
      sum += gain * share * (samples[place - delay - late] ?? 0)
    heard[place] = Math.round(sum)
  }
  return heard
}

/** Both sides come as they are heard; `losses`: how far the counts of the two devices are behind, in milliseconds. */
function likeness(
  customer: Int16Array,
  assistant: Int16Array,
  fromMs: number,
  toMs: number,
  losses: [number, number] = [0, 0],
): number | null {
  let nowMs = 0
  const both = createEchoLikeness(() => nowMs)
  for (let place = 0; place + 320 <= Math.max(customer.length, assistant.length); place += 320) {
    const piece = (side: Int16Array) => {
      const frame = new Int16Array(320)
      frame.set(side.subarray(place, place + 320))
      return frame
    }
    nowMs = place / 16 + 20
    both.customer(piece(customer), place / 16 - losses[0])
    both.assistant(piece(assistant), place / 16 - losses[1])
  }
  return both.between(fromMs - losses[0], toMs - losses[0])
}

describe('how alike the two sides of a call sound', async () => {
  const said = await synthesise(SAID, 'slt')

  it.each([
    [20, 0.3, 30],
    [60, 0.1, 30],
    [180, 0.05, 60],
    [300, 0.2, 100],
  ])(
    'an echo after %d ms, at a gain of %d with noise of %d, is alike in every second',
    (delayMs, gain, noise) => {
      const heard = room(said, delayMs, gain, noise)
      const found: number[] = []
      for (let fromMs = 0; fromMs + 1200 < said.length / 16; fromMs += 600)
        found.push(likeness(heard, said, fromMs + delayMs, fromMs + delayMs + 1200) ?? -1)
      expect(found.filter(value => value >= 0.75).length).toBeGreaterThanOrEqual(found.length * 0.8)
      expect(Math.min(...found)).toBeGreaterThan(0.3)
      expect(likeness(heard, said, delayMs, delayMs + said.length / 16)).toBeGreaterThan(0.75)
    },
  )

  it('a person who talks over the assistant is not', async () => {
    const found: number[] = []
    for (const text of OTHERS) {
      const voice = await synthesise(text, 'rms')
      for (const startMs of [200, 900, 1700, 2600, 3500, 4300]) {
        const heard = new Int16Array(said.length + voice.length)
        heard.set(voice, startMs * 16)
        const value = likeness(heard, said, startMs, startMs + voice.length / 16)
        found.push(value ?? -1)
      }
    }
    expect(found).toHaveLength(36)
    expect(Math.max(...found)).toBeLessThan(0.75)
  })

  it('is not confused by devices that have lost sound, or stood still', () => {
    const heard = room(said, 60, 0.1, 30)
    for (const losses of [
      [0, 1500],
      [1100, 0],
      [900, 2000],
    ] as [number, number][])
      expect(likeness(heard, said, 60, 60 + said.length / 16, losses)).toBeGreaterThan(0.75)
  })

  it('tells nothing of a short stretch, and nothing where the assistant is silent', () => {
    expect(likeness(said, said, 1000, 1300)).toBeNull()
    expect(likeness(said, new Int16Array(said.length), 1000, 3000)).toBe(0)
  })
})
