import { expect, it, onTestFinished } from 'vitest'
import { createLastingMicrophone } from '../../../src/audio/devices/lasting-microphone.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import type { AudioFrame, AudioInputListener } from '../../../src/engine/ports/audio-input.ts'

it('dates frames by the clock again when a recorder has lost sound without a word', async () => {
  let nowMs = 0
  let device: AudioInputListener | null = null
  const frames: AudioFrame[] = []
  const microphone = createLastingMicrophone({
    clock: { ...createRealClock(), now: () => nowMs },
    open: () => ({
      name: 'test',
      start: async listener => {
        device = listener
      },
      close: async () => {},
    }),
    system: { look: async () => null, watch: () => () => {} },
  })
  onTestFinished(() => microphone.close())
  await microphone.start({
    frame: frame => frames.push(frame),
    ended: () => {},
    failed: () => {},
    warning: () => {},
  })
  const give = (count: number, lostMs: number) => {
    for (let frame = 0; frame < count; frame++) {
      nowMs += 20
      // It comes 15 ms after its end, sometimes later.
      const audioMs = nowMs - 20 - 15 - lostMs
      const late = frame % 7 === 3 ? 400 : 0
      nowMs += late
      device?.frame({ samples: new Int16Array(320).fill(5), audioMs })
      nowMs -= late
    }
  }
  nowMs = 100
  give(300, 0)
  expect(frames).toHaveLength(300)
  give(400, 900)
  const last = frames.at(-1)
  expect(Math.abs((last?.audioMs ?? 0) - (nowMs - 35))).toBeLessThan(5)
  const steps = frames.slice(1).map(({ audioMs }, index) => audioMs - (frames[index]?.audioMs ?? 0))
  expect([Math.min(...steps), Math.max(...steps)].map(Math.round)).toEqual([20, 20])
  expect(frames.filter(({ samples }) => samples.every(sample => sample === 0))).toHaveLength(45)
})
