import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVoiceActivityDetector } from '../../../src/audio/vad/detector.ts'
import { loadSileroWeights } from '../../../src/audio/vad/silero-weights.ts'
import { createTranscriberLine, type TranscriberLine } from '../../../src/call/caller/transcribers.ts'
import { createUntranscribed } from '../../../src/call/caller/untranscribed.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../../src/engine/ports/audio-input.ts'
import type { Transcriber, TranscriberListener, Transcript } from '../../../src/engine/ports/transcriber.ts'
import { packageFile } from '../../../src/package-root.ts'
import { createFliteEngine } from '../../../src/providers/embedded/flite-engine.ts'
import { createPocketSphinx } from '../../../src/providers/recognisers/pocketsphinx.ts'
import { sayAll, wordErrorRate } from '../../providers/recognisers/hearing.ts'
import { requires } from '../../support/requires.ts'

const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000
const frame = (audioMs: number) => ({ samples: new Int16Array(FRAME_SAMPLES), audioMs })
const final = (audioMs: number): Transcript => ({ transcriptType: 'final', text: 'so far', audioMs })

/** Writes down what it is given: `started 400`, `320-500` for a stretch of frames. */
class Recorder implements Transcriber {
  readonly name: string
  readonly capabilities = { endOfTurn: false, partials: false, languages: 'any' as const }
  readonly given: string[] = []
  closed = false
  listener: TranscriberListener | null = null
  readonly #starting: Promise<void>

  constructor(name = 'recorder', starting: Promise<void> = Promise.resolve()) {
    this.name = name
    this.#starting = starting
  }

  async start(listener: TranscriberListener): Promise<void> {
    this.listener = listener
    await this.#starting
  }

  push({ audioMs }: { audioMs: number }): void {
    const [from, to] = (this.given.at(-1) ?? '').split('-').map(Number)
    if (to === audioMs) this.given[this.given.length - 1] = `${from}-${audioMs + FRAME_MS}`
    else this.given.push(`${audioMs}-${audioMs + FRAME_MS}`)
  }

  speech(edge: 'started' | 'stopped', audioMs: number): void {
    this.given.push(`${edge} ${audioMs}`)
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

describe('the sound without a transcript', () => {
  /** What is kept after frames up to a moment, with edges and final transcripts on the way, by their times. */
  function kept(
    untilMs: number,
    events: [atMs: number, what: 'started' | 'stopped' | 'final', audioMs: number][],
  ) {
    const sound = createUntranscribed()
    for (let audioMs = 0; audioMs < untilMs; audioMs += FRAME_MS) {
      sound.push(frame(audioMs))
      for (const [, what, edgeMs] of events.filter(([atMs]) => atMs === audioMs)) {
        if (what === 'final') sound.transcribed(edgeMs)
        else sound.speech(what, edgeMs)
      }
    }
    const recorder = new Recorder()
    const lengthMs = sound.give(recorder)
    return { given: recorder.given, lengthMs }
  }

  it('is the last second or so, where nobody speaks', () => {
    const { given, lengthMs } = kept(60_000, [])
    expect(lengthMs).toBeGreaterThanOrEqual(1000)
    expect(lengthMs).toBeLessThanOrEqual(1600)
    expect(given).toEqual([`${60_000 - lengthMs}-60000`])
  })

  it('begins most of a second before speech, which is learned late, and has its edges at their places', () => {
    const { given } = kept(8000, [
      [3100, 'started', 3000],
      [5500, 'stopped', 5000],
    ])
    const [first = '', ...others] = given
    expect(Number(first.split('-')[0])).toBeGreaterThanOrEqual(1400)
    expect(Number(first.split('-')[0])).toBeLessThanOrEqual(2400)
    expect(first.split('-')[1]).toBe('3120')
    expect(others).toEqual(['started 3000', '3120-5520', 'stopped 5000', '5520-8000'])
  })

  it('begins within the speech whose first part has a final transcript', () => {
    const { given } = kept(6000, [
      [1100, 'started', 1000],
      [4000, 'final', 3000],
    ])
    expect(given).toEqual(['started 3000', '3000-6000'])
  })

  it.each([
    ['at the end of the speech', 5000],
    ['a little before it', 4850],
  ])('has no speech after a final transcript %s', (_when, finalMs) => {
    const { given } = kept(7000, [
      [1100, 'started', 1000],
      [5500, 'stopped', 5000],
      [6000, 'final', finalMs],
    ])
    expect(given.filter(item => /st/.test(item))).toEqual([])
  })

  it('keeps words that follow a final transcript in the same speech', () => {
    const { given } = kept(7000, [
      [1100, 'started', 1000],
      [5500, 'stopped', 5000],
      [6000, 'final', 4000],
    ])
    expect(given).toEqual(['started 4000', '4000-5520', 'stopped 5000', '5520-7000'])
  })

  it('is 30 seconds at most', () => {
    const { given, lengthMs } = kept(90_000, [[1100, 'started', 1000]])
    expect(lengthMs).toBeLessThanOrEqual(30_520)
    expect(lengthMs).toBeGreaterThanOrEqual(30_000)
    expect(given[0]).toBe(`started ${90_000 - lengthMs}`)
  })
})

describe('a line of transcribers', () => {
  const clock = createRealClock()
  function open(transcribers: Transcriber[]) {
    const transcripts: Transcript[] = []
    const failures: [number, string][] = []
    const line: TranscriberLine = createTranscriberLine(transcribers, clock, {
      transcript: transcript => transcripts.push(transcript),
      failed: (place, error) => {
        failures.push([place, String(error)])
        if (place + 1 < transcribers.length) line.switchTo(place + 1)
      },
    })
    return { line, transcripts, failures }
  }
  const speak = (line: TranscriberLine, fromMs: number, untilMs: number) => {
    for (let audioMs = fromMs; audioMs < untilMs; audioMs += FRAME_MS) line.push(frame(audioMs))
  }

  it('gives the next one what the first had no transcript of, and then what follows', async () => {
    let ready = () => {}
    const [first, second] = [
      new Recorder('first'),
      new Recorder('second', new Promise<void>(resolve => (ready = resolve))),
    ]
    const { line, transcripts, failures } = open([first, second])
    await line.start()
    speak(line, 0, 2000)
    line.speech('started', 1000)
    first.listener?.transcript(final(1500))
    first.listener?.failed(new Error('gone'))
    expect(failures).toEqual([[0, 'Error: gone']])
    expect(first.closed).toBe(true)
    speak(line, 2000, 3000)
    expect(line.caughtUpMs()).toBeNull()
    ready()
    await expect.poll(() => second.given).toEqual(['started 1500', '1500-3000'])
    speak(line, 3000, 3100)
    expect(second.given).toEqual(['started 1500', '1500-3100'])
    // What the first still has to say was given to the second.
    first.listener?.transcript(final(2500))
    second.listener?.transcript(final(3000))
    expect(transcripts.map(({ audioMs }) => audioMs)).toEqual([1500, 3000])
    first.listener?.failed(new Error('again'))
    expect(failures).toHaveLength(1)
  })

  it('goes over to the next where the first cannot be started', async () => {
    const broken = new Recorder('broken', Promise.reject(new Error('not installed')))
    const second = new Recorder('second')
    const { line, failures } = open([broken, second])
    await line.start()
    expect(failures).toEqual([[0, 'Error: not installed']])
    speak(line, 0, 500)
    await expect.poll(() => second.given).toEqual(['0-500'])
  })

  it('alone and broken has failed: the call ends by its reason and is kept', async () => {
    const { line, failures } = open([new Recorder('broken', Promise.reject(new Error('not installed')))])
    await line.start()
    expect(failures).toEqual([[0, 'Error: not installed']])
  })

  it('tells that there is nobody left', async () => {
    const only = new Recorder()
    const { line, failures } = open([only])
    await line.start()
    only.listener?.failed(new Error('gone'))
    line.switchTo(1)
    await expect.poll(() => failures.map(([place]) => place)).toEqual([0, 1])
  })
})

const missing = requires('pocketsphinx_continuous')
describe.skipIf(missing)(`a recogniser that is killed ${missing || ''}`, () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vapi-transcribers-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('[api-transcriber-fallback] in the middle of a sentence is followed by the next, which has all of its words', async () => {
    const sentence = 'Can you tell me the opening hours on Saturday?'
    const engine = createFliteEngine()
    const { samples, utterances } = await sayAll(engine, [sentence])
    await engine.close()
    const program = spawnSync('sh', ['-c', 'command -v pocketsphinx_continuous'], {
      encoding: 'utf8',
    }).stdout.trim()
    const mortal = join(folder, 'mortal')
    await writeFile(mortal, `#!/bin/sh\necho $$ > ${mortal}.pid\nexec ${program} "$@"\n`)
    await chmod(mortal, 0o755)

    const transcripts: Transcript[] = []
    const failures: number[] = []
    const recognisers = [mortal, program].map(path => createPocketSphinx({ kind: 'continuous', path }))
    const line = createTranscriberLine(recognisers, createRealClock(), {
      transcript: transcript => transcripts.push(transcript),
      failed: place => {
        failures.push(place)
        line.switchTo(place + 1)
      },
    })
    await line.start()
    const weights = loadSileroWeights(readFileSync(packageFile('dist', 'data', 'silero-v6.bin')))
    const detector = createVoiceActivityDetector(weights)
    const hear = (fromMs: number, untilMs: number) => {
      for (let audioMs = fromMs; audioMs < untilMs; audioMs += FRAME_MS) {
        const from = audioMs * (SAMPLE_RATE / 1000)
        const heard = { samples: samples.slice(from, from + FRAME_SAMPLES), audioMs }
        if (heard.samples.length < FRAME_SAMPLES) return
        line.push(heard)
        for (const edge of detector.process(heard)) line.speech(edge.type, edge.audioMs)
      }
    }
    // The first second is noise; here the sentence is half over.
    const middleMs = Math.round((1000 + (utterances[0]?.endMs ?? 0)) / 2 / FRAME_MS) * FRAME_MS
    hear(0, middleMs)
    process.kill(Number(await readFile(`${mortal}.pid`, 'utf8')), 'SIGKILL')
    await expect.poll(() => failures, { timeout: 20_000 }).toEqual([0])
    hear(middleMs, Number.POSITIVE_INFINITY)
    await expect.poll(() => transcripts.length, { timeout: 30_000 }).toBe(1)
    await line.close()
    expect(wordErrorRate(sentence, transcripts[0]?.text ?? ''), transcripts[0]?.text).toBeLessThan(0.3)
    expect(Math.abs((transcripts[0]?.audioMs ?? 0) - (utterances[0]?.endMs ?? 0))).toBeLessThan(300)
    expect(failures).toEqual([0])
  }, 90_000)
})
