import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLastingMicrophone } from '../../../src/audio/devices/lasting-microphone.ts'
import { createLastingSpeaker } from '../../../src/audio/devices/lasting-speaker.ts'
import { createMicrophone } from '../../../src/audio/devices/microphone.ts'
import { deviceSystem } from '../../../src/audio/devices/retrying.ts'
import { createSpeaker } from '../../../src/audio/devices/speaker.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import type { AudioFrame, AudioInput } from '../../../src/engine/ports/audio-input.ts'
import type { Clock } from '../../../src/engine/ports/clock.ts'
import { requires } from '../../support/requires.ts'
import { type SoundCard, soundCardPrograms, startSoundCard } from '../../support/sound-card.ts'
import { until } from './processes.ts'
import { loudPart, tone } from './signals.ts'

const missing = requires(...soundCardPrograms)

const MICROPHONE = ['module-remap-source', 'source_name=vmic', 'master=vmicsink.monitor']
const SPEAKER = ['module-null-sink', 'sink_name=vspk', 'rate=48000', 'channels=2']

describe.skipIf(missing)(`devices that go and come back${missing ? ` (${missing})` : ''}`, () => {
  let card: SoundCard
  let clock: Clock
  let warnings: string[]
  let failure: Error | undefined
  let close: () => Promise<void>

  // A card for each: what is unloaded is not as it was when it is loaded again.
  beforeEach(async () => {
    card = await startSoundCard()
    clock = createRealClock()
    clock.start()
    warnings = []
    failure = undefined
    close = async () => {}
  })
  afterEach(async () => {
    await close()
    await card.stop()
  })

  const pactl = (...args: string[]) => execFileSync('pactl', args, { env: card.env, encoding: 'utf8' })
  const unload = (holds: string) => {
    const line = pactl('list', 'modules', 'short')
      .split('\n')
      .find(text => text.includes(holds))
    pactl('unload-module', line?.split('\t')[0] ?? '')
  }
  const replug = (module: readonly string[], name: string) =>
    pactl(
      'load-module',
      ...module,
      `${module[0]?.includes('sink') ? 'sink' : 'source'}_properties=device.description=${name}`,
    )

  async function listen(
    limitMs?: number,
    deviceName?: string,
  ): Promise<{ input: AudioInput; frames: AudioFrame[] }> {
    const frames: AudioFrame[] = []
    const input = createLastingMicrophone({
      clock,
      ...(deviceName !== undefined && { deviceName }),
      ...(limitMs !== undefined && { limitMs }),
      open: name =>
        createMicrophone({ clock, env: card.env, ...(name !== undefined && { deviceName: name }) }),
      system: deviceSystem('microphone', card.env),
    })
    close = () => input.close()
    await input.start({
      frame: frame => frames.push(frame),
      ended: () => {},
      failed: error => {
        failure = error
      },
      warning: message => warnings.push(message),
    })
    return { input, frames }
  }

  it.each([undefined, 'Virtual-Microphone'])(
    'a microphone (%s) is silence while it is away, and heard again',
    async deviceName => {
      const { frames } = await listen(undefined, deviceName)
      await until('sound', () => frames.length > 25)
      const unplugged = clock.now()
      unload('source_name=vmic')
      await until('the first warning', () => warnings.length > 0)
      expect(warnings[0]).toMatch(
        /^the microphone stopped \(.+\); the call goes on in silence, and it is tried again for 60 s$/,
      )
      const before = frames.length
      await until('a second of silence', () => frames.length > before + 50)
      expect(frames.slice(before).every(({ samples }) => samples.every(sample => sample === 0))).toBe(true)
      replug(MICROPHONE, 'Virtual-Microphone')
      await until('the second warning', () => warnings.length > 1)
      expect(warnings[1]).toMatch(/^the microphone is back after \d+\.\d s$/)
      await card.speakSamples(tone(0, 8000))
      const last = frames.length + 25
      await until('the rest', () => frames.length > last)
      const loud = frames.filter(({ samples }) => samples.some(sample => Math.abs(sample) > 1000))
      expect(loud.length).toBeGreaterThanOrEqual(24)
      expect(loud[0]?.audioMs).toBeGreaterThan(unplugged)
      // Not a frame is missing, none comes twice, and they keep the time of the call.
      const steps = frames.slice(1).map(({ audioMs }, index) => audioMs - (frames[index]?.audioMs ?? 0))
      expect(Math.min(...steps)).toBeGreaterThan(19.4)
      expect(Math.max(...steps)).toBeLessThan(45)
      expect(Math.abs(clock.now() - (frames.at(-1)?.audioMs ?? 0))).toBeLessThan(300)
      expect(failure).toBeUndefined()
    },
    40_000,
  )

  it('never takes the sound of the speaker for a microphone, and fails when none comes back', async () => {
    const { frames } = await listen(4000)
    await until('sound', () => frames.length > 25)
    unload('source_name=vmic')
    // The server makes a monitor its default source now.
    expect(pactl('info')).toMatch(/Default Source: .*monitor/)
    await until('the failure', () => failure !== undefined)
    expect(failure).toMatchObject({ code: 'microphone-stopped' })
    expect(warnings).toHaveLength(1)
  }, 40_000)

  it('takes the default microphone where the named one stays away', async () => {
    pactl(
      'load-module',
      'module-remap-source',
      'source_name=other',
      'master=vmicsink.monitor',
      'source_properties=device.description=Other',
    )
    const { frames } = await listen(undefined, 'Other')
    await until('sound', () => frames.length > 25)
    unload('source_name=other')
    await until('the second warning', () => warnings.length > 1)
    expect(warnings[1]).toMatch(/^the microphone Other did not come back; the default microphone is used/)
    await card.speakSamples(tone(0, 8000))
    await until('the sound', () =>
      frames.slice(-50).some(({ samples }) => samples.some(sample => Math.abs(sample) > 1000)),
    )
  }, 40_000)

  it('a speaker plays on to nobody while it is away, is heard again, and its sound keeps its place in time', async () => {
    let pulled = 0
    let confirmed = 0
    let stoodStill = 0
    let beganMs: number | null = null
    let worstMs = 0
    let say = 0
    let isMeasured = false
    const speaker = createLastingSpeaker({
      clock,
      open: name => createSpeaker({ env: card.env, ...(name !== undefined && { deviceName: name }) }),
      system: deviceSystem('speaker', card.env),
    })
    close = () => speaker.close()
    await speaker.open({
      pull: count => {
        const samples = say > 0 ? tone(pulled, count) : new Int16Array(count)
        say = Math.max(0, say - count)
        pulled += count
        return samples
      },
      played: total => {
        expect(total).toBeGreaterThanOrEqual(confirmed)
        expect(total).toBeLessThanOrEqual(pulled)
        confirmed = total
        beganMs ??= clock.now() - total / 16
        const placeMs = beganMs + (total + stoodStill) / 16
        if (isMeasured) worstMs = Math.max(worstMs, Math.abs(placeMs - clock.now()))
      },
      stoodStill: samples => {
        stoodStill += samples
      },
      failed: error => {
        failure = error
      },
      warning: message => warnings.push(message),
    })
    await until('playing', () => confirmed > 16_000)
    const goneMs = clock.now()
    // Without another sink the server cannot move the stream.
    unload('sink_name=vmicsink')
    unload('sink_name=vspk')
    await until('the first warning', () => warnings.length > 0)
    // At once, where the sound server tells what goes.
    expect(clock.now() - goneMs).toBeLessThan(2500)
    expect(warnings[0]).toMatch(/^the speaker stopped \(.+\); the call goes on in silence/)
    const then = confirmed
    await until('time to go on', () => confirmed > then + 16_000)
    replug(SPEAKER, 'Virtual-Speaker')
    pactl('set-default-sink', 'vspk')
    await until('the second warning', () => warnings.length > 1)
    expect(warnings[1]).toMatch(/^the speaker is back after/)
    const recorder = await card.recorder()
    isMeasured = true
    say = 8000
    await until('the sound', () => say === 0)
    const end = pulled
    await until('all of it', () => confirmed > end + 3200)
    const { samples } = await recorder.stop()
    const { first, last } = loudPart(samples)
    expect(Math.abs(last - first - 8000)).toBeLessThan(400)
    expect(failure).toBeUndefined()
    expect(worstMs).toBeLessThan(150)
  }, 60_000)
})
