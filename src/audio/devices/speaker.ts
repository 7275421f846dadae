import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { usageError, VapiError } from '../../errors.ts'
import type { DeviceProcess } from './device-process.ts'
import { listSpeakers, pickDevice } from './list.ts'
import { type Engine, OpenFailure, openDevice } from './open-device.ts'
import type { OutputDevice, OutputSource } from './output-device.ts'
import { isSilent } from './play-queue.ts'
import { playersHere } from './programs.ts'
import type { FromSpeaker, ToSpeaker } from './protocol.ts'

export type SpeakerEngine = 'auto' | 'audio-io' | 'pacat' | 'aplay' | 'sox' | 'ffplay'

export interface SpeakerOptions {
  /** Part of the name of a listed speaker; without it the system's default one plays. */
  deviceName?: string
  /** What plays; `auto` takes the first that works. */
  engine?: SpeakerEngine
  /**
   * Speech that waits in the child, in milliseconds, 200 unless given: less for sound that comes at the pace at which it is
   * played, of which there is no more. The device may need more than this.
   */
  aheadMs?: number
  env: NodeJS.ProcessEnv
}

/** Speech that waits in the child bridges moments in which this process is busy. A drop calls it back. */
const AHEAD_MS = 200

/** The speaker of this machine. It plays in a child process, so that a busy program does not make gaps. */
export function createSpeaker(options: SpeakerOptions): OutputDevice {
  const closing = new AbortController()
  let child: DeviceProcess<ToSpeaker> | undefined
  let source: OutputSource | undefined
  /** Samples that were pulled, that left the child's queue, and that left the device. */
  let pulled = 0
  let taken = 0
  let played = 0
  /** What is kept ahead of the device while there is silence: no more than needed, as new speech queues behind it. */
  let aheadSilent = FRAME_SAMPLES
  let aheadLoud = (SAMPLE_RATE * (options.aheadMs ?? AHEAD_MS)) / 1000
  let silent = true
  let dropping: { promise: Promise<number>; resolve(played: number): void } | undefined

  function pump(to: DeviceProcess<ToSpeaker>): void {
    while (source && !dropping && pulled - taken < (silent ? aheadSilent : aheadLoud)) {
      const samples = source.pull(FRAME_SAMPLES)
      silent = isSilent(samples)
      pulled += samples.length
      to.send({ type: 'sound', samples })
    }
  }

  function moved(total: number): void {
    if (total <= played) return
    played = total
    source?.played(played)
  }

  function dropped(total: number): void {
    pulled = total
    taken = total
    played = total
    dropping?.resolve(total)
    dropping = undefined
  }

  function stop(): void {
    child = undefined
    source = undefined
    dropped(played)
  }

  return {
    name: options.deviceName ?? 'the default speaker',
    async open(to) {
      source = to
      child = await openDevice<ToSpeaker, FromSpeaker>({
        worker: 'speaker',
        env: options.env,
        engines: await findEngines(options),
        signal: closing.signal,
        message(message, from) {
          if (message.type === 'opened') {
            aheadSilent = Math.max(FRAME_SAMPLES, message.stretch)
            aheadLoud = Math.max(aheadLoud, aheadSilent + FRAME_SAMPLES)
          }
          if (message.type === 'position') {
            taken = message.taken
            moved(message.played)
          }
          if (message.type === 'dropped') dropped(message.played)
          // Not at once: what waits for `drop` comes first.
          setImmediate(pump, from)
        },
        failed(reason) {
          const left = source
          stop()
          left?.failed(speakerStopped(reason))
        },
      }).catch(failure => {
        source = undefined
        throw failure instanceof OpenFailure ? noSpeaker(failure.message) : failure
      })
    },
    drop() {
      if (!child) return Promise.resolve(played)
      if (!dropping) {
        dropping = withResolve()
        child.send({ type: 'drop' })
      }
      return dropping.promise
    },
    async close() {
      const leaving = child
      closing.abort()
      stop()
      await leaving?.close()
    },
  }
}

function withResolve() {
  let resolve = (_played: number) => {}
  const promise = new Promise<number>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

async function findEngines({ deviceName, engine = 'auto', env }: SpeakerOptions): Promise<Engine[]> {
  const device =
    deviceName === undefined ? undefined : pickDevice(await listSpeakers(env), deviceName, 'speaker')
  const programs = playersHere({ env, device }).map(program => ({
    name: program.engine,
    opening: { program },
  }))
  // The library plays on the default device only.
  const library = device ? [] : [{ name: 'audio-io', opening: {} }]
  const engines = [...library, ...programs].filter(({ name }) => engine === 'auto' || engine === name)
  if (engines.length > 0) return engines
  if (device && engine === 'auto') {
    throw usageError(
      `no program here can play on the speaker "${device.name}"`,
      'Install one that can (Linux: pacat or aplay; macOS and Windows: sox), or leave the name out to use the default speaker',
    )
  }
  throw usageError(
    engine === 'audio-io'
      ? 'audio-io plays on the default speaker only'
      : `the player ${engine} is not installed here`,
    'Leave the choice of the player out',
  )
}

function noSpeaker(reasons: string): VapiError {
  return new VapiError({
    code: 'no-speaker',
    message: `no speaker could be opened (${reasons})`,
    hint: 'plug in or enable a speaker (on Linux start PulseAudio or PipeWire), or go on without one: --out none, --out FILE.wav',
  })
}

function speakerStopped(reason: string): VapiError {
  return new VapiError({
    code: 'speaker-stopped',
    message: `the speaker stopped (${reason})`,
    hint: 'See that it is still plugged in; without a speaker: --out none, --out FILE.wav',
  })
}
