import type { ChildProcess } from 'node:child_process'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { PlayQueue } from './play-queue.ts'
import { startProgram } from './program-process.ts'
import type { SoundProgram } from './programs.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
const STRETCH_SAMPLES = SAMPLES_PER_MS * 10
const TICK_MS = 10
/** How far ahead of its playing a program is fed; more than the buffers that the table asks for. */
const AHEAD_MS = 120
/** A program that tells nothing and lives so long has opened its device. */
const SETTLED_MS = 250
/** A program that tells the time does it this often at least. */
const TELL_MS = 60
/** Sound that a program has not read from its pipe: it is stuck. */
const STUCK_BYTES = SAMPLE_RATE * 2 * 2
/** Longer than this behind the clock, the machine slept: the time is not made up for. */
const SLEPT_MS = 1000

/**
 * Feeds an installed program (`pacat`, `aplay` …) in step with the clock. What it has played is estimated from the
 * time and the delay of the table where the program does not tell.
 */
export function createPlayer(
  program: SoundProgram,
  queue: PlayQueue,
  events: { opened(stretch: number): void; position(played: number): void; failed(error: Error): void },
): { drop(): number; close(): void } {
  let child: ChildProcess | undefined
  let startedAt = 0
  let base = 0
  /** What the program has told: so much was played at that time. */
  let told: { samples: number; atMs: number } | undefined
  let opened = false

  function start(): void {
    startedAt = performance.now()
    base = queue.written()
    const current = startProgram(program, error => child === current && events.failed(error))
    current.stdout?.resume()
    if (program.tellsTime) current.stderr?.on('data', (text: string) => child === current && listen(text))
    child = current
    told = undefined
    feed()
  }

  const elapsedMs = () => performance.now() - startedAt
  const playedNow = () => queue.takenAt(base + Math.max(0, programSamples()))
  const dueSamples = () => base + (elapsedMs() + AHEAD_MS) * SAMPLES_PER_MS - queue.written()

  function programSamples(): number {
    if (!program.tellsTime) return (elapsedMs() - program.delayMs) * SAMPLES_PER_MS
    if (!told) return 0
    return told.samples + Math.min(TELL_MS, performance.now() - told.atMs) * SAMPLES_PER_MS
  }

  function listen(text: string): void {
    const seconds = [...text.matchAll(/Time: ([\d.]+) sec/g)].at(-1)?.[1]
    if (seconds) told = { samples: Number(seconds) * SAMPLE_RATE, atMs: performance.now() }
  }

  function feed(): void {
    if (dueSamples() > (SLEPT_MS + AHEAD_MS) * SAMPLES_PER_MS) {
      base = queue.written()
      startedAt = performance.now()
    }
    while (dueSamples() >= STRETCH_SAMPLES) {
      const stretch = new Int16Array(STRETCH_SAMPLES)
      queue.fill(stretch)
      child?.stdin?.write(Buffer.from(stretch.buffer))
    }
    const stuck = (child?.stdin?.writableLength ?? 0) > STUCK_BYTES
    if (stuck) events.failed(new Error(`${program.engine} takes no sound`))
  }

  function stop(): void {
    const current = child
    child = undefined
    current?.kill('SIGKILL')
  }

  start()
  const timer = setInterval(() => {
    feed()
    if (!opened && (program.tellsTime ? told : elapsedMs() > SETTLED_MS)) {
      opened = true
      events.opened(STRETCH_SAMPLES)
    }
    if (opened) events.position(playedNow())
  }, TICK_MS)

  return {
    /** Silences by ending the program; another one takes its place. Gives the total that was played. */
    drop() {
      const played = playedNow()
      stop()
      queue.drop(played)
      start()
      return played
    },
    close() {
      clearInterval(timer)
      stop()
    },
  }
}
