import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { OutputDevice, OutputSource } from './output-device.ts'
import { type DeviceSystem, keepDevice, RETRY_LIMIT_MS } from './retrying.ts'
import { createSilentOutput } from './silent-output.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
/** A device that was just opened may change its delay for so long. */
const SETTLING_MS = 5000
/** One that confirms late was only slow to tell if it does so less than this many times in a row. */
const CONFIRMATIONS = 25
const NOTICED_MS = 40

export interface LastingSpeakerOptions {
  clock: Clock
  deviceName?: string
  open(deviceName: string | undefined): OutputDevice
  system: DeviceSystem
  /** How long a speaker that went is tried again, in milliseconds. */
  limitMs?: number
}

/**
 * A speaker that may go and come back. While there is none the clock plays, to nobody; the same speaker is tried again, then the
 * default one. What stood still is told to the source, so that later sound has its true place in time. Only after the limit it is
 * `failed`.
 */
export function createLastingSpeaker(options: LastingSpeakerOptions): OutputDevice {
  const { clock, deviceName, limitMs = RETRY_LIMIT_MS } = options
  const closing = new AbortController()
  let source: OutputSource
  let current = options.open(deviceName)
  const { name } = current
  /** Samples of the devices before the one in use; all that were pulled; for how many the devices stood still. */
  let base = 0
  let pulled = 0
  let stoodStill = 0
  /** When the first sample was heard. */
  let beganMs: number | null = null
  let newUntilMs = 0
  let lagsMs: number[] = []

  const keeper = keepDevice({
    kind: 'speaker',
    clock,
    deviceName,
    limitMs,
    system: options.system,
    signal: closing.signal,
    warn: message => source.warning?.(message),
    standIn: playSilence,
    open: async wanted => {
      const device = options.open(wanted)
      try {
        await device.open(serve(device))
      } catch {
        if (device === current) await playSilence()
        return false
      }
      if (closing.signal.aborted) await device.close()
      return true
    },
    async gaveUp(error) {
      await current.close()
      source.failed(error)
    },
  })

  /** Serves one opened device; it is in use from its first pull on. */
  function serve(device: OutputDevice): OutputSource {
    const isCurrent = () => device === current && !closing.signal.aborted
    return {
      pull(samples) {
        if (closing.signal.aborted) return new Int16Array(samples)
        if (device !== current) take(device)
        pulled += samples
        return source.pull(samples)
      },
      played: total => isCurrent() && confirm(base + total),
      failed: error => isCurrent() && keeper.lose(error),
    }
  }

  function take(device: OutputDevice): void {
    const before = current
    current = device
    void before.close()
    // What the one before still had is over: nobody will hear it.
    source.played(pulled)
    base = pulled
    newUntilMs = clock.now() + SETTLING_MS
    lagsMs = []
  }

  function confirm(total: number): void {
    const nowMs = clock.now()
    beganMs ??= Math.max(0, nowMs - total / SAMPLES_PER_MS)
    if (nowMs < newUntilMs) settle(nowMs - beganMs - (total + stoodStill) / SAMPLES_PER_MS)
    source.played(total)
  }

  /** Finds for how long sound stood still: at once where a device has begun to play, then by the least delay of many confirmations. */
  function settle(lagMs: number): void {
    lagsMs.push(lagMs)
    const isFirst = lagsMs.length === 1
    if (!isFirst && lagsMs.length % CONFIRMATIONS !== 0) return
    const missing = Math.round(Math.min(...lagsMs.slice(-CONFIRMATIONS)) * SAMPLES_PER_MS)
    if (missing <= (isFirst ? 0 : NOTICED_MS * SAMPLES_PER_MS)) return
    lagsMs = [0]
    stoodStill += missing
    source.stoodStill?.(missing)
  }

  async function playSilence(): Promise<void> {
    const silence = createSilentOutput({ clock })
    take(silence)
    await silence.open(serve(silence))
  }

  return {
    name,
    async open(to) {
      source = to
      await current.open(serve(current))
      keeper.watch()
    },
    async drop() {
      const device = current
      const before = base
      const played = before + (await device.drop())
      // Another one has taken over meanwhile: all that the first had is over.
      if (device !== current) return pulled
      pulled = played
      return played
    },
    async close() {
      closing.abort()
      keeper.end()
      await current.close()
    },
  }
}
