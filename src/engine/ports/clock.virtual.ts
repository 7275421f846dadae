import type { Cancel, Clock, ClockReadiness } from './clock.ts'

interface Timer {
  atMs: number
  order: number
  action: () => void
  cancelled: boolean
}

/** Others of the process are let in after so much real time, in milliseconds: signals, above all. */
const BREATH_MS = 50

/**
 * A clock that jumps to the next thing that happens. It advances only when all inputs were taken and no held work
 * is outstanding; everything due at one moment is delivered before any of it is taken.
 */
export class VirtualClock implements Clock {
  private readonly timers = new TimerHeap()
  private nowMs = 0
  private order = 0
  private holds = 0
  private delivering = false
  private running = false
  private advancing = false
  /** When others were last let in, by the wall clock. */
  private breathedMs = 0
  private whenReady: () => void = () => {}

  now(): number {
    return this.nowMs
  }

  readiness(): ClockReadiness {
    if (this.delivering) return 'delivering'
    return this.holds > 0 ? 'held' : 'open'
  }

  at(atMs: number, action: () => void): Cancel {
    const timer = { atMs: Math.max(atMs, this.nowMs), order: this.order++, action, cancelled: false }
    this.timers.push(timer)
    return () => {
      timer.cancelled = true
    }
  }

  sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      this.holds--
      const wake = () => {
        cancel()
        signal.removeEventListener('abort', wake)
        this.holds++
        resolve()
      }
      const cancel = this.at(this.nowMs + durationMs, wake)
      signal.addEventListener('abort', wake)
      this.advanceSoon()
    })
  }

  hold(): () => void {
    this.holds++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.holds--
      this.advanceSoon()
    }
  }

  attach(whenReady: () => void): void {
    this.whenReady = whenReady
  }

  start(): void {
    this.running = true
    this.breathedMs = performance.now()
    this.advanceSoon()
  }

  stop(): void {
    this.running = false
  }

  private advanceSoon(): void {
    if (this.advancing || this.holds > 0) return
    this.advancing = true
    queueMicrotask(() => {
      this.advancing = false
      this.advance()
    })
  }

  private advance(): void {
    while (this.running && this.holds === 0) {
      if (performance.now() - this.breathedMs >= BREATH_MS) {
        this.breathe()
        return
      }
      this.whenReady()
      // Taking inputs may have started work, or stopped the call.
      if (!this.running || this.holds > 0) return
      const next = this.timers.peek()
      if (next === undefined) return
      this.nowMs = next.atMs
      this.deliver()
    }
    if (this.running) this.whenReady()
  }

  private breathe(): void {
    this.advancing = true
    setImmediate(() => {
      this.breathedMs = performance.now()
      this.advancing = false
      this.advance()
    })
  }

  private deliver(): void {
    this.delivering = true
    for (
      let timer = this.timers.peek();
      timer !== undefined && timer.atMs <= this.nowMs;
      timer = this.timers.peek()
    ) {
      this.timers.pop()
      timer.action()
    }
    this.delivering = false
  }
}

/** A binary heap by time, then by order of arrival. Cancelled timers leave it when they reach the top. */
class TimerHeap {
  private readonly items: Timer[] = []

  peek(): Timer | undefined {
    while (this.items[0]?.cancelled) this.pop()
    return this.items[0]
  }

  push(timer: Timer): void {
    const { items } = this
    items.push(timer)
    for (let place = items.length - 1; place > 0; ) {
      const parent = (place - 1) >> 1
      if (!earlier(items[place], items[parent])) break
      this.swap(place, parent)
      place = parent
    }
  }

  pop(): void {
    const { items } = this
    const last = items.pop()
    if (last === undefined || items.length === 0) return
    items[0] = last
    for (let place = 0; ; ) {
      let least = place
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < items.length && earlier(items[child], items[least])) least = child
      }
      if (least === place) return
      this.swap(place, least)
      place = least
    }
  }

  private swap(first: number, second: number): void {
    const { items } = this
    ;[items[first], items[second]] = [items[second], items[first]]
  }
}

function earlier(first: Timer, second: Timer): boolean {
  return first.atMs < second.atMs || (first.atMs === second.atMs && first.order < second.order)
}
