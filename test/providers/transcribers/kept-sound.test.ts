import { describe, expect, it } from 'vitest'
import { createAttempts } from '../../../src/providers/transcribers/attempts.ts'
import { createKeptSound, type KeptSound } from '../../../src/providers/transcribers/kept-sound.ts'

/** Sound from one moment to another, in milliseconds, sent as it comes. */
function hear(kept: KeptSound, fromMs: number, toMs: number): void {
  for (let audioMs = fromMs; audioMs < toMs; audioMs += 20) {
    kept.push({ samples: new Int16Array(320), audioMs })
    kept.next(1)
  }
}

/** What would be sent again. */
function again(kept: KeptSound): [number, number] | null {
  kept.rewind()
  const piece = kept.next(10_000, true)
  const [first, last] = [piece?.frames[0], piece?.frames.at(-1)]
  return first === undefined || last === undefined ? null : [first.audioMs, last.audioMs + 20]
}

describe('sound without a final transcript', () => {
  it('is kept from a moment before the speech, and a moment of silence', () => {
    const kept = createKeptSound()
    hear(kept, 0, 5000)
    expect(again(kept)).toEqual([3500, 5000])
    kept.speech({ edge: 'started', audioMs: 4900 })
    hear(kept, 5000, 9000)
    expect(again(kept)).toEqual([3500, 9000])
  })

  it('is let go once its words are known', () => {
    const kept = createKeptSound()
    hear(kept, 0, 1000)
    kept.speech({ edge: 'started', audioMs: 900 })
    hear(kept, 1000, 6000)
    kept.covered(4000)
    expect(again(kept)).toEqual([4000, 6000])
    kept.speech({ edge: 'stopped', audioMs: 5600 })
    kept.covered(5500)
    hear(kept, 6000, 9000)
    expect(again(kept)).toEqual([7500, 9000])
  })

  it('is let go where a speech brought no words for long', () => {
    const kept = createKeptSound()
    kept.push({ samples: new Int16Array(320), audioMs: 0 })
    kept.speech({ edge: 'started', audioMs: 0 })
    hear(kept, 20, 1000)
    kept.speech({ edge: 'stopped', audioMs: 900 })
    hear(kept, 1000, 12_000)
    expect(again(kept)).toEqual([0, 12_000])
    hear(kept, 12_000, 13_000)
    expect(again(kept)).toEqual([11_500, 13_000])
  })

  it('is at most half a minute, also where it was not sent', () => {
    const kept = createKeptSound()
    for (let audioMs = 0; audioMs < 40_000; audioMs += 20)
      kept.push({ samples: new Int16Array(320), audioMs })
    expect(again(kept)).toEqual([10_000, 40_000])
  })

  it('comes with the edges of speech that belong to it', () => {
    const kept = createKeptSound()
    kept.push({ samples: new Int16Array(320), audioMs: 0 })
    expect(kept.speech({ edge: 'started', audioMs: 0 })).toBe(false)
    expect(kept.next(2)).toBeNull()
    kept.push({ samples: new Int16Array(320), audioMs: 20 })
    expect(kept.next(2)?.edges).toEqual([{ edge: 'started', audioMs: 0 }])
    expect(kept.speech({ edge: 'stopped', audioMs: 30 })).toBe(true)
    kept.rewind()
    expect(kept.next(2)?.edges.map(({ edge }) => edge)).toEqual(['started', 'stopped'])
  })
})

describe('attempts to connect again', () => {
  it('wait longer each time, begin anew after progress, and end', () => {
    const attempts = createAttempts()
    expect([1, 2, 3, 4, 5].map(ms => attempts.next(ms))).toEqual([0, 100, 300, 1000, null])
    attempts.progress()
    expect(attempts.next(6)).toBe(0)
  })

  it('are at most twelve in a minute, whatever comes between', () => {
    const attempts = createAttempts()
    const next = (nowMs: number) => {
      attempts.progress()
      return attempts.next(nowMs)
    }
    for (let count = 0; count < 12; count++) expect(next(count * 1000)).toBe(0)
    expect(next(30_000)).toBeNull()
    expect(next(60_500)).toBe(0)
  })
})
