import {
  type AudioFrame,
  type AudioInput,
  type AudioInputListener,
  FRAME_SAMPLES,
  SAMPLE_RATE,
} from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { type DeviceSystem, keepDevice, RETRY_LIMIT_MS } from './retrying.ts'

const FRAME_MS = (FRAME_SAMPLES * 1000) / SAMPLE_RATE
const LOOK_MS = 100
/** Frames are as late as the least late of so many; where that grows by more than this, sound was lost without a word. */
const LATENESS_FRAMES = 100
const LOST_MS = 100
/** So many looks in a row without a frame, and silence stands in: sound that comes later than that is lost. A program that was busy itself has not looked. */
const QUIET_LOOKS = 15

export interface LastingMicrophoneOptions {
  clock: Clock
  deviceName?: string
  open(deviceName: string | undefined): AudioInput
  system: DeviceSystem
  /** How long a microphone that went is tried again, in milliseconds. */
  limitMs?: number
}

/**
 * A microphone that may go and come back. While there is none, or it says nothing, its sound is silence, and the dates of the frames
 * go on without a break; the same microphone is tried again, then the default one. Only after the limit it is `failed`.
 */
export function createLastingMicrophone(options: LastingMicrophoneOptions): AudioInput {
  const { clock, deviceName, limitMs = RETRY_LIMIT_MS } = options
  const closing = new AbortController()
  let listener: AudioInputListener
  let current = options.open(deviceName)
  const { name } = current
  /** When the next frame is due; null before the first. */
  let nextMs: number | null = null
  let quietLooks = 0
  let lateness = createLateness()
  let timer: NodeJS.Timeout | undefined

  const keeper = keepDevice({
    kind: 'microphone',
    clock,
    deviceName,
    limitMs,
    system: options.system,
    signal: closing.signal,
    warn: message => listener.warning(message),
    standIn() {
      quietLooks = QUIET_LOOKS
      void current.close()
    },
    open: async wanted => {
      const input = options.open(wanted)
      current = input
      lateness = createLateness()
      try {
        await input.start(heard(input))
        return true
      } catch {
        await input.close()
        return false
      }
    },
    gaveUp(error) {
      clearInterval(timer)
      listener.failed(error)
    },
  })

  function hear(frame: AudioFrame): void {
    quietLooks = 0
    const audioMs = frame.audioMs + lateness.lostBefore(clock.now() - frame.audioMs)
    // Silence has stood in for it.
    if (nextMs !== null && audioMs < nextMs - 0.5) return
    fillUntil(audioMs)
    nextMs = audioMs + FRAME_MS
    listener.frame({ ...frame, audioMs })
  }

  function standIn(): void {
    quietLooks += 1
    if (quietLooks >= QUIET_LOOKS) fillUntil(clock.now())
  }

  function fillUntil(untilMs: number): void {
    while (nextMs !== null && nextMs + FRAME_MS <= untilMs && !closing.signal.aborted) {
      const audioMs = nextMs
      nextMs += FRAME_MS
      listener.frame({ samples: new Int16Array(FRAME_SAMPLES), audioMs })
    }
  }

  /** Listens to one opened microphone, as long as it is the one in use. */
  function heard(input: AudioInput): AudioInputListener {
    const isCurrent = () => input === current && !closing.signal.aborted
    return {
      frame: frame => isCurrent() && hear(frame),
      ended: () => isCurrent() && listener.ended(),
      warning: message => isCurrent() && listener.warning(message),
      failed: error => isCurrent() && keeper.lose(error),
    }
  }

  return {
    name,
    async start(given) {
      listener = given
      await current.start(heard(current))
      timer = setInterval(standIn, LOOK_MS)
      keeper.watch()
    },
    async close() {
      closing.abort()
      clearInterval(timer)
      keeper.end()
      await current.close()
    },
  }
}

/**
 * A recorder that is not given enough time loses sound and does not tell: its count of samples, which dates the frames, then falls
 * behind the clock for good. Gives by how much.
 */
function createLateness() {
  let lostMs = 0
  let usualMs: number | null = null
  let latest: number[] = []
  return {
    lostBefore(lateMs: number): number {
      latest.push(lateMs - lostMs)
      if (latest.length < LATENESS_FRAMES) return lostMs
      const leastMs = Math.min(...latest)
      latest = []
      usualMs ??= leastMs
      if (leastMs - usualMs > LOST_MS) lostMs += leastMs - usualMs
      return lostMs
    },
  }
}
