import { closeSync, writeSync, writevSync } from 'node:fs'
import type { LinePieces } from './lines.ts'

/** Lines up to this size are put together before they are written: one call in place of a list of pieces. */
const GATHERED_BYTES = 131_072
const LINE_END = Buffer.from('}\n')

/** A file that lines are appended to. */
export class LineFile {
  /** Its size, with what is gathered. */
  bytes: number
  private readonly file: number
  private readonly gathered = Buffer.allocUnsafe(GATHERED_BYTES)
  private gatheredBytes = 0

  /** `file`: opened for appending; so many bytes are in it. */
  constructor(file: number, bytes = 0) {
    this.file = file
    this.bytes = bytes
  }

  /** Takes a line. It is with the operating system after `flush`, large ones at once. Throws what the system throws. */
  add({ head, body }: LinePieces): { offset: number; bytes: number } {
    const offset = this.bytes
    let atMost = head.length * 3 + 2
    if (body !== null) for (const piece of body) atMost += piece.length
    if (this.gatheredBytes + atMost > GATHERED_BYTES) this.flush()
    if (atMost <= GATHERED_BYTES) this.gather(head, body)
    else this.write(body === null ? [Buffer.from(`${head}\n`)] : [Buffer.from(head), ...body, LINE_END])
    return { offset, bytes: this.bytes - offset - 1 }
  }

  /** Writes what is gathered. Throws what the system throws. */
  flush(): void {
    const { gatheredBytes } = this
    if (gatheredBytes === 0) return
    this.gatheredBytes = 0
    this.bytes -= gatheredBytes
    this.write([this.gathered.subarray(0, gatheredBytes)])
  }

  close(): void {
    closeSync(this.file)
  }

  private gather(head: string, body: readonly Buffer[] | null): void {
    const { gathered } = this
    const start = this.gatheredBytes
    let end = start + gathered.write(head, start, 'utf8')
    if (body !== null) {
      for (const piece of body) end += piece.copy(gathered, end)
      gathered[end++] = CLOSE_BRACE
    }
    gathered[end++] = LINE_BREAK
    this.gatheredBytes = end
    this.bytes += end - start
  }

  /** The system may take a part of it alone: a disk that becomes full, a signal. */
  private write(pieces: Buffer[]): void {
    let left = pieces
    for (;;) {
      const [only] = left
      const isOne = left.length === 1 && only !== undefined
      let written = isOne ? writeSync(this.file, only) : writevSync(this.file, left)
      if (written === 0) throw new Error('nothing was written')
      this.bytes += written
      while (left.length > 0 && written >= (left[0]?.length ?? 0)) {
        written -= left[0]?.length ?? 0
        left = left.slice(1)
      }
      const [first] = left
      if (first === undefined) return
      left = [first.subarray(written), ...left.slice(1)]
    }
  }
}

const CLOSE_BRACE = 0x7d
const LINE_BREAK = 0x0a
