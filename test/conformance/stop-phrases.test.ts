import { describe, expect, it } from 'vitest'
import { planOf } from '../support/hooks.ts'
import { BEGUN_MS, over, stoppedAfter } from '../support/speaking.ts'

/** API document, stop speaking plan. */
const ACKNOWLEDGEMENTS = [
  ...['i understand', 'i see', 'i got it', 'i hear you', 'im listening', 'im with you', 'right', 'okay'],
  ...['ok', 'sure', 'alright', 'got it', 'understood', 'yeah', 'yes', 'uh-huh', 'mm-hmm', 'gotcha'],
  ...['mhmm', 'ah', 'yeah okay', 'yeah sure'],
]
const INTERRUPTIONS = [
  ...['stop', 'shut', 'up', 'enough', 'quiet', 'silence', 'but', 'dont', 'not', 'no', 'hold', 'wait'],
  ...['cut', 'pause', 'nope', 'nah', 'nevermind', 'never', 'bad', 'actually'],
]

describe('interruption phrases', () => {
  it('[api-interruption-defaults] are these 20 where none are set', async () => {
    expect(INTERRUPTIONS).toHaveLength(20)
    for (const stopSpeakingPlan of [undefined, {}, { numWords: 2 }])
      expect((await planOf({ stopSpeakingPlan })).interruption.interruptionPhrases).toEqual(INTERRUPTIONS)
  })

  it.each(INTERRUPTIONS)(
    '[api-interruption-defaults] “%s” interrupts, whatever numWords is',
    async phrase => {
      const call = await over(phrase, { lasts: 0.5, plan: { numWords: 10 } })
      expect(call.first('interruption')).toMatchObject({ by: 'phrase', ignored: false })
      expect(stoppedAfter(call)).toBe(500)
    },
  )

  it.each([
    [{ numWords: 0, voiceSeconds: 0.5 }, 200],
    [{ numWords: 2, voiceSeconds: 0 }, 200],
    [{ numWords: 3 }, 200],
    [{ numWords: 10 }, 200],
  ])(
    '[pipeline-interruption-phrase-clears] with %j the pipeline is cleared at once',
    async (plan, afterMs) => {
      // The second of five words is there after 200 ms.
      const call = await over('oh stop it right now', { lasts: 0.5, plan })
      expect(stoppedAfter(call)).toBe(afterMs)
      expect(call.first('interruption').by).toBe('phrase')
      const cleared = call.observations
        .filter(({ atMs }) => atMs === BEGUN_MS + 1000 + afterMs)
        .map(({ type }) => type)
      expect(cleared).toEqual(
        expect.arrayContaining(['transcript', 'interruption', 'backoff.started', 'assistant.speech.stopped']),
      )
    },
  )

  it.each([
    ['Stop!', true],
    ['STOP', true],
    ['please, wait.', true],
    ['“No”', true],
    ['Don’t', true],
    ["don't", true],
    ['oh—wait', true],
    ['never mind', true],
    ['upstairs', false],
    ['another one', false],
    ['I know', false],
    ['nonstop', false],
    ['badly done', false],
    ['waiter', false],
    ['non-stop', false],
  ])('[pipeline-phrases-as-whole-words] “%s” interrupts: %s', async (words, interrupts) => {
    const call = await over(words, { plan: { numWords: 10 } })
    expect(stoppedAfter(call) !== null).toBe(interrupts)
    expect(call.all('interruption')).toMatchObject(interrupts ? [{ by: 'phrase' }] : [])
  })

  it.each([
    ['hang on', true],
    ['Hang on!', true],
    ['please hang on a second', true],
    ['hang it on', false],
    ['changing on', false],
    ['I’ll be back', true],
    ['ILL BE BACK', true],
  ])('[pipeline-phrases-as-whole-words] of several words: “%s” interrupts: %s', async (words, interrupts) => {
    const plan = { numWords: 10, interruptionPhrases: ['Hang on', 'i’ll be back'] }
    expect(stoppedAfter(await over(words, { plan })) !== null).toBe(interrupts)
  })
})

describe('acknowledgement phrases', () => {
  it('[api-acknowledgement-defaults] are these 22 where none are set', async () => {
    expect(ACKNOWLEDGEMENTS).toHaveLength(22)
    for (const stopSpeakingPlan of [undefined, {}, { numWords: 2 }])
      expect((await planOf({ stopSpeakingPlan })).interruption.acknowledgementPhrases).toEqual(
        ACKNOWLEDGEMENTS,
      )
  })

  it.each(ACKNOWLEDGEMENTS)('[api-acknowledgement-defaults] “%s” does not interrupt', async phrase => {
    const call = await over(phrase, { plan: { numWords: 1 } })
    expect(stoppedAfter(call)).toBeNull()
    expect(call.all('interruption')).toMatchObject([{ ignored: true, reason: 'acknowledgement' }])
    expect(call.all('turn.ended')).toHaveLength(1)
  })

  it.each([
    ['Okay.', 1],
    ['Got it!', 2],
    ['I’m listening', 1],
    ['Uh-huh', 1],
    ['YEAH, SURE', 2],
    ['Okay', 0],
  ])(
    '[pipeline-acknowledgement-ignored] “%s” does not interrupt with numWords %d, is transcribed and starts no turn',
    async (words, numWords) => {
      // By voice, the phrase acts if its words are there before voiceSeconds are over.
      const call = await over(words, { lasts: 0.4, plan: { numWords, voiceSeconds: 0.5 } })
      expect(stoppedAfter(call)).toBeNull()
      expect(call.first('assistant.speech.stopped').reason).toBe('completed')
      expect(call.all('turn.ended')).toHaveLength(1)
      expect(call.all('model.requested')).toHaveLength(1)
      const said = call
        .all('transcript')
        .filter(({ role, transcriptType }) => role === 'user' && transcriptType === 'final')
      expect(said.at(-1)?.transcript).toBe(words)
      expect(call.result.ended.artifact.transcript).toContain(`User: ${words}`)
    },
  )

  it.each([
    ['okay but I have a question', 'phrase', 333],
    ['okay I have a question', 'words', 400],
    ['yes please do', 'words', 667],
    ['right there', 'words', 1000],
  ])('[pipeline-acknowledgement-ignored] one that goes on is none: “%s”', async (words, by, afterMs) => {
    const call = await over(words, { lasts: 1, plan: { numWords: 2 } })
    expect(call.first('interruption')).toMatchObject({ by, ignored: false })
    expect(stoppedAfter(call)).toBe(afterMs)
  })

  it('[pipeline-phrases-as-whole-words] is an acknowledgement only as the whole utterance', async () => {
    const plan = { numWords: 3 }
    expect((await over('Right you are', { plan })).first('interruption')).toMatchObject({
      by: 'words',
      ignored: false,
    })
    expect((await over('right, I see', { plan })).first('interruption').ignored).toBe(false)
    expect((await over('right', { plan })).first('interruption').ignored).toBe(true)
  })
})

describe('lists of phrases that are set', () => {
  it('[api-phrase-lists-replace] replace the default ones', async () => {
    const plan = { numWords: 1, acknowledgementPhrases: ['Go on'], interruptionPhrases: ['banana'] }
    expect(stoppedAfter(await over('okay', { plan }))).toBe(500)
    expect(stoppedAfter(await over('go on', { plan }))).toBeNull()
    const many = { ...plan, numWords: 10 }
    expect((await over('banana', { plan: many })).first('interruption').by).toBe('phrase')
    expect((await over('stop', { plan: many })).all('interruption')).toEqual([])
  })

  it('[api-phrase-lists-replace] leave the other list as it is; an empty one has no phrases', async () => {
    const { interruption } = await planOf({ stopSpeakingPlan: { acknowledgementPhrases: [] } })
    expect(interruption).toMatchObject({ acknowledgementPhrases: [], interruptionPhrases: INTERRUPTIONS })
    const plan = { numWords: 1, acknowledgementPhrases: [] }
    expect(stoppedAfter(await over('okay', { plan }))).toBe(500)
    const quiet = await over('stop', { plan: { numWords: 2, interruptionPhrases: [] } })
    expect(quiet.all('interruption')).toEqual([])
  })

  it.each([
    ['okay', null],
    ['right', null],
    ['uh-huh', null],
    ['yeah', null],
    ['mm-hmm', null],
    ['got it', null],
    // Of the default list, not of the page’s.
    ['i understand', 500],
    ['yeah okay', 500],
  ])(
    '[example-krisp-own-phrases] with the page’s six “%s” stops the assistant after %s ms',
    async (words, afterMs) => {
      const plan = {
        numWords: 2,
        voiceSeconds: 0.2,
        backoffSeconds: 1.0,
        acknowledgementPhrases: ['okay', 'right', 'uh-huh', 'yeah', 'mm-hmm', 'got it'],
      }
      expect(stoppedAfter(await over(words, { plan }))).toBe(afterMs)
    },
  )
})
