import { describe, expect, it } from 'vitest'
import { createSilentOutput } from '../../../src/audio/devices/silent-output.ts'
import {
  createEchoGuard,
  type EchoEvent,
  type EchoState,
  followEcho,
  guardFrame,
  initialEcho,
  PAUSE_MS,
} from '../../../src/audio/plane/echo-guard.ts'
import { createPlayback } from '../../../src/audio/plane/playback.ts'
import { VirtualClock } from '../../../src/engine/ports/clock.virtual.ts'

const TAIL_MS = 80
const loud = (samples = 320): EchoEvent => ({ type: 'queued', samples, audible: samples })
const quiet = (samples = 320): EchoEvent => ({ type: 'queued', samples, audible: 0 })
const on: EchoEvent = { type: 'speaking', on: true }
const off: EchoEvent = { type: 'speaking', on: false }
const played = (total: number): EchoEvent => ({ type: 'played', total })

function follow(...events: [number, EchoEvent][]): EchoState {
  let state = initialEcho(TAIL_MS)
  for (const [atMs, event] of events) {
    const before = JSON.stringify(state)
    const next = followEcho(Object.freeze(state), event, atMs)
    expect(JSON.stringify(state)).toBe(before)
    state = JSON.parse(JSON.stringify(next)) as EchoState
  }
  return state
}
/** Which milliseconds of a stretch are closed. */
function closedMs(state: EchoState, fromMs: number, toMs: number): number[] {
  const closed: number[] = []
  for (let audioMs = fromMs; audioMs < toMs; audioMs += 20) {
    const { samples } = guardFrame(state, { samples: new Int16Array(320).fill(7), audioMs })
    for (let ms = 0; ms < 20; ms++) if (samples[ms * 16] === 0) closed.push(audioMs + ms)
  }
  return closed
}

describe('the microphone while the assistant is heard', () => {
  it('closes when audible speech goes to the device, and opens a tail after the last of it was played', () => {
    const state = follow(
      [0, on],
      [1000, loud()],
      [1020, loud()],
      [1040, quiet()],
      [1060, played(640)],
      [1062, off],
    )
    const closed = closedMs(state, 900, 1300)
    expect(closed[0]).toBe(1000)
    expect(closed.at(-1)).toBe(1060 + TAIL_MS - 1)
    expect(closed).toHaveLength(60 + TAIL_MS)
  })

  it('counts the tail from the last audible sample, not from the silence that a voice adds', () => {
    const state = follow([0, on], [1000, loud()], [1020, quiet(3200)], [1240, played(3520)], [1241, off])
    expect(closedMs(state, 900, 1500).at(-1)).toBe(1040 + TAIL_MS - 1)
  })

  it('stays closed in the pauses between chunks, and opens where one is long', () => {
    const short = follow(
      [0, on],
      [1000, loud()],
      [1020, played(320)],
      [1020, quiet(4800)],
      [1320, loud()],
      [1340, played(5440)],
      [1341, off],
    )
    expect(closedMs(short, 900, 1600)).toHaveLength(340 + TAIL_MS)
    const long = follow([0, on], [1000, loud()], [1020, played(320)], [1020, quiet(32_000)])
    expect(closedMs(long, 900, 3000).at(-1)).toBe(1020 + PAUSE_MS - 1)
  })

  it('opens soon after a drop', () => {
    const state = follow(
      [0, on],
      [1000, loud(3200)],
      [1050, off],
      [1060, { type: 'dropped', total: 900 }],
      [1080, quiet()],
      [1100, played(1200)],
    )
    expect(closedMs(state, 900, 1500).at(-1)).toBe(1060 + 50 + TAIL_MS - 1)
    const again = followEcho(state, loud(), 1400)
    expect(closedMs(again, 1300, 1500)[0]).toBe(1400)
  })

  it('is open while only silence is played, and keeps what was captured', () => {
    expect(closedMs(follow([0, quiet()], [20, played(320)]), 0, 100)).toEqual([])
    const frame = { samples: new Int16Array(320).fill(7), audioMs: 1000 }
    const guarded = guardFrame(follow([990, loud()]), frame)
    expect([guarded.samples[0], frame.samples[0]]).toEqual([0, 7])
  })

  it('judges frames that come late by the time of their sound', () => {
    const state = follow([0, on], [1000, loud()], [1020, played(320)], [1020, off], [3000, quiet()])
    expect(closedMs(state, 1000, 1040)).toHaveLength(40)
    expect(closedMs(state, 1100, 1140)).toEqual([])
  })

  it('follows playback: closed for each utterance, open 80 ms after its last sound', async () => {
    const clock = new VirtualClock()
    const guard = createEchoGuard(() => clock.now(), TAIL_MS)
    const output = createPlayback(createSilentOutput({ clock }), () => {}, null, guard)
    const open: number[] = []
    const release = clock.hold()
    await output.open({ started: () => {}, drained: () => {}, cleared: () => {}, failed: () => {} })
    for (let frame = 0; frame < 100; frame++) {
      clock.at((frame + 1) * 20, () => {
        const { samples } = guard.apply({ samples: new Int16Array(320).fill(7), audioMs: frame * 20 })
        if (samples.every(sample => sample === 7)) open.push(frame * 20)
      })
    }
    const say = (id: string, atMs: number, ms: number) =>
      clock.at(atMs, () => {
        const reference = { utteranceId: id, workId: id }
        // Voices end in silence.
        const samples = new Int16Array((ms + 300) * 16).fill(5000, 0, ms * 16)
        output.append(reference, { type: 'pcm', samples, sampleRate: 16_000 })
        output.completeChunk(reference)
        output.play(id)
        output.finish(id)
      })
    say('first', 400, 300)
    say('second', 1200, 100)
    clock.start()
    release()
    await new Promise<void>(resolve => clock.at(2050, resolve))
    await output.close()
    const closed = Array.from({ length: 100 }, (_, frame) => frame * 20).filter(ms => !open.includes(ms))
    expect(closed[0]).toBeGreaterThanOrEqual(380)
    expect(closed.filter(ms => ms < 1100).at(-1)).toBeLessThanOrEqual(400 + 20 + 300 + TAIL_MS)
    expect(closed.filter(ms => ms > 1100)[0]).toBeGreaterThanOrEqual(1180)
    expect(closed.at(-1)).toBeLessThanOrEqual(1200 + 20 + 100 + TAIL_MS)
  })
})
