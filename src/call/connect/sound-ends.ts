import type { OutputDevice } from '../../audio/devices/output-device.ts'
import { createEchoGuard } from '../../audio/plane/echo-guard.ts'
import { CallRecorder } from '../../audio/wav/recorder.ts'
import { WavWriter } from '../../audio/wav/writer.ts'
import { type AudioFrame, type AudioInput, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { asVapiError, type VapiError } from '../../errors.ts'
import { createIncoming, type Incoming } from './incoming.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000

export interface SoundChoices {
  /** Started by the connection. */
  clock: Clock
  /** Null where the customer types: silence is sent. */
  input: AudioInput | null
  /** The source runs before the call does: a microphone. */
  inputRunsAhead: boolean
  device: OutputDevice
  /** What the device takes at once, in milliseconds. */
  aheadMs: number
  /** Stereo recording, the customer left; null: none. */
  recording: string | null
  /** Gets the assistant's sound alone; null: nothing does. */
  assistantFile: string | null
  /** The microphone rests while the assistant is heard, and so much longer, in milliseconds; null: it never does. */
  echoTailMs: number | null
}

export interface SoundTaps {
  /** Sound of the customer, and what the other side may hear of it. */
  frame(captured: Int16Array, guarded: Int16Array): void
  /** The customer's sound is over. */
  ended(): void
  /** A device died, or a file cannot be written any more. */
  failed(error: VapiError): void
  warning(message: string): void
}

/** This machine's side of a call: devices and files. */
export interface SoundEnds {
  readonly clock: Clock
  readonly incoming: Incoming
  readonly aheadMs: number
  /** Starts the call's clock; sound from now on is the call's. */
  attach(taps: SoundTaps): Promise<void>
  /** Takes what was sent to the other side, in its order. */
  sent(samples: Int16Array): void
  /** Closes devices and files; once is enough. Throws a fault of the disk that was not told. */
  close(): Promise<void>
}

/** Opens devices and files before a call is made: what is missing shows before it costs anything. Throws VapiError. */
export async function openSoundEnds(choices: SoundChoices): Promise<SoundEnds> {
  const { clock, input, device, aheadMs } = choices
  const files: (CallRecorder | WavWriter)[] = []
  let taps: SoundTaps | null = null
  let early: VapiError | null = null
  /** Where the device's first sample has its place in the call. */
  let offset: number | null = null
  let sentSamples = 0

  const failed = (thrown: unknown) => {
    if (taps === null) early ??= asVapiError(thrown)
    else taps.failed(asVapiError(thrown))
  }
  const attempt = (work: () => void) => {
    try {
      work()
    } catch (error) {
      failed(error)
    }
  }
  const guard = choices.echoTailMs === null ? null : createEchoGuard(() => clock.now(), choices.echoTailMs)
  /** From the source's time to the call's. */
  let dating: number | null = null
  function hear({ samples, audioMs }: AudioFrame): void {
    if (taps === null) return
    dating ??= clock.now() - samples.length / SAMPLES_PER_MS - audioMs
    const guarded = guard?.apply({ samples, audioMs: audioMs + dating }).samples
    taps.frame(samples, guarded ?? samples)
  }
  const startInput = () =>
    input?.start({
      frame: hear,
      ended: () => taps?.ended(),
      failed,
      warning,
    })
  const warning = (message: string) => taps?.warning(message)
  const played = (samples: Int16Array, atSample: number) => {
    if (taps === null) return
    offset ??= Math.round(clock.now() * SAMPLES_PER_MS) - samples.length - atSample
    const place = atSample + offset
    attempt(() => recorder?.assistant(samples.subarray(Math.max(0, -place)), Math.max(0, place)))
    attempt(() => assistant?.write(samples))
  }
  const incoming = createIncoming(device, aheadMs, clock, played, guard)
  const close = async () => {
    await input?.close()
    await incoming.close()
    for (const file of files.splice(0)) await file.close()
  }
  const opened = async <File extends CallRecorder | WavWriter>(
    path: string | null,
    create: (path: string) => Promise<File>,
  ): Promise<File | null> => {
    if (path === null) return null
    const file = await create(path)
    files.push(file)
    return file
  }

  let recorder: CallRecorder | null = null
  let assistant: WavWriter | null = null
  try {
    recorder = await opened(choices.recording, path => CallRecorder.create(path))
    assistant = await opened(choices.assistantFile, path =>
      WavWriter.create(path, { sampleRate: SAMPLE_RATE, channels: 1 }),
    )
    await incoming.open({ failed, warning })
    if (choices.inputRunsAhead) await startInput()
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
  return {
    clock,
    incoming,
    aheadMs,
    async attach(given) {
      clock.start()
      taps = given
      if (early !== null) given.failed(early)
      if (!choices.inputRunsAhead) await startInput()
    },
    sent(samples) {
      attempt(() => recorder?.customer(samples, sentSamples))
      sentSamples += samples.length
    },
    close,
  }
}
