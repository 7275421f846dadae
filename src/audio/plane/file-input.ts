import { readFile } from 'node:fs/promises'
import type { AudioInput } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { Exit, systemCodeOf, usageError, VapiError } from '../../errors.ts'
import { readWav, toMono16k } from '../wav/read.ts'
import { PcmQueue, paceFrames } from './frames.ts'

/** Reads a sound file whole. Throws VapiError: exit 5 where there is none, exit 2 where it is no WAV. */
export async function readSoundFile(path: string): Promise<Int16Array> {
  try {
    return await toMono16k(readWav(await readFile(path)))
  } catch (error) {
    if (error instanceof VapiError) {
      throw new VapiError({
        code: error.code,
        message: `${path}: ${error.message}`,
        exit: error.exit,
        hint: error.hint,
        cause: error,
      })
    }
    if (systemCodeOf(error) === 'ENOENT') {
      throw new VapiError({
        code: 'file-not-found',
        message: `there is no file ${path}`,
        exit: Exit.notFound,
      })
    }
    throw usageError(`${path} cannot be read (${systemCodeOf(error) ?? 'unknown error'})`)
  }
}

/** Plays samples into the call at the pace of its clock; after them the source has ended. */
export function createSampleInput(name: string, samples: Int16Array, clock: Clock): AudioInput {
  const queue = new PcmQueue()
  queue.append(samples)
  let stop = () => {}
  return {
    name,
    start: async listener => {
      stop = paceFrames(
        clock,
        into => queue.take(into),
        frame => {
          listener.frame(frame)
          if (queue.length > 0) return
          stop()
          listener.ended()
        },
      )
    },
    close: async () => stop(),
  }
}

/** Sound from a pipe: a WAV file, or bare 16 kHz mono 16-bit samples, which may come at any pace. */
export function createPipeInput(stream: AsyncIterable<Uint8Array>, clock: Clock): AudioInput {
  const queue = new PcmQueue()
  let over = false
  let stop = () => {}
  return {
    name: 'standard input',
    start: async listener => {
      void readPipe(stream, queue)
        .catch(error => listener.failed(error))
        .finally(() => {
          over = true
        })
      stop = paceFrames(
        clock,
        into => queue.take(into),
        frame => {
          listener.frame(frame)
          if (!over || queue.length > 0) return
          stop()
          listener.ended()
        },
      )
    },
    close: async () => stop(),
  }
}

async function readPipe(stream: AsyncIterable<Uint8Array>, queue: PcmQueue): Promise<void> {
  let head = Buffer.alloc(0)
  let odd = Buffer.alloc(0)
  let kind: 'unknown' | 'wav' | 'samples' = 'unknown'
  for await (const bytes of stream) {
    if (kind !== 'samples') head = Buffer.concat([head, bytes])
    if (kind === 'unknown' && head.length >= 4)
      kind = head.toString('latin1', 0, 4) === 'RIFF' ? 'wav' : 'samples'
    if (kind !== 'samples') continue
    const waiting = Buffer.concat([odd, head.length > 0 ? head : bytes])
    head = Buffer.alloc(0)
    const whole = waiting.length - (waiting.length % 2)
    odd = waiting.subarray(whole)
    queue.append(samplesOf(waiting.subarray(0, whole)))
  }
  // A WAV file has its length in front, so that it is read when it is all there.
  if (kind === 'wav') queue.append(await toMono16k(readWav(head)))
}

function samplesOf(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length / 2)
  for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(index * 2)
  return samples
}
