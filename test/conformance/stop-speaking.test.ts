import { beforeAll, describe, expect, it } from 'vitest'
import { runDetector } from '../../bench/vad/score.ts'
import { createVoiceActivityDetector } from '../../src/audio/vad/detector.ts'
import { loadSileroWeights, type SileroWeights } from '../../src/audio/vad/silero-weights.ts'
import { step } from '../../src/engine/step.ts'
import { join, silence, vowel } from '../audio/vad/sounds.ts'
import { builtWeights } from '../audio/vad/weights.ts'
import { planOf } from '../support/hooks.ts'
import type { SimulatedCall } from '../support/simulation.ts'
import { BEGUN_MS, over, runScenario, stoppedAfter, warningsOf } from '../support/speaking.ts'

/** A sound without words. */
const SOUND = ' '
const seconds = (value: number | undefined) => (value === undefined ? {} : { voiceSeconds: value })

describe('interruption by voice: numWords 0', () => {
  it.each([
    ['voice-seconds-sensitive', 0.1, 0.15, 100],
    ['voice-seconds-balanced', 0.2, 0.15, null],
    ['voice-seconds-balanced', 0.2, 0.25, 200],
    ['voice-seconds-conservative', 0.4, 0.35, null],
    ['voice-seconds-conservative', 0.4, 0.45, 400],
    ['voice-seconds-default', undefined, 0.19, null],
    ['voice-seconds-default', undefined, 0.21, 200],
    ['voice-seconds-duration', 0, 0.05, 0],
    ['voice-seconds-duration', 0.35, 1, 350],
    ['voice-seconds-duration', 0.5, 1, 500],
    ['speech-voice-default', undefined, 0.15, null],
    ['speech-voice-default', undefined, 1, 200],
    ['speech-voice-longer', 0.5, 0.45, null],
    ['speech-voice-longer', 0.5, 1, 500],
    ['speech-example-banking', 0.4, 0.3, null],
    ['speech-example-banking', 0.2, 0.3, 200],
    ['num-words-zero-vad', 0.2, 0.3, 200],
  ])(
    '[%s] voiceSeconds %s, a sound of %d s: stopped after %s ms',
    async (_id, voiceSeconds, lasts, afterMs) => {
      const call = await over(SOUND, { lasts, plan: { numWords: 0, ...seconds(voiceSeconds) } })
      expect(stoppedAfter(call)).toBe(afterMs)
      expect(call.first('interruption')).toMatchObject({ by: 'vad', ignored: afterMs === null })
    },
  )

  it.each(['Um', 'Uh', 'Hm hm', SOUND, 'Excuse me please'])(
    '[num-words-zero-sensitive] any voice that lasts interrupts, words or not: “%s”',
    async words => {
      expect(stoppedAfter(await over(words, { lasts: 0.3 }))).toBe(200)
    },
  )

  it.each(['en', 'es', 'ja', 'ar', 'xx'])(
    '[num-words-zero-any-language] in %s as in every other',
    async language => {
      expect(stoppedAfter(await over('Quiero otra cosa', { lasts: 1, transcriber: { language } }))).toBe(200)
      expect(stoppedAfter(await over(SOUND, { lasts: 0.15, transcriber: { language } }))).toBeNull()
    },
  )

  it('[num-words-zero-before-transcript, num-words-zero-vad, speech-words-zero] stops before a word is transcribed', async () => {
    const call = await over('I have a question', { lasts: 1, transcriberMs: 500, plan: { numWords: 0 } })
    const stopped = call.first('assistant.speech.stopped')
    expect(stoppedAfter(call)).toBe(200)
    const words = call
      .all('transcript')
      .filter(({ role, transcript }) => role === 'user' && /^I/.test(transcript))
    // A word of a quarter of a second, and the transcriber’s delay.
    expect(words[0]?.atMs).toBe(stopped.atMs - 200 + 250 + 500)
  })

  it('[voice-seconds-continuous] two sounds with a pause between them do not add up', async () => {
    const sounds = (...times: [at: number, lasts: number][]) =>
      runScenario({
        assistant: {},
        caller: [
          { at: 0, say: 'Hello.', lasts: 1 },
          ...times.map(([at, lasts]) => ({ at, say: SOUND, lasts })),
        ],
        model: [{ reply: 'Here is a long answer that goes on for quite a while.' }],
      })
    const two = await sounds([3, 0.15], [3.2, 0.15])
    expect(two.all('assistant.speech.stopped').map(({ reason }) => reason)).toEqual(['completed'])
    expect(two.all('interruption').map(({ ignored, reason }) => [ignored, reason])).toEqual([
      [true, 'shorter than voiceSeconds'],
      [true, 'shorter than voiceSeconds'],
    ])
    const one = await sounds([3, 0.35])
    expect(one.first('assistant.speech.stopped')).toMatchObject({ reason: 'interrupted', atMs: 3200 })
  })

  it('[pipeline-speech-start-over-assistant] is judged from the start of the voice during assistant speech', async () => {
    const call = await over('I have a question', { lasts: 1, plus: 2.5 })
    expect(call.first('interruption').atMs).toBe(BEGUN_MS + 2500 + 200)
    // A voice while nothing is heard interrupts nothing.
    const before = await runScenario({
      assistant: {},
      caller: [{ at: 0, say: 'Hello, this is quite a long sentence of mine.', lasts: 3 }],
      model: [{ reply: 'Yes.' }],
    })
    expect(before.all('interruption')).toEqual([])
    // Who talks already when the assistant begins interrupts from then on.
    const during = await runScenario({
      assistant: {},
      caller: [{ at: 0.5, say: 'Hello, this is quite a long sentence of mine.', lasts: 3 }],
      control: [{ at: 1, send: { type: 'say', content: 'One moment please, I have to look that up.' } }],
      model: [{ reply: 'Yes.' }],
    })
    expect(during.first('assistant.speech.started').atMs).toBe(1300)
    expect(during.first('interruption')).toMatchObject({ by: 'vad', atMs: 1500 })
  })

  describe('by a real voice', () => {
    let weights: SileroWeights
    beforeAll(async () => {
      weights = loadSileroWeights(await builtWeights())
    })

    it.each(['a', 'i', 'o'] as const)(
      '[num-words-zero-fast] the start of a voice (%s) is known at most 100 ms after it',
      name => {
        // Wherever it begins within the detector’s windows (32 ms) and frames (20 ms).
        const delays = Array.from({ length: 20 }, (_, place) => {
          const beforeMs = 640 + 8 * place
          const sound = join(silence(beforeMs), vowel(name, 600, 120))
          const [started] = runDetector(createVoiceActivityDetector(weights), sound)
          return (started?.learnedMs ?? Number.POSITIVE_INFINITY) - beforeMs
        })
        expect(Math.max(...delays)).toBeLessThanOrEqual(100)
        expect(Math.min(...delays)).toBeGreaterThan(0)
      },
    )
  })

  it.each([
    [0, 100],
    [0.05, 100],
    [0.2, 200],
    [0.5, 500],
  ])(
    '[pipeline-quick-start-interruption] noticed 100 ms late, with voiceSeconds %d it stops the assistant %d ms after its start',
    async (voiceSeconds, stoppedMs) => {
      const call = await over('I have a question', { lasts: 2, plan: { numWords: 0, voiceSeconds } })
      const place = call.inputs.findLastIndex(({ type }) => type === 'speech.started')
      const { plan, state } = call.at(place)
      const audioMs = BEGUN_MS + 1000
      const noticed = step(plan, state, { type: 'speech.started', audioMs, atMs: audioMs + 100 })
      const cleared = noticed.commands.some(({ type }) => type === 'playback.clear')
      const timer = noticed.commands.find(
        command => command.type === 'timer.set' && /voice/.test(command.timerId),
      )
      const atMs = cleared ? audioMs + 100 : timer?.type === 'timer.set' ? timer.atMs : Number.NaN
      expect(atMs - audioMs).toBe(stoppedMs)
      expect(atMs - audioMs).toBeLessThanOrEqual(voiceSeconds * 1000 + 100)
    },
  )
})

describe('interruption by words: numWords over 0', () => {
  it.each([
    ['speech-words-to-stop', 1, 500],
    ['speech-words-to-stop', 2, 1000],
    ['speech-words-to-stop', 3, 1500],
    ['speech-words-to-stop', 4, 2000],
    ['speech-words-to-stop', 5, null],
    ['num-words-positive', 2, 1000],
    ['num-words-positive', 10, null],
  ])('[%s] numWords %d, four words in 2 s: stopped after %s ms', async (_id, numWords, afterMs) => {
    const call = await over('Tell me about tomorrow', { lasts: 2, plan: { numWords } })
    expect(stoppedAfter(call)).toBe(afterMs)
    expect(call.all('interruption')).toMatchObject(afterMs === null ? [] : [{ by: 'words', ignored: false }])
  })

  it.each([
    [0, 1000],
    [200, 1200],
    [500, 1500],
  ])(
    '[num-words-positive-slower] a transcriber %d ms late shows: stopped after %d ms',
    async (transcriberMs, afterMs) => {
      const call = await over('Tell me about tomorrow', { lasts: 2, transcriberMs, plan: { numWords: 2 } })
      expect(stoppedAfter(call)).toBe(afterMs)
    },
  )

  it.each([1, 2, 10])(
    '[num-words-positive-no-false] sound without words never stops it: numWords %d',
    async numWords => {
      const call = await over(SOUND, { lasts: 4, plan: { numWords, voiceSeconds: 0 } })
      expect(stoppedAfter(call)).toBeNull()
      expect(call.all('interruption')).toEqual([])
    },
  )

  it.each([0, 0.1, 0.5])(
    '[voice-seconds-only-without-words] voiceSeconds %d changes nothing',
    async voiceSeconds => {
      const plan = { numWords: 2, voiceSeconds }
      expect(stoppedAfter(await over('Tell me about tomorrow', { lasts: 2, plan }))).toBe(1000)
      expect(stoppedAfter(await over(SOUND, { lasts: 2, plan }))).toBeNull()
    },
  )

  it.each([
    ['speech-words-more', 'Sure thing', 3],
    ['speech-words-more', 'Oh really', 3],
    ['speech-words-more', 'Fine', 2],
    ['speech-example-clinic', 'At nine', 3],
    ['speech-example-clinic', 'This Friday', 3],
  ])('[%s] “%s” does not stop an assistant with numWords %d', async (_id, words, numWords) => {
    const call = await over(words, { plan: { numWords } })
    expect(stoppedAfter(call)).toBeNull()
    expect(stoppedAfter(await over(`${words} then please`, { plan: { numWords } }))).not.toBeNull()
  })

  it('[speech-backchannel, speech-words-more] acknowledgements take over no turn, however many', async () => {
    const call = await runScenario({
      assistant: { stopSpeakingPlan: { numWords: 1 } },
      caller: [
        { at: 0, say: 'Tell me about it.', lasts: 1 },
        { at: 3, say: 'uh-huh', lasts: 0.4 },
        { at: 4, say: 'Yeah.', lasts: 0.4 },
        { at: 5, say: 'I see', lasts: 0.4 },
      ],
      model: [{ reply: 'It is a long story that I will tell you now from its beginning.' }],
    })
    expect(call.all('turn.ended').map(({ text }) => text)).toEqual(['Tell me about it.'])
    expect(call.all('assistant.speech.stopped').map(({ reason }) => reason)).toEqual(['completed'])
  })
})

describe('the stop speaking plan', () => {
  it('[speech-stop-plan, pipeline-threshold] decides when the assistant stops', async () => {
    const stops = await Promise.all(
      [
        { numWords: 0 },
        { numWords: 0, voiceSeconds: 0.5 },
        { numWords: 1 },
        { numWords: 3 },
        { numWords: 9 },
      ].map(async plan => {
        const call = await over('Tell me about tomorrow', { lasts: 2, plan })
        return [stoppedAfter(call), call.all('interruption')[0]?.by]
      }),
    )
    expect(stops).toEqual([
      [200, 'vad'],
      [500, 'vad'],
      [500, 'words'],
      [1500, 'words'],
      [null, undefined],
    ])
  })

  const page = { numWords: 0, voiceSeconds: 0.2, backoffSeconds: 1 }

  it('[speech-stop-plan-example] the page’s is accepted and is what the defaults are', async () => {
    const plans = await Promise.all([
      planOf({ stopSpeakingPlan: page }),
      planOf({}),
      planOf({ stopSpeakingPlan: {} }),
    ])
    for (const { interruption } of plans)
      expect(interruption).toMatchObject({ wordCount: 0, voiceMs: 200, backoffMs: 1000 })
    const [own, unset] = await Promise.all([over('A question', { plan: page }), over('A question')])
    expect(warningsOf(own)).toEqual([])
    expect(own.observations).toEqual(unset.observations)
  })

  it('[num-words-default] numWords is 0 where it is not set: the voice decides', async () => {
    expect((await planOf({ stopSpeakingPlan: { backoffSeconds: 2 } })).interruption.wordCount).toBe(0)
    expect((await over(SOUND, { lasts: 1 })).first('interruption').by).toBe('vad')
  })

  it.each([
    ['num-words-range', 'numWords', [0, 1, 10], [-1, 11, 1.5, '2']],
    ['voice-seconds-range', 'voiceSeconds', [0, 0.15, 0.5], [-0.1, 0.51, 200, '0.2']],
  ])('[%s] %s may be %j, and not %j', async (_id, field, taken, refused) => {
    for (const value of taken) await planOf({ stopSpeakingPlan: { [field]: value } })
    for (const value of refused)
      await expect(planOf({ stopSpeakingPlan: { [field]: value } })).rejects.toThrow(
        `stopSpeakingPlan.${field}`,
      )
  })
})

describe('the first message', () => {
  const opening = (more: object, words: string, stopSpeakingPlan: object = {}) =>
    runScenario({
      assistant: {
        firstMessageMode: 'assistant-speaks-first',
        firstMessage: 'Welcome to the restaurant by the river in the old town.',
        stopSpeakingPlan,
        ...more,
      },
      caller: [{ during: 'assistant', plus: 1, say: words, lasts: 0.8 }],
      model: [{ reply: 'Yes?' }],
    })
  const firstStop = (call: SimulatedCall) => call.first('assistant.speech.stopped')

  it.each([
    ['I have a question', {}],
    ['Stop it now', {}],
    ['I have a question', { numWords: 1 }],
    ['Stop it now', { numWords: 3 }],
  ])('[api-first-message-interruptions-default] nothing stops it: “%s” with %j', async (words, plan) => {
    for (const more of [{}, { firstMessageInterruptionsEnabled: false }]) {
      const call = await opening(more, words, plan)
      expect(firstStop(call)).toMatchObject({
        reason: 'completed',
        spokenText: 'Welcome to the restaurant by the river in the old town.',
      })
      // What was said is answered afterwards.
      expect(call.first('turn.ended')).toMatchObject({ text: words, atMs: firstStop(call).atMs })
    }
  })

  it.each([
    ['I have a question', {}, 200],
    ['I have a question', { voiceSeconds: 0.5 }, 500],
    ['I have a question', { numWords: 2 }, 400],
    ['Stop talking to me', { numWords: 9 }, 200],
    ['Okay', { numWords: 1 }, null],
  ])(
    '[api-first-message-interruptions] allowed, the plan decides: “%s” with %j after %s ms',
    async (words, plan, afterMs) => {
      const call = await opening({ firstMessageInterruptionsEnabled: true }, words, plan)
      const { reason, atMs } = firstStop(call)
      expect(reason).toBe(afterMs === null ? 'completed' : 'interrupted')
      if (afterMs !== null) expect(atMs).toBe(300 + 1000 + afterMs)
    },
  )
})
