import { describe, expect, it } from 'vitest'
import { fireVolley, percentile, type Shot } from '../../src/trigger/volley.ts'

const { signal } = new AbortController()
const fine: Shot = { durationMs: 1, failure: null, errors: [] }

describe('a volley', () => {
  it('keeps its rate: none begins before it is due', async () => {
    const begun: number[] = []
    const startMs = performance.now()
    const summary = await fireVolley({ count: 11, perSecond: 100, concurrency: 4, signal }, async () => {
      begun.push(performance.now() - startMs)
      return fine
    })
    for (const [place, atMs] of begun.entries()) expect(atMs, String(place)).toBeGreaterThan(place * 10 - 2)
    expect(summary.elapsedMs).toBeGreaterThan(98)
    expect(summary.perSecond).toBeLessThan(11 / 0.098)
  })

  it('never has more under way than is allowed, and as many as that', async () => {
    let underWay = 0
    let most = 0
    await fireVolley({ count: 40, perSecond: null, concurrency: 7, signal }, async () => {
      most = Math.max(most, ++underWay)
      await new Promise(resolve => setImmediate(resolve))
      underWay--
      return fine
    })
    expect(most).toBe(7)
  })

  it('sums up times, failures and findings', async () => {
    const summary = await fireVolley(
      { count: 100, perSecond: null, concurrency: 1, signal },
      async place => ({
        durationMs: place === 99 ? null : place + 1,
        failure: place === 99 ? 'timeout' : place === 0 ? '500' : null,
        errors: place === 5 ? ['results: it is missing'] : [],
      }),
    )
    expect(summary).toMatchObject({
      ...{ sent: 100, failed: 2, wrong: 1, medianMs: 50, p95Ms: 95, p99Ms: 99, maximumMs: 99 },
      failures: { '500': 1, timeout: 1 },
      findings: { 'results: it is missing': 1 },
    })
  })

  it('ends when it is interrupted, and tells what was sent', async () => {
    const interrupt = new AbortController()
    const summary = await fireVolley(
      { count: 1000, perSecond: 20, concurrency: 3, signal: interrupt.signal },
      async place => {
        if (place === 2) interrupt.abort()
        return fine
      },
    )
    expect(summary.sent).toBe(3)
  })

  it('has the nearest rank as its percentiles', () => {
    expect(percentile([], 0.5)).toBeNull()
    expect([0.5, 0.95, 1].map(share => percentile([1, 2, 3, 4], share))).toEqual([2, 4, 4])
  })
})
