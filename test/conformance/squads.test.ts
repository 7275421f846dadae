import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseScenario } from '../../src/call/scenario.ts'
import { base, type SimulatedCall, simulateScenario } from '../support/simulation.ts'

/** Runs a scenario; every assistant of its squad starts from the usual settings of the rules' tests. */
async function run(yaml: string): Promise<SimulatedCall> {
  const { squad, assistant, ...given } = parse(yaml)
  const usual = (own: object) => ({ ...base.assistant, ...own })
  const members = (list: { assistant?: object }[]) =>
    list.map(member => ({
      ...member,
      ...(member.assistant !== undefined && { assistant: usual(member.assistant) }),
    }))
  const speaker =
    assistant !== undefined
      ? { assistant: usual(assistant) }
      : { squad: Array.isArray(squad) ? members(squad) : { ...squad, members: members(squad.members) } }
  const { assistant: _assistant, ...rest } = base
  return simulateScenario(parseScenario({ ...rest, ...given, ...speaker }, 'test.yaml'))
}

const model = (prompt: string, tools = '') =>
  `model: { provider: openai, model: gpt-4o, messages: [{ role: system, content: "${prompt}" }]${tools} }`
const first = 'firstMessageMode: assistant-speaks-first'
/** The desk hands over to sales in the given way, and sales has the given settings. */
const pair = (destination: string, sales: string, tools = '') => `
squad:
  members:
    - assistant: { name: desk, ${model('You are the desk.', tools)}, voice: { provider: openai, voiceId: alloy } }
      assistantDestinations: [${destination}]
    - assistant: { name: sales, ${model('You sell.')}, voice: { provider: openai, voiceId: nova }, ${sales} }
caller: [{ at: 0, say: "Sales please.", lasts: 1 }, { after: assistant, plus: 2, say: "Thanks.", lasts: 1 }]`
const transferring = (more = '') => `{ type: assistant, assistantName: sales${more} }`
const toSales = '{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: sales } }] }'
const requests = (call: SimulatedCall) =>
  call.commands().flatMap(command => (command.type === 'model.request' ? [command] : []))
const spoken = (call: SimulatedCall) => call.all('assistant.speech.started').map(({ text }) => text)
const changes = (call: SimulatedCall) => call.all('assistant.changed').map(({ from, to }) => [from, to])
const texts = (messages: { role: string; content: string | null }[] | undefined) =>
  messages?.map(({ role, content }) => `${role}: ${content ?? '(call)'}`)

describe('squads', () => {
  it('[api-squad-first-member-starts, squad-member-inline, squad-as-a-list] the first member of a list begins', async () => {
    const call = await run(`
squad:
  - assistant: { name: desk, ${first}, firstMessage: "The desk." }
  - assistant: { name: sales, ${first}, firstMessage: "Sales." }
caller: []`)
    expect(call.first('call.started').assistantName).toBe('desk')
    expect(spoken(call)).toEqual(['The desk.'])
  })

  it('[squad-assistant-destinations, api-squad-assistant-changed, transfer-to-assistant] hands over to the member that is named, in the same call', async () => {
    const call = await run(`${pair(transferring(), `${first}, firstMessage: "Sales here."`)}
model: [${toSales}, { reply: "You are welcome." }]`)
    expect(changes(call)).toEqual([['desk', 'sales']])
    expect(spoken(call)).toEqual(['Transferring the call now', 'Sales here.', 'You are welcome.'])
    expect(call.all('call.started')).toHaveLength(1)
    expect(call.endedReason).toBe('customer-ended-call')
    // Each speaks with a voice of its own.
    expect(call.all('voice.requested').map(({ voice }) => voice)).toEqual([
      'openai/alloy',
      'openai/nova',
      'openai/nova',
    ])
    expect(call.all('assistant.changed')[0]?.atMs).toBe(call.all('assistant.speech.stopped')[0]?.atMs)
  })

  it('[squad-no-destinations] a member with no destinations has nobody to hand over to', async () => {
    const call = await run(`
squad:
  - { assistant: { name: desk, ${model('You are the desk.')} }, assistantDestinations: [] }
  - { assistant: { name: sales } }
caller: [{ at: 0, say: "Sales please.", lasts: 1 }]
model: [${toSales}, { reply: "I cannot." }]`)
    expect(requests(call)[0]?.tools).toEqual([])
    expect(call.first('tool.completed').error).toContain('no tool named transferCall')
    expect(changes(call)).toEqual([])
  })

  it('[api-squad-transfer-message-default] announces itself, unless the message is another or empty', async () => {
    const sales = 'firstMessageMode: assistant-waits-for-user'
    const say = async (more: string) =>
      spoken(await run(`${pair(transferring(more), sales)}\nmodel: [${toSales}, { reply: "Yes." }]`))
    expect(await say('')).toEqual(['Transferring the call now', 'Yes.'])
    expect(await say(', message: "One moment, sales is coming."')).toEqual([
      'One moment, sales is coming.',
      'Yes.',
    ])
    expect(
      await say(
        ', message: { type: custom-message, contents: [{ type: text, language: en, text: "Hold on." }] }',
      ),
    ).toEqual(['Hold on.', 'Yes.'])
    const silent = await run(`${pair(transferring(', message: ""'), `${first}, firstMessage: "Sales here."`)}
model: [${toSales}, { reply: "Yes." }]`)
    expect(spoken(silent)).toEqual(['Sales here.', 'Yes.'])
  })

  it('[api-squad-first-message-again] a member that is entered again says its first message again', async () => {
    const call = await run(`
squad:
  - assistant: { name: desk, ${first}, firstMessage: "The desk." }
    assistantDestinations: [{ type: assistant, assistantName: sales, message: "" }]
  - assistant: { name: sales, ${first}, firstMessage: "Sales." }
    assistantDestinations: [{ type: assistant, assistantName: desk, message: "" }]
caller: [{ after: assistant, plus: 1, say: "Sales.", lasts: 1 }, { after: assistant, plus: 1, say: "Back.", lasts: 1 }]
model: [${toSales}, { reply: "", toolCalls: [{ name: transferCall, arguments: { destination: desk } }] }]`)
    expect(spoken(call)).toEqual(['The desk.', 'Sales.', 'The desk.'])
    expect(changes(call)).toEqual([
      ['desk', 'sales'],
      ['sales', 'desk'],
    ])
  })

  describe('keeps the history', () => {
    const historyAfter = async (more: string, tools = '') => {
      const call =
        await run(`${pair(transferring(`, message: "Wait."${more}`), 'firstMessageMode: assistant-waits-for-user', tools)}
model: [${toSales}, { reply: "You are welcome." }]`)
      return { messages: texts(requests(call)[1]?.messages), artifact: call.result.ended.artifact }
    }
    const told = [
      'user: Sales please.',
      'assistant: Wait.',
      'assistant: (call)',
      'tool: Handed over to sales.',
    ]

    it('[api-squad-rolling-history] whole, with the new system message after it', async () => {
      const whole = ['system: You are the desk.', ...told, 'system: You sell.', 'user: Thanks.']
      expect((await historyAfter('')).messages).toEqual(whole)
      expect((await historyAfter(', transferMode: rolling-history')).messages).toEqual(whole)
    })

    it('[api-squad-swap-system-message] with the new system message in the place of the old one', async () => {
      const { messages } = await historyAfter(', transferMode: swap-system-message-in-history')
      expect(messages).toEqual(['system: You sell.', ...told, 'user: Thanks.'])
    })

    it('[api-squad-swap-and-remove-transfer] without the messages of the transfer', async () => {
      const { messages } = await historyAfter(
        ', transferMode: swap-system-message-in-history-and-remove-transfer-tool-messages',
      )
      expect(messages).toEqual([
        'system: You sell.',
        'user: Sales please.',
        'assistant: Wait.',
        'user: Thanks.',
      ])
    })

    it('[api-squad-delete-history] not at all', async () => {
      const { messages, artifact } = await historyAfter(', transferMode: delete-history')
      expect(messages).toEqual(['system: You sell.', 'user: Thanks.'])
      // The record of the call is whole all the same.
      expect(artifact.transcript).toBe('User: Sales please.\nAI: Wait.\nUser: Thanks.\nAI: You are welcome.')
    })
  })

  it('[api-squad-override-order] applies member, membersOverrides and squadOverrides, variables key by key', async () => {
    const call = await run(`
squad:
  members:
    - assistant: { name: desk, ${first}, firstMessage: "{{a}} {{b}} {{c}}", silenceTimeoutSeconds: 11 }
      assistantOverrides: { silenceTimeoutSeconds: 12, maxDurationSeconds: 100, endCallMessage: member, variableValues: { a: 1, b: 1, c: 1 } }
  membersOverrides: { silenceTimeoutSeconds: 13, maxDurationSeconds: 200, variableValues: { b: 2, c: 2 } }
squadOverrides: { silenceTimeoutSeconds: 14, variableValues: { c: 3 } }
caller: [{ at: 60, say: late, lasts: 1 }]`)
    expect(spoken(call)).toEqual(['1 2 3'])
    expect(call.endedReason).toBe('silence-timed-out')
    expect(call.first('call.ended').atMs).toBe(call.first('assistant.speech.stopped').atMs + 14_000)
  })

  it('[api-squad-names-unique] refuses two members of one name', async () => {
    await expect(
      run('squad: [{ assistant: { name: desk } }, { assistant: { name: desk } }]\ncaller: []'),
    ).rejects.toThrow('both named "desk"')
  })

  it('refuses a destination that nobody has the name of, and a hand-over to oneself', async () => {
    await expect(run(`${pair(transferring().replace('sales', 'sails'), first)}\nmodel: []`)).rejects.toThrow(
      'no member named sails; there are desk, sales',
    )
    await expect(run(`${pair(transferring().replace('sales', 'desk'), first)}\nmodel: []`)).rejects.toThrow(
      'hands the call over to the assistant itself',
    )
  })

  it('stops assistants that pass the call on to each other without a word of the customer', async () => {
    const silent = (to: string) => `[{ type: assistant, assistantName: ${to}, message: "" }]`
    const speaks = 'firstMessageMode: assistant-speaks-first-with-model-generated-message'
    const on = (to: string) =>
      `{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: ${to} } }] }`
    const replies = Array.from({ length: 11 }, (_, turn) => on(turn % 2 === 0 ? 'sales' : 'desk'))
    const call = await run(`
squad:
  - { assistant: { name: desk, ${speaks} }, assistantDestinations: ${silent('sales')} }
  - { assistant: { name: sales, ${speaks} }, assistantDestinations: ${silent('desk')} }
caller: [{ at: 25, say: "Hello?", lasts: 1 }]
model: [${replies.join(', ')}, { reply: "How can I help?" }, { reply: "Yes?" }]`)
    expect(changes(call)).toHaveLength(10)
    expect(call.all('tool.completed').at(-1)?.error).toContain('handed over 10 times')
    expect(spoken(call)).toEqual(['How can I help?', 'Yes?'])
  })

  it('waits with the hand-over for the other tools of the same reply', async () => {
    const tools =
      ', tools: [{ type: function, function: { name: look }, messages: [{ type: request-start, content: "" }] }]'
    const call =
      await run(`${pair(transferring(', message: ""'), `${first}, firstMessage: "Sales here."`, tools)}
tools: { look: { result: found, afterMs: 3000 } }
model: [{ reply: "", toolCalls: [{ name: look }, { name: transferCall, arguments: { destination: sales } }, { name: transferCall, arguments: { destination: sales } }] }, { reply: "Yes." }]`)
    expect(call.first('assistant.changed').atMs).toBe(call.first('tool.called').atMs + 3000)
    expect(texts(requests(call)[1]?.messages)).toContain('tool: found')
    expect(call.all('tool.completed').map(({ error }) => error)).toContainEqual(
      expect.stringContaining('being transferred already'),
    )
    expect(changes(call)).toHaveLength(1)
  })

  it('takes the transfer back when the customer goes on before its words', async () => {
    const call = await run(`
squad:
  - assistant: { name: desk }
    assistantDestinations: [{ type: assistant, assistantName: sales, message: "One moment." }]
  - assistant: { name: sales }
caller: [{ at: 0, say: "Sales please.", lasts: 1 }, { at: 1.7, say: "No, wait.", lasts: 1 }]
model: [{ when: "No, wait", reply: "As you like." }, ${toSales}]`)
    expect(changes(call)).toEqual([])
    expect(spoken(call)).toEqual(['As you like.'])
    expect(call.first('tool.completed').error).toContain('went on speaking')
  })
})

const transferTool = (destinations: string, more = '') =>
  `{ type: transferCall, destinations: [${destinations}]${more} }`
const phone = (more = '') =>
  `{ type: number, number: "+15551234567", description: "the emergency line"${more} }`
const lone = (tool: string, rest: string) =>
  run(`
assistant: { name: desk, ${model('You are the desk.', `, tools: [${tool}]`)} }
caller: [{ at: 0, say: "Help!", lasts: 1 }]
${rest}`)
const dial =
  'model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: "+15551234567" } }] }, { reply: "Sorry." }]'

describe('transfers', () => {
  it('[transfer-tool-destinations, transfer-description-for-the-model] the model is told the destinations and what they are for', async () => {
    const call = await lone(
      transferTool(`${phone()}, { type: sip, sipUri: "sip:a@example.com", description: "the office" }`),
      dial,
    )
    const tool = requests(call)[0]?.tools[0]?.function
    expect(tool?.name).toBe('transferCall')
    expect(tool?.parameters).toMatchObject({
      properties: { destination: { enum: ['+15551234567', 'sip:a@example.com'] } },
      required: ['destination'],
    })
    expect(tool?.description).toContain('+15551234567: the emergency line')
    expect(tool?.description).toContain('sip:a@example.com: the office')
  })

  it('[transfer-to-number, transfer-message-spoken] says the message, then ends as forwarded: a recorded dry run', async () => {
    const plan =
      ', callerId: "+15550000000", message: "Stay on the line.", transferPlan: { mode: warm-transfer-say-message, message: "A customer." }'
    const call = await lone(transferTool(phone(plan)), dial)
    expect(spoken(call)).toEqual(['Stay on the line.'])
    const started = call.first('transfer.started')
    expect(started).toMatchObject({
      destination: { type: 'number', number: '+15551234567', callerId: '+15550000000' },
      mode: 'warm-transfer-say-message',
      operatorMessage: 'A customer.',
      dryRun: true,
    })
    expect(started.atMs).toBe(call.first('assistant.speech.stopped').atMs)
    expect(call.first('tool.completed')).toMatchObject({ dryRun: true, name: 'transferCall' })
    expect(call.endedReason).toBe('assistant-forwarded-call')
    expect(call.result.ended.artifact.transfers).toMatchObject([
      { destination: { number: '+15551234567' }, status: 'completed', dryRun: true },
    ])
  })

  it.each([
    ['says the fallback and ends', '', 'call.in-progress.error-transfer-failed', ['Wait.', 'Nobody there.']],
    [
      'goes on where endCallEnabled is false',
      ', endCallEnabled: false',
      'customer-ended-call',
      ['Wait.', 'Nobody there.'],
    ],
  ])('that fail: %s', async (_name, more, endedReason, said) => {
    const plan = `, message: "Wait.", transferPlan: { mode: blind-transfer, fallbackPlan: { message: "Nobody there."${more} } }`
    const call = await lone(transferTool(phone(plan)), `${dial}\ntools: { transferCall: { error: busy } }`)
    expect(spoken(call)).toEqual(said)
    expect(call.endedReason).toBe(endedReason)
    expect(call.first('transfer.failed')).toMatchObject({ message: 'busy', dryRun: true })
    expect(call.result.ended.artifact.transfers).toMatchObject([{ status: 'failed' }])
  })

  it('that fail without a fallback are told to the model', async () => {
    const call = await lone(
      transferTool(phone(', message: ""')),
      `${dial}\ntools: { transferCall: { error: busy } }`,
    )
    expect(spoken(call)).toEqual(['Sorry.'])
  })

  it('to a destination that is not there are told to the model', async () => {
    const call = await lone(
      transferTool(`${phone()}, { type: sip, sipUri: "sip:a@example.com" }`),
      'model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: nobody } }] }, { reply: "Sorry." }]',
    )
    expect(call.first('tool.completed').error).toBe(
      'there is no destination nobody; there are +15551234567, sip:a@example.com',
    )
    expect(spoken(call)).toEqual(['Sorry.'])
  })

  it('to an assistant that the call does not have are warned about, and told to the model', async () => {
    const call = await lone(
      transferTool('{ type: assistant, assistantName: support }'),
      'model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: support } }] }, { reply: "Sorry." }]',
    )
    expect(call.all('warning').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('no other assistant in this call'),
    )
    expect(spoken(call)).toEqual(['Sorry.'])
  })

  it('[api-tool-transfer-without-destinations] ask the server for the destination, its message or its error', async () => {
    const ask = (answer: string) =>
      lone(
        transferTool('', ', messages: [{ type: request-start, content: "" }]'),
        `model: [{ reply: "", toolCalls: [{ name: transferCall }] }, { reply: "Sorry." }]\ntools: { transferCall: ${answer} }`,
      )
    const done = await ask(
      '{ destination: { type: number, number: "+15557654321", message: "To the office." } }',
    )
    expect(spoken(done)).toEqual(['To the office.'])
    expect(done.first('transfer.started').destination).toMatchObject({ number: '+15557654321' })
    expect(done.endedReason).toBe('assistant-forwarded-call')
    const worded = await ask(
      '{ destination: { type: number, number: "+15557654321", message: "Not this." }, message: { type: request-start, content: "This." } }',
    )
    expect(spoken(worded)).toEqual(['This.'])
    const refused = await ask('{ error: "outside office hours" }')
    expect(spoken(refused)).toEqual(['Sorry.'])
    expect(texts(requests(refused)[1]?.messages)?.at(-1)).toBe('tool: outside office hours')
  })
})

describe('handoff tools', () => {
  const handoff = (destinations: string, more = '') =>
    `{ type: handoff, destinations: [${destinations}]${more}, messages: [{ type: request-start, content: "" }] }`
  const go = (name: string, args = '{ destination: sales }') =>
    `model: [{ reply: "", toolCalls: [{ name: ${name}, arguments: ${args} }] }, { reply: "Yes." }]`
  const squad = (tool: string, sales = `${first}, firstMessage: "Sales here."`) => `
squad:
  - assistant: { name: desk, ${model('You are the desk.', `, tools: [${tool}]`)} }
  - assistant: { name: sales, ${model('You sell to {{name}}.')}, ${sales} }
caller: [{ at: 0, say: "Sales please.", lasts: 1 }, { after: assistant, plus: 2, say: "Thanks.", lasts: 1 }]
`
  const sales = (more = '') => `{ type: assistant, assistantName: sales, description: "wants to buy"${more} }`

  it('[api-tool-handoff] hand over by name, under handoff_to_<name>', async () => {
    const call = await run(`${squad(handoff(sales()))}${go('handoff_to_sales')}`)
    expect(changes(call)).toEqual([['desk', 'sales']])
    expect(spoken(call)).toEqual(['Sales here.', 'Yes.'])
    expect(requests(call)[0]?.tools[0]?.function).toMatchObject({
      name: 'handoff_to_sales',
      description: expect.stringContaining('sales: wants to buy'),
      parameters: { properties: { destination: { enum: ['sales'] } }, required: ['destination'] },
    })
    const silent = await run(`${squad(handoff(sales(), ', function: { name: to_sales }'))}${go('to_sales')}`)
    expect(changes(silent)).toEqual([['desk', 'sales']])
  })

  it('[api-tool-handoff] hand over to an inline assistant, one with overrides, and a squad', async () => {
    const inline = await lone(
      handoff(
        `{ type: assistant, assistant: { name: agent, ${first}, firstMessage: "Agent here.", voice: { provider: openai, voiceId: nova } } }`,
      ),
      go('handoff_to_agent', '{ destination: agent }'),
    )
    expect(changes(inline)).toEqual([['desk', 'agent']])
    expect(spoken(inline)).toEqual(['Agent here.'])
    const overridden = await run(
      `${squad(handoff(sales(', assistantOverrides: { firstMessage: "Hello {{name}}.", variableValues: { name: Ann } }')))}${go('handoff_to_sales')}`,
    )
    expect(spoken(overridden)[0]).toBe('Hello Ann.')
    const members = `[{ assistant: { name: greeter } }, { assistant: { name: seller, ${first}, firstMessage: "I sell." } }]`
    const team = await lone(
      handoff(`{ type: squad, squad: { members: ${members} }, entryAssistantName: seller }`),
      go('handoff_to_seller', '{ destination: seller }'),
    )
    expect(changes(team)).toEqual([['desk', 'seller']])
    expect(spoken(team)).toEqual(['I sell.'])
  })

  it('[api-tool-handoff] hand over to whom the server names, or to nobody with its error', async () => {
    const ask = (answer: string) =>
      lone(
        handoff('{ type: dynamic, server: { url: "https://example.com" } }'),
        `${go('handoff_to_dynamic', '{ destination: dynamic }')}\ntools: { handoff_to_dynamic: ${answer} }`,
      )
    const inline = await ask(
      `{ destination: { type: assistant, assistant: { name: agent, ${first}, firstMessage: "Agent here.", ${model('You are an agent.')} }, contextEngineeringPlan: { type: none } } }`,
    )
    expect(changes(inline)).toEqual([['desk', 'agent']])
    expect(spoken(inline)).toEqual(['Agent here.'])
    const refused = await ask('{ error: "no agent is free" }')
    expect(changes(refused)).toEqual([])
    expect(refused.first('tool.completed').error).toBe('no agent is free')
    expect(spoken(refused)).toEqual(['Yes.'])
    const broken = await ask('{ destination: { type: assistant, assistantName: nobody } }')
    expect(broken.first('tool.completed').error).toContain('none named nobody')
  })

  it('squads that lead to each other in a circle, inline and by overrides, come to an end', async () => {
    const back =
      '{ type: handoff, destinations: [{ type: assistant, assistantName: desk, assistantOverrides: { firstMessage: "Again." } }], messages: [{ type: request-start, content: "" }] }'
    const call = await run(`
squad:
  - assistant: { name: desk, ${model('You are the desk.', `, tools: [${handoff(sales(', assistantOverrides: { firstMessage: "Over." }'))}]`)} }
  - assistant: { name: sales, ${model('You sell.', `, tools: [${back}]`)}, ${first} }
caller: [{ at: 0, say: "Sales please.", lasts: 1 }]
${go('handoff_to_sales')}`)
    expect(changes(call)).toEqual([['desk', 'sales']])
    expect(spoken(call)).toEqual(['Over.'])
  })

  it('take variables from the call’s arguments for the next assistant', async () => {
    const plan =
      ', variableExtractionPlan: { schema: { type: object, properties: { name: { type: string, description: "who calls" } } }, aliases: [{ key: greeting, value: "Dear {{name}}" }] }'
    const call = await run(
      `${squad(handoff(sales(plan)), `${first}, firstMessage: "{{greeting}}, welcome."`)}${go('handoff_to_sales', '{ destination: sales, name: Ann }')}`,
    )
    expect(requests(call)[0]?.tools[0]?.function.parameters).toMatchObject({
      properties: { name: { description: 'who calls' } },
      required: ['destination'],
    })
    expect(spoken(call)[0]).toBe('Dear Ann, welcome.')
    expect(texts(requests(call)[1]?.messages)).toContain('system: You sell to Ann.')
    expect(call.result.ended.artifact.variableValues).toEqual({ name: 'Ann', greeting: 'Dear Ann' })
  })

  describe('[api-tool-handoff-context]', () => {
    const tools = (plan: string) => handoff(sales(plan === '' ? '' : `, contextEngineeringPlan: ${plan}`))
    const historyAfter = async (plan: string) => {
      const look =
        '{ type: function, function: { name: look }, messages: [{ type: request-start, content: "" }] }'
      const call = await run(`
squad:
  - assistant: { name: desk, ${model('You are the desk.', `, tools: [${look}, ${tools(plan)}]`)} }
  - assistant: { name: sales, ${model('You sell.')}, firstMessageMode: assistant-waits-for-user }
caller: [{ at: 0, say: "What is there?", lasts: 1 }, { after: assistant, plus: 1, say: "Sales please.", lasts: 1 }, { at: 20, say: "Thanks.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: look }] }, { reply: "Much." }, { reply: "", toolCalls: [{ name: handoff_to_sales }] }, { reply: "Yes." }]`)
      return texts(requests(call).at(-1)?.messages)
    }
    const everything = [
      'system: You are the desk.',
      'user: What is there?',
      'assistant: (call)',
      'tool: success',
      'assistant: Much.',
      'user: Sales please.',
      'assistant: (call)',
      'tool: Handed over to sales.',
      'system: You sell.',
      'user: Thanks.',
    ]

    it.each([
      ['all messages by default', '', everything],
      ['all messages', '{ type: all }', everything],
      ['none', '{ type: none }', ['system: You sell.', 'user: Thanks.']],
      [
        'the last two',
        '{ type: lastNMessages, maxMessages: 2 }',
        ['system: You sell.', 'assistant: Much.', 'user: Sales please.', 'user: Thanks.'],
      ],
      ['the last none', '{ type: lastNMessages, maxMessages: 0 }', ['system: You sell.', 'user: Thanks.']],
      [
        'those of user and assistant',
        '{ type: userAndAssistantMessages }',
        [
          'system: You sell.',
          'user: What is there?',
          'assistant: Much.',
          'user: Sales please.',
          'user: Thanks.',
        ],
      ],
      [
        'those from before the assistant that hands over',
        '{ type: previousAssistantMessages }',
        ['system: You sell.', 'user: Thanks.'],
      ],
    ])('[api-tool-handoff-context] gives %s', async (_name, plan, expected) => {
      expect(await historyAfter(plan)).toEqual(expected)
    })

    it('[api-tool-handoff-context] of previousAssistantMessages keeps what came before the one that hands over', async () => {
      const on = (name: string, plan = '') => handoff(`{ type: assistant, assistantName: ${name}${plan} }`)
      const waits = 'firstMessageMode: assistant-waits-for-user'
      const call = await run(`
squad:
  - assistant: { name: desk, ${model('You are the desk.', `, tools: [${on('cards')}]`)} }
  - assistant: { name: cards, ${model('You take cards.', `, tools: [${on('sales', ', contextEngineeringPlan: { type: previousAssistantMessages }')}]`)}, ${waits} }
  - assistant: { name: sales, ${model('You sell.')}, ${waits} }
caller: [{ at: 0, say: "I pay.", lasts: 1 }, { at: 5, say: "My card is 42.", lasts: 1 }, { at: 10, say: "Thanks.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: handoff_to_cards }] }, { reply: "", toolCalls: [{ name: handoff_to_sales }] }, { reply: "Yes." }]`)
      expect(texts(requests(call).at(-1)?.messages)).toEqual([
        'system: You sell.',
        'system: You are the desk.',
        'user: I pay.',
        'assistant: (call)',
        'tool: Handed over to cards.',
        'user: Thanks.',
      ])
    })
  })
})
