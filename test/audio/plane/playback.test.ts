import { describe, expect, it } from 'vitest'
import { createSilentOutput } from '../../../src/audio/devices/silent-output.ts'
import { createPlayback } from '../../../src/audio/plane/playback.ts'
import type { HeardChunk } from '../../../src/engine/ports/audio-output.ts'
import { VirtualClock } from '../../../src/engine/ports/clock.virtual.ts'

const tone = (ms: number) => new Int16Array(ms * 16).fill(1000)
const pcm = (ms: number) => ({ type: 'pcm', samples: tone(ms), sampleRate: 16_000 }) as const

/** A playback on a device that keeps the time of a virtual clock, and what it reported when. */
async function playback() {
  const clock = new VirtualClock()
  const played: Int16Array[] = []
  const reports: { what: string; utteranceId: string; atMs: number; heard?: HeardChunk[] }[] = []
  const output = createPlayback(createSilentOutput({ clock }), samples => played.push(samples.slice()))
  const report = (what: string) => (utteranceId: string) => {
    reports.push({ what, utteranceId, atMs: clock.now() })
  }
  await output.open({
    started: report('started'),
    drained: report('drained'),
    cleared: (utteranceId, heard) => reports.push({ what: 'cleared', utteranceId, atMs: clock.now(), heard }),
    failed: error => {
      throw error
    },
  })
  const runUntil = (ms: number) =>
    new Promise<void>(resolve => {
      clock.at(ms, () => {
        clock.stop()
        resolve()
      })
      clock.start()
    })
  const loud = () =>
    played.reduce((sum, samples) => sum + samples.filter(sample => sample !== 0).length, 0) / 16
  return { clock, output, reports, runUntil, loud }
}

describe('playback', () => {
  it('plays nothing before it is told to, then everything, and says when it was heard', async () => {
    const { output, reports, runUntil, loud } = await playback()
    const chunk = { utteranceId: 'u', workId: 'w' }
    output.append(chunk, pcm(100))
    await runUntil(200)
    expect(loud()).toBe(0)
    output.play('u')
    output.completeChunk(chunk)
    output.finish('u')
    await runUntil(500)
    expect(loud()).toBe(100)
    expect(reports.map(({ what }) => what)).toEqual(['started', 'drained'])
    const [started, drained] = reports.map(({ atMs }) => atMs)
    expect((drained ?? 0) - (started ?? 0)).toBeGreaterThanOrEqual(80)
    expect((drained ?? 0) - (started ?? 0)).toBeLessThanOrEqual(120)
  })

  it('counts what was heard of each chunk when it is cleared', async () => {
    const { output, reports, runUntil, loud } = await playback()
    output.append({ utteranceId: 'u', workId: 'a' }, pcm(100))
    output.completeChunk({ utteranceId: 'u', workId: 'a' })
    output.append({ utteranceId: 'u', workId: 'b' }, pcm(1000))
    output.play('u')
    await runUntil(300)
    output.clear('u')
    // Calling sound back from the device takes a turn of the loop, which the virtual clock does not.
    await new Promise(resolve => setImmediate(resolve))
    const cleared = reports.find(({ what }) => what === 'cleared')
    expect(cleared?.heard?.[0]).toEqual({ workId: 'a', heardMs: 100, receivedMs: 100, complete: true })
    expect(cleared?.heard?.[1]?.heardMs).toBeGreaterThan(150)
    expect(cleared?.heard?.[1]?.heardMs).toBeLessThanOrEqual(200)
    expect(loud()).toBeCloseTo(100 + (cleared?.heard?.[1]?.heardMs ?? 0), 0)
  })

  it('waits for sound that is late, and says the utterance is over only when it was finished', async () => {
    const { output, reports, runUntil } = await playback()
    output.append({ utteranceId: 'u', workId: 'a' }, pcm(40))
    output.play('u')
    await runUntil(300)
    expect(reports.map(({ what }) => what)).toEqual(['started'])
    output.append({ utteranceId: 'u', workId: 'b' }, pcm(40))
    output.finish('u')
    await runUntil(600)
    expect(reports.map(({ what }) => what)).toEqual(['started', 'drained'])
  })

  it('an utterance that never played is cleared with nothing heard', async () => {
    const { output, reports, runUntil, loud } = await playback()
    output.append({ utteranceId: 'u', workId: 'a' }, pcm(100))
    output.clear('u')
    await runUntil(300)
    expect(reports).toMatchObject([{ what: 'cleared', heard: [{ workId: 'a', heardMs: 0 }] }])
    expect(loud()).toBe(0)
    expect(output.bufferedMs()).toBe(0)
  })
})
