import { spawn } from 'node:child_process'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { SoundProgram } from './programs.ts'
import { type FromMicrophone, monotonicMs, type ToMicrophone } from './protocol.ts'
import { serveParent } from './worker-process.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
/** Sound that is sent and not yet received; more is dropped. */
const HOLD_SAMPLES = SAMPLE_RATE * 2
/** How much later than it was heard the library gives a frame: one period of its sound system. */
const LIBRARY_DELAY_MS = 10
/** Frames that the library itself may hold while this process does something else. */
const LIBRARY_FRAMES = 50

let sent = 0
let received = 0
let lost = 0
let close = () => {}

const parent = serveParent<ToMicrophone, FromMicrophone>({
  async handle(message) {
    if (message.type === 'received') received = message.samples
    else if (message.type === 'list') await list()
    else if (message.program) captureWithProgram(message.program)
    else await capture(message.index ?? -1)
  },
  cleanUp: () => close(),
})

function deliver(samples: Int16Array, delayMs: number): void {
  if (sent - received >= HOLD_SAMPLES) {
    lost += samples.length
    return
  }
  const heardAtMs = monotonicMs() - samples.length / SAMPLES_PER_MS - delayMs
  parent.send({ type: 'sound', samples, lost, heardAtMs })
  sent += samples.length
  lost = 0
}

async function capture(index: number): Promise<void> {
  const { PvRecorder } = await import('@picovoice/pvrecorder-node')
  const recorder = new PvRecorder(FRAME_SAMPLES, index, LIBRARY_FRAMES)
  recorder.start()
  const next = () => {
    try {
      deliver(recorder.readSync(), LIBRARY_DELAY_MS)
    } catch (failure) {
      // No frame for about a second, as from a source that has to wake up. If none follows, the parent gives up.
      if ((failure as Error).constructor.name !== 'PvRecorderStatusIOError') throw failure
    }
    setImmediate(next)
  }
  next()
}

function captureWithProgram({ engine, command, args, delayMs }: SoundProgram): void {
  // Its own process group: Ctrl-C of the terminal must not end it before the call is over.
  const detached = process.platform !== 'win32'
  const env = { ...process.env, LC_ALL: 'C' }
  const child = spawn(command, args, { env, detached, stdio: ['ignore', 'pipe', 'pipe'] })
  close = () => child.kill('SIGKILL')
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr = (stderr + text).slice(-2000)
  })
  child.on('error', parent.fail)
  child.on('close', () => parent.fail(new Error(stderr.trim().split('\n').at(-1) || `${engine} ended`)))
  let bytes = Buffer.alloc(0)
  child.stdout.on('data', data => {
    bytes = Buffer.concat([bytes, data])
    const frameBytes = FRAME_SAMPLES * 2
    while (bytes.length >= frameBytes) {
      const waitingMs = (bytes.length - frameBytes) / 2 / SAMPLES_PER_MS
      const samples = new Int16Array(FRAME_SAMPLES)
      Buffer.from(samples.buffer).set(bytes.subarray(0, frameBytes))
      deliver(samples, delayMs + waitingMs)
      bytes = bytes.subarray(frameBytes)
    }
  })
}

async function list(): Promise<void> {
  const { PvRecorder } = await import('@picovoice/pvrecorder-node')
  const names = PvRecorder.getAvailableDevices()
  let defaultName: string | undefined
  try {
    defaultName = new PvRecorder(FRAME_SAMPLES).getSelectedDevice()
  } catch {
    // There is no default device.
  }
  parent.send({ type: 'devices', names, defaultName })
}
