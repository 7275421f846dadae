import { describe, expect, it } from 'vitest'
import { runSimulation } from '../support/simulation.ts'

const twoUtterances = `
caller:
  - { at: 0, say: "SAY", lasts: 1 }
model: [{ reply: "All right." }]`

const saying = (text: string) => twoUtterances.replace('SAY', text)

describe('the wait after the end of the customer’s speech', () => {
  it.each([
    ['I am done.', 100],
    ['well, I think so', 100],
    ['I want a table', 1500],
    ['my number is 555', 500],
    ['it is five', 500],
  ])('the text heuristics wait after “%s” for %d ms', async (text, waitMs) => {
    const call = await runSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: vapi } } }${saying(text)}`)
    expect(call.first('endpointing.decided')).toMatchObject({ by: 'vapi', waitMs })
    expect(call.first('turn.ended').atMs).toBe(1000 + waitMs)
  })

  it('punctuation counts only at the end of the text with the API document’s reading', async () => {
    const scenario = `
assistant: { startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: vapi } } }${saying('well, I think so')}`
    expect((await runSimulation(scenario, 'openapi')).first('endpointing.decided').waitMs).toBe(1500)
  })

  it('a transcription plan that the user set decides with its own numbers', async () => {
    const call = await runSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0, transcriptionEndpointingPlan: { onNoPunctuationSeconds: 0.7 } } }${saying('a table')}`)
    expect(call.first('endpointing.decided')).toMatchObject({ by: 'transcription', waitMs: 700 })
  })

  it.each([
    [1, 200],
    [0.5, 4200],
    [0, 8200],
  ])(
    'livekit waits by its default function when the turn is over with probability %d',
    async (finished, waitMs) => {
      const call = await runSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0 } }
caller: [{ at: 0, say: "Hello", lasts: 1, finished: ${finished} }]
model: [{ reply: Hi. }]`)
      expect(call.first('endpointing.decided')).toMatchObject({ by: 'livekit', waitMs })
    },
  )

  it('livekit’s default function is the API document’s with its semantics', async () => {
    const call = await runSimulation(
      `
assistant: { startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: livekit } } }
caller: [{ at: 0, say: "Hello", lasts: 1, finished: 0 }]
model: [{ reply: Hi. }]`,
      'openapi',
    )
    expect(call.first('endpointing.decided').waitMs).toBe(3020)
  })

  it('other languages than English are judged by the text', async () => {
    const call = await runSimulation(`
assistant: { transcriber: { provider: deepgram, language: es }, startSpeakingPlan: { waitSeconds: 0 } }${saying('Hola.')}`)
    expect(call.first('endpointing.decided')).toMatchObject({ by: 'vapi', waitMs: 100 })
  })

  it('a transcriber that knows the end of a turn decides when no smart plan is set', async () => {
    const call = await runSimulation(`
assistant: { transcriber: { provider: deepgram, model: flux-general-en }, startSpeakingPlan: { waitSeconds: 0 } }${saying('Hello')}`)
    expect(call.first('endpointing.decided')).toMatchObject({ by: 'transcriber', waitMs: 0 })
    expect(call.first('turn.ended').atMs).toBe(1000)
  })

  it('speech that goes on within the wait makes one turn of both', async () => {
    const call = await runSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: livekit, waitFunction: "1000" } } }
caller:
  - { at: 0, say: "I need", lasts: 0.5 }
  - { at: 1, say: "a table.", lasts: 0.5 }
model: [{ reply: Fine. }]`)
    expect(call.all('turn.ended').map(({ text, atMs }) => [text, atMs])).toEqual([['I need a table.', 2500]])
  })

  it('a late transcript is judged when it comes, counted from the end of the speech', async () => {
    const call = await runSimulation(`
latencies: { transcriberMs: 250, modelMs: 500, voiceMs: 300 }
assistant: { startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: livekit, waitFunction: "400" } } }${saying('Hello.')}`)
    expect(call.first('endpointing.decided').atMs).toBe(1250)
    expect(call.first('turn.ended').atMs).toBe(1400)
  })

  it('an overdue wait is over at once', async () => {
    const call = await runSimulation(`
latencies: { transcriberMs: 900, modelMs: 500, voiceMs: 300 }${saying('Hello.')}`)
    expect(call.first('turn.ended').atMs).toBe(1900)
  })
})

describe('custom endpointing rules', () => {
  const rules = (rule: string) => `
assistant:
  firstMessageMode: assistant-speaks-first
  firstMessage: What is your phone number?
  startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: livekit, waitFunction: "100" }, customEndpointingRules: [${rule}] }
caller: [{ after: assistant, plus: 0.5, say: "It is 555", lasts: 1 }]
model: [{ reply: Thanks. }]`

  it.each([
    ['assistant', '{ type: assistant, regex: "phone number", timeoutSeconds: 3 }'],
    ['customer', '{ type: customer, regex: "^It is \\\\d+$", timeoutSeconds: 3 }'],
    ['the old name user', '{ type: user, regex: "\\\\d+$", timeoutSeconds: 3 }'],
    ['both', '{ type: both, assistantRegex: number, customerRegex: "555", timeoutSeconds: 3 }'],
  ])('of type %s decide before everything else', async (_type, rule) => {
    const call = await runSimulation(rules(rule))
    expect(call.first('endpointing.decided')).toMatchObject({ by: 'custom-rule', waitMs: 3000 })
  })

  it.each([
    ['does not fit', '{ type: customer, regex: "address", timeoutSeconds: 3 }'],
    [
      'needs both sides',
      '{ type: both, assistantRegex: number, customerRegex: "address", timeoutSeconds: 3 }',
    ],
    ['counts case', '{ type: customer, regex: "it is", timeoutSeconds: 3 }'],
    [
      'wants whole words',
      '{ type: customer, regex: "55", regexOptions: [{ type: whole-word, enabled: true }], timeoutSeconds: 3 }',
    ],
  ])('a rule that %s leaves the decision to the plan', async (_case, rule) => {
    expect((await runSimulation(rules(rule))).first('endpointing.decided').by).toBe('livekit')
  })

  it('options change how a regex is read', async () => {
    const rule =
      '{ type: customer, regex: "it is", regexOptions: [{ type: ignore-case, enabled: true }], timeoutSeconds: 2 }'
    expect((await runSimulation(rules(rule))).first('endpointing.decided').by).toBe('custom-rule')
  })

  it('the first rule that fits counts', async () => {
    const both =
      '{ type: customer, regex: nothing, timeoutSeconds: 1 }, { type: customer, regex: "555", timeoutSeconds: 2 }, { type: customer, regex: "5", timeoutSeconds: 3 }'
    expect((await runSimulation(rules(both))).first('endpointing.decided').waitMs).toBe(2000)
  })

  it('a regex that never ends is stopped and passed over with a warning', async () => {
    const call = await runSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 0, customEndpointingRules: [{ type: customer, regex: "(a+)+$", timeoutSeconds: 3 }] } }
caller: [{ at: 0, say: "${'a'.repeat(40)}!", lasts: 1 }]
model: [{ reply: Hm. }]`)
    expect(call.first('warning').message).toContain('custom endpointing rule')
    expect(call.first('endpointing.decided').by).toBe('livekit')
  })
})

describe('waitSeconds', () => {
  const waiting = `
assistant: { startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: livekit, waitFunction: "100" } } }${saying('Hello.')}`

  it('is added after the voice is ready', async () => {
    const call = await runSimulation(waiting)
    expect(call.first('turn.latency')).toMatchObject({
      endpointingMs: 100,
      modelMs: 500,
      voiceMs: 300,
      waitMs: 400,
      totalMs: 1300,
    })
  })

  it('is a minimum from the end of speech with the API document’s reading', async () => {
    const call = await runSimulation(waiting, 'openapi')
    expect(call.first('turn.latency')).toMatchObject({ waitMs: 0, totalMs: 900 })
  })

  it('does not delay the first message', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: Hello, startSpeakingPlan: { waitSeconds: 5 } }`)
    expect(call.first('assistant.speech.started').atMs).toBe(300)
  })

  it('is applied once a turn, also when a tool makes it two utterances', async () => {
    const call = await runSimulation(`
assistant:
  startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: livekit, waitFunction: "100" } }
  model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look } }] }
caller: [{ at: 0, say: "Look.", lasts: 1 }]
model: [{ reply: "I am looking.", toolCalls: [{ name: look }] }, { reply: "Found." }]`)
    const [first, second] = call.all('assistant.speech.started')
    const ready = call.all('voice.ready')
    expect(first?.atMs).toBe((ready[0]?.atMs ?? 0) + 400)
    expect(second?.atMs).toBe(call.all('assistant.speech.stopped')[0]?.atMs)
    expect(call.all('turn.latency')).toHaveLength(1)
  })
})

describe('speech before the answer is heard', () => {
  it('takes the answer back and joins the words into one turn', async () => {
    const call = await runSimulation(`
caller:
  - { at: 0, say: "Book a table.", lasts: 1 }
  - { at: 1.4, say: "For two.", lasts: 0.5 }
model: [{ when: "table.$", reply: "For how many?" }, { reply: "A table for two." }]`)
    expect(call.all('turn.ended').map(({ text }) => text)).toEqual([
      'Book a table.',
      'Book a table. For two.',
    ])
    expect(call.all('assistant.speech.started').map(({ text }) => text)).toEqual(['A table for two.'])
    const users = call.result.ended.artifact.messages.filter(({ role }) => role === 'user')
    expect(users).toMatchObject([{ message: 'Book a table. For two.' }])
  })

  it('that turns out to be no words lets the turn end again', async () => {
    const call = await runSimulation(`
latencies: { transcriberMs: 0, modelMs: 2000, voiceMs: 300 }
caller:
  - { at: 0, say: "Book a table.", lasts: 1 }
  - { at: 1.4, say: " ", lasts: 0.3 }
model: [{ reply: "For how many?" }, { reply: "For how many people?" }]`)
    expect(call.all('turn.ended').map(({ text }) => text)).toEqual(['Book a table.', 'Book a table.'])
    expect(call.all('assistant.speech.started')).toHaveLength(1)
  })
})

describe('speech while a tool’s answer is prepared', () => {
  const looking = (words: string) => `
assistant: { model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look }, messages: [{ type: request-start, content: "" }] }] } }
latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300, toolMs: 1000 }
caller:
  - { at: 0, say: "Look it up.", lasts: 1 }
  - { at: 2.3, say: "${words}", lasts: 0.8 }
model: [{ reply: "", toolCalls: [{ name: look }] }, { when: never mind, reply: "Fine." }, { reply: "It is blue." }, { reply: "Again." }]`

  it('with words makes the answer void and is answered itself', async () => {
    const call = await runSimulation(looking('Oh never mind.'))
    expect(call.all('turn.ended').map(({ text }) => text)).toEqual([
      'Look it up.',
      'Look it up. Oh never mind.',
    ])
    expect(call.all('assistant.speech.started').map(({ text }) => text)).toEqual(['Fine.'])
    expect(call.first('tool.completed').result).toBe('success')
  })

  it('without words only delays it', async () => {
    const call = await runSimulation(looking(' '))
    expect(call.all('assistant.speech.started').map(({ text }) => text)).toEqual(['It is blue.'])
    expect(call.first('assistant.speech.started').atMs).toBeGreaterThanOrEqual(3100)
  })
})
