import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { startProgram } from './program-process.ts'
import type { SoundProgram } from './programs.ts'
import { type FromMicrophone, monotonicMs, type ToMicrophone } from './protocol.ts'
import { serveParent } from './worker-process.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
const FRAME_BYTES = FRAME_SAMPLES * 2
/** Sound that is sent and not yet received; more is dropped. */
const HOLD_SAMPLES = SAMPLE_RATE * 2
/** How much later than it was heard the library gives a frame: one period of its sound system. */
const LIBRARY_DELAY_MS = 10
/** Frames that the library itself may hold while this process does something else. */
const LIBRARY_FRAMES = 50

type Deliver = (samples: Int16Array, delayMs: number) => void

serve()

function serve(): void {
  let sent = 0
  let received = 0
  let lost = 0
  let close = () => {}

  const parent = serveParent<ToMicrophone, FromMicrophone>({
    async handle(message) {
      if (message.type === 'received') received = message.samples
      else if (message.type === 'list') parent.send(await list())
      else if (message.program) close = captureWithProgram(message.program, deliver, parent.fail)
      else await capture(message.index ?? -1, deliver)
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
}

async function capture(index: number, deliver: Deliver): Promise<void> {
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

/** Returns how to end it. */
function captureWithProgram(
  program: SoundProgram,
  deliver: Deliver,
  fail: (error: Error) => void,
): () => void {
  const child = startProgram(program, fail)
  let bytes = Buffer.alloc(0)
  child.stdout?.on('data', (data: Buffer) => {
    bytes = Buffer.concat([bytes, data])
    while (bytes.length >= FRAME_BYTES) {
      const samples = new Int16Array(FRAME_SAMPLES)
      Buffer.from(samples.buffer).set(bytes.subarray(0, FRAME_BYTES))
      bytes = bytes.subarray(FRAME_BYTES)
      deliver(samples, program.delayMs + bytes.length / 2 / SAMPLES_PER_MS)
    }
  })
  return () => child.kill('SIGKILL')
}

async function list(): Promise<Extract<FromMicrophone, { type: 'devices' }>> {
  const { PvRecorder } = await import('@picovoice/pvrecorder-node')
  const names = PvRecorder.getAvailableDevices()
  let defaultName: string | undefined
  try {
    defaultName = new PvRecorder(FRAME_SAMPLES).getSelectedDevice()
  } catch {
    // There is no default device.
  }
  return { type: 'devices', names, defaultName }
}
