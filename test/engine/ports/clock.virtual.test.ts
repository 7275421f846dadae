import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/engine/ports/clock.virtual.ts'

const never = new AbortController().signal

/** Lets the clock run until nothing is left to happen. */
async function run(clock: VirtualClock): Promise<void> {
  clock.start()
  await new Promise(resolve => setImmediate(resolve))
}

describe('the virtual clock', () => {
  it('fires timers in order of time, then of arrival, each once', async () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    for (const [atMs, name] of [
      [20, 'c'],
      [10, 'a'],
      [10, 'b'],
    ] as const) {
      clock.at(atMs, () => fired.push(`${name}@${clock.now()}`))
    }
    const cancel = clock.at(15, () => fired.push('cancelled'))
    cancel()
    await run(clock)
    expect(fired).toEqual(['a@10', 'b@10', 'c@20'])
  })

  it('a time that has passed fires now, but not before the call returns', async () => {
    const clock = new VirtualClock()
    const fired: number[] = []
    clock.at(50, () => {
      clock.at(10, () => fired.push(clock.now()))
      expect(fired).toEqual([])
    })
    await run(clock)
    expect(fired).toEqual([50])
  })

  it('does not advance while work is held', async () => {
    const clock = new VirtualClock()
    const fired: number[] = []
    const release = clock.hold()
    clock.at(10, () => fired.push(clock.now()))
    await run(clock)
    expect(fired).toEqual([])
    expect(clock.readiness()).toBe('held')
    release()
    await run(clock)
    expect(fired).toEqual([10])
  })

  it('advances while held work sleeps on it', async () => {
    const clock = new VirtualClock()
    const woke: number[] = []
    const work = async () => {
      const release = clock.hold()
      await clock.sleep(100, never)
      woke.push(clock.now())
      await clock.sleep(50, never)
      woke.push(clock.now())
      release()
    }
    const done = work()
    clock.at(120, () => woke.push(-clock.now()))
    await run(clock)
    await done
    expect(woke).toEqual([100, -120, 150])
  })

  it('lets others of the process in now and then, however much there is to do', async () => {
    const clock = new VirtualClock()
    const begunMs = performance.now()
    let isHeard = false
    const next = () => {
      if (performance.now() - begunMs < 2000) clock.at(clock.now() + 1, next)
    }
    clock.at(1, next)
    clock.start()
    await new Promise<void>(resolve => setImmediate(resolve))
    setImmediate(() => {
      isHeard = true
      clock.stop()
    })
    await new Promise<void>(resolve => setImmediate(resolve))
    expect(isHeard).toBe(true)
    expect(performance.now() - begunMs).toBeLessThan(1500)
    const stoppedMs = clock.now()
    await new Promise<void>(resolve => setImmediate(resolve))
    expect(clock.now()).toBe(stoppedMs)
  })

  it('an aborted sleep ends at once', async () => {
    const clock = new VirtualClock()
    const abort = new AbortController()
    const release = clock.hold()
    const sleeping = clock.sleep(1000, abort.signal)
    clock.at(10, () => abort.abort())
    await run(clock)
    await sleeping
    release()
    expect(clock.now()).toBe(10)
  })

  it('delivers all of one moment before anything of it is taken', async () => {
    const clock = new VirtualClock()
    const seen: string[] = []
    clock.attach(() => seen.push(`taken@${clock.now()}`))
    clock.at(10, () => seen.push(`first, ${clock.readiness()}`))
    clock.at(10, () => seen.push(`second, ${clock.readiness()}`))
    await run(clock)
    expect(seen.slice(1, 4)).toEqual(['first, delivering', 'second, delivering', 'taken@10'])
  })
})
