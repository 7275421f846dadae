import { describe, expect, it } from 'vitest'
import type { TextHeuristics } from '../../src/engine/plan.ts'
import { heuristicWait } from '../../src/engine/text/heuristics.ts'
import { planOf } from '../support/hooks.ts'
import {
  decisionOf,
  observationsInstead,
  runScenario,
  sayOnce,
  timelineOf,
  warningsOf,
} from '../support/speaking.ts'

const PLAN = 'startSpeakingPlan.transcriptionEndpointingPlan'
const vapi = { smartEndpointingPlan: { provider: 'vapi' } }
/** Numbers that are no defaults, so that it shows which of them was taken. */
const own = { onPunctuationSeconds: 0.3, onNoPunctuationSeconds: 2.4, onNumberSeconds: 0.9 }

const starts = (plan: object, transcriber: object = {}) => ({
  transcriber,
  startSpeakingPlan: { waitSeconds: 0, ...plan },
})

const byVapi = (waitMs: number) => ({ by: 'vapi', waitMs, endedMs: 1000 + waitMs })
const byPlan = (waitMs: number) => ({ by: 'transcription', waitMs, endedMs: 1000 + waitMs })

describe('the text heuristics', () => {
  it.each([
    ['speech-example-number', 'My account number is 123456789', 500],
    ['speech-example-punctuation', 'I want to transfer $500.', 100],
    ['speech-example-punctuation', 'My account number is 123456789, I want to transfer $500.', 100],
    ['speech-example-no-punctuation', 'I want to transfer some money', 1500],
    ['heuristics-number', 'It is 5', 500],
    ['heuristics-number', 'the number 555-1234', 500],
    ['heuristics-number', 'it is five', 500],
    ['heuristics-number', 'in twenty twenty-one', 500],
    ['heuristics-number', 'five of us', 1500],
    ['heuristics-number', 'I want someone', 1500],
    ['heuristics-punctuation', 'Hello.', 100],
    ['heuristics-punctuation', 'well, I think so', 100],
    ['heuristics-punctuation', 'Really? I did not know', 100],
    ['heuristics-punctuation', 'oh! right', 100],
    ['heuristics-punctuation', 'two things: a table', 100],
    ['heuristics-punctuation', 'so… yes', 100],
    ['heuristics-no-punctuation', 'hello there', 1500],
    ['heuristics-no-punctuation', 'I don’t know about ten-pin bowling (or darts)', 1500],
    ['pipeline-punctuation-detected', 'I want a table.', 100],
    ['pipeline-punctuation-detected', 'I want a table', 1500],
    ['heuristics-order', 'Yes, it is 5', 500],
    ['heuristics-order', 'My number? It is five', 500],
    ['heuristics-order', 'It is 5, I think', 100],
    ['heuristics-order', 'It is 5 I think', 1500],
  ])('[%s] “%s” is waited for %d ms', async (_id, words, waitMs) => {
    expect(decisionOf(await sayOnce(starts(vapi), words))).toEqual(byVapi(waitMs))
  })

  it.each([
    ['well, I think so', 1500],
    ['well, I think so.', 100],
    ['“I think so.”', 100],
    ['Really? I did not know', 1500],
    ['Yes, it is 5', 500],
    ['I want to transfer $500.', 100],
  ])(
    '[heuristics-punctuation-openapi] with the API document’s reading “%s” is waited for %d ms',
    async (words, waitMs) => {
      expect(decisionOf(await sayOnce(starts(vapi), words, { semantics: 'openapi' }))).toEqual(byVapi(waitMs))
    },
  )

  it.each([
    ['It is 5', 900],
    ['Yes.', 300],
    ['I want a table', 2400],
  ])('[heuristics-use-plan-numbers] judge “%s” with the plan’s numbers: %d ms', async (words, waitMs) => {
    const plan = { ...vapi, transcriptionEndpointingPlan: own }
    expect(decisionOf(await sayOnce(starts(plan), words))).toEqual(byVapi(waitMs))
  })

  it.each([
    ['Yes.', 100],
    ['I want a table', 1500],
    ['It is 5', 500],
  ])('[heuristics-example] with the page’s plan “%s” is waited for %d ms', async (words, waitMs) => {
    const call = await sayOnce(
      {
        startSpeakingPlan: {
          smartEndpointingPlan: { provider: 'vapi' },
          transcriptionEndpointingPlan: {
            onPunctuationSeconds: 0.1,
            onNoPunctuationSeconds: 1.5,
            onNumberSeconds: 0.5,
          },
        },
      },
      words,
    )
    expect(decisionOf(call)).toEqual(byVapi(waitMs))
    expect(warningsOf(call)).toEqual([])
  })

  it.each(['', '  '])('[heuristics-nothing] “%s” is nothing to judge and waited for 0 ms', text => {
    const heuristics: TextHeuristics = {
      onPunctuationMs: 100,
      onNoPunctuationMs: 1500,
      onNumberMs: 500,
      punctuation: 'anywhere',
    }
    for (const punctuation of ['anywhere', 'at-end'] as const)
      expect(heuristicWait(text, { ...heuristics, punctuation }).waitMs).toBe(0)
  })

  it.each([
    ['es', '¿Cómo está usted?', 100],
    ['es', 'quiero una mesa', 1500],
    ['es', 'mi número es 5', 500],
    ['fr', 'je voudrais une table !', 100],
    ['zh', '你好。', 100],
    ['zh', '你好，', 100],
    ['zh', '你好', 1500],
    ['ja', '席をお願いします。', 100],
    ['ja', '席を、お願いします', 100],
    ['ja', '五人です', 1500],
    ['ja', '番号は５', 500],
    ['ar', 'كيف حالك؟', 100],
    ['ar', 'نعم، شكرا', 100],
    ['ar', 'رقمي ٥', 500],
    ['hi', 'मुझे एक मेज़ चाहिए।', 100],
    ['hi', 'मेरा नंबर ५', 500],
    ['ur', 'شکریہ۔', 100],
    ['el', 'Τι κάνετε;', 100],
    ['hy', 'Բարեւ։', 100],
    ['am', 'ሰላም።', 100],
    ['th', 'สวัสดี', 1500],
  ])(
    '[speech-vapi-other-languages, pipeline-text-any-language, smart-provider-vapi] %s: “%s” is waited for %d ms',
    async (language, words, waitMs) => {
      const call = await sayOnce(starts(vapi, { language }), words)
      expect(decisionOf(call)).toEqual(byVapi(waitMs))
      expect(warningsOf(call)).toEqual([])
    },
  )

  it.each(['es', 'de', 'ja', 'ar'])(
    '[heuristics-other-languages] serve %s, which LiveKit does not know',
    async language => {
      expect(decisionOf(await sayOnce(starts({}, { language }), '1, 2, 3'))).toEqual(byVapi(500))
    },
  )
})

describe('the moment from which the text is judged', () => {
  it('[heuristics-latest-message] each new transcript is judged anew, and the wait before is void', async () => {
    const call = await runScenario({
      assistant: starts(vapi),
      caller: [
        { at: 0, say: 'I want', lasts: 1 },
        { at: 1.8, say: 'a table for 5', lasts: 1 },
        { at: 3, say: 'if you have one, please.', lasts: 1 },
      ],
      model: [{ reply: 'Yes.' }],
    })
    expect(call.all('endpointing.decided').map(({ atMs, waitMs }) => [atMs, waitMs])).toEqual([
      [1000, 1500],
      [2800, 500],
      [4000, 100],
    ])
    expect(call.all('turn.ended').map(({ atMs, text }) => [atMs, text])).toEqual([
      [4100, 'I want a table for 5 if you have one, please.'],
    ])
  })

  it('[heuristics-latest-message] a longer wait replaces a shorter one as well', async () => {
    const call = await runScenario({
      assistant: starts({ ...vapi, transcriptionEndpointingPlan: { onPunctuationSeconds: 1 } }),
      caller: [
        { at: 0, say: 'Yes.', lasts: 1 },
        { at: 1.5, say: 'and it is 5', lasts: 0.5 },
        { at: 2.3, say: 'or so', lasts: 0.5 },
      ],
      model: [{ reply: 'Yes.' }],
    })
    // “Yes. and it is 5 or so”: there is punctuation, the number is not at the end any more.
    expect(call.all('endpointing.decided').map(({ waitMs }) => waitMs)).toEqual([1000, 500, 1000])
    expect(call.all('turn.ended').map(({ atMs }) => atMs)).toEqual([3800])
  })

  it.each([
    [0, 1000, 1500],
    [300, 1300, 1500],
    [499, 1499, 1500],
    [800, 1800, 1800],
  ])(
    '[heuristics-from-end-of-speech] with a transcript %d ms late the wait counts from the end of the speech',
    async (transcriberMs, decidedMs, endedMs) => {
      const latencies = { transcriberMs, modelMs: 500, voiceMs: 300 }
      const call = await sayOnce(starts(vapi), 'It is 5', { latencies })
      expect(call.first('endpointing.decided').atMs).toBe(decidedMs)
      expect(call.first('turn.ended').atMs).toBe(endedMs)
    },
  )

  it('[speech-customer-pauses] a customer who pauses and goes on before the wait is over has one turn', async () => {
    const scenario = (pause: number) => ({
      assistant: starts(vapi),
      caller: [
        { at: 0, say: 'I need a table', lasts: 1 },
        { at: 1 + pause, say: 'for tonight.', lasts: 1 },
      ],
      model: [{ when: 'tonight', reply: 'For tonight.' }, { reply: 'Which day?' }, { reply: 'Yes.' }],
    })
    const one = await runScenario(scenario(1.4))
    expect(one.all('turn.ended').map(({ text, atMs }) => [text, atMs])).toEqual([
      ['I need a table for tonight.', 3500],
    ])
    expect(one.all('model.requested')).toHaveLength(1)
    expect(one.all('assistant.speech.started').map(({ text }) => text)).toEqual(['For tonight.'])
    // Longer than the wait of 1.5 s: the turn was over.
    const two = await runScenario(scenario(1.6))
    expect(two.all('turn.ended')[0]).toMatchObject({ text: 'I need a table', atMs: 2500 })
  })
})

describe('the transcription plan', () => {
  it.each([
    ['transcription-plan-example', 'Hello.', 100],
    ['transcription-plan-example', 'it is 5', 500],
    ['transcription-plan-example', 'hello there', 1500],
    ['pipeline-quick-start-other-languages', 'Hello.', 100],
    ['pipeline-quick-start-other-languages', 'hello there', 1500],
    ['pipeline-quick-start-other-languages', 'it is 5', 500],
  ])('[%s] with the page’s plan “%s” is waited for %d ms', async (_id, words, waitMs) => {
    const call = await sayOnce(
      {
        startSpeakingPlan: {
          transcriptionEndpointingPlan: {
            onPunctuationSeconds: 0.1,
            onNoPunctuationSeconds: 1.5,
            onNumberSeconds: 0.5,
          },
          waitSeconds: 0.4,
        },
      },
      words,
    )
    expect(decisionOf(call)).toEqual(byPlan(waitMs))
    expect(call.first('turn.latency').waitMs).toBe(400)
    expect(warningsOf(call)).toEqual([])
  })

  it.each([
    ['on-punctuation-default', 'Hello.', { onNoPunctuationSeconds: 2.4, onNumberSeconds: 0.9 }, 100],
    ['on-no-punctuation-default', 'hello', { onPunctuationSeconds: 0.3, onNumberSeconds: 0.9 }, 1500],
    ['on-number-default', 'it is 5', { onPunctuationSeconds: 0.3, onNoPunctuationSeconds: 2.4 }, 500],
    ['on-punctuation-wait', 'Hello.', own, 300],
    ['on-no-punctuation-wait', 'hello', own, 2400],
    ['on-number-wait', 'it is 5', own, 900],
    ['speech-transcription-detection', 'Hello.', { onPunctuationSeconds: 1.2 }, 1200],
    ['speech-transcription-detection', 'hello', { onNoPunctuationSeconds: 0.7 }, 700],
    ['speech-transcription-detection', 'it is 5', { onNumberSeconds: 2 }, 2000],
  ])('[%s] “%s” with %j is waited for %d ms', async (_id, words, plan, waitMs) => {
    expect(decisionOf(await sayOnce(starts({ transcriptionEndpointingPlan: plan }), words))).toEqual(
      byPlan(waitMs),
    )
  })

  it.each(['es', 'de', 'hi', 'ja'])(
    '[transcription-plan-other-languages] decides in %s, which LiveKit does not know',
    async language => {
      const call = await sayOnce(starts({ transcriptionEndpointingPlan: own }, { language }), 'Hola.')
      expect(decisionOf(call)).toEqual(byPlan(300))
      expect(warningsOf(call)).toEqual([])
    },
  )

  const fields = ['onPunctuationSeconds', 'onNoPunctuationSeconds', 'onNumberSeconds'] as const
  const kept = {
    onPunctuationSeconds: 'onPunctuationMs',
    onNoPunctuationSeconds: 'onNoPunctuationMs',
    onNumberSeconds: 'onNumberMs',
  } as const

  it.each(fields.flatMap(field => [0, 0.05, 1.25, 3].map(value => [field, value] as const)))(
    '[api-transcription-plan-ranges] %s may be %d s',
    async (field, value) => {
      const { endpointing } = await planOf(starts({ transcriptionEndpointingPlan: { [field]: value } }))
      expect(endpointing.heuristics[kept[field]]).toBe(value * 1000)
    },
  )

  it.each(fields.flatMap(field => [-0.1, 3.01, 1500, '1'].map(value => [field, value] as const)))(
    '[api-transcription-plan-ranges] %s of %s is refused with its path',
    async (field, value) => {
      const plan = planOf(starts({ transcriptionEndpointingPlan: { [field]: value } }))
      await expect(plan).rejects.toThrow(`${PLAN}.${field}`)
    },
  )
})

describe('where the smart provider does not serve', () => {
  it.each([
    ['Hello.', 300],
    ['it is 5', 900],
    ['hello', 2400],
  ])(
    '[transcription-plan-as-fallback] the heuristics decide after “%s” with the plan’s %d ms, and a warning says so',
    async (words, waitMs) => {
      const plan = { smartEndpointingPlan: { provider: 'elsewhere' }, transcriptionEndpointingPlan: own }
      const call = await sayOnce(starts(plan), words)
      expect(decisionOf(call)).toEqual(byVapi(waitMs))
      expect(warningsOf(call)).toEqual([
        'smart endpointing provider elsewhere is unknown; the text heuristics decide',
      ])
    },
  )

  it('[heuristics-fallback, transcription-plan-as-fallback] the heuristics decide where it fails, and a warning says so', async () => {
    const plan = { smartEndpointingPlan: { provider: 'livekit' }, transcriptionEndpointingPlan: own }
    const call = await sayOnce(starts(plan), 'it is 5')
    const place = call.inputs.findIndex(({ type }) => type === 'predict.done')
    const answer = call.inputs[place]
    if (answer?.type !== 'predict.done') throw new Error('LiveKit was not asked')
    const { atMs, workId } = answer
    const failure = {
      code: 'x',
      message: 'it broke',
      retryable: false,
      endedReason: null,
      hint: null,
      exit: 1,
    } as const
    const told = observationsInstead(call, place, { type: 'predict.failed', atMs, workId, failure })
    expect(told).toMatchObject([
      { type: 'warning', message: 'it broke; the text heuristics decide' },
      { type: 'endpointing.decided', by: 'vapi', waitMs: 900 },
    ])
  })
})

describe('the end of the speech', () => {
  it('[pipeline-speech-stop] begins the judgement: nothing is decided while the customer talks', async () => {
    const call = await sayOnce(starts({ smartEndpointingPlan: { provider: 'vapi' } }), 'Yes. Yes. Yes. I do.')
    expect(call.all('transcript').filter(({ transcriptType }) => transcriptType === 'partial')).toHaveLength(
      4,
    )
    expect(
      timelineOf(call, 'customer.speech.started', ['customer.speech.stopped', 'endpointing.decided']),
    ).toEqual([
      ['customer.speech.stopped', 1000],
      ['endpointing.decided', 1000],
    ])
  })
})
