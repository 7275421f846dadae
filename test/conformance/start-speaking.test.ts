import { describe, expect, it } from 'vitest'
import { planOf } from '../support/hooks.ts'
import { runSimulation } from '../support/simulation.ts'
import { decisionOf, runScenario, sayOnce, timelineOf, warningsOf } from '../support/speaking.ts'

const waitsFor = (waitFunction: string) => ({ provider: 'livekit', waitFunction })
const waiting = (
  waitSeconds: number | undefined,
  plan: object = { smartEndpointingPlan: waitsFor('100') },
) => ({
  startSpeakingPlan: { ...(waitSeconds !== undefined && { waitSeconds }), ...plan },
})

/** From the end of the customer’s speech to the first sound of the answer. */
async function delayOf(assistant: object): Promise<number> {
  const call = await sayOnce(assistant, 'Hello.')
  return call.first('assistant.speech.started').atMs - 1000
}

describe('waitSeconds', () => {
  it('[speech-wait-default, wait-seconds-default] is 0.4 s where it is not set', async () => {
    // 100 ms of endpointing, 500 of the model, 300 of the voice.
    expect(await delayOf(waiting(undefined))).toBe(900 + 400)
    expect((await planOf({ startSpeakingPlan: undefined })).wait).toEqual({ ms: 400, mode: 'added' })
  })

  it.each([
    ['speech-wait-shorter', 0.1],
    ['speech-wait-longer', 1],
    ['speech-wait-longer', 5],
    ['wait-seconds-gaming', 0],
    ['wait-seconds-standard', 0.5],
    ['wait-seconds-healthcare', 0.8],
    ['wait-seconds-added', 0.25],
    ['wait-seconds-added', 2.5],
  ])('[%s] of %d s are added to everything before', async (_id, waitSeconds) => {
    const call = await sayOnce(waiting(waitSeconds), 'Hello.')
    const waitMs = waitSeconds * 1000
    expect(call.first('turn.latency')).toMatchObject({
      endpointingMs: 100,
      modelMs: 500,
      voiceMs: 300,
      waitMs,
      totalMs: 900 + waitMs,
    })
    expect(call.first('assistant.speech.started').atMs).toBe(1900 + waitMs)
  })

  it.each([0, 0.4, 2.75, 5])('[wait-seconds-range] may be %d', async waitSeconds => {
    expect((await planOf(waiting(waitSeconds))).wait.ms).toBe(waitSeconds * 1000)
  })

  it.each([-0.1, 5.1, '0.4', 400])(
    '[wait-seconds-range] of %s are refused with their path',
    async waitSeconds => {
      const plan = planOf({ startSpeakingPlan: { waitSeconds } })
      await expect(plan).rejects.toThrow('startSpeakingPlan.waitSeconds')
    },
  )

  it('[wait-seconds-last] are counted from the first sound of the voice, before it is heard', async () => {
    const call = await sayOnce(waiting(0.7), 'Hello.')
    expect(
      timelineOf(call, 'model.completed', ['voice.requested', 'voice.ready', 'assistant.speech.started']),
    ).toEqual([
      ['voice.requested', 0],
      ['voice.ready', 300],
      ['assistant.speech.started', 1000],
    ])
  })

  it('[wait-seconds-once-a-turn] apply once, before the first sound of the turn', async () => {
    const call = await runScenario({
      assistant: {
        ...waiting(0.4),
        model: {
          provider: 'openai',
          model: 'gpt-4o',
          tools: [{ type: 'function', function: { name: 'look' } }],
        },
      },
      caller: [{ at: 0, say: 'Look.', lasts: 1 }],
      tools: { look: { afterMs: 4000 } },
      model: [{ reply: 'I am looking.', toolCalls: [{ name: 'look' }] }, { reply: 'Found.' }],
    })
    const ready = call.all('voice.ready').map(({ atMs }) => atMs)
    const started = call.all('assistant.speech.started').map(({ atMs }) => atMs)
    // The second part comes long after the first, and is heard as soon as its voice is ready.
    expect(ready).toEqual([1900, 1600 + 4000 + 500 + 300])
    expect(started).toEqual([1900 + 400, 6400])
  })

  it('[wait-seconds-once-a-turn] apply again in the next turn', async () => {
    const call = await runScenario({
      assistant: waiting(0.4),
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { after: 'assistant', plus: 1, say: 'And now?', lasts: 1 },
        { after: 'assistant', plus: 1, say: 'And then?', lasts: 1 },
      ],
      model: [{ reply: 'One.' }, { reply: 'Two.' }, { reply: 'Three.' }],
    })
    expect(call.all('turn.latency').map(({ turn, waitMs }) => [turn, waitMs])).toEqual([
      [1, 400],
      [2, 400],
      [3, 400],
    ])
  })

  it('[wait-seconds-not-for-first-message] do not delay first messages, hook messages and forced words', async () => {
    const call = await runScenario({
      assistant: {
        ...waiting(5),
        firstMessageMode: 'assistant-speaks-first',
        firstMessage: 'Good day.',
        hooks: [
          {
            on: 'customer.speech.timeout',
            options: { timeoutSeconds: 3, triggerMaxCount: 1 },
            do: [{ type: 'say', exact: 'Are you there?' }],
          },
        ],
      },
      control: [{ at: 10, send: { type: 'say', content: 'One moment.' } }],
      caller: [{ at: 14, say: 'Yes.', lasts: 1 }],
      model: [{ reply: 'Fine.' }],
    })
    // Each is heard 300 ms after it was wanted: as soon as the voice is ready.
    const spoken = call.all('assistant.speech.started').map(({ text, source, atMs }) => [source, text, atMs])
    const firstEndMs = call.first('assistant.speech.stopped').atMs
    expect(spoken).toEqual([
      ['first-message', 'Good day.', 300],
      ['hook', 'Are you there?', firstEndMs + 3000 + 300],
      ['say', 'One moment.', 10_300],
      ['model', 'Fine.', 15_000 + 100 + 500 + 300 + 5000],
    ])
  })

  it.each([
    [0.4, 0, 900],
    [0.9, 0, 900],
    [1.2, 300, 1200],
    [5, 4100, 5000],
  ])(
    '[wait-seconds-floor-openapi] with the API document’s reading %d s are a minimum: %d ms are waited, %d in all',
    async (waitSeconds, waitMs, totalMs) => {
      const call = await sayOnce(waiting(waitSeconds), 'Hello.', { semantics: 'openapi' })
      expect(call.first('turn.latency')).toMatchObject({ waitMs, totalMs })
      expect(call.first('assistant.speech.started').atMs).toBe(1000 + totalMs)
    },
  )

  it('[wait-seconds-at-normal-answers] delay each answer, interrupted before or not', async () => {
    const call = await runScenario({
      assistant: { ...waiting(0.6), stopSpeakingPlan: { backoffSeconds: 0.5 } },
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { during: 'assistant', plus: 1, say: 'And another thing is this.', lasts: 2 },
        { after: 'assistant', plus: 3.5, say: 'Thank you.', lasts: 1 },
      ],
      model: [{ reply: 'This is a rather long answer of mine.' }, { reply: 'Yes.' }, { reply: 'Bye.' }],
    })
    expect(call.all('interruption').map(({ ignored }) => ignored)).toEqual([false])
    expect(call.all('turn.latency').map(({ waitMs }) => waitMs)).toEqual([600, 600, 600])
  })

  const goingOn = (waitSeconds: number) =>
    runScenario({
      assistant: waiting(waitSeconds),
      caller: [
        { at: 0, say: 'My router blinks.', lasts: 1 },
        // The voice is ready at 1.9 s.
        { at: 2.4, say: 'And the light is red.', lasts: 1 },
      ],
      model: [{ when: 'red', reply: 'Turn it off.' }, { reply: 'Which light is it?' }, { reply: 'Hm.' }],
    })

  it('[speech-wait-tech-support] over 1 s: a customer who goes on meanwhile is not talked over', async () => {
    const call = await goingOn(1.2)
    expect(call.all('turn.ended').at(-1)?.text).toBe('My router blinks. And the light is red.')
    expect(call.all('assistant.speech.started').map(({ text, atMs }) => [text, atMs])).toEqual([
      ['Turn it off.', 3400 + 900 + 1200],
    ])
    expect(call.all('interruption')).toEqual([])
  })

  it('[speech-wait-tech-support] under that, the assistant has begun by then', async () => {
    const call = await goingOn(0.4)
    expect(call.first('assistant.speech.started')).toMatchObject({ text: 'Which light is it?', atMs: 2300 })
    expect(call.first('interruption').atMs).toBe(2600)
  })
})

describe('the start speaking plan', () => {
  it('[speech-speaking-plan] decides when the assistant begins after the customer has finished', async () => {
    const delays = await Promise.all(
      [
        { waitSeconds: 0, smartEndpointingPlan: waitsFor('0') },
        { waitSeconds: 1, smartEndpointingPlan: waitsFor('0') },
        { waitSeconds: 0, smartEndpointingPlan: waitsFor('700') },
        { waitSeconds: 1, smartEndpointingPlan: waitsFor('700') },
        { waitSeconds: 0, customEndpointingRules: [{ type: 'customer', regex: 'Hello', timeoutSeconds: 3 }] },
        { waitSeconds: 0, transcriptionEndpointingPlan: { onPunctuationSeconds: 2 } },
      ].map(plan => delayOf({ startSpeakingPlan: plan })),
    )
    expect(delays.map(delayMs => delayMs - 800)).toEqual([0, 1000, 700, 1700, 3000, 2000])
  })

  it('[speech-plans-by-api] is read from the assistant’s configuration, as the stop speaking plan is', async () => {
    const { wait, endpointing, interruption } = await planOf({
      startSpeakingPlan: { waitSeconds: 1.1, transcriptionEndpointingPlan: { onNumberSeconds: 2.2 } },
      stopSpeakingPlan: { numWords: 3, voiceSeconds: 0.3, backoffSeconds: 4.4 },
    })
    expect(wait.ms).toBe(1100)
    expect(endpointing.heuristics.onNumberMs).toBe(2200)
    expect(interruption).toMatchObject({ wordCount: 3, voiceMs: 300, backoffMs: 4400 })
  })

  it.each(['startSpeakingPlan', 'stopSpeakingPlan', 'waitSeconds'])(
    '[speech-plans-by-api] has no other place: %s beside the assistant is refused',
    async key => {
      const value = key === 'waitSeconds' ? 1 : {}
      await expect(runScenario({ [key]: value, caller: [] })).rejects.toThrow(`unknown key ${key}`)
    },
  )

  it('[pipeline-start-after-stop] an answer never begins while the customer talks', async () => {
    // A sound without words lasts over the moment at which the answer is ready (1.9 s).
    const cough = await runScenario({
      assistant: waiting(0),
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { at: 1.8, say: ' ', lasts: 0.9 },
      ],
      model: [{ reply: 'Good day.' }, { reply: 'Good day.' }],
    })
    // It took the answer back; when it turns out to have no words, the same turn is answered again.
    expect(cough.all('assistant.speech.started')).toHaveLength(1)
    expect(cough.first('assistant.speech.started').atMs).toBeGreaterThanOrEqual(2700 + 500 + 300)
    // The second part of an answer, ready at 5.4 s, waits for the end of a sound.
    const messages = [{ type: 'request-start', content: 'One moment.' }]
    const tools = [{ type: 'function', function: { name: 'look' }, messages }]
    const looking = await runScenario({
      assistant: { ...waiting(0), model: { provider: 'openai', model: 'gpt-4o', tools } },
      caller: [
        { at: 0, say: 'Look it up.', lasts: 1 },
        { at: 5.2, say: ' ', lasts: 0.8 },
      ],
      tools: { look: { result: 'blue', afterMs: 3000 } },
      model: [{ reply: '', toolCalls: [{ name: 'look' }] }, { reply: 'It is blue.' }],
    })
    expect(looking.all('voice.ready').at(-1)?.atMs).toBe(5400)
    expect(looking.all('assistant.speech.started').at(-1)).toMatchObject({ text: 'It is blue.', atMs: 6000 })
    // Words take the answer back, also when they are transcribed late.
    const words = await runScenario({
      assistant: waiting(0),
      latencies: { transcriberMs: 300, modelMs: 500, voiceMs: 300 },
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { at: 2, say: 'Are you there?', lasts: 1.5 },
      ],
      model: [{ when: 'there', reply: 'I am here.' }, { reply: 'Good day.' }],
    })
    expect(words.all('assistant.speech.started').map(({ text, atMs }) => [text, atMs])).toEqual([
      ['I am here.', 3500 + 300 + 500 + 300],
    ])
  })
})

describe('the way of a turn', () => {
  it('[pipeline-order-of-stages, pipeline-response-order, pipeline-model-at-once] goes through its stages in order', async () => {
    const call = await runSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: livekit, waitFunction: "350" } } }
latencies: { transcriberMs: 150, modelMs: 800, voiceMs: 500 }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "Good day." }]`)
    expect(call.first('customer.speech.stopped').atMs).toBe(1000)
    const stages = [
      'transcript',
      'endpointing.decided',
      'turn.ended',
      'model.requested',
      'model.first-token',
      'voice.requested',
      'voice.ready',
      'assistant.speech.started',
    ] as const
    const seen = timelineOf(call, 'customer.speech.stopped', stages)
    expect(seen.slice(0, stages.length)).toEqual([
      ['transcript', 150],
      ['endpointing.decided', 150],
      ['turn.ended', 350],
      ['model.requested', 350],
      ['model.first-token', 1150],
      ['voice.requested', 1150],
      ['voice.ready', 1650],
      ['assistant.speech.started', 2050],
    ])
  })

  it.each([0, 350, 4000])(
    '[pipeline-model-at-once] after %d ms the model is asked in the same moment',
    async waitMs => {
      const call = await sayOnce(waiting(0.4, { smartEndpointingPlan: waitsFor(String(waitMs)) }), 'Hello.')
      expect(decisionOf(call).endedMs).toBe(1000 + waitMs)
      expect(call.first('model.requested').atMs).toBe(1000 + waitMs)
    },
  )
})

describe('the page’s timeline', () => {
  const endpointingAfter = (waitMs: number) =>
    sayOnce(waiting(0.4, { smartEndpointingPlan: waitsFor(String(waitMs)) }), 'Hi, I need an appointment.', {
      latencies: { transcriberMs: 0, modelMs: 800, voiceMs: 500 },
    })

  it('[timeline-start-steps] comes out to the millisecond', async () => {
    const steps = [
      'turn.ended',
      'model.requested',
      'model.completed',
      'voice.ready',
      'assistant.speech.started',
    ] as const
    expect(timelineOf(await endpointingAfter(600), 'customer.speech.stopped', steps)).toEqual([
      ['turn.ended', 600],
      ['model.requested', 600],
      ['model.completed', 1400],
      ['voice.ready', 1900],
      ['assistant.speech.started', 2300],
    ])
  })

  it.each([
    ['timeline-start-total', 600, 2300],
    ['timeline-aggressive-total', 200, 1900],
    ['timeline-conservative-total', 2700, 4400],
  ])(
    '[%s] with endpointing after %d ms the assistant speaks after %d ms',
    async (_id, endpointingMs, totalMs) => {
      const call = await endpointingAfter(endpointingMs)
      expect(call.first('assistant.speech.started').atMs - call.first('customer.speech.stopped').atMs).toBe(
        totalMs,
      )
      expect(call.first('turn.latency').totalMs).toBe(totalMs)
    },
  )

  it.each([0, 200, 600, 2700])(
    '[timeline-endpointing-part] of %d ms is all that changes',
    async endpointingMs => {
      expect((await endpointingAfter(endpointingMs)).first('turn.latency')).toMatchObject({
        endpointingMs,
        modelMs: 800,
        voiceMs: 500,
        waitMs: 400,
        totalMs: endpointingMs + 1700,
      })
    },
  )

  it('[timing-endpointing-varies] differs with the method, whose wait is told', async () => {
    const plans = {
      'custom-rule': { customEndpointingRules: [{ type: 'customer', regex: 'table', timeoutSeconds: 1.75 }] },
      livekit: { smartEndpointingPlan: waitsFor('333') },
      vapi: { smartEndpointingPlan: { provider: 'vapi' } },
      transcription: { transcriptionEndpointingPlan: { onNoPunctuationSeconds: 0.9 } },
    }
    const told = await Promise.all(
      Object.values(plans).map(async plan => decisionOf(await sayOnce(waiting(0, plan), 'I want a table'))),
    )
    expect(told).toEqual([
      { by: 'custom-rule', waitMs: 1750, endedMs: 2750 },
      { by: 'livekit', waitMs: 333, endedMs: 1333 },
      { by: 'vapi', waitMs: 1500, endedMs: 2500 },
      { by: 'transcription', waitMs: 900, endedMs: 1900 },
    ])
  })

  it('[pipeline-quick-start-english] the page’s English set-up is accepted and answers', async () => {
    const call = await sayOnce(
      {
        startSpeakingPlan: {
          smartEndpointingPlan: { provider: 'livekit', waitFunction: '2000 / (1 + exp(-10 * (x - 0.5)))' },
          waitSeconds: 0.4,
        },
        stopSpeakingPlan: { numWords: 0, voiceSeconds: 0.2, backoffSeconds: 1.0 },
      },
      'Hello.',
    )
    expect(warningsOf(call)).toEqual([])
    expect(call.first('turn.latency')).toMatchObject({ endpointingMs: 13, waitMs: 400, totalMs: 1213 })
  })
})
