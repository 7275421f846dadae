/** Wakes those who wait for a change. */
export interface Signal {
  tell(): void
  /** Resolves at the next change, or when `signal` aborts. */
  next(signal?: AbortSignal): Promise<void>
}

export function createSignal(): Signal {
  let waiting: (() => void)[] = []
  return {
    tell() {
      const all = waiting
      waiting = []
      for (const wake of all) wake()
    },
    next(signal) {
      if (signal?.aborted) return Promise.resolve()
      return new Promise(resolve => {
        const wake = () => {
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        waiting.push(wake)
        signal?.addEventListener('abort', wake, { once: true })
      })
    },
  }
}
