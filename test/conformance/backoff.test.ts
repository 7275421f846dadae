import { describe, expect, it } from 'vitest'
import { planOf, requestsOf } from '../support/hooks.ts'
import type { SimulatedCall } from '../support/simulation.ts'
import { BEGUN_MS, commandsWith, over, runScenario, stoppedAfter, timelineOf } from '../support/speaking.ts'

/** The interruption of `over`: after 0.2 s of voice. */
const STOPPED_MS = BEGUN_MS + 1000 + 200
const LONG = 'Here is a long answer that goes on for quite a while now.'
const waits = (waitSeconds: number) => ({
  waitSeconds,
  smartEndpointingPlan: { provider: 'livekit', waitFunction: '100' },
})

/** Starts of the assistant's speech after the first one. */
function nextStarts(call: SimulatedCall): number[] {
  return call
    .all('assistant.speech.started')
    .slice(1)
    .map(({ atMs }) => atMs)
}

describe('backoffSeconds', () => {
  it.each([
    ['backoff-quick', 0.5, 500],
    ['backoff-natural', 1.0, 1000],
    ['backoff-formal', 2.0, 2000],
    ['speech-backoff-waits', 3.5, 3500],
    ['backoff-default', undefined, 1000],
    ['speech-backoff-default', undefined, 1000],
  ])('[%s] %s: the assistant may speak again after %d ms', async (_id, backoffSeconds, backoffMs) => {
    const control = [0.05, 0.3, 0.6, 1.2].map(plus => ({
      at: STOPPED_MS / 1000 + plus,
      send: { type: 'say', content: 'Yes.' },
    }))
    const call = await runScenario({
      assistant: { ...(backoffSeconds !== undefined && { stopSpeakingPlan: { backoffSeconds } }) },
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { during: 'assistant', plus: 1, say: ' ', lasts: 0.3 },
      ],
      control,
      model: [{ reply: LONG }],
    })
    const backoff = call.first('backoff.started')
    expect(backoff).toMatchObject({ atMs: STOPPED_MS, untilMs: STOPPED_MS + backoffMs })
    expect(call.first('backoff.ended').atMs).toBe(STOPPED_MS + backoffMs)
    expect(nextStarts(call)[0]).toBe(STOPPED_MS + Math.max(backoffMs, 350))
  })

  it.each([0, 0.8, 10])('[backoff-range] may be %d', async backoffSeconds => {
    expect((await planOf({ stopSpeakingPlan: { backoffSeconds } })).interruption.backoffMs).toBe(
      backoffSeconds * 1000,
    )
  })

  it.each([-0.1, 10.1, 1000, '1'])('[backoff-range] of %s is refused with its path', async backoffSeconds => {
    await expect(planOf({ stopSpeakingPlan: { backoffSeconds } })).rejects.toThrow(
      'stopSpeakingPlan.backoffSeconds',
    )
  })

  it('[backoff-blocks-all] holds back every sound, of whatever source', async () => {
    const call = await runScenario({
      assistant: {
        stopSpeakingPlan: { backoffSeconds: 6, numWords: 2 },
        model: {
          provider: 'openai',
          model: 'gpt-4o',
          tools: [
            {
              type: 'function',
              function: { name: 'look' },
              messages: [{ type: 'request-start', content: 'I am looking.' }],
            },
          ],
        },
        hooks: [{ on: 'assistant.speech.interrupted', do: [{ type: 'say', exact: 'Sorry.' }] }],
      },
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { during: 'assistant', plus: 1, say: 'Please look', lasts: 0.4 },
      ],
      control: [
        { at: 4, send: { type: 'say', content: 'Forced.', interruptionsEnabled: false } },
        { at: 8, send: { type: 'say', content: 'Later.' } },
      ],
      model: [{ reply: LONG }, { reply: '', toolCalls: [{ name: 'look' }] }, { reply: 'It is blue.' }],
    })
    const { atMs, untilMs } = call.first('backoff.started')
    expect([atMs, untilMs]).toEqual([3300, 9300])
    const said = call.all('assistant.speech.started').slice(1)
    expect(said.map(({ text }) => text).sort()).toEqual(
      ['Forced.', 'I am looking.', 'It is blue.', 'Later.', 'Sorry.'].sort(),
    )
    // All of it was ready long before; the first comes with the end of the backoff, the others follow.
    const ready = call.all('voice.ready').filter(seen => seen.atMs > atMs && seen.atMs < untilMs)
    expect(ready.length).toBeGreaterThanOrEqual(4)
    expect(said[0]?.atMs).toBe(untilMs)
    expect(said.every(seen => seen.atMs >= untilMs)).toBe(true)
  })

  it('[backoff-blocks-all] holds back last words', async () => {
    const call = await runScenario({
      assistant: {
        endCallMessage: 'Goodbye then.',
        stopSpeakingPlan: { backoffSeconds: 5 },
        model: { provider: 'openai', model: 'gpt-4o', tools: [{ type: 'endCall' }] },
      },
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { during: 'assistant', plus: 1, say: 'That is all, bye.', lasts: 0.8 },
      ],
      model: [{ reply: LONG }, { reply: '', toolCalls: [{ name: 'endCall' }] }],
    })
    expect(call.all('assistant.speech.started').at(-1)).toMatchObject({
      text: 'Goodbye then.',
      atMs: STOPPED_MS + 5000,
    })
    expect(call.endedReason).toBe('assistant-ended-call')
  })

  it('[backoff-at-interruption] is applied only after an interruption', async () => {
    const call = await runScenario({
      assistant: { stopSpeakingPlan: { numWords: 2, backoffSeconds: 10 } },
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { during: 'assistant', plus: 1, say: 'okay', lasts: 0.4 },
        { during: 'assistant', plus: 3, say: 'Tomorrow', lasts: 0.4 },
        { after: 'assistant', plus: 1, say: 'Thank you.', lasts: 0.4 },
      ],
      model: [{ reply: LONG }, { reply: 'Two.' }, { reply: 'Three.' }],
    })
    expect(call.all('backoff.started')).toEqual([])
    expect(call.all('assistant.speech.stopped').map(({ reason }) => reason)).toEqual(
      Array(3).fill('completed'),
    )
    // Nothing was held back: each answer is heard when its voice is ready.
    expect(call.all('turn.latency').map(({ waitMs }) => waitMs)).toEqual([0, 0, 0])
  })

  it('[backoff-order, pipeline-clear-then-backoff] stop, clear, backoff, ready: counted from the stop', async () => {
    const call = await over('I have a question', { lasts: 1, plan: { backoffSeconds: 3 } })
    const steps = [
      'interruption',
      'backoff.started',
      'assistant.speech.stopped',
      'backoff.ended',
      'assistant.speech.started',
    ] as const
    const seen = timelineOf(call, 'interruption', steps)
    expect(seen.slice(0, 5)).toEqual([
      ['interruption', 0],
      ['backoff.started', 0],
      ['assistant.speech.stopped', 0],
      ['backoff.ended', 3000],
      ['assistant.speech.started', 3000],
    ])
  })

  it.each([
    // Said at 1.9 + 1 s for 0.3 s; endpointing 0.1, model 0.5 and voice 0.3 s: ready at 4.1 s, 1 s after the stop.
    ['backoff-adjusts-recovery', 1, 1000],
    ['backoff-adjusts-recovery', 0.5, 1000],
    ['backoff-adjusts-recovery', 1.5, 1500],
    ['backoff-adjusts-recovery', 3, 3000],
    ['backoff-adjusts-recovery', 10, 10_000],
  ])(
    '[%s] with %d s the answer is heard %d ms after the interruption',
    async (_id, backoffSeconds, afterMs) => {
      const call = await over('A question', { lasts: 0.3, plan: { backoffSeconds } })
      expect(nextStarts(call)[0]).toBe(STOPPED_MS + afterMs)
    },
  )

  it.each([
    [0, 1000],
    [0.4, 1400],
    [2, 3000],
  ])(
    '[speech-example-quick-queries] an answer that is ready 0.5 s after the interruption, waitSeconds %d: heard after %d ms',
    async (waitSeconds, afterMs) => {
      const call = await runScenario({
        assistant: { startSpeakingPlan: waits(waitSeconds), stopSpeakingPlan: { backoffSeconds: 1 } },
        latencies: { transcriberMs: 0, modelMs: 200, voiceMs: 100 },
        caller: [
          { at: 0, say: 'Hello.', lasts: 1 },
          { during: 'assistant', plus: 1, say: 'My cart?', lasts: 0.3 },
        ],
        model: [{ reply: LONG }, { reply: 'Nine dollars.' }],
      })
      const stoppedMs = call.first('interruption').atMs
      expect(call.all('voice.ready').find(({ atMs }) => atMs > stoppedMs)?.atMs).toBe(stoppedMs + 500)
      expect(nextStarts(call)[0]).toBe(stoppedMs + afterMs)
    },
  )

  it.each([
    // Backoff first: it ends after the voice is ready, and waitSeconds runs from there.
    [3, 0.4, 3400],
    [2, 1, 3000],
    // The voice is ready later (1.0 s after the stop): waitSeconds runs from there.
    [0.5, 0.4, 1400],
    [0, 1, 2000],
    // Not one in the other: 1.0 s of backoff is over when the voice is ready.
    [1, 0.4, 1400],
  ])(
    '[backoff-then-wait] backoff %d s, waitSeconds %d: heard after %d ms',
    async (backoffSeconds, waitSeconds, afterMs) => {
      const call = await runScenario({
        assistant: { startSpeakingPlan: waits(waitSeconds), stopSpeakingPlan: { backoffSeconds } },
        caller: [
          { at: 0, say: 'Hello.', lasts: 1 },
          { during: 'assistant', plus: 1, say: 'A question', lasts: 0.3 },
        ],
        model: [{ reply: LONG }, { reply: 'Second.' }],
      })
      expect(nextStarts(call)[0]).toBe(call.first('interruption').atMs + afterMs)
    },
  )
})

describe('an interruption', () => {
  it('[pipeline-clear] stops the sound and the voice work of the answer', async () => {
    const call = await runScenario({
      assistant: { voice: { provider: 'openai', voiceId: 'alloy', chunkPlan: { minCharacters: 10 } } },
      latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 2000 },
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        // The first sentence is heard, the second is being voiced, the third waits.
        { during: 'assistant', plus: 0.5, say: 'I have a question', lasts: 1 },
      ],
      model: [
        { reply: 'This is the first part. This is the second. And here is the third.' },
        { reply: 'Yes?' },
      ],
    })
    const commands = commandsWith(call, 'interruption')
    const [first] = call.inputs.filter(({ type }) => type === 'playback.started')
    if (first?.type !== 'playback.started') throw new Error('nothing was heard')
    expect(commands).toContainEqual({ type: 'playback.clear', utteranceId: first.utteranceId })
    expect(commands.filter(({ type }) => type === 'cancel')).toHaveLength(1)
    // Nothing more of that answer is voiced.
    const voiced = call.all('voice.requested').map(({ text }) => text)
    expect(voiced).toEqual(['This is the first part.', 'This is the second.', 'Yes?'])
    expect(call.all('assistant.speech.started').map(({ text }) => text)).toEqual(
      ['This is the first part. This is the second.', 'Yes?'].map(text =>
        expect.stringContaining(text.slice(0, 4)),
      ),
    )
  })

  it('[pipeline-clear] stops the model’s work', async () => {
    const call = await runScenario({
      assistant: {},
      latencies: { transcriberMs: 0, modelMs: 2000, voiceMs: 300 },
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { during: 'assistant', plus: 1, say: 'I have a question', lasts: 1 },
      ],
      // The model is asked for more while its answer is heard.
      control: [{ at: 4, send: { type: 'add-message', message: { role: 'user', content: 'Quick.' } } }],
      model: [{ reply: LONG }, { reply: 'Never taken back?' }, { reply: 'Yes?' }],
    })
    const asked = call
      .commands()
      .flatMap(command => (command.type === 'model.request' ? [command.workId] : []))
    expect(asked).toHaveLength(3)
    expect(commandsWith(call, 'interruption')).toContainEqual({ type: 'cancel', workId: asked[1] })
    expect(call.all('model.completed')).toHaveLength(2)
  })

  it('[pipeline-history-as-heard] leaves only the whole words that were heard in the history', async () => {
    const call = await over('I have a question', { lasts: 1 })
    // 1.2 s at 10 characters a second: “Here is a lo”.
    expect(call.first('assistant.speech.stopped').spokenText).toBe('Here is a')
    expect(requestsOf(call)[1]).toEqual([
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'Here is a' },
      { role: 'user', content: 'I have a question' },
    ])
    expect(call.result.ended.artifact.messagesOpenAIFormatted[1]).toEqual({
      role: 'assistant',
      content: 'Here is a',
    })
    expect(call.result.ended.artifact.transcript).toContain('AI: Here is a\nUser: I have a question')
  })

  it.each([
    [0.05, ''],
    [0.3, ''],
    [0.4, 'Here'],
    [0.65, 'Here'],
    [0.7, 'Here is'],
    [3, 'Here is a long answer that'],
    [3.1, 'Here is a long answer that goes'],
  ])('[pipeline-history-as-heard] after %d s “%s” was heard', async (plus, spokenText) => {
    const call = await over('I have a question', { lasts: 1, plus, plan: { voiceSeconds: 0 } })
    expect(stoppedAfter(call)).toBe(0)
    expect(call.first('assistant.speech.stopped').spokenText).toBe(spokenText)
  })

  it('[pipeline-input-during-backoff] what is said during the backoff is input', async () => {
    const call = await over('A question please', {
      lasts: 0.4,
      plan: { backoffSeconds: 3 },
      rest: [{ at: 4, say: 'It is a short one.', lasts: 0.5 }],
    })
    expect(call.first('backoff.ended').atMs).toBe(STOPPED_MS + 3000)
    const turns = call.all('turn.ended')
    expect(turns.at(-1)).toMatchObject({ text: 'A question please It is a short one.', atMs: 4600 })
    expect(requestsOf(call).at(-1)?.at(-1)).toEqual({
      role: 'user',
      content: 'A question please It is a short one.',
    })
    expect(nextStarts(call)).toEqual([STOPPED_MS + 3000])
  })
})
