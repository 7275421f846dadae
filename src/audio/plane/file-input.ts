import { readFile } from 'node:fs/promises'
import { type AudioInput, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { Exit, systemCodeOf, usageError, VapiError } from '../../errors.ts'
import { otherFormatOf } from '../wav/invalid.ts'
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
  const closing = new AbortController()
  let over = false
  let stop = () => {}
  return {
    name: 'standard input',
    start: async listener => {
      void readPipe(stream, queue, clock, closing.signal)
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
    close: async () => {
      closing.abort()
      stop()
    },
  }
}

/** Bare samples are read so far ahead of what is heard, in samples. */
const READ_AHEAD_SAMPLES = 10 * SAMPLE_RATE
const READ_AHEAD_PAUSE_MS = 500

async function readPipe(
  stream: AsyncIterable<Uint8Array>,
  queue: PcmQueue,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let parts: Uint8Array[] = []
  let kind: 'unknown' | 'wav' | 'samples' = 'unknown'
  let total = 0
  for await (const bytes of stream) {
    if (signal.aborted) return
    parts.push(bytes)
    total += bytes.length
    if (kind === 'unknown' && total >= MAGIC_BYTES) kind = kindOf(Buffer.concat(parts))
    if (kind !== 'samples') continue
    const waiting = Buffer.concat(parts)
    const whole = waiting.length - (waiting.length % 2)
    queue.append(samplesOf(waiting.subarray(0, whole)))
    parts = [waiting.subarray(whole)]
    while (queue.length > READ_AHEAD_SAMPLES && !signal.aborted)
      await clock.sleep(READ_AHEAD_PAUSE_MS, signal)
  }
  if (total === 0)
    throw usageError('standard input has no sound', 'pipe a WAV file or 16 kHz mono 16-bit samples into it')
  // A WAV file has its length in front, so that it is read when it is all there.
  if (kind === 'wav') queue.append(await toMono16k(readWav(Buffer.concat(parts))))
}

/** Enough to tell a kind of file by its first bytes. */
const MAGIC_BYTES = 12

function kindOf(head: Buffer): 'wav' | 'samples' {
  if (head.toString('latin1', 0, 4) === 'RIFF') return 'wav'
  const other = otherFormatOf(head)
  // Frames of MPEG sound begin with set bits, as quiet samples do.
  if (other === null || (head[0] === 0xff && (head[1] ?? 0) >= 0xe0)) return 'samples'
  throw usageError(
    `standard input holds ${other}, not a WAV file or bare samples`,
    'convert it: ffmpeg -i - -f wav -ar 16000 -ac 1 -',
  )
}

function samplesOf(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length / 2)
  for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(index * 2)
  return samples
}
