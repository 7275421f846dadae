import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { listDevices } from '../../../src/audio/devices/list.ts'
import { createMicrophone } from '../../../src/audio/devices/microphone.ts'
import { createSpeaker } from '../../../src/audio/devices/speaker.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import { requires } from '../../support/requires.ts'
import { type SoundCard, soundCardPrograms, startSoundCard } from '../../support/sound-card.ts'
import { until } from './processes.ts'
import { tone } from './signals.ts'

const missing = requires(...soundCardPrograms)

describe.skipIf(missing)(`devices of other sample rates${missing ? ` (${missing})` : ''}`, () => {
  let card: SoundCard
  beforeAll(async () => {
    card = await startSoundCard()
  })
  afterAll(() => card.stop())

  it.each([
    [8000, 1],
    [44_100, 2],
    [48_000, 1],
    [96_000, 2],
  ])(
    'play and record a tone of %d Hz, %d channels, as it was',
    async (rate, channels) => {
      const name = `Sound-${rate}`
      const settings = [`sink_name=s${rate}`, `rate=${rate}`, `channels=${channels}`]
      execFileSync(
        'pactl',
        ['load-module', 'module-null-sink', ...settings, `sink_properties=device.description=${name}`],
        { env: card.env },
      )
      const { microphones, speakers } = await listDevices(card.env)
      const format = { sampleRate: rate, channels }
      expect(speakers.find(one => one.name === name)).toMatchObject({ format })
      expect(microphones.find(one => one.name === `Monitor of ${name}`)).toMatchObject({
        format,
        monitor: true,
      })

      const clock = createRealClock()
      clock.start()
      const frames: Int16Array[] = []
      const microphone = createMicrophone({ clock, env: card.env, deviceName: `Monitor of ${name}` })
      onTestFinished(() => microphone.close())
      await microphone.start({
        frame: ({ samples }) => frames.push(samples),
        ended: () => {},
        warning: () => {},
        failed: error => {
          throw error
        },
      })
      const speaker = createSpeaker({ env: card.env, deviceName: name })
      onTestFinished(() => speaker.close())
      let pulled = 0
      let played = 0
      await speaker.open({
        pull: count => {
          const from = pulled
          pulled += count
          return from >= 3200 && from < 35_200 ? tone(from, count) : new Int16Array(count)
        },
        played: total => {
          played = total
        },
        failed: error => {
          throw error
        },
      })
      await until('all of it', () => played > 44_800)
      const sound = Int16Array.from(frames.flatMap(samples => [...samples]))
      const loud = (sample: number) => Math.abs(sample) > 800
      const [first, last] = [sound.findIndex(loud), sound.findLastIndex(loud)]
      expect(Math.abs(last - first - 32_000)).toBeLessThan(640)
      const middle = sound.subarray(first + 4000, first + 24_000)
      // Of quarters of a second: a machine under load may have left a gap in one of them.
      const rises = Array.from({ length: 5 }, (_, quarter) =>
        risesIn(middle.subarray(quarter * 4000, (quarter + 1) * 4000)),
      )
      expect(Math.abs((rises.sort((one, other) => one - other)[2] ?? 0) - 100)).toBeLessThanOrEqual(1)
      const level = Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length)
      expect(level).toBeGreaterThan(4000)
      expect(level).toBeLessThan(7000)
    },
    30_000,
  )
})

/** How often the sound comes up through zero. */
function risesIn(samples: Int16Array): number {
  return samples.filter((sample, place) => place > 0 && sample >= 0 && (samples[place - 1] ?? 0) < 0).length
}
