import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OutputDevice } from '../../../src/audio/devices/output-device.ts'
import { createSpeaker, type SpeakerOptions } from '../../../src/audio/devices/speaker.ts'
import { VapiError } from '../../../src/errors.ts'
import { requires } from '../../support/requires.ts'
import { type SoundCard, soundCardPrograms, startSoundCard } from '../../support/sound-card.ts'
import { block, isAlive, nowhere, orphanMaker, until, workersOf } from './processes.ts'
import { compare, gapsMs, loudPart, noise, tone } from './signals.ts'

const missing = requires(...soundCardPrograms, 'aplay', 'sox')
const engines = ['auto', 'pacat', 'aplay', 'sox'] as const
/** aplay and sox do not tell what they have played: the time that they took to start is guessed. */
const toleranceMs = { auto: 60, pacat: 60, aplay: 250, sox: 250 }

describe.skipIf(missing)(`the speaker${missing ? ` (${missing})` : ''}`, () => {
  let card: SoundCard
  let folder: string
  let speaker: OutputDevice
  let speakers: OutputDevice[]
  let source: TestSource

  beforeAll(async () => {
    card = await startSoundCard()
    folder = mkdtempSync(join(tmpdir(), 'vapi-speaker-'))
  })
  afterAll(async () => {
    await card.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    source = new TestSource()
    speakers = []
  })
  afterEach(() => Promise.all(speakers.map(each => each.close())))

  async function open(options: Partial<SpeakerOptions> = {}): Promise<void> {
    speaker = createSpeaker({ env: card.env, ...options })
    speakers.push(speaker)
    await speaker.open(source)
  }
  const failureOf = (options: Partial<SpeakerOptions>) =>
    open(options).then(
      () => undefined,
      error => error,
    )

  it.each(engines)('plays all that it pulls, without a gap (%s)', async engine => {
    await open({ engine })
    const recorder = await card.recorder()
    const spoken = noise(2)
    const end = source.say(spoken)
    await until('the end of the sound', () => source.confirmed >= end() + 3200)
    const { lags, snrDb } = compare(spoken, (await recorder.stop()).samples)
    expect(lags).toHaveLength(8)
    expect(Math.max(...lags) - Math.min(...lags)).toBeLessThanOrEqual(1)
    expect(snrDb).toBeGreaterThan(20)
  })

  it.each(engines)('confirms what was played when it was played (%s)', async engine => {
    await open({ engine })
    const recorder = await card.recorder()
    const end = source.say(tone(0, 16_000))
    await until('the end of the sound', () => source.confirmed >= end() + 3200)
    const recording = await recorder.stop()
    const { first, last } = loudPart(recording.samples)
    const begin = end() - 16_000
    for (const [index, sample] of [
      [begin, first],
      [end(), last],
    ] as const) {
      const confirmedAt = source.confirmations.find(({ total }) => total >= index)!.atMs
      expect(Math.abs(confirmedAt - recording.arrivedAt(sample))).toBeLessThan(toleranceMs[engine])
    }
    const totals = source.confirmations.map(({ total }) => total)
    expect(totals.every((total, index) => index === 0 || total > totals[index - 1]!)).toBe(true)
    expect(totals.every(total => Number.isInteger(total))).toBe(true)
    expect(totals.at(-1)).toBeLessThanOrEqual(source.pulled)
  })

  it.each(engines)('is silent soon after a drop and knows how much was heard (%s)', async engine => {
    await open({ engine })
    const recorder = await card.recorder()
    const end = source.say(tone(0, 160_000))
    await until('a second of it', () => source.confirmed >= end() - 160_000 + 16_000)
    const begin = end() - 160_000
    const droppedAtMs = performance.now()
    source.hush()
    const total = await speaker.drop()
    await until('silence', () => source.confirmed >= total + 4800)
    const recording = await recorder.stop()
    const { first, last } = loudPart(recording.samples)
    expect(recording.arrivedAt(last) - droppedAtMs).toBeLessThan(150)
    expect(Math.abs(last + 1 - first - (total - begin)) / 16).toBeLessThan(toleranceMs[engine])
    expect(gapsMs(recording.samples)).toEqual([])
  })

  it('goes on with the next sample after a drop, and loses the dropped ones only', async () => {
    await open()
    source.say(tone(0, 160_000))
    await until('some of it', () => source.confirmed >= 8000)
    source.hush()
    const pulledBefore = source.pulled
    const dropped = speaker.drop()
    expect(source.pulled).toBe(pulledBefore)
    const total = await dropped
    expect(source.pulled).toBe(pulledBefore)
    expect(total).toBeGreaterThan(8000)
    expect(total).toBeLessThan(pulledBefore)
    source.continueFrom(total)
    const recorder = await card.recorder()
    const spoken = noise(1)
    const end = source.say(spoken)
    await until('the end of the sound', () => source.confirmed >= end() + 3200)
    expect(compare(spoken, (await recorder.stop()).samples).snrDb).toBeGreaterThan(20)
  })

  it('answers several drops, also when nothing plays or it was closed', async () => {
    await open()
    expect(await Promise.all([speaker.drop(), speaker.drop()])).toEqual([0, 0])
    source.continueFrom(0)
    await until('sound', () => source.confirmed > 3200)
    const dropped = speaker.drop()
    await speaker.close()
    const total = source.confirmed
    expect(await dropped).toBe(total)
    expect(await speaker.drop()).toBe(total)
  })

  it('plays on while the program is busy for a moment', async () => {
    await open()
    const recorder = await card.recorder()
    const end = source.say(tone(0, 32_000))
    for (let second = 0; second < 3; second++) {
      const resume = source.confirmed + 8000
      await until('more', () => source.confirmed >= resume)
      block(150)
    }
    await until('the end of the sound', () => source.confirmed >= end() + 3200)
    const { samples } = await recorder.stop()
    const { first, last } = loudPart(samples)
    // Without sound kept ahead these would be more than 300 ms. A machine with too much to do may add a gap of its own.
    const silenceMs = gapsMs(samples).reduce((sum, gap) => sum + gap, 0)
    expect(silenceMs).toBeLessThan(100)
    expect(Math.abs(last + 1 - first - 32_000 - silenceMs * 16)).toBeLessThan(160)
  })

  it('keeps the pace of the clock although the program is sometimes busy for long', async () => {
    await open()
    await until('playing', () => source.confirmed >= 16_000)
    const offsetMs = performance.now() - source.confirmed / 16
    for (let round = 0; round < 3; round++) {
      const resume = source.confirmed + 3200
      block(400)
      await until('more', () => source.confirmed >= resume)
    }
    const caughtUp = source.confirmed + 24_000
    await until('more', () => source.confirmed >= caughtUp)
    expect(Math.abs(performance.now() - source.confirmed / 16 - offsetMs)).toBeLessThan(100)
  })

  it('plays on the speaker whose name is given', async () => {
    const recorder = await card.recorder('vmicsink.monitor')
    const other = await card.recorder()
    await open({ deviceName: 'into-MICRO' })
    expect(speaker.name).toBe('into-MICRO')
    const end = source.say(tone(0, 8000))
    await until('the end of the sound', () => source.confirmed >= end() + 3200)
    expect(loudPart((await recorder.stop()).samples).first).toBeGreaterThan(0)
    expect(loudPart((await other.stop()).samples).first).toBe(-1)
  })

  it('refuses a name that no speaker or several have, and lists the names', async () => {
    expect(await failureOf({ deviceName: 'Headset' })).toMatchObject({
      exit: 2,
      message: 'no speaker matches "Headset"',
      hint: 'the speakers here: "Virtual-Speaker", "Voice-Into-Microphone"',
    })
    expect(await failureOf({ deviceName: 'v' })).toMatchObject({
      exit: 2,
      message: 'several speakers match "v": "Virtual-Speaker", "Voice-Into-Microphone"',
    })
  })

  it('refuses a player that cannot do what is asked', async () => {
    expect(await failureOf({ engine: 'ffplay', env: { ...card.env, PATH: folder } })).toMatchObject({
      exit: 2,
      message: 'the player ffplay is not installed here',
    })
    expect(await failureOf({ engine: 'audio-io', deviceName: 'speaker' })).toMatchObject({
      exit: 2,
      message: 'audio-io plays on the default speaker only',
    })
  })

  it('plays with an installed program where the library cannot be loaded', async () => {
    const blocker = join(folder, 'no-library.cjs')
    writeFileSync(blocker, "process.dlopen = () => { throw new Error('libasound.so.2 is missing') }")
    const env = { ...card.env, NODE_OPTIONS: `--require ${blocker}` }
    await open({ env })
    await until('playing', () => source.confirmed > 0)
    expect((await failureOf({ env, engine: 'audio-io' })).message).toContain(
      'audio-io: libasound.so.2 is missing',
    )
  })

  it('says that there is no speaker and what to do', async () => {
    const error = await failureOf({ env: nowhere })
    expect(error).toBeInstanceOf(VapiError)
    expect(error).toMatchObject({ code: 'no-speaker', exit: 1 })
    expect(error.message).toContain('audio-io: Failed to open audio device')
    expect(error.message).toContain('pacat: pa_context_connect() failed: Connection refused')
    expect(error.hint).toContain('--out none')
    expect(source.pulled).toBe(0)
  })

  it('fails when its process is ended, and answers a drop that was under way', async () => {
    await open()
    await until('playing', () => source.confirmed > 3200)
    const [child] = workersOf(process.pid, 'speaker')
    process.kill(child!, 'SIGSTOP')
    const dropped = speaker.drop()
    process.kill(child!, 'SIGKILL')
    expect(await dropped).toBe(source.confirmed)
    expect(source.failures).toMatchObject([
      { code: 'speaker-stopped', message: 'the speaker stopped (audio-io: it was ended by SIGKILL)' },
    ])
    const { pulled } = source
    await speaker.close()
    expect(source.pulled).toBe(pulled)
    expect(source.failures).toHaveLength(1)
  })

  it.each(['auto', 'pacat'] as const)('fails when the sound server goes away (%s)', async engine => {
    const own = await startSoundCard()
    try {
      await open({ env: own.env, engine })
      await until('playing', () => source.confirmed > 0)
      process.kill(own.serverPid, 'SIGKILL')
      await until('the failure', () => source.failures.length > 0)
      expect(source.failures).toMatchObject([{ code: 'speaker-stopped' }])
    } finally {
      await own.stop()
    }
  })

  it('gives up after five seconds when the sound server hangs', async () => {
    const own = await startSoundCard()
    try {
      process.kill(own.serverPid, 'SIGSTOP')
      const begin = performance.now()
      const error = await failureOf({ env: own.env, engine: 'audio-io' })
      expect(error).toMatchObject({ code: 'no-speaker' })
      expect(error.message).toContain('audio-io: it did not open within 5 s')
      expect(performance.now() - begin).toBeLessThan(8000)
    } finally {
      process.kill(own.serverPid, 'SIGCONT')
      await own.stop()
    }
  })

  it('leaves no process behind, also when it is closed while it opens', async () => {
    await open()
    await speaker.close()
    const opening = open()
    await speaker.close()
    await expect(opening).rejects.toMatchObject({ code: 'no-speaker' })
    await until('the end of the children', () => workersOf(process.pid, 'speaker').length === 0)
    const { pulled } = source
    await card.record(0.1)
    expect(source.pulled).toBe(pulled)
  })

  it.each([
    {},
    { program: { engine: 'pacat', command: 'pacat', args: ['--playback', '--raw'], delayMs: 0 } },
  ])('ends with the program that started it (%o)', async opening => {
    const { parent, child } = await orphanMaker('speaker', { type: 'open', ...opening }, card.env)
    expect(isAlive(child)).toBe(true)
    parent.kill('SIGKILL')
    await until('the end of the child', () => !isAlive(child))
  })
})

/** Gives silence, and what it is told to say; keeps the book of what was pulled and confirmed. */
class TestSource {
  pulled = 0
  confirmed = 0
  confirmations: { total: number; atMs: number }[] = []
  failures: Error[] = []
  private waiting: Int16Array = new Int16Array(0)

  /** Says it with the next pull. The result gives the number of the sample after its last one. */
  say(samples: Int16Array): () => number {
    this.waiting = samples
    let begin: number | undefined
    this.began = at => {
      begin ??= at
    }
    return () => (begin === undefined ? Number.POSITIVE_INFINITY : begin + samples.length)
  }
  hush(): void {
    this.waiting = new Int16Array(0)
  }
  continueFrom(total: number): void {
    this.pulled = total
  }
  private began = (_at: number) => {}

  pull(samples: number): Int16Array {
    if (this.waiting.length > 0) this.began(this.pulled)
    const given = new Int16Array(samples)
    given.set(this.waiting.subarray(0, samples))
    this.waiting = this.waiting.subarray(samples)
    this.pulled += samples
    return given
  }
  played(total: number): void {
    this.confirmed = total
    this.confirmations.push({ total, atMs: performance.now() })
  }
  failed(error: Error): void {
    this.failures.push(error)
  }
}
