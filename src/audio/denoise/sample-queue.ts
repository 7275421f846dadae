/** Samples first in, first out. It grows to what it has to hold. */
export class SampleQueue {
  #samples = new Float32Array(4096)
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  push(samples: Float32Array): void {
    if (this.#end + samples.length > this.#samples.length) this.#makeRoom(samples.length)
    this.#samples.set(samples, this.#end)
    this.#end += samples.length
  }

  /** The next samples; there must be as many. They are valid until the next `push`. */
  take(count: number): Float32Array {
    if (count > this.length) throw new RangeError(`${count} samples asked of a queue of ${this.length}`)
    this.#start += count
    return this.#samples.subarray(this.#start - count, this.#start)
  }

  #makeRoom(count: number): void {
    const kept = this.#samples.subarray(this.#start, this.#end)
    const needed = kept.length + count
    const target = needed > this.#samples.length ? new Float32Array(needed * 2) : this.#samples
    target.set(kept)
    this.#samples = target
    this.#end = kept.length
    this.#start = 0
  }
}
