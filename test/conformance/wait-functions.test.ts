import { describe, expect, it } from 'vitest'
import { compileWaitFunction } from '../../src/assistant/wait-function.ts'
import type { Semantics } from '../../src/engine/plan.ts'
import { planOf } from '../support/hooks.ts'
import { decisionOf, sayOnce } from '../support/speaking.ts'

const PATH = 'startSpeakingPlan.smartEndpointingPlan.waitFunction'
const AGGRESSIVE = '2000 / (1 + exp(-10 * (x - 0.5)))'
const NORMAL = '(20 + 500 * sqrt(x) + 2500 * x^3 + 700 + 4000 * max(0, x-0.5)) / 2'
const CONSERVATIVE = '700 + 4000 * max(0, x-0.5)'

const livekit = (waitFunction?: string) => ({
  startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'livekit', waitFunction } },
})

/** Who decided and when the turn ended, where the caller is this likely still speaking. */
async function decide(waitFunction: string | undefined, x: number, semantics?: Semantics) {
  const call = await sayOnce(livekit(waitFunction), 'I want a table', { finished: 1 - x, semantics })
  return decisionOf(call)
}

type Row = [id: string, waitFunction: string | undefined, x: number, waitMs: number]

/** A row for each x. */
function rows(id: string, waitFunction: string | undefined, waits: [x: number, waitMs: number][]): Row[] {
  return waits.map(([x, waitMs]) => [id, waitFunction, x, waitMs])
}

describe('the wait of LiveKit’s function', () => {
  it.each([
    ...rows('speech-wait-function-default', undefined, [
      [0, 200],
      [0.1, 1000],
      [0.25, 2200],
      [0.5, 4200],
      [0.75, 6200],
      [0.9, 7400],
      [1, 8200],
    ]),
    ...rows('speech-wait-function-at-0', '200 + 8000 * x', [[0, 200]]),
    ...rows('speech-wait-function-at-1', '200 + 8000 * x', [[1, 8200]]),
    ...rows('speech-wait-function-cosine', '4000 * (1 - cos(pi * x))', [
      [0, 0],
      [0.25, 1172],
      [0.5, 4000],
      [1, 8000],
    ]),
    ...rows('speech-livekit-wait-function', '3000 * x', [
      [0, 0],
      [0.2, 600],
      [1, 3000],
    ]),
    ...rows('pipeline-quick-start-english', AGGRESSIVE, [
      [0, 13],
      [0.5, 1000],
      [1, 1987],
    ]),
    ...rows('wait-function-aggressive', AGGRESSIVE, [
      [0.1, 36],
      [0.25, 152],
      [0.5, 1000],
      [0.75, 1848],
      [0.9, 1964],
    ]),
    ...rows('wait-function-normal', NORMAL, [
      [0, 360],
      [0.1, 440],
      [0.25, 505],
      [0.5, 693],
      [0.75, 1604],
      [0.9, 2308],
      [1, 2860],
    ]),
    ...rows('wait-function-conservative', CONSERVATIVE, [
      [0, 700],
      [0.1, 700],
      [0.5, 700],
      [0.75, 1700],
      [0.9, 2300],
      [1, 2700],
    ]),
  ])('[%s] %s at x = %d is %d ms', async (_id, waitFunction, x, waitMs) => {
    expect(await decide(waitFunction, x)).toEqual({ by: 'livekit', waitMs, endedMs: 1000 + waitMs })
  })

  it.each([
    [0, 20],
    [0.1, 181],
    [0.25, 309],
    [0.5, 686],
    [0.75, 1508],
    [0.9, 2317],
    [1, 3020],
  ])('[speech-wait-function-default-openapi] is the API document’s at x = %d: %d ms', async (x, waitMs) => {
    expect(await decide(undefined, x, 'openapi')).toEqual({ by: 'livekit', waitMs, endedMs: 1000 + waitMs })
  })

  it('[speech-wait-function-sense] is longer the more likely the caller still speaks', async () => {
    // The caller’s end of turn is certain, then impossible.
    const sure = await sayOnce(livekit('1000 * x'), 'I want a table', { finished: 1 })
    const unsure = await sayOnce(livekit('1000 * x'), 'I want a table', { finished: 0 })
    expect([sure, unsure].map(call => call.first('endpointing.decided').waitMs)).toEqual([0, 1000])
    expect([sure, unsure].map(call => call.first('endpointing.decided').detail)).toEqual(['x = 0', 'x = 1'])
  })

  it.each([
    ['-500 + 1000 * x', 0, 0],
    ['-500 + 1000 * x', 0.4, 0],
    ['-500 + 1000 * x', 1, 500],
    ['-8000', 0.5, 0],
  ])(
    '[wait-function-in-and-out] %s at x = %d is %d ms: what is negative counts as 0',
    async (source, x, waitMs) => {
      expect(await decide(source, x)).toEqual({ by: 'livekit', waitMs, endedMs: 1000 + waitMs })
    },
  )
})

describe('the formula of a wait function', () => {
  it.each([
    ['x', 0.5, 1],
    ['300', 0.5, 300],
    ['100 + 50 - 20', 0.5, 130],
    ['-x + 100', 0.5, 100],
    ['3 * x / 2', 1, 2],
    ['10 ^ 3 * x', 0.5, 500],
    ['2 ^ 3 ^ 2', 0, 512],
    ['(100 + 200) * x', 0.5, 150],
    ['1000*sqrt(x)', 0.25, 500],
    ['exp(6)', 0, 403],
    ['max(100, 1000 * x)', 0, 100],
    ['min(100, 1000 * x)', 1, 100],
    ['1000 * cos(pi * x)', 0, 1000],
    ['1000 * sin(pi * x)', 0.5, 1000],
    ['abs(x - 1) * 400', 0, 400],
    ['log(e) * 500', 0, 500],
    ['pow(2, 10)', 0, 1024],
    ['floor(1.7) + ceil(1.2) + round(1.5)', 0, 5],
    ['x > 0.5 ? 2000 : 100', 0.4, 100],
    ['x > 0.5 ? 2000 : 100', 0.6, 2000],
  ])('[speech-wait-function-any-expression] %s at x = %d gives %d', (source, x, waitMs) => {
    expect(compileWaitFunction(source, PATH)(x)).toBe(waitMs)
  })

  it.each([
    '',
    'fast',
    '200 +',
    '200 * y',
    'x.constructor',
    'constructor',
    'constructor("return process")()',
    'process.exit(1)',
    'x = 5',
    'f(x) = x',
    'random()',
    '"200"',
    '[100, 200]',
    'x > 0.5',
    'true',
    'x(1)',
    'toString',
  ])(
    '[speech-wait-function-any-expression, api-wait-function-refused] “%s” is refused with its path',
    async source => {
      await expect(planOf(livekit(source))).rejects.toThrow(PATH)
    },
  )

  it.each([
    ['1 / x', 'x = 0'],
    ['log(x)', 'x = 0'],
    ['1 / (1 - x)', 'x = 1'],
    ['sqrt(x - 0.5)', 'x = 0'],
    ['1000 / (x - 0.5)', 'x = 0.5'],
    ['exp(10000 * x)', 'x ='],
    ['0 / 0', 'x = 0'],
  ])('[api-wait-function-refused] %s, which is not finite at %s, is refused', async (source, where) => {
    await expect(planOf(livekit(source))).rejects.toThrow(`${PATH} gives no finite number at ${where}`)
  })
})
