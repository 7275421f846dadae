import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Voice } from '../../../src/engine/ports/voice.ts'
import { workerFile } from '../../../src/package-root.ts'
import {
  createEmbeddedVoice,
  createFliteEngine,
  type FliteEngine,
} from '../../../src/providers/embedded/flite-engine.ts'
import { FLITE_VOICES } from '../../../src/providers/embedded/flite-sound.ts'

const SENTENCE = 'I need an appointment for tomorrow morning.'
const never = new AbortController().signal

interface Spoken {
  pieces: Int16Array[]
  seconds: number
  sampleRate: number
  /** Decibels below full scale, over the whole of it. */
  rms: number
  peak: number
}

async function speak(voice: Voice, text: string, settings = {}, signal = never): Promise<Spoken> {
  const pieces: Int16Array[] = []
  let sampleRate = 0
  for await (const { audio } of voice.speak({ text, settings }, signal)) {
    if (audio.type !== 'pcm') throw new Error('no sound')
    pieces.push(audio.samples)
    sampleRate = audio.sampleRate
  }
  const samples = pieces.flatMap(piece => [...piece])
  const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length
  const peak = samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0)
  return {
    pieces,
    seconds: samples.length / sampleRate,
    sampleRate,
    rms: decibels(Math.sqrt(power)),
    peak: decibels(peak),
  }
}

const decibels = (amplitude: number) => 20 * Math.log10(amplitude / 32_768)

describe('the embedded voice', () => {
  let engine: FliteEngine
  beforeAll(async () => {
    engine = createFliteEngine()
    await engine.warmUp()
  })
  afterAll(() => engine.close())

  it.each(FLITE_VOICES)('speaks as %s at an ordinary pace and level, without clipping', async id => {
    const voice = engine.voice({ voice: id })
    expect(voice.name).toBe(`embedded/${id}`)
    const spoken = await speak(voice, SENTENCE)
    expect(spoken.sampleRate).toBe(id === 'kal' ? 8_000 : 16_000)
    expect(spoken.seconds).toBeGreaterThan(1.8)
    expect(spoken.seconds).toBeLessThan(3.5)
    expect(spoken.rms).toBeGreaterThan(-24)
    expect(spoken.rms).toBeLessThan(-17)
    expect(spoken.peak).toBeLessThanOrEqual(-0.99)
  })

  it('begins to sound at once', async () => {
    const { pieces } = await speak(engine.voice(), SENTENCE)
    const onset = pieces[0].findIndex(sample => Math.abs(sample) > 300)
    expect(onset / 16).toBeLessThan(100)
  })

  it('gives one piece per sentence and pauses of the asked length', async () => {
    const { pieces } = await speak(engine.voice(), 'One moment. <break time="0.7s"/> Here it is.')
    expect(pieces).toHaveLength(3)
    expect(pieces[1]).toEqual(new Int16Array(11_200))
  })

  it('speaks faster and slower as asked', async () => {
    const [slow, plain, fast] = await Promise.all(
      [0.8, 1, 1.5].map(speed => speak(engine.voice(), SENTENCE, { speed })),
    )
    expect(slow.seconds / plain.seconds).toBeGreaterThan(1.15)
    expect(slow.seconds / plain.seconds).toBeLessThan(1.35)
    expect(fast.seconds / plain.seconds).toBeLessThan(0.75)
    expect(fast.seconds / plain.seconds).toBeGreaterThan(0.6)
    const configured = await speak(engine.voice({ speed: 1.5 }), SENTENCE)
    expect(configured.seconds).toBeCloseTo(fast.seconds, 2)
  })

  it('serves two voices at once, each with its own sound', async () => {
    const alone = await Promise.all(
      ['slt', 'rms'].map(id => speak(engine.voice({ voice: id as 'slt' }), SENTENCE)),
    )
    const [first, second] = await Promise.all([
      speak(engine.voice({ voice: 'slt' }), `${SENTENCE} ${SENTENCE}`),
      speak(engine.voice({ voice: 'rms' }), `${SENTENCE} ${SENTENCE}`),
    ])
    expect(first.pieces).toEqual([alone[0].pieces[0], alone[0].pieces[0]])
    expect(second.pieces).toEqual([alone[1].pieces[0], alone[1].pieces[0]])
  })

  it('stops before the next sentence when it is aborted', async () => {
    const stop = new AbortController()
    let pieces = 0
    for await (const _ of engine.voice().speak({ text: 'One. Two. Three.', settings: {} }, stop.signal)) {
      pieces++
      stop.abort()
    }
    expect(pieces).toBe(1)
    expect((await speak(engine.voice(), SENTENCE, {}, AbortSignal.abort())).pieces).toEqual([])
  })

  it('ends at once when it is aborted while a sentence is made', async () => {
    const stop = new AbortController()
    const speaking = speak(engine.voice(), SENTENCE.repeat(3), {}, stop.signal)
    queueMicrotask(() => stop.abort())
    expect((await speaking).pieces).toEqual([])
    expect((await speak(engine.voice(), 'Still there.')).seconds).toBeGreaterThan(0.3)
  })

  it('fails on text that it cannot read instead of giving silence', async () => {
    await expect(speak(engine.voice(), 'こんにちは')).rejects.toMatchObject({ code: 'voice-cannot-read' })
    await expect(speak(engine.voice(), '…')).rejects.toMatchObject({ code: 'voice-cannot-read' })
  })

  it('does not take more and more memory', async () => {
    const speakTen = async () => {
      for (let count = 0; count < 10; count++)
        await speak(engine.voice({ voice: 'kal16' }), `This is number ${count}.`)
    }
    await speakTen()
    await speakTen()
    const before = process.memoryUsage().rss
    for (let round = 0; round < 10; round++) await speakTen()
    const grownMegabytes = (process.memoryUsage().rss - before) / 1e6
    // Every sentence has an instance of 22 MB: 100 of them would be 2.2 GB.
    expect(grownMegabytes).toBeLessThan(150)
  })
})

describe('a worker that dies', () => {
  let folder: string
  let engine: FliteEngine
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vapi-flite-'))
    // The real worker, which ends when it is asked to say "crash".
    const worker = `const { parentPort } = require('node:worker_threads')
      parentPort.on('message', ({ text }) => { if (text.includes('crash')) process.exit(7) })
      require(${JSON.stringify(workerFile('flite'))})`
    await writeFile(join(folder, 'mortal.cjs'), worker)
  })
  afterEach(() => engine.close())
  afterAll(() => rm(folder, { recursive: true }))

  it('fails the sentence under way and is replaced for the next one, three times at most', async () => {
    engine = createFliteEngine(join(folder, 'mortal.cjs'))
    const voice = engine.voice({ voice: 'kal16' })
    for (let death = 1; death <= 2; death++) {
      await expect(speak(voice, 'Please crash.')).rejects.toMatchObject({
        code: 'voice-worker-died',
        retryable: true,
        endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
      })
      expect((await speak(voice, 'I am back.')).seconds).toBeGreaterThan(0.3)
    }
    await expect(speak(voice, 'Please crash.')).rejects.toMatchObject({ retryable: true })
    await expect(speak(voice, 'I am back.')).rejects.toMatchObject({
      code: 'voice-worker-died',
      retryable: false,
    })
  })

  it('fails sentences under way when it is closed', async () => {
    engine = createFliteEngine()
    const speaking = speak(engine.voice(), SENTENCE)
    const rejected = expect(speaking).rejects.toMatchObject({ code: 'voice-worker-died', retryable: false })
    await engine.close()
    await rejected
    await expect(speak(engine.voice(), SENTENCE)).rejects.toMatchObject({ code: 'voice-closed' })
  })
})

describe('an embedded voice with its own engine', () => {
  it('warms up, speaks and closes', async () => {
    const voice = createEmbeddedVoice({ voice: 'rms' })
    await voice.warmUp()
    expect(voice.name).toBe('embedded/rms')
    expect((await speak(voice, 'Good morning.')).seconds).toBeGreaterThan(0.4)
    await voice.close()
    await expect(speak(voice, 'Good morning.')).rejects.toMatchObject({ code: 'voice-closed' })
  })
})
