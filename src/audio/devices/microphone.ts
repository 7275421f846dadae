import { type AudioInput, type AudioInputListener, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { usageError, VapiError } from '../../errors.ts'
import type { DeviceProcess } from './device-process.ts'
import { listMicrophones, pickDevice } from './list.ts'
import { type Engine, OpenFailure, openDevice } from './open-device.ts'
import { recordersHere } from './programs.ts'
import { type FromMicrophone, monotonicMs, type ToMicrophone } from './protocol.ts'

export type MicrophoneEngine = 'auto' | 'pvrecorder' | 'parec' | 'arecord' | 'sox' | 'ffmpeg'

export interface MicrophoneOptions {
  /** Part of the name of a listed microphone; without it the system's default one is taken. */
  deviceName?: string
  /** What captures; `auto` takes the first that works. */
  engine?: MicrophoneEngine
  clock: Clock
  env: NodeJS.ProcessEnv
}

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
/** How often the child is told that its sound came over, in samples. */
const RECEIPT_SAMPLES = SAMPLES_PER_MS * 200

/**
 * The microphone of this machine. The first frame is dated by the clock, all others by counting samples from there.
 * It captures in a child process, which holds the sound of 2 s while this process is busy. `start` throws VapiError
 * `no-microphone` or `usage` (the device's name); a device that dies is `failed` with `microphone-stopped`.
 */
export function createMicrophone(options: MicrophoneOptions): AudioInput {
  const closing = new AbortController()
  let child: DeviceProcess<ToMicrophone> | undefined
  return {
    name: options.deviceName ?? 'the default microphone',
    async start(listener) {
      const receive = receiver(options.clock, listener)
      child = await openDevice<ToMicrophone, FromMicrophone>({
        worker: 'microphone',
        env: options.env,
        engines: await findEngines(options),
        signal: closing.signal,
        message: receive,
        failed: reason => closing.signal.aborted || listener.failed(microphoneStopped(reason)),
      }).catch(failure => {
        throw failure instanceof OpenFailure ? noMicrophone(failure.message) : failure
      })
    },
    async close() {
      closing.abort()
      await child?.close()
    },
  }
}

/** Makes frames of the child's messages. */
function receiver(clock: Clock, listener: AudioInputListener) {
  let beganMs: number | undefined
  /** Samples since then, with those that were lost. */
  let count = 0
  let received = 0
  let warned = false
  return (message: Exclude<FromMicrophone, { type: 'failed' }>, from: DeviceProcess<ToMicrophone>) => {
    if (message.type !== 'sound') return
    beganMs ??= Math.max(0, clock.now() - (monotonicMs() - message.heardAtMs))
    if (message.lost > 0 && !warned) {
      warned = true
      const lostMs = Math.round(message.lost / SAMPLES_PER_MS)
      listener.warning(
        `${lostMs} ms of the microphone's sound were dropped: the program was busy for over 2 s`,
      )
    }
    // A copy: what came over is a window on the channel's larger buffer.
    const samples = message.samples.slice()
    count += message.lost
    const audioMs = beganMs + count / SAMPLES_PER_MS
    count += samples.length
    received += samples.length
    if (received % RECEIPT_SAMPLES === 0) from.send({ type: 'received', samples: received })
    listener.frame({ samples, audioMs })
  }
}

async function findEngines({ deviceName, engine = 'auto', env }: MicrophoneOptions): Promise<Engine[]> {
  const byLibrary = engine === 'auto' || engine === 'pvrecorder'
  const device =
    deviceName === undefined
      ? undefined
      : pickDevice(await listMicrophones(env, byLibrary), deviceName, 'microphone')
  const programs = recordersHere({ env, device }).map(program => ({
    name: program.engine,
    opening: { program },
  }))
  const library = { name: 'pvrecorder', opening: { index: device && Number(device.id) } }
  const usable = !device || device.list === 'pvrecorder' ? [library, ...programs] : programs
  const engines = usable.filter(({ name }) => engine === 'auto' || engine === name)
  if (engines.length > 0) return engines
  throw usageError(
    device
      ? `${engine} cannot take the microphone "${device.name}" here`
      : `the recorder ${engine} is not installed here`,
    'Leave the choice of the recorder out',
  )
}

function noMicrophone(reasons: string): VapiError {
  return new VapiError({
    code: 'no-microphone',
    message: `no microphone could be opened (${reasons})`,
    hint: 'plug in or enable a microphone (on Linux start PulseAudio or PipeWire), or go on without one: --in FILE.wav, --in text',
  })
}

function microphoneStopped(reason: string): VapiError {
  return new VapiError({
    code: 'microphone-stopped',
    message: `the microphone stopped (${reason})`,
    hint: 'See that it is still plugged in; without a microphone: --in FILE.wav, --in text',
  })
}
