import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { createSampleReader, type MonitorSound, mixToMono } from '../api/monitor-audio.ts'
import { createSpeaker } from '../audio/devices/speaker.ts'
import { PcmQueue } from '../audio/plane/frames.ts'
import { createResampler } from '../audio/resample.ts'
import { WavWriter } from '../audio/wav/writer.ts'
import type { Context } from '../cli/context.ts'
import { asVapiError, usageError, VapiError } from '../errors.ts'
import { drained } from '../output/row-stream.ts'

/** Where the sound of a monitor goes. */
export interface SoundSink {
  /** Takes bytes as they came. Throws a VapiError when the place is gone. */
  write(bytes: Uint8Array): Promise<void>
  /** Writes or plays what is left. */
  close(): Promise<void>
}

export type SinkChoice =
  | { type: 'speaker'; device: string | undefined }
  | { type: 'file'; path: string }
  | { type: 'stdout' }

/** What `--out` says. Throws a usage error for what it cannot mean, and for a file that is there already. */
export function sinkChoice(
  out: string,
  device: string | undefined,
  force: boolean,
  workingDirectory: string,
): SinkChoice {
  if (device !== undefined && out !== 'speaker') throw usageError('--speaker needs --out speaker')
  if (out === 'speaker') return { type: 'speaker', device }
  if (out === '-') return { type: 'stdout' }
  if (!/\.wav$/i.test(out)) throw usageError(`--out ${out} is not speaker, - or a file ending in .wav`)
  const path = resolve(workingDirectory, out)
  if (!force && existsSync(path)) throw usageError(`${out} is there already`, 'use another name, or --force')
  return { type: 'file', path }
}

/** Opens the place for sound of this layout. */
export async function openSink(
  choice: SinkChoice,
  sound: MonitorSound,
  context: Context,
): Promise<SoundSink> {
  if (choice.type === 'stdout') return rawSink(context.output.streams.stdout, context.signal)
  if (choice.type === 'file') return fileSink(await WavWriter.create(choice.path, sound), sound)
  return speakerSink(choice.device, sound, context)
}

function rawSink(stdout: Writable, signal: AbortSignal): SoundSink {
  return {
    async write(bytes) {
      if (!stdout.write(bytes)) await drained(stdout, signal)
    },
    async close() {},
  }
}

function fileSink(writer: WavWriter, { channels }: MonitorSound): SoundSink {
  const samplesOf = createSampleReader(channels)
  return {
    async write(bytes) {
      writer.write(samplesOf(bytes))
    },
    close: () => writer.close(),
  }
}

const SPEAKER_RATE = 16_000
/** Sound that a stalled speaker did not take is left out beyond this, so that one hears what happens now. */
const LONGEST_DELAY_SAMPLES = 2 * SPEAKER_RATE
/** Beyond its own length, the last sound gets so long to leave the device. */
const LAST_SOUND_MS = 1000

async function speakerSink(
  deviceName: string | undefined,
  sound: MonitorSound,
  { env }: Context,
): Promise<SoundSink> {
  const samplesOf = createSampleReader(sound.channels)
  const resampler = await createResampler(sound.sampleRate, SPEAKER_RATE)
  const queue = new PcmQueue()
  const speaker = createSpeaker({ env, ...(deviceName !== undefined && { deviceName }) })
  let failure: Error | null = null
  let pulled = 0
  /** Where the last sound ends among what was pulled. */
  let lastSound = 0
  let silent = () => {}
  const opened = speaker.open({
    pull(count) {
      const samples = new Int16Array(count)
      const taken = queue.take(samples)
      pulled += count
      if (taken > 0) lastSound = pulled
      return samples
    },
    played(total) {
      if (queue.length === 0 && total >= lastSound) silent()
    },
    failed(error) {
      failure = error
      silent()
    },
  })
  await opened.catch(error => {
    const { code, message, exit } = asVapiError(error)
    const hint = 'plug in or enable a speaker, or record it: --out FILE.wav'
    throw new VapiError({ code, message, exit, hint, cause: error })
  })
  return {
    async write(bytes) {
      if (failure !== null) throw failure
      queue.append(resampler.process(mixToMono(samplesOf(bytes), sound.channels)))
      if (queue.length > LONGEST_DELAY_SAMPLES)
        queue.take(new Int16Array(queue.length - LONGEST_DELAY_SAMPLES / 2))
    },
    async close() {
      if (failure === null && (lastSound > 0 || queue.length > 0)) {
        const end = new Promise<void>(done => {
          silent = done
          setTimeout(done, LAST_SOUND_MS + queue.length / (SPEAKER_RATE / 1000))
        })
        await end
      }
      resampler.close()
      await speaker.close()
    },
  }
}
