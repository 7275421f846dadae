import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMicrophone, type MicrophoneOptions } from '../../../src/audio/devices/microphone.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import type { AudioFrame, AudioInput } from '../../../src/engine/ports/audio-input.ts'
import type { Clock } from '../../../src/engine/ports/clock.ts'
import { VapiError } from '../../../src/errors.ts'
import { requires } from '../../support/requires.ts'
import { type SoundCard, soundCardPrograms, startSoundCard } from '../../support/sound-card.ts'
import { block, isAlive, nowhere, orphanMaker, until, workersOf } from './processes.ts'
import { compare, noise } from './signals.ts'

const missing = requires(...soundCardPrograms, 'arecord', 'sox')

describe.skipIf(missing)(`the microphone${missing ? ` (${missing})` : ''}`, () => {
  let card: SoundCard
  let folder: string
  let clock: Clock
  let microphone: AudioInput
  let microphones: AudioInput[]
  let frames: AudioFrame[]
  let warnings: string[]
  let failure: Error | undefined

  beforeAll(async () => {
    card = await startSoundCard()
    folder = mkdtempSync(join(tmpdir(), 'vapi-microphone-'))
  })
  afterAll(async () => {
    await card.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    clock = createRealClock()
    clock.start()
    microphones = []
    frames = []
    warnings = []
    failure = undefined
  })
  afterEach(() => Promise.all(microphones.map(each => each.close())))

  async function start(options: Partial<MicrophoneOptions> = {}): Promise<void> {
    microphone = createMicrophone({ clock, env: card.env, ...options })
    microphones.push(microphone)
    await microphone.start({
      frame: frame => frames.push(frame),
      ended: () => {},
      failed: error => {
        failure = error
      },
      warning: message => warnings.push(message),
    })
  }
  const heard = () => Int16Array.from(frames.flatMap(frame => [...frame.samples]))
  const failureOf = (options: Partial<MicrophoneOptions>) =>
    start(options).then(
      () => undefined,
      error => error,
    )

  it.each(['auto', 'parec', 'arecord', 'sox'] as const)(
    'hears all that is spoken, without a gap (%s)',
    async engine => {
      await start({ engine })
      const spoken = noise(2)
      await card.speakSamples(spoken)
      const complete = frames.length + 50
      await until('the rest of the sound', () => frames.length >= complete)
      const { lags, snrDb } = compare(spoken, heard())
      expect(lags).toHaveLength(8)
      expect(Math.max(...lags) - Math.min(...lags)).toBeLessThanOrEqual(1)
      expect(snrDb).toBeGreaterThan(20)
    },
  )

  it('gives frames of 20 ms that are dated by the clock and then follow each other exactly', async () => {
    await start()
    await until('a second of sound', () => frames.length >= 50)
    const last = frames.at(-1)!
    const lateMs = clock.now() - last.audioMs - 20
    expect(frames.every(frame => frame.samples.length === 320)).toBe(true)
    expect(
      frames.slice(1).every((frame, index) => Math.abs(frame.audioMs - frames[index]!.audioMs - 20) < 1e-6),
    ).toBe(true)
    expect(frames[0]!.audioMs).toBeGreaterThanOrEqual(0)
    expect(lateMs).toBeGreaterThan(-50)
    expect(lateMs).toBeLessThan(200)
    expect(warnings).toEqual([])
  })

  it('gives frames that stay as they are when later ones come', async () => {
    await start()
    await card.speakSamples(noise(0.5))
    const copies = frames.map(frame => frame.samples.slice())
    const complete = frames.length + 50
    await until('another second', () => frames.length >= complete)
    expect(
      copies.every(
        (copy, index) =>
          Buffer.compare(Buffer.from(copy.buffer), Buffer.from(frames[index]!.samples.buffer)) === 0,
      ),
    ).toBe(true)
    expect(frames.every(frame => frame.samples.buffer.byteLength === 640)).toBe(true)
  })

  it('keeps two seconds while the program is busy, drops the rest with one warning, and keeps the dates right', async () => {
    await start()
    await until('sound', () => frames.length >= 25)
    const offset = clock.now() - frames.at(-1)!.audioMs
    for (let round = 0; round < 2; round++) {
      const before = frames.length
      block(3500)
      await until('sound after it', () => frames.length >= before + 150)
      const steps = frames
        .slice(before)
        .map((frame, index) => frame.audioMs - frames[before + index - 1]!.audioMs)
      const jumps = steps.filter(step => Math.abs(step - 20) > 1e-6)
      expect(jumps).toHaveLength(1)
      expect(jumps[0]).toBeGreaterThan(1000)
      expect(jumps[0]).toBeLessThan(1800)
    }
    expect(Math.abs(clock.now() - frames.at(-1)!.audioMs - offset)).toBeLessThan(100)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/^1\d\d\d ms of the microphone's sound were dropped/)
  })

  it.each(['auto', 'parec'] as const)('takes the microphone whose name is given (%s)', async engine => {
    await start({ deviceName: 'monitor of virtual-SPEAKER', engine })
    expect(microphone.name).toBe('monitor of virtual-SPEAKER')
    await card.speakSamples(noise(0.3))
    const complete = frames.length + 25
    await until('more sound', () => frames.length >= complete)
    expect(heard().every(sample => sample === 0)).toBe(true)
  })

  it('refuses a name that no microphone or several have, and lists the names', async () => {
    const none = await failureOf({ deviceName: 'Headset' })
    expect(none).toMatchObject({ exit: 2, message: 'no microphone matches "Headset"' })
    expect(none.hint).toContain('"Virtual-Microphone"')
    const several = await failureOf({ deviceName: 'monitor' })
    expect(several).toMatchObject({ exit: 2 })
    expect(several.message).toContain('"Monitor of Virtual-Speaker", "Monitor of Voice-Into-Microphone"')
  })

  it('refuses a recorder that is not installed', async () => {
    const error = await failureOf({ engine: 'parec', env: { ...card.env, PATH: folder } })
    expect(error).toMatchObject({ exit: 2, message: 'the recorder parec is not installed here' })
  })

  it('captures with an installed program where the library cannot be loaded', async () => {
    const blocker = join(folder, 'no-library.cjs')
    writeFileSync(blocker, "process.dlopen = () => { throw new Error('Unsupported CPU') }")
    const env = { ...card.env, NODE_OPTIONS: `--require ${blocker}` }
    await start({ env })
    await until('sound', () => frames.length >= 10)
    expect((await failureOf({ env, engine: 'pvrecorder' })).message).toContain('pvrecorder: Unsupported CPU')
  })

  it('says that there is no microphone and what to do', async () => {
    const error = await failureOf({ env: nowhere })
    expect(error).toBeInstanceOf(VapiError)
    expect(error).toMatchObject({ code: 'no-microphone', exit: 1 })
    expect(error.message).toContain('pvrecorder: PvRecorder failed to initialize.')
    expect(error.message).toContain('parec: pa_context_connect() failed: Connection refused')
    expect(error.hint).toContain('--in FILE.wav')
  })

  it('fails when its process is ended', async () => {
    await start()
    const [child] = workersOf(process.pid, 'microphone')
    process.kill(child!, 'SIGKILL')
    await until('the failure', () => failure !== undefined)
    expect(failure).toMatchObject({
      code: 'microphone-stopped',
      message: 'the microphone stopped (pvrecorder: it was ended by SIGKILL)',
    })
    const count = frames.length
    await microphone.close()
    expect(frames).toHaveLength(count)
  })

  it.each(['auto', 'parec'] as const)('fails when the sound server goes away (%s)', async engine => {
    const own = await startSoundCard()
    try {
      await start({ env: own.env, engine })
      process.kill(own.serverPid, 'SIGKILL')
      await until('the failure', () => failure !== undefined)
      expect(failure).toMatchObject({ code: 'microphone-stopped' })
    } finally {
      await own.stop()
    }
  })

  it('gives up after five seconds when the sound server hangs', async () => {
    const own = await startSoundCard()
    try {
      process.kill(own.serverPid, 'SIGSTOP')
      const error = await failureOf({ env: own.env })
      expect(error).toMatchObject({ code: 'no-microphone' })
      expect(error.message).toContain('pvrecorder: it did not open within 5 s')
      expect(clock.now()).toBeGreaterThan(4900)
      expect(clock.now()).toBeLessThan(8000)
    } finally {
      process.kill(own.serverPid, 'SIGCONT')
      await own.stop()
    }
  })

  it.each(['auto', 'parec'] as const)(
    'goes on when Ctrl-C is pressed, until it is closed (%s)',
    async engine => {
      await start({ engine })
      const [child] = workersOf(process.pid, 'microphone')
      process.kill(child!, 'SIGINT')
      const enough = frames.length + 50
      await until('more sound', () => frames.length >= enough)
      expect(failure).toBeUndefined()
    },
  )

  it('leaves no process behind, also when it is closed while it opens', async () => {
    await start()
    await microphone.close()
    const opening = start()
    await microphone.close()
    await expect(opening).rejects.toMatchObject({ code: 'no-microphone' })
    await until('the end of the children', () => workersOf(process.pid, 'microphone').length === 0)
    const count = frames.length
    await card.speakSamples(noise(0.1))
    expect(frames).toHaveLength(count)
  })

  it.each([{}, { program: { engine: 'parec', command: 'parec', args: ['--raw'], delayMs: 0 } }])(
    'ends with the program that started it (%o)',
    async opening => {
      const { parent, child } = await orphanMaker('microphone', { type: 'open', ...opening }, card.env)
      expect(isAlive(child)).toBe(true)
      parent.kill('SIGKILL')
      await until('the end of the child', () => !isAlive(child))
    },
  )
})
