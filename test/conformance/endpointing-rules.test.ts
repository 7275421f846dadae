import { describe, expect, it } from 'vitest'
import { planOf } from '../support/hooks.ts'
import { decisionOf, runScenario, sayOnce, warningsOf } from '../support/speaking.ts'

const PATH = 'startSpeakingPlan.customEndpointingRules[0]'
const livekit = { provider: 'livekit', waitFunction: '100' }
const pageRules = [
  { type: 'assistant', regex: '(phone|email|address)', timeoutSeconds: 3.0 },
  { type: 'user', regex: '\\d{3}-\\d{3}-\\d{4}', timeoutSeconds: 2.0 },
]

const withRules = (rules: object[], plan: object = { smartEndpointingPlan: livekit }) => ({
  startSpeakingPlan: { waitSeconds: 0, ...plan, customEndpointingRules: rules },
})

/** How the end of an answer to a question of the assistant is decided. */
async function answering(question: string, words: string, rules: object[]) {
  const call = await runScenario({
    assistant: {
      ...withRules(rules),
      firstMessageMode: 'assistant-speaks-first',
      firstMessage: question,
    },
    caller: [{ after: 'assistant', plus: 0.5, say: words, lasts: 1 }],
    model: [{ reply: 'Thank you.' }],
  })
  const { by, waitMs } = call.first('endpointing.decided')
  return { by, waitMs, waitedMs: call.first('turn.ended').atMs - call.first('customer.speech.stopped').atMs }
}

const ofRule = (waitMs: number) => ({ by: 'custom-rule', waitMs, waitedMs: waitMs })
const ofPlan = { by: 'livekit', waitMs: 100, waitedMs: 100 }

describe('the kinds of custom rules', () => {
  it.each([
    ['assistant', { regex: 'phone number' }, ofRule(2500)],
    ['assistant', { regex: 'It is 555' }, ofPlan],
    ['customer', { regex: '^It is \\d+$' }, ofRule(2500)],
    ['customer', { regex: 'phone number' }, ofPlan],
    ['both', { assistantRegex: 'number', customerRegex: '555' }, ofRule(2500)],
    ['both', { assistantRegex: 'number', customerRegex: '666' }, ofPlan],
    ['both', { assistantRegex: 'address', customerRegex: '555' }, ofPlan],
    ['both', { assistantRegex: 'address', customerRegex: '666' }, ofPlan],
  ])('[api-custom-rule-types] %s %j', async (type, regexes, decided) => {
    const rules = [{ type, ...regexes, timeoutSeconds: 2.5 }]
    expect(await answering('What is your phone number?', 'It is 555', rules)).toEqual(decided)
  })

  it.each([
    ['assistant', {}, `${PATH}.regex`],
    ['customer', {}, `${PATH}.regex`],
    ['both', { regex: 'a' }, `${PATH}.assistantRegex`],
    ['both', { assistantRegex: 'a' }, `${PATH}.customerRegex`],
    ['system', { regex: 'a' }, `${PATH}.type`],
    ['customer', { regex: '(' }, `${PATH}.regex`],
    ['both', { assistantRegex: 'a', customerRegex: '[' }, `${PATH}.customerRegex`],
  ])('[api-custom-rule-types] %s %j is refused at %s', async (type, regexes, path) => {
    await expect(planOf(withRules([{ type, ...regexes, timeoutSeconds: 1 }]))).rejects.toThrow(path)
  })

  it.each([
    ['What is your phone number?', 3000],
    ['Which email do you use?', 3000],
    ['Tell me the address, please.', 3000],
    ['What is your name?', 100],
    // As it is written: without an option, case counts.
    ['Phone?', 100],
  ])('[custom-rule-assistant] after “%s” the page’s rule waits %d ms', async (question, waitMs) => {
    expect(await answering(question, 'Well, let me see', pageRules)).toMatchObject({
      by: waitMs === 3000 ? 'custom-rule' : 'livekit',
      waitedMs: waitMs,
    })
  })

  it.each([
    ['It is 555-123-4567', 2000],
    ['555-123-4567, I think', 2000],
    ['It is 555-123', 100],
  ])(
    '[custom-rule-user] after a customer’s “%s” the page’s rule of type user waits %d ms',
    async (words, waitMs) => {
      expect(await answering('How can I reach you?', words, pageRules)).toMatchObject({ waitedMs: waitMs })
    },
  )

  it('[custom-rule-user] the type user is the type customer', async () => {
    const [user] = (await planOf(withRules([{ type: 'user', regex: 'a', timeoutSeconds: 2 }]))).endpointing
      .rules
    expect(user).toEqual({ type: 'customer', timeoutMs: 2000 })
  })
})

describe('the time of a custom rule', () => {
  it.each([0, 0.35, 2, 15])('[custom-rule-timeout] is its own: %d s', async timeoutSeconds => {
    const rules = [{ type: 'customer', regex: 'table', timeoutSeconds }]
    const decided = await answering('What is it?', 'I want a table', rules)
    expect(decided).toEqual(ofRule(timeoutSeconds * 1000))
  })

  it('[custom-rule-timeout] counts from the end of the speech, not from its transcript', async () => {
    const rules = [{ type: 'customer', regex: 'table', timeoutSeconds: 0.6 }]
    const latencies = { transcriberMs: 250, modelMs: 500, voiceMs: 300 }
    const call = await sayOnce(withRules(rules), 'I want a table', { latencies })
    expect(call.first('endpointing.decided').atMs).toBe(1250)
    expect(call.first('turn.ended').atMs).toBe(1600)
  })

  it('[custom-rules-longer-waits] may be longer than that of every other way: 15 s', async () => {
    const rules = [{ type: 'customer', regex: 'table', timeoutSeconds: 15 }]
    const { waitedMs } = await answering('What is it?', 'I want a table', rules)
    expect(waitedMs).toBe(15_000)
    const longest = await sayOnce({ startSpeakingPlan: { waitSeconds: 0 } }, 'I want a table', {
      finished: 0,
    })
    expect(waitedMs).toBeGreaterThan(longest.first('endpointing.decided').waitMs)
  })

  it.each([0, 0.1, 7.25, 15])('[api-custom-rule-timeout-range] %d s is taken', async timeoutSeconds => {
    const { endpointing } = await planOf(withRules([{ type: 'customer', regex: 'a', timeoutSeconds }]))
    expect(endpointing.rules[0]?.timeoutMs).toBe(timeoutSeconds * 1000)
  })

  it.each([-0.1, 15.1, 600, '2', null, undefined])(
    '[api-custom-rule-timeout-range] %s is refused with its path',
    async timeoutSeconds => {
      for (const rule of [
        { type: 'customer', regex: 'a', timeoutSeconds },
        { type: 'both', assistantRegex: 'a', customerRegex: 'b', timeoutSeconds },
      ])
        await expect(planOf(withRules([rule]))).rejects.toThrow(`${PATH}.timeoutSeconds`)
    },
  )
})

describe('the options of a custom rule’s regex', () => {
  const option = (type: string, enabled = true) => ({ type, enabled })

  it.each([
    ['it is', [], 'It is 555', false],
    ['it is', [option('ignore-case')], 'It is 555', true],
    ['it is', [option('ignore-case', false)], 'It is 555', false],
    ['55', [], 'It is 555', true],
    ['55', [option('whole-word')], 'It is 555', false],
    ['55', [option('whole-word', false)], 'It is 555', true],
    ['55|is', [option('whole-word')], 'It is 555', true],
    ['55|i', [option('whole-word')], 'It is 555', false],
    ['^is', [option('multi-line')], 'It\nis 555', true],
    ['^is', [], 'It\nis 555', false],
    ['^IS', [option('multi-line'), option('ignore-case')], 'It\nis 555', true],
    ['^IS', [option('multi-line')], 'It\nis 555', false],
  ])('[api-custom-rule-options] %s with %j in %j: %s', async (regex, options, words, fits) => {
    const assistant = await answering(words, 'Hm', [
      { type: 'assistant', regex, regexOptions: options, timeoutSeconds: 2 },
    ])
    const customer = await answering('Yes?', words, [
      { type: 'customer', regex, regexOptions: options, timeoutSeconds: 2 },
    ])
    const both = await answering(words, words, [
      {
        type: 'both',
        assistantRegex: regex,
        assistantRegexOptions: options,
        customerRegex: regex,
        customerRegexOptions: options,
        timeoutSeconds: 2,
      },
    ])
    for (const decided of [assistant, customer, both]) expect(decided).toEqual(fits ? ofRule(2000) : ofPlan)
  })

  it('[api-custom-rule-options] the two sides of a rule for both have options of their own', async () => {
    const rule = { type: 'both', assistantRegex: 'NUMBER', customerRegex: 'IT IS', timeoutSeconds: 2 }
    const options = [option('ignore-case')]
    const half = [{ ...rule, assistantRegexOptions: options }]
    const whole = [{ ...rule, assistantRegexOptions: options, customerRegexOptions: options }]
    expect(await answering('The number?', 'It is 5', half)).toEqual(ofPlan)
    expect(await answering('The number?', 'It is 5', whole)).toEqual(ofRule(2000))
  })

  it('[api-custom-rule-options] an option of another name is refused with its path', async () => {
    const rule = { type: 'customer', regex: 'a', regexOptions: [option('sticky')], timeoutSeconds: 1 }
    await expect(planOf(withRules([rule]))).rejects.toThrow(`${PATH}.regexOptions[0].type`)
  })
})

describe('several custom rules', () => {
  const rule = (regex: string, timeoutSeconds: number) => ({ type: 'customer', regex, timeoutSeconds })

  it.each([
    [['nothing', '555', '5'], 2000],
    [['5', '555', 'nothing'], 1000],
    [['nothing', 'none', '5'], 3000],
  ])('[api-custom-rule-first-match] of %j the first that fits decides: %d ms', async (regexes, waitMs) => {
    const rules = regexes.map((regex, place) => rule(regex, place + 1))
    expect(await answering('Yes?', 'It is 555', rules)).toEqual(ofRule(waitMs))
  })

  it('[api-custom-rule-first-match] a rule for both counts as one, whatever its sides say', async () => {
    const both = { type: 'both', assistantRegex: 'Yes', customerRegex: 'nothing', timeoutSeconds: 1 }
    const rules = [both, { type: 'assistant', regex: 'No', timeoutSeconds: 2 }, rule('555', 3)]
    expect(await answering('Yes?', 'It is 555', rules)).toEqual(ofRule(3000))
  })

  it('[custom-rules-place] stand in startSpeakingPlan, and are read at the top with a warning', async () => {
    const rules = [rule('table', 2)]
    const inside = await sayOnce(withRules(rules), 'I want a table')
    expect(decisionOf(inside)).toEqual({ by: 'custom-rule', waitMs: 2000, endedMs: 3000 })
    expect(warningsOf(inside)).toEqual([])
    const above = await sayOnce({ customEndpointingRules: rules }, 'I want a table')
    expect(decisionOf(above)).toEqual({ by: 'custom-rule', waitMs: 2000, endedMs: 3000 })
    expect(warningsOf(above)).toEqual([
      'customEndpointingRules is an old spelling; write startSpeakingPlan.customEndpointingRules',
    ])
  })

  it('[custom-rules-place] at both places, those in startSpeakingPlan count', async () => {
    const assistant = { ...withRules([rule('table', 2)]), customEndpointingRules: [rule('table', 5)] }
    expect(decisionOf(await sayOnce(assistant, 'I want a table')).waitMs).toBe(2000)
  })

  it('[api-custom-rule-regex-guard] one that takes over 50 ms is passed over with a warning', async () => {
    const words = `${'a'.repeat(40)}!`
    const call = await sayOnce(withRules([rule('(a+)+$', 3)]), words)
    expect(decisionOf(call)).toEqual({ by: 'livekit', waitMs: 100, endedMs: 1100 })
    expect(warningsOf(call)).toEqual(['a custom endpointing rule took over 50 ms and was ignored'])
  })

  it('[api-custom-rule-regex-guard] the other rules are tried all the same', async () => {
    const words = `${'a'.repeat(40)}!`
    for (const rules of [
      [rule('(a+)+$', 3), rule('!$', 2)],
      [rule('nothing', 1), rule('(a|a)*$', 3), rule('(a+)+$', 4), rule('!$', 2)],
    ]) {
      const call = await sayOnce(withRules(rules), words)
      expect(decisionOf(call)).toEqual({ by: 'custom-rule', waitMs: 2000, endedMs: 3000 })
      expect(warningsOf(call)).toHaveLength(1)
    }
  })
})

describe('the place of custom rules among the ways of endpointing', () => {
  const ways = [
    ['livekit', 'livekit', {}, { smartEndpointingPlan: livekit }],
    ['vapi', 'vapi', {}, { smartEndpointingPlan: { provider: 'vapi' } }],
    ['a transcriber’s end of turn', 'transcriber', { provider: 'deepgram', model: 'flux-general-en' }, {}],
    [
      'a transcription plan',
      'transcription',
      {},
      { transcriptionEndpointingPlan: { onPunctuationSeconds: 0.2 } },
    ],
    ['nothing', 'livekit', {}, {}],
    ['nothing, in Spanish', 'vapi', { language: 'es' }, {}],
  ] as const

  it.each(ways)(
    '[custom-rules-first, pipeline-priority-custom-rules, transcription-plan-rules-win] one that fits decides before %s',
    async (_name, _by, transcriber, plan) => {
      const rules = [{ type: 'customer', regex: 'table', timeoutSeconds: 2.2 }]
      const call = await sayOnce({ transcriber, ...withRules(rules, plan) }, 'I want a table.')
      expect(decisionOf(call)).toEqual({ by: 'custom-rule', waitMs: 2200, endedMs: 3200 })
    },
  )

  it.each(ways)(
    '[custom-rules-no-match] where none fits, the decision is left to %s',
    async (_name, by, transcriber, plan) => {
      const rules = [{ type: 'customer', regex: 'chair', timeoutSeconds: 2.2 }]
      const call = await sayOnce({ transcriber, ...withRules(rules, plan) }, 'I want a table.')
      const without = await sayOnce({ transcriber, ...withRules([], plan) }, 'I want a table.')
      expect(call.first('endpointing.decided').by).toBe(by)
      expect(decisionOf(call)).toEqual(decisionOf(without))
    },
  )

  it('[pipeline-priority-flux-openapi] with the API document’s reading Flux’s end of turn is not held up', async () => {
    const rules = [{ type: 'customer', regex: 'table', timeoutSeconds: 2.2 }]
    const transcriber = { provider: 'deepgram', model: 'flux-general-en' }
    const assistant = { transcriber, ...withRules(rules, {}) }
    const call = await sayOnce(assistant, 'I want a table.', { semantics: 'openapi' })
    expect(decisionOf(call)).toMatchObject({ by: 'transcriber', endedMs: 1000 })
    // With a smart plan beside it, Flux’s end of turn is off, and the rules count.
    const smart = { transcriber, ...withRules(rules) }
    const held = await sayOnce(smart, 'I want a table.', { semantics: 'openapi' })
    expect(decisionOf(held)).toEqual({ by: 'custom-rule', waitMs: 2200, endedMs: 3200 })
  })
})
