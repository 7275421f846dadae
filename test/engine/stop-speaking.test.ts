import { describe, expect, it } from 'vitest'
import { runSimulation } from '../support/simulation.ts'

/** The assistant speaks from 1.9 s for 6 s; the customer says something over it from `at` on. */
function over(
  words: string,
  { lasts = 0.5, plus = 1, plan = '{}', rest = '' } = {},
): Promise<Awaited<ReturnType<typeof runSimulation>>> {
  return runSimulation(`
assistant: { stopSpeakingPlan: ${plan} }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { during: assistant, plus: ${plus}, say: "${words}", lasts: ${lasts} }
${rest}
model: [{ reply: "Here is a long answer that goes on for quite a while now." }, { reply: "Second." }, { reply: "Third." }]`)
}

describe('interruption by voice activity (numWords 0)', () => {
  it('stops the assistant when the voice has lasted for voiceSeconds', async () => {
    const call = await over('I have a question', { lasts: 1 })
    expect(call.first('interruption')).toMatchObject({ by: 'vad', ignored: false, atMs: 1900 + 1000 + 200 })
    expect(call.first('assistant.speech.stopped')).toMatchObject({ reason: 'interrupted', atMs: 3100 })
  })

  it.each([0, 0.1, 0.5])('waits %d s where voiceSeconds says so', async voiceSeconds => {
    const call = await over('I have a question', { lasts: 1, plan: `{ voiceSeconds: ${voiceSeconds} }` })
    expect(call.first('interruption').atMs).toBe(2900 + voiceSeconds * 1000)
  })

  it('ignores a sound shorter than voiceSeconds', async () => {
    const call = await over('Hm', { lasts: 0.15 })
    expect(call.first('interruption')).toMatchObject({ ignored: true, reason: 'shorter than voiceSeconds' })
    expect(call.first('assistant.speech.stopped').reason).toBe('completed')
  })

  it('an interruption phrase acts before voiceSeconds are over', async () => {
    const call = await over('Stop it now please', { lasts: 0.4, plan: '{ voiceSeconds: 0.5 }' })
    expect(call.first('interruption')).toMatchObject({ by: 'phrase', atMs: 2900 + 100 })
  })

  it('words that are there and only acknowledge do not interrupt', async () => {
    const call = await over('okay', { lasts: 0.4, plan: '{ voiceSeconds: 0.4 }' })
    expect(call.first('interruption')).toMatchObject({ ignored: true, reason: 'acknowledgement' })
    expect(call.first('assistant.speech.stopped').reason).toBe('completed')
  })
})

describe('interruption by words', () => {
  it('waits for so many words', async () => {
    const call = await over('Tell me about tomorrow', { lasts: 2, plan: '{ numWords: 3 }' })
    expect(call.first('interruption')).toMatchObject({ by: 'words', atMs: 2900 + 1500 })
  })

  it('too few words do not interrupt and are answered when the assistant has finished', async () => {
    const call = await over('The blue', { plan: '{ numWords: 3 }' })
    expect(call.all('interruption')).toEqual([])
    const [first, second] = call.all('assistant.speech.stopped')
    expect(first?.reason).toBe('completed')
    expect(call.all('turn.ended')[1]).toMatchObject({ text: 'The blue', atMs: first?.atMs })
    expect(second?.spokenText).toBe('Second.')
  })

  it.each(['Wait', 'please hold on', 'No!', 'don’t'])(
    'the interruption phrase in “%s” acts at once',
    async words => {
      const call = await over(words, { plan: '{ numWords: 9 }' })
      expect(call.first('interruption')).toMatchObject({ by: 'phrase', ignored: false })
    },
  )

  it('a phrase inside another word is none', async () => {
    expect((await over('upstairs nothing', { plan: '{ numWords: 9 }' })).all('interruption')).toEqual([])
  })

  it.each(['Okay.', 'Got it!', 'I’m listening', 'Uh-huh', 'yeah sure'])(
    'the acknowledgement “%s” never interrupts, stands in the transcript and starts no turn',
    async words => {
      const call = await over(words, { plan: '{ numWords: 1 }' })
      expect(call.all('interruption')).toMatchObject([{ ignored: true, reason: 'acknowledgement' }])
      expect(call.all('turn.ended')).toHaveLength(1)
      expect(call.result.ended.artifact.transcript?.toLowerCase()).toContain(`user: ${words.toLowerCase()}`)
    },
  )

  it('an acknowledgement that goes on is none', async () => {
    const call = await over('okay I have a question', { lasts: 1, plan: '{ numWords: 2 }' })
    expect(call.first('interruption')).toMatchObject({ by: 'words', ignored: false })
  })

  it('lists that are set replace the default ones', async () => {
    const plan = '{ numWords: 1, acknowledgementPhrases: ["go on"], interruptionPhrases: [banana] }'
    expect((await over('okay', { plan })).first('interruption').ignored).toBe(false)
    expect((await over('go on', { plan })).first('interruption').ignored).toBe(true)
    expect(
      (await over('banana', { plan: plan.replace('numWords: 1', 'numWords: 9') })).first('interruption').by,
    ).toBe('phrase')
  })
})

describe('after an interruption', () => {
  it('no sound comes before backoffSeconds are over', async () => {
    const call = await over('I have a question', { lasts: 0.3, plan: '{ backoffSeconds: 3 }' })
    const backoff = call.first('backoff.started')
    expect(backoff.untilMs).toBe(backoff.atMs + 3000)
    expect(call.first('backoff.ended').atMs).toBe(backoff.untilMs)
    expect(call.all('assistant.speech.started')[1]?.atMs).toBe(backoff.untilMs)
  })

  it('waitSeconds counts from the end of the backoff', async () => {
    const call = await runSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: livekit, waitFunction: "0" } }, stopSpeakingPlan: { backoffSeconds: 3, voiceSeconds: 0 } }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { during: assistant, plus: 1, say: "A question", lasts: 0.3 }
model: [{ reply: "Here is a long answer that goes on for quite a while now." }, { reply: "Second." }]`)
    expect(call.all('assistant.speech.started')[1]?.atMs).toBe(call.first('backoff.ended').atMs + 400)
  })

  it('the history holds only the whole words that were heard', async () => {
    const call = await over('I have a question', { lasts: 1 })
    expect(call.first('assistant.speech.stopped').spokenText).toBe('Here is a')
    expect(call.result.ended.artifact.messagesOpenAIFormatted[1]).toEqual({
      role: 'assistant',
      content: 'Here is a',
    })
  })

  it('what was heard is counted in the model’s own words, not in formatted ones', async () => {
    const call = await runSimulation(`
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { during: assistant, plus: 3.2, say: "A question", lasts: 0.6 }
model: [{ reply: "That is $42.50 for the table tonight." }, { reply: "Second." }]`)
    // “That is forty two dollars and fifty cents …”: 34 characters are heard after 3.4 s.
    expect(call.first('voice.requested').text).toContain('forty two dollars')
    expect(call.first('assistant.speech.stopped').spokenText).toBe('That is')
  })

  it('speech during the backoff is input', async () => {
    const call = await over('A question please', {
      lasts: 0.4,
      rest: '  - { at: 4, say: "It is short.", lasts: 0.4 }',
      plan: '{ backoffSeconds: 2 }',
    })
    expect(call.all('turn.ended')[1]?.text).toContain('A question please')
    expect(call.result.ended.artifact.transcript).toContain('It is short.')
  })
})

describe('the first message', () => {
  const opening = (interruptions: string) => `
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "Welcome to the restaurant by the river in the old town.", ${interruptions} }
caller: [{ during: assistant, plus: 1, say: "Stop it", lasts: 0.5 }]
model: [{ reply: Yes? }]`

  it('cannot be interrupted unless that is allowed', async () => {
    const call = await runSimulation(opening('firstMessageInterruptionsEnabled: false'))
    expect(call.all('assistant.speech.stopped')[0]?.reason).toBe('completed')
    expect(call.first('interruption')).toMatchObject({ ignored: true, reason: 'not interruptible' })
    expect(call.first('turn.ended').text).toBe('Stop it')
  })

  it('is interrupted where that is allowed', async () => {
    const call = await runSimulation(opening('firstMessageInterruptionsEnabled: true'))
    expect(call.all('assistant.speech.stopped')[0]?.reason).toBe('interrupted')
  })

  it('is the model’s where the mode says so', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first-with-model-generated-message, firstMessage: ignored }
model: [{ reply: "Good morning!" }]`)
    expect(call.all('assistant.speech.started').map(({ text }) => text)).toEqual(['Good morning!'])
  })
})
