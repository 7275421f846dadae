import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { timeLimit } from '../src/time-limit.ts'

describe('a time limit', () => {
  it('aborts when the time is over', async () => {
    const { signal } = timeLimit(new AbortController().signal, 1)
    await once(signal, 'abort')
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('aborts with its parent, also one that has aborted already', () => {
    const parent = new AbortController()
    const before = timeLimit(parent.signal, 60_000)
    parent.abort('enough')
    const after = timeLimit(parent.signal, 60_000)
    expect([before.signal.reason, after.signal.reason]).toEqual(['enough', 'enough'])
    before.release()
    after.release()
  })

  it('does nothing more once it is released', () => {
    const parent = new AbortController()
    const limit = timeLimit(parent.signal, 60_000)
    limit.release()
    parent.abort()
    expect(limit.signal.aborted).toBe(false)
  })
})
