import { spawn } from 'node:child_process'
import type { Clock } from '../../engine/ports/clock.ts'
import { VapiError } from '../../errors.ts'
import type { DeviceKind } from './device-lists.ts'
import { listSystemDevices } from './list.ts'

/** How long a device that went is tried again, in milliseconds. */
export const RETRY_LIMIT_MS = 60_000
/** The default device stands in for one that was named only after so long: a plug that was pulled may be back at once. */
const DEFAULT_AFTER_MS = 3000
const RETRY_MS = 500
/** Where nobody tells which devices there are, an attempt costs several processes. */
const BLIND_RETRY_MS = 2000

/** The system, as those ask it who wait for a device. */
export interface DeviceSystem {
  look: LookForDevice
  /** Calls `removed` whenever a device of the kind went; returns how to end it. */
  watch(removed: () => void): () => void
}

/** Is there such a device (undefined: a default one)? Null where nobody can tell. */
export type LookForDevice = (deviceName: string | undefined) => Promise<boolean | null>

/** The devices of this machine. */
export function deviceSystem(kind: DeviceKind, env: NodeJS.ProcessEnv): DeviceSystem {
  return { look: lookInSystem(kind, env), watch: removed => watchRemovals(kind, env, removed) }
}

/** The shell ends its child when this process does, however that comes. */
const SUBSCRIBE = 'pactl subscribe & read -r line; kill $!'

/**
 * A sound server moves a stream whose device went to another one, without a word: a recording even to the sound of the speaker. So it is
 * asked what goes. Where there is none that can be asked, nothing is told.
 */
function watchRemovals(kind: DeviceKind, env: NodeJS.ProcessEnv, removed: () => void): () => void {
  if (process.platform !== 'linux') return () => {}
  const child = spawn('/bin/sh', ['-c', SUBSCRIBE], {
    env: { ...env, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'ignore'],
    // Ctrl-C of the terminal is not for it.
    detached: true,
  })
  const event = kind === 'microphone' ? /'remove' on source #/ : /'remove' on sink #/
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (event.test(text)) removed()
  })
  return () => child.stdin.end()
}

/**
 * Watches a device that is in use: `lost` is called when it went and nothing of its kind took its place, `moved` when the system goes on
 * with another one. Returns how to end it.
 */
function watchDevice(
  system: DeviceSystem,
  deviceName: string | undefined,
  handlers: { lost(): void; moved(): void },
): () => void {
  let wasThere: boolean | null = null
  let ended = false
  void system.look(deviceName).then(isThere => {
    wasThere = isThere
  })
  const end = system.watch(() => {
    if (wasThere !== true || ended) return
    void system.look(deviceName).then(isThere => {
      if (ended || isThere === null) return
      if (!isThere) handlers.lost()
      else if (deviceName === undefined) handlers.moved()
    })
  })
  return () => {
    ended = true
    end()
  }
}

/** One device of a call that may go and come back. */
export interface Keeping {
  kind: DeviceKind
  clock: Clock
  deviceName: string | undefined
  /** How long it is tried again, in milliseconds. */
  limitMs: number
  system: DeviceSystem
  signal: AbortSignal
  warn(message: string): void
  /** It went: silence stands in. */
  standIn(): void | Promise<void>
  /** Gives false where that failed. */
  open(deviceName: string | undefined): Promise<boolean>
  /** Nothing came back within the limit. */
  gaveUp(error: Error): void | Promise<void>
}

export interface Keeper {
  /** Watches the device that is in use. */
  watch(): void
  /** It went, however that was noticed: tries it again, then the default one. */
  lose(error: Error): void
  end(): void
}

/** Keeps a device: watched while it is in use, tried again when it went. What happens is told as warnings. */
export function keepDevice(keeping: Keeping): Keeper {
  const { kind, clock, deviceName, limitMs, system, signal, warn } = keeping
  let deviceInUse = deviceName
  let isLost = false
  let endWatch = () => {}

  function watch(): void {
    endWatch()
    endWatch = watchDevice(system, deviceInUse, {
      lost: () => lose(unplugged(kind)),
      moved: () => warn(`the default ${kind} went; the system goes on with another one`),
    })
  }

  function lose(error: Error): void {
    if (isLost) return
    isLost = true
    void retry(error)
  }

  async function retry(error: Error): Promise<void> {
    const lostAtMs = clock.now()
    warn(
      `${error.message}; the call goes on in silence, and it is tried again for ${Math.round(limitMs / 1000)} s`,
    )
    await keeping.standIn()
    const { open } = keeping
    const found = await retryDevice({ clock, deviceName, limitMs, look: system.look, signal, open })
    if (signal.aborted) return
    isLost = false
    deviceInUse = found === 'gave-up' ? deviceName : found.deviceName
    watch()
    if (found === 'gave-up') await keeping.gaveUp(error)
    else warn(isBack(kind, deviceName, found.deviceName, clock.now() - lostAtMs))
  }

  return { watch, lose, end: () => endWatch() }
}

/** What is told of a device that was unplugged while the system kept its stream. */
function unplugged(kind: DeviceKind): VapiError {
  return new VapiError({
    code: kind === 'microphone' ? 'microphone-stopped' : 'speaker-stopped',
    message: `the ${kind} stopped (it was unplugged)`,
    hint: 'See that it is still plugged in',
  })
}

/**
 * Asks the sound server. The sound of a speaker is no microphone, though it becomes the default one when all others are gone:
 * the assistant would talk to itself.
 */
function lookInSystem(kind: DeviceKind, env: NodeJS.ProcessEnv): LookForDevice {
  let isServed = false
  return async deviceName => {
    if (process.platform !== 'linux') return null
    const listed = await listSystemDevices(kind, env)
    const devices = listed.filter(({ list }) => list === 'pulse')
    // A server that has told of devices has none left.
    if (devices.length === 0) return isServed ? false : null
    isServed = true
    if (deviceName === undefined) return devices.some(one => one.default && !one.monitor)
    const text = deviceName.toLowerCase()
    return devices.some(({ name, id }) => name.toLowerCase().includes(text) || id.toLowerCase() === text)
  }
}

/** Tries to open a device that went, the same one first, then the default one. `open` gives false where that failed. */
async function retryDevice(options: {
  clock: Clock
  deviceName: string | undefined
  limitMs: number
  look: LookForDevice
  open(deviceName: string | undefined): Promise<boolean>
  signal: AbortSignal
}): Promise<{ deviceName: string | undefined } | 'gave-up'> {
  const { clock, deviceName, look, open, signal } = options
  const lostAtMs = clock.now()
  while (!signal.aborted && clock.now() - lostAtMs < options.limitMs) {
    const isLong = deviceName !== undefined && clock.now() - lostAtMs >= DEFAULT_AFTER_MS
    let isBlind = false
    for (const candidate of isLong ? [deviceName, undefined] : [deviceName]) {
      const isThere = await look(candidate)
      isBlind ||= isThere === null
      if (isThere === false || signal.aborted) continue
      if (await open(candidate)) return { deviceName: candidate }
    }
    await clock.sleep(isBlind ? BLIND_RETRY_MS : RETRY_MS, signal)
  }
  return 'gave-up'
}

/** What is told of a device that is there again. */
function isBack(
  kind: DeviceKind,
  asked: string | undefined,
  got: string | undefined,
  awayMs: number,
): string {
  const seconds = (awayMs / 1000).toFixed(1)
  return got === asked
    ? `the ${kind} is back after ${seconds} s`
    : `the ${kind} ${asked} did not come back; the default ${kind} is used since ${seconds} s after it went`
}
