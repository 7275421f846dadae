import { setFlagsFromString } from 'node:v8'

/**
 * Gives the engine room for the sound of a call. It counts the bytes of buffers that are about to be thrown away to its old objects,
 * of which a call has few: without room it looks through all of these about every twelfth answer, while the answer waits
 * (p99 of our share of a voice's first sound: 4 to 7 ms without, 3 to 5 with; `bench/providers.mjs`). It holds for the process.
 */
export function giveHeapRoom(): void {
  setFlagsFromString('--heap-growing-percent=400')
}
