import { beforeAll, describe, expect, it } from 'vitest'
import { judgeHeldOut } from '../../bench/end-of-turn/text.ts'
import type { Json } from '../../src/assistant/overrides.ts'
import { parseScenario } from '../../src/call/scenario.ts'
import { simulate } from '../../src/call/simulation/simulate.ts'
import { loadChecks } from '../../src/commands/call-checks.ts'
import type { Observation } from '../../src/engine/observations.ts'
import { packageFile } from '../../src/package-root.ts'
import {
  createTextEndOfTurnModel,
  createTextJudge,
  loadShippedModel,
} from '../../src/providers/end-of-turn/estimator.ts'
import { planOf } from '../support/hooks.ts'
import { base } from '../support/simulation.ts'
import { decisionOf, runScenario, sayOnce, warningsOf } from '../support/speaking.ts'

const starts = (plan: object) => ({ startSpeakingPlan: { waitSeconds: 0, ...plan } })
const listens = (language: string) => ({ transcriber: { provider: 'deepgram', model: 'nova-3', language } })

let check: (assistant: Json) => string[]
beforeAll(async () => {
  check = await loadChecks()
})

/** What a call says of an assistant's endpointing before it begins. */
const told = (assistant: object) =>
  check({ firstMessageMode: 'assistant-waits-for-user', ...assistant }).filter(
    message => !message.startsWith('firstMessage'),
  )

describe('the providers of the smart plan', () => {
  it('[smart-provider-livekit] livekit decides by the text', async () => {
    const call = await sayOnce(starts({ smartEndpointingPlan: { provider: 'livekit' } }), 'Hello', {
      finished: 0.5,
    })
    expect(decisionOf(call)).toEqual({ by: 'livekit', waitMs: 4200, endedMs: 5200 })
    const asked = call.commands().filter(({ type }) => type === 'predict')
    expect(asked).toMatchObject([{ request: { text: 'Hello', assistantText: '' } }])
    expect(warningsOf(call)).toEqual([])
  })

  it.each(['en', 'en-US', 'en-GB'])(
    '[smart-provider-livekit, pipeline-smart-english-only] livekit serves %s',
    async language => {
      const plan = { ...listens(language), ...starts({ smartEndpointingPlan: { provider: 'livekit' } }) }
      const call = await sayOnce(plan, 'Hello', { finished: 1 })
      expect(decisionOf(call)).toEqual({ by: 'livekit', waitMs: 200, endedMs: 1200 })
      expect(warningsOf(call)).toEqual([])
    },
  )

  it.each([
    ['es', 'Hola.', 100],
    ['de', 'guten Tag', 1500],
    ['ja', 'そうです。', 100],
    ['multi', 'es sind 5', 500],
  ])(
    '[smart-provider-livekit, pipeline-smart-english-only] with %s livekit is warned about, and the heuristics wait after “%s” for %d ms',
    async (language, words, waitMs) => {
      const plan = { ...listens(language), ...starts({ smartEndpointingPlan: { provider: 'livekit' } }) }
      const call = await sayOnce(plan, words, { finished: 0 })
      expect(decisionOf(call)).toEqual({ by: 'vapi', waitMs, endedMs: 1000 + waitMs })
      expect(warningsOf(call)).toEqual([
        `smart endpointing by livekit knows English only, and the transcriber listens to ${language}; the text heuristics decide`,
      ])
      // It is told once: the check of the configuration leaves it to the call.
      expect(told(plan)).toEqual([])
    },
  )

  it.each(['en', 'es', 'ja', 'multi'])('[smart-provider-vapi] vapi serves %s', async language => {
    const plan = { ...listens(language), ...starts({ smartEndpointingPlan: { provider: 'vapi' } }) }
    const call = await sayOnce(plan, 'ok', { finished: 0 })
    expect(decisionOf(call)).toEqual({ by: 'vapi', waitMs: 1500, endedMs: 2500 })
    expect(warningsOf(call)).toEqual([])
  })

  it.each([
    ['smart-provider-deepgram-flux', 'deepgram-flux', { provider: 'deepgram', model: 'flux-general-en' }],
    ['smart-provider-assembly', 'assembly', { provider: 'assembly-ai' }],
  ])('[%s] %s is read as no smart plan', async (_rule, provider, transcriber) => {
    const named = starts({ smartEndpointingPlan: { provider } })
    const none = await planOf({ transcriber, ...starts({}) })
    expect((await planOf({ transcriber, ...named })).endpointing.method).toEqual(none.endpointing.method)
    expect(none.endpointing.method).toEqual({ type: 'transcriber' })
    // With another transcriber English is LiveKit's then.
    expect((await planOf(named)).endpointing.method.type).toBe('livekit')
    expect(told({ transcriber, ...named })).toEqual([
      'startSpeakingPlan.smartEndpointingPlan.provider: this transcriber decides the end of a turn by itself; it is no smart endpointing (leave smartEndpointingPlan out and choose the transcriber in transcriber)',
    ])
  })

  it('[heuristics-fallback, transcription-plan-as-fallback] the heuristics decide with the plan’s numbers where the provider fails, with a warning', async () => {
    const call = await runScenario({
      assistant: starts({
        smartEndpointingPlan: { provider: 'livekit' },
        transcriptionEndpointingPlan: { onNoPunctuationSeconds: 0.8 },
      }),
      caller: [
        { at: 0, say: 'a table', lasts: 1, finished: 1 },
        { after: 'assistant', plus: 1, say: 'for two', lasts: 1, finished: 1 },
      ],
      model: [{ reply: 'For how many?' }, { reply: 'Good.' }],
      failures: [{ endOfTurn: 'livekit', times: 1 }],
    })
    expect(call.all('endpointing.decided').map(({ by, waitMs }) => [by, waitMs])).toEqual([
      ['vapi', 800],
      ['livekit', 200],
    ])
    expect(warningsOf(call)).toEqual(['livekit failed, as the script says; the text heuristics decide'])
  })
})

const judge = createTextJudge(loadShippedModel())
/** LiveKit's default wait by the estimator that is shipped. */
const waitAfter = (words: string, asked = '') => Math.round(200 + 8000 * (1 - judge(words, asked)))

/** A call in which the shipped estimator judges the customer's words. */
async function judged(question: string, caller: object[]): Promise<Observation[]> {
  const scenario = parseScenario(
    {
      ...base,
      assistant: {
        ...base.assistant,
        firstMessageMode: 'assistant-speaks-first',
        firstMessage: question,
        ...starts({ smartEndpointingPlan: { provider: 'livekit' } }),
      },
      caller,
      model: [{ reply: 'I see.' }, { reply: 'Yes.' }, { reply: 'Fine.' }],
    },
    'test.yaml',
  )
  const { observations } = await simulate(scenario, '/nowhere/test.yaml', {
    semantics: 'documentation',
    variables: {},
    epochMs: 0,
    seed: 7,
    endOfTurnModel: createTextEndOfTurnModel(),
  })
  return observations
}

const turnsOf = (observations: Observation[]) =>
  observations.flatMap(seen => (seen.type === 'turn.ended' ? [seen.text] : []))
const waitsOf = (observations: Observation[]) =>
  observations.flatMap(seen => (seen.type === 'endpointing.decided' ? [seen.waitMs] : []))

describe('the text estimator', () => {
  it('[speech-end-of-turn-prediction] gives finished sentences a higher probability than cut-off ones it never saw', () => {
    const { auc, judged: moments } = judgeHeldOut(packageFile('bench', 'end-of-turn', 'data'), false)
    const mean = (complete: boolean) => {
      const values = moments.filter(moment => moment.complete === complete).map(({ finished }) => finished)
      return values.reduce((sum, value) => sum + value, 0) / values.length
    }
    expect(moments.length).toBeGreaterThanOrEqual(300)
    expect(auc).toBeGreaterThan(0.9)
    expect(mean(true)).toBeGreaterThan(mean(false) + 0.4)
  })

  it.each([
    ['I would like to', 'I would like to cancel my order'],
    ['my card is', 'my card is broken'],
    ['is there a bus from the', 'is there a bus from the airport'],
  ])(
    '[speech-smart-endpointing, smart-text-estimator] makes a call wait longer after “%s” than after “%s”',
    async (cut, whole) => {
      // The question takes 2.2 s.
      const waitFor = async (words: string) =>
        waitsOf(await judged('Hello, who is there?', [{ at: 4, say: words }]))
      const [[long], [short]] = [await waitFor(cut), await waitFor(whole)]
      expect(long).toBe(waitAfter(cut, 'Hello, who is there?'))
      expect(short).toBe(waitAfter(whole, 'Hello, who is there?'))
      expect(long).toBeGreaterThan(4200)
      expect(short).toBeLessThan(4200)
    },
  )

  it('[smart-text-estimator] judges the words, not the punctuation', async () => {
    const waitFor = async (words: string) => waitsOf(await judged('Yes?', [{ at: 4, say: words }]))
    expect(await waitFor('I would like to.')).toEqual(await waitFor('I would like to'))
    expect(await waitFor('I would like to cancel my order')).toEqual(
      await waitFor('I would like to cancel my order.'),
    )
    expect((await waitFor('I would like to.'))[0]).toBeGreaterThan(4200)
  })

  it('[speech-example-loan] holds the turn open after “yes, but” and takes a plain “yes” soon', async () => {
    // The question is heard from 0.3 to 2.2 s.
    const question = 'Do you want a loan?'
    const goesOn = await judged(question, [
      { at: 3, say: 'yes but', lasts: 0.5 },
      { at: 6.5, say: 'I need to know the rate first', lasts: 1.5 },
    ])
    expect(turnsOf(goesOn)).toEqual(['yes but I need to know the rate first'])
    const plain = await judged(question, [{ at: 3, say: 'yes', lasts: 0.5 }])
    expect(turnsOf(plain)).toEqual(['yes'])
    expect(waitsOf(plain)[0]).toBeLessThan(1500)
  })

  it('[speech-example-account-number] digits with natural pauses between them are one turn', async () => {
    const observations = await judged("What's your account number?", [
      { at: 4, say: 'four one five', lasts: 1 },
      { at: 6, say: 'two two nine', lasts: 1 },
      { at: 8, say: 'eight eight three one', lasts: 1.2 },
    ])
    expect(turnsOf(observations)).toEqual(['four one five two two nine eight eight three one'])
    const [first = 0, second = 0, third = 0] = waitsOf(observations)
    expect(first).toBeGreaterThan(second)
    expect(second).toBeGreaterThan(third)
  })
})
