import { KEPT_REPLY_BYTES } from './types.ts'

/** A body that goes by, and its beginning. */
export class Collected {
  bytes = 0
  private readonly pieces: Buffer[] = []

  add(piece: Buffer): void {
    if (this.bytes < KEPT_REPLY_BYTES) this.pieces.push(piece)
    this.bytes += piece.length
  }

  kept(): Buffer {
    const [only] = this.pieces
    const joined = only !== undefined && this.pieces.length === 1 ? only : Buffer.concat(this.pieces)
    return joined.length > KEPT_REPLY_BYTES ? joined.subarray(0, KEPT_REPLY_BYTES) : joined
  }
}
