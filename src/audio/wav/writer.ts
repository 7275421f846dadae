import { type FileHandle, open } from 'node:fs/promises'
import { messageOf, systemCodeOf, VapiError } from '../../errors.ts'
import { HEADER_BYTES, soundBytes, type WavShape, wavHeader } from './encode.ts'

/** Sound is collected up to this length before it is written. */
const BATCH_SECONDS = 0.5

/**
 * Streams 16-bit PCM into a WAV file. After each batch of half a second the header is written anew, so that a
 * killed process leaves a whole, playable file that lacks less than a second.
 */
export class WavWriter {
  /** Where the file is. */
  readonly path: string
  readonly #shape: WavShape
  readonly #file: FileHandle
  #batch: Uint8Array[] = []
  #batchBytes = 0
  #writtenBytes = 0
  #acceptedBytes = 0
  /** The end of the work handed to the disk so far; it never rejects. */
  #disk: Promise<void> = Promise.resolve()
  #failure: VapiError | undefined
  #failed = false

  private constructor(path: string, shape: WavShape, file: FileHandle) {
    this.path = path
    this.#shape = shape
    this.#file = file
  }

  /** Makes the file, or empties the one that is there. Throws VapiError `file-not-written`. */
  static async create(path: string, shape: WavShape): Promise<WavWriter> {
    const file = await open(path, 'w').catch(cause => {
      throw notWritten(path, cause)
    })
    const writer = new WavWriter(path, shape, file)
    try {
      await writer.#writeAt(wavHeader(shape, 0), 0)
      return writer
    } catch (cause) {
      await file.close()
      throw notWritten(path, cause)
    }
  }

  /** The sound taken so far, in milliseconds. */
  get durationMs(): number {
    return (this.#acceptedBytes * 1000) / (this.#shape.sampleRate * this.#shape.channels * 2)
  }

  /**
   * Takes the next sound, samples of the channels interleaved, and returns at once.
   * Throws a failure of the disk (VapiError `file-not-written`) once; after it, sound is dropped.
   */
  write(interleaved: Int16Array): void {
    this.#report()
    if (this.#failed || interleaved.length === 0) return
    const bytes = soundBytes(interleaved)
    this.#batch.push(bytes)
    this.#batchBytes += bytes.length
    this.#acceptedBytes += bytes.length
    if (this.#batchBytes >= this.#shape.sampleRate * this.#shape.channels * 2 * BATCH_SECONDS) this.#flush()
  }

  /** Writes what is left and closes the file. Throws a failure that `write` did not report yet. */
  async close(): Promise<void> {
    this.#flush()
    await this.#disk
    await this.#file.close()
    this.#report()
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#batch)
    this.#batch = []
    this.#batchBytes = 0
    if (bytes.length > 0) this.#disk = this.#disk.then(() => this.#append(bytes))
  }

  /** The sound goes first: the header never speaks of sound that is not there. */
  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#failed) return
    try {
      await this.#writeAt(bytes, HEADER_BYTES + this.#writtenBytes)
      this.#writtenBytes += bytes.length
      await this.#writeAt(wavHeader(this.#shape, this.#writtenBytes), 0)
    } catch (cause) {
      this.#failed = true
      this.#failure = notWritten(this.path, cause)
    }
  }

  async #writeAt(bytes: Uint8Array, position: number): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, from, bytes.length - from, position + from)
      from += bytesWritten
    }
  }

  #report(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure) throw failure
  }
}

const REASONS: Readonly<Record<string, { reason: string; hint: string }>> = {
  ENOSPC: { reason: 'the disk is full', hint: 'free some space, or write to another disk' },
  EDQUOT: { reason: 'the disk quota is used up', hint: 'free some space, or write to another disk' },
  EACCES: { reason: 'permission denied', hint: 'choose a place that you may write to' },
  EPERM: { reason: 'permission denied', hint: 'choose a place that you may write to' },
  EROFS: { reason: 'the disk is read-only', hint: 'choose a place that you may write to' },
  ENOENT: { reason: 'the folder does not exist', hint: 'make the folder first' },
  EFBIG: { reason: 'the file may not grow further', hint: 'lift the limit on file sizes (ulimit -f)' },
  EISDIR: { reason: 'it is a folder', hint: 'give the name of a file' },
}

function notWritten(path: string, cause: unknown): VapiError {
  const known = REASONS[systemCodeOf(cause) ?? '']
  const reason = known?.reason ?? messageOf(cause)
  return new VapiError({
    code: 'file-not-written',
    message: `cannot write ${path}: ${reason}`,
    hint: known?.hint,
    cause,
  })
}
