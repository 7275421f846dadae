import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { explanationBlocks } from '../../../src/call/explain/render-model.ts'
import { explainEvents, explainSimulation, partsOf, turnOf } from '../../support/explain.ts'
import { sharedFolder } from '../../support/requires.ts'
import { runSimulation } from '../../support/simulation.ts'
import { runSampleCall } from '../report/sample.ts'

const shared = sharedFolder()
const sumOf = (parts: object) => Object.values(parts).reduce((sum, ms) => sum + ms, 0)

describe.skipIf(shared === false)('the worked timelines', () => {
  const scenario = (name: string) => readFileSync(`${shared}/scenarios/${name}.yaml`, 'utf8')

  it('start: 0.6 s, 0.8 s, 0.5 s and 0.4 s make the 2.3 s', async () => {
    const { explanation } = await explainSimulation(scenario('timeline-start'))
    expect(partsOf(explanation, 1)).toEqual({ endpointing: 600, model: 800, voice: 500, wait: 400 })
    expect(turnOf(explanation, 1).time?.totalMs).toBe(2300)
    expect(turnOf(explanation, 1).decision).toMatchObject({
      by: 'livekit',
      setting: 'startSpeakingPlan.smartEndpointingPlan.waitFunction',
      waitMs: 600,
      stillSpeaking: 0,
      speechEndMs: 1500,
    })
    expect(explanation.summary).toMatchObject({
      measured: 1,
      medianMs: 2300,
      slowestMs: 2300,
      slowestTurn: 1,
    })
  })

  it('interruption: the rule that let the customer go on is told with the pause', async () => {
    const { explanation } = await explainSimulation(scenario('timeline-interruption'))
    expect(partsOf(explanation, 2)).toEqual({ endpointing: 100, model: 500, voice: 300, wait: 400 })
    expect(turnOf(explanation, 2).overtaken).toMatchObject([
      {
        by: 'custom-rule',
        rule: 0,
        setting: 'startSpeakingPlan.customEndpointingRules[0].timeoutSeconds',
        waitMs: 5000,
        pausedMs: 800,
      },
    ])
    expect(turnOf(explanation, 2).why[0]).toBe(
      'First customEndpointingRules[0] fits and waits 5,000 ms; the customer went on after 800 ms.',
    )
    expect(turnOf(explanation, 1).remarks.map(({ text }) => text)).toContain(
      'Interrupted by the first sound of the customer (voiceSeconds 0). It stayed silent for backoffSeconds, until 0:04.50.',
    )
  })
})

describe('who ended a turn', () => {
  const heuristics = (say: string, more = '') => `
assistant:
  startSpeakingPlan:
    waitSeconds: 0
    smartEndpointingPlan: { provider: vapi }
    transcriptionEndpointingPlan: { onPunctuationSeconds: 0.2, onNoPunctuationSeconds: 0.9, onNumberSeconds: 0.7 }
    ${more}
caller: [{ at: 0, say: ${JSON.stringify(say)}, lasts: 1 }]
model: [{ reply: Fine. }]
`
  it.each([
    ['I need a table', 'onNoPunctuationSeconds', 900, 'the words have no punctuation'],
    ['I need a table.', 'onPunctuationSeconds', 200, 'the words have punctuation'],
    ['My number is 5551234', 'onNumberSeconds', 700, 'the words end with a number'],
  ])('%s: %s, %i ms', async (say, setting, waitMs, reason) => {
    const { explanation } = await explainSimulation(heuristics(say))
    const { decision, why } = turnOf(explanation, 1)
    expect(decision).toMatchObject({
      by: 'vapi',
      setting: `startSpeakingPlan.transcriptionEndpointingPlan.${setting}`,
      waitMs,
      atMs: 1000,
    })
    expect(why[0]).toBe(
      `The turn ended ${waitMs} ms after the speech: ${reason}, for which ${setting} waits ${waitMs} ms.`,
    )
    expect(partsOf(explanation, 1).endpointing).toBe(waitMs)
  })

  it('a custom rule by its place', async () => {
    const rules =
      'customEndpointingRules: [{ type: customer, regex: nothing, timeoutSeconds: 1 }, { type: customer, regex: table, timeoutSeconds: 1.5 }]'
    const { explanation } = await explainSimulation(heuristics('I need a table.', rules))
    expect(turnOf(explanation, 1).decision).toMatchObject({
      by: 'custom-rule',
      rule: 1,
      setting: 'startSpeakingPlan.customEndpointingRules[1].timeoutSeconds',
      waitMs: 1500,
    })
  })

  it('LiveKit with its x', async () => {
    const { explanation } = await explainSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: livekit, waitFunction: 100 + 500 * x } } }
caller: [{ at: 0, say: I need a, lasts: 1, finished: 0.2 }]
model: [{ reply: Fine. }]
`)
    expect(turnOf(explanation, 1).why[0]).toBe(
      'The turn ended 500 ms after the speech: LiveKit held the words for 20 % finished (x = 0.8), for which waitFunction waits 500 ms.',
    )
    expect(explanation.settings?.endpointing).toMatchObject({
      method: 'livekit',
      waitFunction: '100 + 500 * x',
    })
  })

  it('Krisp with its probability, as a wait that it took', async () => {
    const { explanation } = await explainSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: krisp, threshold: 0.5 } } }
latencies: { transcriberMs: 50, modelMs: 500, voiceMs: 300 }
caller: [{ at: 0, say: I need a table., lasts: 1, finished: 0.9 }]
model: [{ reply: Fine. }]
`)
    const { decision, time } = turnOf(explanation, 1)
    expect(decision).toMatchObject({
      by: 'krisp',
      setting: 'startSpeakingPlan.smartEndpointingPlan.threshold',
      finished: 0.9,
    })
    expect(decision?.reason).toMatch(
      /^Krisp held the sound for 90 % finished, [\d,]+ ms after it had ended \(/,
    )
    expect(partsOf(explanation, 1).deciding).toBeUndefined()
    expect(time?.totalMs).toBe(50 + (partsOf(explanation, 1).endpointing ?? 0) + 800)
  })

  it('is known from the words of an older record, too', async () => {
    const call = await runSimulation(heuristics('I need a table'))
    const older = call.observations.map(observation => {
      if (observation.type === 'endpointing.decided') {
        const { type, atMs, by, waitMs, detail } = observation
        return { type, atMs, by, waitMs, detail }
      }
      return observation.type === 'call.started'
        ? { type: observation.type, atMs: 0, assistantName: null }
        : observation
    })
    const explanation = await explainEvents(older)
    expect(turnOf(explanation, 1).decision).toMatchObject({
      sign: 'no-punctuation',
      speechEndMs: 1000,
      waitMs: 900,
    })
    expect(explanation.settings).toBeNull()
    expect(partsOf(explanation, 1)).toEqual({ endpointing: 900, model: 500, voice: 300 })
  })
})

describe('where the time went', () => {
  it('a transcript that comes after the wait takes the time, not the setting', async () => {
    const { explanation } = await explainSimulation(`
latencies: { transcriberMs: 450, modelMs: 500, voiceMs: 300 }
caller: [{ at: 0, say: Hello., lasts: 1 }]
model: [{ reply: Fine. }]
`)
    expect(partsOf(explanation, 1)).toEqual({ transcription: 450, model: 500, voice: 300 })
    expect(turnOf(explanation, 1).why).toContain(
      'The transcript came 450 ms after the speech, when that wait was over already.',
    )
  })

  it('a transcript within the wait is a part of it', async () => {
    const { explanation } = await explainSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0.25, smartEndpointingPlan: { provider: livekit, waitFunction: "600" } } }
latencies: { transcriberMs: 150, modelMs: 500, voiceMs: 300 }
caller: [{ at: 0, say: Hello., lasts: 1 }]
model: [{ reply: Fine. }]
`)
    expect(partsOf(explanation, 1)).toEqual({
      transcription: 150,
      endpointing: 450,
      model: 500,
      voice: 300,
      wait: 250,
    })
    expect(turnOf(explanation, 1).why[0]).toMatch(
      /^The turn ended 600 ms after the speech, 150 ms of it for the transcript: /,
    )
  })

  it('tools are told apart from the model’s requests before and after', async () => {
    const { explanation } = await explainSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look }, messages: [{ type: request-start, content: "" }] }] } }
latencies: { modelMs: 500, voiceMs: 300, toolMs: 900 }
caller: [{ at: 0, say: Hello., lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: look, arguments: {} }] }, { reply: Here it is. }]
`)
    expect(partsOf(explanation, 1)).toEqual({ endpointing: 100, model: 1000, tools: 900, voice: 300 })
    expect(turnOf(explanation, 1).why).toContain('The answer waited 900 ms for look.')
    expect(explanation.advice.find(({ setting }) => setting === 'model.tools[].messages')).toMatchObject({
      saves: [{ turn: 1, ms: 900 }],
      certainty: 'at-most',
    })
  })

  it('what is said after a tool is told with its time', async () => {
    const { explanation } = await explainSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look }, messages: [{ type: request-start, content: One moment. }] }] } }
latencies: { modelMs: 500, voiceMs: 300, toolMs: 3000 }
caller: [{ at: 0, say: Hello., lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: look, arguments: {} }] }, { reply: Here it is. }]
`)
    expect(partsOf(explanation, 1)).toEqual({ endpointing: 100, model: 500, voice: 300 })
    expect(turnOf(explanation, 1).remarks.map(({ text }) => text)).toEqual([
      'look took 3,000 ms.',
      'Went on 800 ms after look had answered: “Here it is.”.',
    ])
  })

  it('a voice that failed costs what passed until the next one was asked', async () => {
    const { explanation } = await explainSimulation(`
assistant: { voice: { provider: openai, voiceId: alloy, fallbackPlan: { voices: [{ provider: openai, voiceId: shimmer }] } } }
caller: [{ at: 0, say: Hello., lasts: 1 }]
model: [{ reply: Fine. }]
failures: [{ voice: openai/alloy, times: 1 }]
`)
    expect(partsOf(explanation, 1)).toEqual({
      endpointing: 100,
      model: 500,
      'voice-failure': 300,
      voice: 300,
    })
    expect(turnOf(explanation, 1).why).toContain(
      'The voice openai/alloy failed, which cost 300 ms before the next one was asked.',
    )
  })

  it('the backoff is told where the answer was ready before its end', async () => {
    const { explanation } = await explainSimulation(`
assistant: { stopSpeakingPlan: { numWords: 0, voiceSeconds: 0, backoffSeconds: 3 } }
caller:
  - { at: 0, say: Hello., lasts: 1 }
  - { during: assistant, plus: 1, say: Wait a minute., lasts: 0.5 }
model: [{ reply: This is a long answer that nobody wants to hear to its very end. }, { reply: Yes? }]
`)
    // Interrupted 1 s into speech; silent for 3 s: ready after 0.5 + 0.1 + 0.5 + 0.3 s.
    expect(partsOf(explanation, 2)).toEqual({ endpointing: 100, model: 500, voice: 300, backoff: 1600 })
    expect(
      explanation.advice.find(({ setting }) => setting === 'stopSpeakingPlan.backoffSeconds'),
    ).toMatchObject({
      from: 3,
      to: 1.4,
      saves: [{ turn: 2, ms: 1600 }],
    })
  })

  it('an answer that waits behind other words of the assistant names these, not the output', async () => {
    const scenario = (waitSeconds: number) => `
assistant: { startSpeakingPlan: { waitSeconds: ${waitSeconds}, smartEndpointingPlan: { provider: livekit, waitFunction: '100' } } }
caller: [{ at: 0, say: Hello., lasts: 1 }]
control: [{ at: 1.2, send: { type: say, content: Putting you through. } }]
model: [{ reply: Fine. }]
`
    // Ready at 1.9 s; the other words are heard from 1.5 s to 3.5 s.
    const { explanation } = await explainSimulation(scenario(0))
    expect(partsOf(explanation, 1)).toEqual({ endpointing: 100, model: 500, voice: 300, behind: 1600 })
    expect(turnOf(explanation, 1).why).toContain(
      'Its voice was ready, but it waited 1,600 ms behind other words of the assistant.',
    )
    const text = JSON.stringify(explanationBlocks(explanation))
    expect(text).toContain('voice 300 + other words 1,600 = 2,500 ms')
    expect(text).not.toMatch(/output|sound itself/)
    // The wait passes meanwhile; what is left of it then is all that it costs.
    const { explanation: waiting } = await explainSimulation(scenario(2))
    expect(partsOf(waiting, 1)).toMatchObject({ behind: 1600, wait: 400 })
    expect(partsOf(waiting, 1)).not.toHaveProperty('output')
  })

  it('first words that wait for the customer’s say so, to the moment at which the end of these was noticed', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first-with-model-generated-message }
caller: [{ at: 0.2, say: " ", lasts: 2 }]
model: [{ reply: Fine. }]
`)
    const heard = await explainEvents(call.observations)
    expect(partsOf(heard, 0)).toEqual({ model: 500, voice: 300, 'behind-customer': 1400 })
    expect(turnOf(heard, 0).why).toContain(
      'Its voice was ready, but it waited 1,400 ms behind the customer’s words.',
    )
    const noticedLate = call.observations.map(seen =>
      seen.type === 'customer.speech.stopped' ? { ...seen, audioMs: seen.audioMs - 300 } : seen,
    )
    expect(partsOf(await explainEvents(noticedLate), 0)).toEqual(partsOf(heard, 0))
  })

  it('what is left after other words is the output’s', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: Hello., lasts: 1 }]
control: [{ at: 1.2, send: { type: say, content: Putting you through. } }]
model: [{ reply: Fine. }]
`)
    const late = call.observations.map(seen => {
      if (seen.type === 'turn.latency')
        return { ...seen, atMs: seen.atMs + 250, waitMs: seen.waitMs + 250, totalMs: seen.totalMs + 250 }
      const isAnswer = seen.type === 'assistant.speech.started' && seen.text === 'Fine.'
      return isAnswer ? { ...seen, atMs: seen.atMs + 250 } : seen
    })
    expect(partsOf(await explainEvents(late), 1)).toMatchObject({ behind: 1600, output: 250 })
  })

  it('a turn that waits behind a first message that cannot be interrupted', async () => {
    const { explanation } = await explainSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: Hello and welcome to the desk of this clinic., firstMessageInterruptionsEnabled: false }
caller: [{ during: assistant, plus: 1, say: Hello there., lasts: 1 }]
model: [{ reply: Fine. }]
`)
    const { 'own-speech': behind = 0, ...rest } = partsOf(explanation, 1)
    expect(rest).toEqual({ endpointing: 100, model: 500, voice: 300 })
    // 45 characters at 10 a second: 4.5 s, of which 2.1 s were over when the turn would have ended.
    expect(behind).toBe(2400)
    expect(
      explanation.advice.find(({ setting }) => setting === 'firstMessageInterruptionsEnabled'),
    ).toMatchObject({
      saves: [{ turn: 1, ms: 2400 }],
    })
  })

  it('parts add up to the time that the engine measured, whatever happened', async () => {
    const call = await runSampleCall()
    const explanation = await explainEvents(call.observations)
    const measured = call.all('turn.latency')
    expect(measured.length).toBeGreaterThanOrEqual(3)
    for (const { turn, totalMs } of measured) {
      expect(turnOf(explanation, turn).time?.totalMs).toBe(totalMs)
      expect(sumOf(partsOf(explanation, turn))).toBe(totalMs)
    }
  })
})

describe('a turn without an answer', () => {
  it('is told as taken back, with how far the answer had come', async () => {
    const explanation = await explainEvents((await runSampleCall()).observations)
    expect(turnOf(explanation, 2)).toMatchObject({ outcome: 'taken-back', time: null, said: [] })
    expect(turnOf(explanation, 2).why.at(-1)).toBe(
      'There was no answer: the customer went on, 560 ms after the turn had ended, which took the answer back (the model was being asked). The words became part of the next turn.',
    )
  })

  it('had not ended, or was not answered, when the call ended', async () => {
    const cut = async (atSeconds: number) =>
      turnOf(
        (
          await explainSimulation(`
caller: [{ at: 0, say: Hello., lasts: 1 }]
model: [{ reply: Fine. }]
control: [{ at: ${atSeconds}, send: { type: end-call } }]
`)
        ).explanation,
        1,
      )
    expect(await cut(1.05)).toMatchObject({ outcome: 'unfinished' })
    expect((await cut(1.3)).why).toContain('The call ended before it was answered.')
  })
})

describe('what else happened', () => {
  it.each([
    ['numWords: 2', 'okay', 0.5, 'Not interrupted by “okay”, which is among the acknowledgementPhrases.'],
    ['voiceSeconds: 0.3', '', 0.1, 'Not interrupted by a sound shorter than voiceSeconds (0.3).'],
    [
      'voiceSeconds: 0.3',
      'Monday',
      0.8,
      'Interrupted by a sound of the customer that lasted voiceSeconds (0.3). It stayed silent for backoffSeconds, until 0:03.70.',
    ],
    [
      'numWords: 2',
      'on Monday',
      0.4,
      'Interrupted by the customer’s words (numWords 2). It stayed silent for backoffSeconds, until 0:03.80.',
    ],
    [
      'numWords: 4',
      'stop it',
      0.4,
      'Interrupted by one of the interruptionPhrases. It stayed silent for backoffSeconds, until 0:03.60.',
    ],
  ])('an interruption says why it was taken or ignored: %s, “%s” of %d s', async (plan, say, lasts, text) => {
    const { explanation } = await explainSimulation(`
assistant: { stopSpeakingPlan: { ${plan}, backoffSeconds: 1 } }
caller:
  - { at: 0, say: Hello., lasts: 1 }
  - { during: assistant, plus: 0.5, say: "${say}", lasts: ${lasts} }
model: [{ reply: This is a long answer that somebody wants to hear to its end. }, { reply: Yes. }]
`)
    const found = turnOf(explanation, 1).remarks.filter(({ about }) => about === 'interruption')
    expect(found.map(remark => remark.text)).toEqual([text])
  })

  it('hooks are told with the reason where they were skipped', async () => {
    const { explanation } = await explainSimulation(`
assistant:
  hooks:
    - { on: customer.speech.timeout, name: there, options: { timeoutSeconds: 2, triggerMaxCount: 1 }, do: [{ type: say, exact: Are you there? }] }
caller: [{ at: 0, say: Hello., lasts: 1 }, { at: 12, say: Yes., lasts: 1 }]
model: [{ reply: Fine. }, { reply: Good. }]
`)
    const hooks = turnOf(explanation, 1).remarks.filter(({ about }) => about === 'hook')
    expect(hooks[0]?.text).toBe('The hook “there” (customer.speech.timeout) was triggered.')
    expect(hooks[1]?.text).toBe(
      'The hook “there” (customer.speech.timeout) was skipped: triggerMaxCount reached.',
    )
  })

  it('a slow answer is compared with the others', async () => {
    const { explanation } = await explainSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look }, messages: [{ type: request-start, content: "" }] }] } }
latencies: { modelMs: 500, voiceMs: 300, toolMs: 2000 }
caller:
  - { at: 0, say: One., lasts: 1 }
  - { after: assistant, plus: 1, say: Two., lasts: 1 }
  - { after: assistant, plus: 1, say: Three., lasts: 1 }
model: [{ reply: A. }, { reply: "", toolCalls: [{ name: look, arguments: {} }] }, { reply: B. }, { reply: C. }]
`)
    expect(explanation.summary).toMatchObject({ measured: 3, medianMs: 900, slowestMs: 3400, slowestTurn: 2 })
    expect(turnOf(explanation, 2).why.at(-1)).toBe(
      'It is 2,500 ms slower than the median answer, mostly for the tools: 2,000 ms.',
    )
  })

  it('the end of the call names the setting that ended it', async () => {
    const { explanation } = await explainSimulation(`
assistant: { silenceTimeoutSeconds: 10 }
caller: [{ at: 0, say: Hello., lasts: 1 }, { at: 60, say: Hello., lasts: 1 }]
model: [{ reply: Fine. }]
`)
    expect(explanation.ended).toMatchObject({
      endedReason: 'silence-timed-out',
      why: 'Nobody spoke for too long (silenceTimeoutSeconds)',
    })
  })

  it('a hand-over has its own assistant’s settings from there on', async () => {
    const member = (name: string, wait: number, more = '') => `
    - ${more}assistant:
        name: ${name}
        firstMessageMode: assistant-waits-for-user
        model: { provider: openai, model: gpt-4o }
        voice: { provider: openai, voiceId: alloy }
        startSpeakingPlan: { waitSeconds: ${wait}, smartEndpointingPlan: { provider: livekit, waitFunction: "100" } }`
    const { parseScenario } = await import('../../../src/call/scenario.ts')
    const { simulateScenario } = await import('../../support/simulation.ts')
    const { parse } = await import('yaml')
    const scenario = parse(`
squad:
  members:${member('desk', 0.2, 'assistantDestinations: [{ type: assistant, assistantName: sales }]\n      ')}${member('sales', 0.7)}
latencies: { modelMs: 500, voiceMs: 300 }
voice: { charactersPerSecond: 10 }
caller: [{ at: 0, say: Sales please., lasts: 1 }, { at: 12, say: A car., lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: sales } }] }, { reply: Which one? }, { reply: Gladly. }]
`)
    const call = await simulateScenario(parseScenario(scenario, 'test.yaml'))
    const explanation = await explainEvents(call.observations)
    expect(explanation.assistantName).toBe('desk')
    expect(turnOf(explanation, 1).remarks.map(({ text }) => text)).toContain('desk handed over to sales.')
    expect(turnOf(explanation, 2)).toMatchObject({ assistantName: 'sales' })
    expect(partsOf(explanation, 2).wait).toBe(700)
    const waits = explanation.advice.filter(({ setting }) => setting === 'startSpeakingPlan.waitSeconds')
    expect(waits.find(({ assistantName }) => assistantName === 'sales')).toMatchObject({
      from: 0.7,
      saves: [{ turn: 2, ms: 700 }],
    })
  })
})

describe('the text', () => {
  it('tells each turn under its heading and cuts what a machine would not', async () => {
    const { explanation } = await explainSimulation(`
assistant: { name: Desk, startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: livekit, waitFunction: "600" } } }
latencies: { modelMs: 800, voiceMs: 500 }
caller: [{ at: 0, say: "Hi, I need an appointment.", lasts: 1.5 }]
model: [{ reply: Which day suits you? }]
`)
    const blocks = explanationBlocks(explanation)
    expect(blocks.map(({ heading }) => heading).slice(0, 3)).toEqual(['Desk', 'Turn 1', 'End'])
    expect(blocks[1]?.lines.map(({ text }) => text)).toEqual([
      'Customer: “Hi, I need an appointment.”',
      'Assistant: “Which day suits you?”',
      'endpointing 600 + model 800 + voice 500 + waitSeconds 400 = 2,300 ms',
      'The turn ended 600 ms after the speech: LiveKit held the words for 100 % finished (x = 0), for which waitFunction waits 600 ms.',
      'Most of the time went into the model: 800 ms, 35 %.',
    ])
    const waits = blocks.find(({ heading }) => heading.includes('waitSeconds'))
    expect(waits?.heading).toBe('1. startSpeakingPlan.waitSeconds 0.4 → 0')
    expect(waits?.lines[0]?.text).toBe('400 ms earlier in turn 1.')
    expect(waits?.lines.at(-1)?.text).toMatch(/^Risk: /)
  })

  it('of one turn has that turn and the advice that it gave rise to', async () => {
    const explanation = await explainEvents((await runSampleCall()).observations)
    const headings = explanationBlocks(explanation, 4).map(({ heading }) => heading)
    expect(headings[0]).toBe('Turn 4')
    expect(headings).not.toContain('Turn 1')
    expect(headings).not.toContain('End')
    expect(headings.some(heading => heading.includes('waitSeconds'))).toBe(true)
  })
})
