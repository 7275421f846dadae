import { describe, expect, it } from 'vitest'
import { planOf } from '../support/hooks.ts'
import {
  decisionOf,
  observationsInstead,
  runScenario,
  sayOnce,
  stoppedAfter,
  warningsOf,
} from '../support/speaking.ts'

const krisp = (threshold?: number, more: object = {}) => ({
  startSpeakingPlan: {
    waitSeconds: 0,
    smartEndpointingPlan: { provider: 'krisp', ...(threshold !== undefined && { threshold }) },
    ...more,
  },
})
/** Speech ends at 1.0 s. */
const atOnce = { by: 'krisp', waitMs: 0, endedMs: 1000 }
const atTheLimit = { by: 'krisp', waitMs: 6000, endedMs: 7000 }
const judged = async (finished: number, threshold?: number) =>
  decisionOf(await sayOnce(krisp(threshold), 'I need a table', { finished }))

describe('krisp’s threshold', () => {
  it.each([
    [0, atTheLimit],
    [0.49, atTheLimit],
    [0.5, atOnce],
    [1, atOnce],
  ])(
    '[krisp-probability, krisp-threshold-triggers, speech-krisp-threshold-default] is 0.5: a probability of %d',
    async (finished, decided) => {
      expect(await judged(finished)).toEqual(decided)
      expect((await planOf(krisp())).endpointing.method).toEqual({ type: 'krisp', threshold: 0.5 })
    },
  )

  it.each([0.1, 0.3, 0.5, 0.7, 0.9])(
    '[krisp-threshold-triggers] %d is reached by itself',
    async threshold => {
      expect(await judged(threshold, threshold)).toEqual(atOnce)
      expect(await judged(threshold - 0.01, threshold)).toEqual(atTheLimit)
    },
  )

  it.each([0, 0.1, 0.2, 0.3])(
    '[krisp-threshold-aggressive] %d ends a turn at 0.3, where the default does not',
    async threshold => {
      expect(await judged(0.3, threshold)).toEqual(atOnce)
      expect(await judged(0.3)).toEqual(atTheLimit)
    },
  )

  it.each([0.4, 0.45, 0.5, 0.55, 0.6])(
    '[krisp-threshold-balanced] at %d the default decides like 0.5, within 0.4 and 0.6',
    async finished => {
      expect(await judged(finished)).toEqual(await judged(finished, 0.5))
      expect(await judged(finished, 0.4)).toEqual(atOnce)
      expect(await judged(finished - 0.01, 0.6)).toEqual(atTheLimit)
    },
  )

  it.each([0.7, 0.8, 0.9, 1])(
    '[krisp-threshold-conservative] %d does not end a turn at 0.6, where the default does',
    async threshold => {
      expect(await judged(0.6, threshold)).toEqual(atTheLimit)
      expect(await judged(0.6)).toEqual(atOnce)
    },
  )

  it.each([0, 0.25, 0.5, 0.75, 1])(
    '[speech-krisp-threshold-sense] 1 is surely stopped and 0 still speaking, at %d',
    async threshold => {
      expect(await judged(1, threshold)).toEqual(atOnce)
      expect(await judged(0, threshold)).toEqual(threshold === 0 ? atOnce : atTheLimit)
    },
  )

  it('[speech-krisp-threshold-low] ends turns earlier the lower it is', async () => {
    const ends: number[] = []
    for (const threshold of [0.2, 0.4, 0.6, 0.8]) ends.push((await judged(0.5, threshold)).endedMs)
    expect(ends).toEqual([1000, 1000, 7000, 7000])
  })

  it.each([-0.1, 1.1, 50, '0.5'])('[speech-krisp-threshold-range] %j is refused', async threshold => {
    await expect(
      planOf({ startSpeakingPlan: { smartEndpointingPlan: { provider: 'krisp', threshold } } }),
    ).rejects.toThrow('startSpeakingPlan.smartEndpointingPlan.threshold')
  })

  it.each([0, 1])('[speech-krisp-threshold-range] %d is accepted', async threshold => {
    expect((await planOf(krisp(threshold))).endpointing.method).toEqual({ type: 'krisp', threshold })
  })
})

describe('krisp in a call', () => {
  it('[krisp-example, smart-provider-krisp] decides with the page’s plan and says how', async () => {
    const page = { startSpeakingPlan: { smartEndpointingPlan: { provider: 'krisp', threshold: 0.5 } } }
    const call = await sayOnce(page, 'I need a table', { finished: 0.83 })
    expect(call.first('endpointing.decided')).toMatchObject({
      by: 'krisp',
      waitMs: 0,
      detail: 'probability 0.83, threshold 0.5',
      finished: 0.83,
      atMs: 1000,
    })
    expect(call.first('model.requested').atMs).toBe(1000)
    expect(warningsOf(call)).toEqual([])
  })

  it.each(['es', 'ja', 'ar'])('[smart-krisp-any-language] decides with %s as well', async language => {
    const transcriber = { provider: 'deepgram', model: 'nova-3', language }
    const call = await sayOnce({ transcriber, ...krisp() }, 'vale', { finished: 0.9 })
    expect(decisionOf(call)).toEqual(atOnce)
    expect(warningsOf(call)).toEqual([])
  })

  it('[speech-krisp-audio] asks nobody about the words', async () => {
    const call = await sayOnce(krisp(), 'and then I would like to', { finished: 0.9 })
    expect(decisionOf(call)).toEqual(atOnce)
    expect(call.commands().filter(({ type }) => type === 'predict' || type === 'match')).toEqual([])
  })

  it('[speech-krisp-always-notifies] ends the turn of a brief acknowledgement as well', async () => {
    const call = await sayOnce(krisp(), 'uh-huh', { finished: 0.9 })
    expect(decisionOf(call)).toEqual(atOnce)
    expect(call.first('turn.ended').text).toBe('uh-huh')
  })

  it('[krisp-threshold-triggers] ends a turn when its words are there, not before', async () => {
    const call = await sayOnce(krisp(), 'Hello', { finished: 0.9, latencies: { transcriberMs: 700 } })
    expect(decisionOf(call)).toEqual({ by: 'krisp', waitMs: 0, endedMs: 1700 })
  })

  it('[krisp-threshold-triggers] waits for the next end of speech after one that it is not sure of', async () => {
    const call = await runScenario({
      assistant: krisp(),
      caller: [
        { at: 0, say: 'I need', lasts: 0.5, finished: 0.2 },
        { at: 4, say: 'a table', lasts: 0.5, finished: 0.8 },
      ],
      model: [{ reply: 'Good.' }],
    })
    expect(call.all('turn.ended').map(({ text, atMs }) => [text, atMs])).toEqual([['I need a table', 4500]])
  })

  it('[krisp-threshold-triggers] leaves it to the heuristics where the words were typed', async () => {
    const call = await sayOnce(krisp(), 'it is 5', { finished: 0.9, latencies: { transcriberMs: 100 } })
    const place = call.inputs.findIndex(
      input => input.type === 'transcript' && input.transcriptType === 'final',
    )
    const words = call.inputs[place]
    if (words?.type !== 'transcript') throw new Error('nothing was said')
    expect(observationsInstead(call, place, { ...words, origin: 'keyboard' })).toMatchObject([
      { type: 'transcript' },
      {
        type: 'warning',
        message: 'krisp judges sound, and these words were typed; the text heuristics decide',
      },
      { type: 'endpointing.decided', by: 'vapi', waitMs: 500 },
    ])
  })

  it('[heuristics-fallback] leaves it to the heuristics where nothing judges the sound', async () => {
    const call = await runScenario({
      assistant: krisp(),
      caller: [{ at: 0, say: 'a table', lasts: 1 }],
      model: [{ reply: 'Good.' }],
      failures: [{ endOfTurn: 'krisp' }],
    })
    // The judge is waited for until 2 s after the speech.
    expect(decisionOf(call)).toEqual({ by: 'vapi', waitMs: 1500, endedMs: 3000 })
    expect(warningsOf(call)).toEqual(['krisp did not judge the sound; the text heuristics decide'])
  })

  it('[custom-rules-first] is not asked where a custom rule fits', async () => {
    const rules = { customEndpointingRules: [{ type: 'customer', regex: 'table', timeoutSeconds: 2 }] }
    const call = await sayOnce(krisp(0.5, rules), 'a table', { finished: 1 })
    expect(decisionOf(call)).toEqual({ by: 'custom-rule', waitMs: 2000, endedMs: 3000 })
  })
})

/** The page's krisp set-up. */
const page = {
  startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: 'krisp', threshold: 0.5 } },
  stopSpeakingPlan: {
    numWords: 2,
    voiceSeconds: 0.2,
    backoffSeconds: 1.0,
    acknowledgementPhrases: ['okay', 'right', 'uh-huh', 'yeah', 'mm-hmm', 'got it'],
  },
}

/** The customer says something half a second into a long answer. */
function saysInto(words: string, stopSpeakingPlan: object = page.stopSpeakingPlan) {
  return runScenario({
    assistant: { ...page, stopSpeakingPlan },
    caller: [
      { at: 0, say: 'Tell me.', lasts: 1, finished: 1 },
      { during: 'assistant', plus: 0.5, say: words, lasts: 0.6, finished: 1 },
    ],
    model: [{ reply: 'There is a great deal to say about that, as you may know.' }, { reply: 'Well then.' }],
  })
}

const turns = (call: Awaited<ReturnType<typeof saysInto>>) => call.all('turn.ended').map(({ text }) => text)

describe('acknowledgements over the assistant with krisp', () => {
  it.each(page.stopSpeakingPlan.acknowledgementPhrases)(
    '[example-krisp, krisp-brief-acknowledgements, speech-krisp-acknowledgements] “%s” neither stops it nor starts a turn, though its end is reported',
    async phrase => {
      const call = await saysInto(phrase)
      expect(stoppedAfter(call)).toBeNull()
      expect(turns(call)).toEqual(['Tell me.'])
      const reported = call.inputs.filter(({ type }) => type === 'turn.judged')
      expect(reported).toMatchObject([{ finished: 1 }, { finished: 1 }])
    },
  )

  it('[example-krisp] two words interrupt, when the second is known', async () => {
    const call = await saysInto('Hello there')
    // Two words in 0.6 s: the second is complete with the speech.
    expect(stoppedAfter(call)).toBe(600)
    expect(call.first('interruption')).toMatchObject({ by: 'words', ignored: false })
  })

  it('[speech-krisp-acknowledgements] one other word does not stop it with two asked for, and does with none', async () => {
    expect(stoppedAfter(await saysInto('Hello'))).toBeNull()
    expect(stoppedAfter(await saysInto('Hello', { ...page.stopSpeakingPlan, numWords: 0 }))).toBe(200)
  })

  it('[example-krisp-own-phrases] a phrase of the default list counts only where no list is set', async () => {
    const { acknowledgementPhrases: _own, ...unset } = page.stopSpeakingPlan
    for (const phrase of ['sure', 'gotcha']) {
      expect(turns(await saysInto(phrase))).toEqual(['Tell me.', phrase])
      expect(turns(await saysInto(phrase, unset))).toEqual(['Tell me.'])
    }
    expect(stoppedAfter(await saysInto('I understand'))).toBe(600)
    expect(stoppedAfter(await saysInto('I understand', unset))).toBeNull()
  })
})
