import { open } from 'node:fs/promises'
import { HEADER_BYTES } from './encode.ts'
import { WavWriter } from './writer.ts'

const SAMPLE_RATE = 16_000
/** Whole pairs of 16-bit samples. */
const READ_BYTES = 256 * 1024

/** Where the sound of a stereo recording goes, one channel a file. */
export interface MonoFiles {
  /** Both sides together. */
  combined: string
  assistant: string
  customer: string
}

/**
 * Writes the mono files of a stereo recording of ours (customer left, assistant right). Throws VapiError
 * `file-not-written` where one cannot be written.
 */
export async function splitRecording(stereo: string, files: MonoFiles): Promise<void> {
  const input = await open(stereo, 'r')
  const writers: WavWriter[] = []
  try {
    for (const path of [files.combined, files.assistant, files.customer])
      writers.push(await WavWriter.create(path, { sampleRate: SAMPLE_RATE, channels: 1 }))
    const [combined, assistant, customer] = writers
    const bytes = Buffer.alloc(READ_BYTES)
    for (let position = HEADER_BYTES; ; ) {
      const { bytesRead } = await input.read(bytes, 0, READ_BYTES, position)
      const frames = Math.floor(bytesRead / 4)
      if (frames === 0) break
      const [left, right, both] = [new Int16Array(frames), new Int16Array(frames), new Int16Array(frames)]
      for (let frame = 0; frame < frames; frame++) {
        const heard = bytes.readInt16LE(frame * 4)
        const said = bytes.readInt16LE(frame * 4 + 2)
        left[frame] = heard
        right[frame] = said
        both[frame] = Math.max(-32_768, Math.min(32_767, heard + said))
      }
      combined?.write(both)
      assistant?.write(right)
      customer?.write(left)
      position += frames * 4
    }
  } finally {
    await input.close()
    for (const writer of writers) await writer.close()
  }
}
