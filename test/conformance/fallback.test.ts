import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/engine/ports/clock.ts'
import { createSimulatedVoice } from '../../src/engine/ports/voice.simulated.ts'
import type { Voice } from '../../src/engine/ports/voice.ts'
import { changes, givenWords, runWithVoices, wordsOf } from '../support/fallback.ts'
import { runSimulation } from '../support/simulation.ts'

const plan =
  '{ provider: openai, voiceId: shimmer, fallbackPlan: { voices: [{ provider: cartesia, voiceId: a }, { provider: 11labs, voiceId: b }] } }'
const reply = 'This is the first part of my answer. And here comes the second one.'
const asks = `
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "${reply}" }]`
const withPlan = (failures: string, rest = asks) => `
assistant: { voice: ${plan} }${rest}
failures: ${failures}`

describe('the plan', () => {
  it('[fallback-plan-place, fallback-example, fallback-first-voice, fallback-next-voice, fallback-in-order, fallback-from-the-beginning] of the page is followed voice by voice', async () => {
    const call = await runSimulation(`
assistant:
  voice:
    provider: openai
    voiceId: shimmer
    fallbackPlan:
      voices:
        - { provider: cartesia, voiceId: 248be419-c632-4f23-adf1-5324ed7dbf1d }
        - { provider: 11labs, voiceId: cgSgspJ2msm6clMCkdW9 }${asks}
failures: [{ voice: openai/shimmer }, { voice: cartesia/248be419-c632-4f23-adf1-5324ed7dbf1d }]`)
    expect(changes(call)).toEqual([
      '1900 failed openai/shimmer',
      '1900 openai/shimmer > cartesia/248be419-c632-4f23-adf1-5324ed7dbf1d',
      '2200 failed cartesia/248be419-c632-4f23-adf1-5324ed7dbf1d',
      '2200 cartesia/248be419-c632-4f23-adf1-5324ed7dbf1d > 11labs/cgSgspJ2msm6clMCkdW9',
    ])
    expect(call.first('assistant.speech.started').atMs).toBe(2500)
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it.each([
    ['a text', '[alloy]'],
    ['a number', '[{ provider: cartesia }, 7]'],
  ])(
    '[fallback-voices-are-objects] with %s among its voices is refused with its path',
    async (_what, voices) => {
      const place = voices === '[alloy]' ? 0 : 1
      await expect(
        runSimulation(
          `assistant: { voice: { provider: openai, voiceId: shimmer, fallbackPlan: { voices: ${voices} } } }`,
        ),
      ).rejects.toThrow(`voice.fallbackPlan.voices[${place}]`)
    },
  )

  it('[fallback-only-configured] names all voices that ever speak', async () => {
    const call = await runSimulation(`
assistant: { voice: ${plan} }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { after: assistant, plus: 1, say: "And then?", lasts: 1 }
model: [{ reply: "${reply}" }, { reply: "${reply}" }]
failures: [{ voice: openai/shimmer, afterRequests: 1, times: 1 }, { voice: cartesia/a, afterRequests: 1 }]`)
    expect(call.all('voice.requested').map(({ voice }) => voice)).toEqual([
      'openai/shimmer',
      'openai/shimmer',
      'cartesia/a',
      'cartesia/a',
      '11labs/b',
      '11labs/b',
    ])
  })
})

describe('the failure of a voice', () => {
  it('[fallback-call-goes-on] does not end a call that has another', async () => {
    const call = await runSimulation(withPlan('[{ voice: openai/shimmer }]'))
    expect(call.first('assistant.speech.stopped')).toMatchObject({ spokenText: reply, reason: 'completed' })
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it('[fallback-failure-detected] is told with its cause', async () => {
    const call = await runSimulation(withPlan('[{ voice: openai/shimmer, times: 1 }]'))
    expect(call.all('voice.failed')).toEqual([
      {
        type: 'voice.failed',
        voice: 'openai/shimmer',
        code: 'voice-failed',
        message: 'openai/shimmer failed, as the script says',
        atMs: 1900,
      },
    ])
  })

  it('[fallback-at-once] has the next voice asked in the same moment', async () => {
    const call = await runSimulation(withPlan('[{ voice: openai/shimmer }, { voice: cartesia/a }]'))
    const asked = call.all('voice.requested').map(({ voice, atMs }) => `${atMs} ${voice}`)
    expect(asked.slice(0, 3)).toEqual(['1600 openai/shimmer', '1900 cartesia/a', '2200 11labs/b'])
  })

  it.each([
    ['openai', 'call.in-progress.error-vapifault-openai-voice-failed'],
    ['cartesia', 'call.in-progress.error-vapifault-cartesia-voice-failed'],
    ['11labs', 'call.in-progress.error-vapifault-eleven-labs-voice-failed'],
    ['azure', 'call.in-progress.error-vapifault-azure-voice-failed'],
    ['playht', 'call.in-progress.error-vapifault-playht-voice-failed'],
    ['custom-voice', 'pipeline-error-custom-voice-failed'],
    ['tavus', 'call.in-progress.error-vapifault-tavus-video-failed'],
  ])('[fallback-none-ends-call] of %s ends a call without a plan with %s', async (provider, endedReason) => {
    const call = await runSimulation(
      `assistant: { voice: { provider: ${provider}, voiceId: v } }${asks}\nfailures: [{ voice: ${provider}/v }]`,
    )
    expect(call.endedReason).toBe(endedReason)
    expect(call.first('call.ended').atMs).toBe(1900)
    expect(call.all('assistant.speech.started')).toEqual([])
  })

  it('[fallback-all-failed] ends the call only with the last voice, and with its reason', async () => {
    const call = await runSimulation(
      withPlan('[{ voice: openai/shimmer }, { voice: cartesia/a }, { voice: 11labs/b }]'),
    )
    expect(changes(call)).toEqual([
      '1900 failed openai/shimmer',
      '1900 openai/shimmer > cartesia/a',
      '2200 failed cartesia/a',
      '2200 cartesia/a > 11labs/b',
      '2500 failed 11labs/b',
    ])
    expect(call.first('call.ended').atMs).toBe(2500)
    expect(call.endedReason).toBe('call.in-progress.error-vapifault-eleven-labs-voice-failed')
  })

  it('[fallback-other-provider] of a whole provider leaves that of another one', async () => {
    const call = await runSimulation(`
assistant:
  voice: { provider: openai, voiceId: shimmer, fallbackPlan: { voices: [{ provider: openai, voiceId: alloy }, { provider: cartesia, voiceId: a }] } }${asks}
failures: [{ voice: openai/shimmer }, { voice: openai/alloy }]`)
    expect(call.first('assistant.speech.stopped').spokenText).toBe(reply)
    expect(call.all('voice.requested').at(-1)?.voice).toBe('cartesia/a')
    expect(call.endedReason).toBe('customer-ended-call')
  })
})

describe('no word', () => {
  const places = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  it.each(places.flatMap(first => [0, 2, 7].map(second => [first, second] as const)))(
    '[fallback-no-word-lost, fallback-no-word-twice] is lost or said twice when a voice fails after %i words and the next after %i',
    async (first, second) => {
      const call = await runSimulation(
        withPlan(
          `[{ voice: openai/shimmer, afterWords: ${first} }, { voice: cartesia/a, afterWords: ${second} }]`,
        ),
      )
      expect(givenWords(call)).toEqual(wordsOf(reply))
      expect(call.first('assistant.speech.stopped')).toMatchObject({ spokenText: reply, reason: 'completed' })
      expect(call.all('voice.switched')).toHaveLength(2)
    },
  )

  it.each([0, 1, 2, 3])(
    '[fallback-no-word-lost, fallback-no-word-twice] is lost or said twice when the second chunk fails after %i words',
    async count => {
      const call = await runSimulation(
        withPlan(`[{ voice: openai/shimmer, afterRequests: 1, afterWords: ${count} }]`),
      )
      expect(givenWords(call)).toEqual(wordsOf(reply))
      expect(call.first('assistant.speech.stopped').spokenText).toBe(reply)
    },
  )

  it.each([
    [2, 'forty two dollars and fifty cents today.'],
    [3, 'forty two dollars and fifty cents today.'],
    [8, 'today.'],
  ])(
    '[fallback-no-word-lost] as the model wrote it is left half: %i formatted words were given',
    async (count, rest) => {
      const call = await runSimulation(`
assistant: { voice: ${plan} }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "It costs $42.50 today." }]
failures: [{ voice: openai/shimmer, afterWords: ${count} }]`)
      expect(call.all('voice.requested').map(({ text }) => text)).toEqual([
        'It costs forty two dollars and fifty cents today.',
        rest,
      ])
      expect(call.first('assistant.speech.stopped').spokenText).toBe('It costs $42.50 today.')
    },
  )

  it.each([
    [
      'the first message',
      `assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "${reply}", voice: ${plan} }`,
    ],
    [
      'a hook',
      `assistant: { voice: ${plan}, hooks: [{ on: session.created, do: [{ type: say, exact: "${reply}" }] }] }`,
    ],
    [
      'live control',
      `assistant: { voice: ${plan} }\ncontrol: [{ at: 0, send: { type: say, content: "${reply}" } }]\ncaller: [{ at: 10, say: "Bye.", lasts: 1 }]\nmodel: [{ reply: "" }]`,
    ],
    [
      'the end-call message',
      `assistant: { voice: ${plan}, endCallMessage: "${reply}", model: { provider: openai, model: gpt-4o, tools: [{ type: endCall }] } }
caller: [{ at: 0, say: "Bye.", lasts: 1 }]
model: [{ toolCalls: [{ name: endCall }] }]`,
    ],
    [
      'the last words of a hook',
      `assistant: { voice: ${plan}, hooks: [{ on: call.ending, do: [{ type: say, exact: "${reply}" }] }] }\ncontrol: [{ at: 1, send: { type: end-call } }]`,
    ],
  ])('[fallback-no-word-lost, fallback-no-word-twice] is lost or said twice in %s', async (_what, yaml) => {
    const call = await runSimulation(
      `${yaml}\nfailures: [{ voice: openai/shimmer, afterWords: 3 }, { voice: cartesia/a, afterWords: 2 }]`,
    )
    expect(givenWords(call)).toEqual(wordsOf(reply))
    expect(call.first('assistant.speech.stopped')).toMatchObject({ spokenText: reply, reason: 'completed' })
  })

  it('[fallback-no-word-lost, fallback-no-word-twice] of an answer is lost whose voice fails during the backoff', async () => {
    const call = await runSimulation(`
assistant: { voice: ${plan}, stopSpeakingPlan: { backoffSeconds: 5 } }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { during: assistant, plus: 1, say: "Wait, stop.", lasts: 0.5 }
model: [{ reply: "${reply}" }, { reply: "I am all ears now." }]
failures: [{ voice: openai/shimmer, afterRequests: 2, afterWords: 2 }]`)
    const backoff = call.first('backoff.started')
    const failed = call.first('voice.failed')
    expect(failed.atMs).toBeLessThan(backoff.untilMs)
    const [, answer] = call.all('assistant.speech.started')
    expect(answer).toMatchObject({ atMs: backoff.untilMs, text: 'I am all ears now.' })
    expect(call.all('assistant.speech.stopped')[1]?.spokenText).toBe('I am all ears now.')
    expect(call.all('voice.requested').slice(-2)).toMatchObject([
      { text: 'I am all ears now.', voice: 'openai/shimmer' },
      { text: 'all ears now.', voice: 'cartesia/a' },
    ])
  })

  it('[fallback-no-word-twice] stands twice in the history where the customer interrupts the second voice', async () => {
    const call = await runSimulation(`
assistant: { voice: ${plan} }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { during: assistant, plus: 3, say: "Wait, stop.", lasts: 0.5 }
model: [{ reply: "${reply}" }, { reply: "Yes?" }]
failures: [{ voice: openai/shimmer, afterWords: 3 }]`)
    // "This is the" lasts 1.1 s; then 2.1 s of "first part of my answer." were heard: 3.2 s after the first sound.
    expect(call.first('assistant.speech.stopped')).toMatchObject({
      spokenText: 'This is the first part of my',
      reason: 'interrupted',
    })
    const said = call.result.ended.artifact.messages.flatMap(message =>
      message.role === 'bot' ? [message.message] : [],
    )
    expect(said).toEqual(['This is the first part of my', 'Yes?'])
  })

  it('[fallback-no-word-lost] is taken for heard that was not, where the first voice’s part is stopped', async () => {
    const call = await runSimulation(`
assistant: { voice: ${plan} }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { during: assistant, plus: 2, say: "Wait, stop.", lasts: 0.5 }
model: [{ reply: "It costs $42.50 for the whole family." }, { reply: "Yes?" }]
failures: [{ voice: openai/shimmer, afterWords: 9 }]`)
    expect(call.all('voice.requested').slice(0, 2)).toMatchObject([
      { text: 'It costs forty two dollars and fifty cents for the whole family.' },
      { text: 'the whole family.' },
    ])
    // 2.2 s were heard: "It costs forty two dol…"; the amount is one word of the model's.
    expect(call.first('assistant.speech.stopped')).toMatchObject({
      spokenText: 'It costs',
      reason: 'interrupted',
    })
  })

  it('[fallback-call-goes-on] of a voice that failed is waited for when the customer stopped it before', async () => {
    // The customer's words take the answer back while its voice is asked: its failure is nobody's any more.
    const call = await runSimulation(`
assistant: { voice: ${plan} }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { at: 1.7, say: "And more.", lasts: 0.5 }
model: [{ reply: "${reply}" }, { reply: "Fine, thank you." }]
failures: [{ voice: openai/shimmer, times: 1 }]`)
    expect(call.all('voice.failed').map(({ atMs }) => atMs)).toEqual([3100])
    expect(call.first('assistant.speech.stopped').spokenText).toBe('Fine, thank you.')
  })
})

describe('a chunk that was partly heard', () => {
  const text = 'One two three four five six seven eight nine ten.'
  /** Gives the first words, with or without their times, and fails a second later, when they are being heard. */
  const dying = (clock: Clock, timed: boolean): Voice => ({
    name: 'openai/shimmer',
    capabilities: { wordTiming: timed },
    async *speak({ text: asked }, signal) {
      const said = asked.split(' ').slice(0, 4).join(' ')
      const ms = (characters: number) => characters * 100
      const words = Array.from(said.matchAll(/\S+/g), ({ 0: word, index }) => ({
        from: index,
        to: index + word.length,
        startMs: ms(index),
        endMs: ms(index + word.length),
      }))
      yield { audio: { type: 'silent', durationMs: ms(said.length) }, ...(timed && { words }) }
      await clock.sleep(1000, signal)
      throw new Error('the line is gone')
    },
    close: async () => {},
  })
  const voices = (timed: boolean) => (clock: Clock) => [
    dying(clock, timed),
    createSimulatedVoice({ name: 'cartesia/a', latencyMs: 300, charactersPerSecond: 10, clock }),
  ]
  const assistant = {
    voice: {
      provider: 'openai',
      voiceId: 'shimmer',
      fallbackPlan: { voices: [{ provider: 'cartesia', voiceId: 'a' }] },
    },
  }

  it('[fallback-no-word-lost, fallback-no-word-twice] goes on with the word after the last that was given', async () => {
    const { observations } = await runWithVoices(
      assistant,
      [{ at: 0, say: 'Hello.', lasts: 1 }],
      [text],
      voices(true),
    )
    const of = (type: string) => observations.filter(seen => seen.type === type)
    expect(of('assistant.speech.started')).toMatchObject([{ atMs: 1600 }])
    expect(of('voice.failed')).toMatchObject([{ atMs: 2600, message: 'the line is gone' }])
    expect(of('voice.requested')).toMatchObject([
      { text, voice: 'openai/shimmer' },
      { text: 'five six seven eight nine ten.', voice: 'cartesia/a', atMs: 2600 },
    ])
    // 1.8 s of the first voice without a gap, then 3 s of the second.
    expect(of('assistant.speech.stopped')).toMatchObject([
      { spokenText: text, reason: 'completed', atMs: 1600 + 1800 + 3000 },
    ])
  })

  it('[fallback-no-word-lost] of a voice that tells no times goes on at a whole word by its pace', async () => {
    const { observations } = await runWithVoices(
      assistant,
      [{ at: 0, say: 'Hello.', lasts: 1 }],
      [text],
      voices(false),
    )
    const [, second] = observations.filter(seen => seen.type === 'voice.requested')
    const asked = second?.type === 'voice.requested' ? second.text : ''
    expect(text.endsWith(` ${asked}`)).toBe(true)
    const stopped = observations.find(seen => seen.type === 'assistant.speech.stopped')
    expect(stopped).toMatchObject({ spokenText: text, reason: 'completed' })
  })
})
