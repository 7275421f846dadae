import { describe, expect, it } from 'vitest'
import { readDocument } from '../../src/assistant/call-body.ts'
import { CallMembers } from '../../src/assistant/call-members.ts'
import type { Json } from '../../src/assistant/overrides.ts'
import { type LoadStored, noAccount, resolveCall } from '../../src/assistant/sources.ts'
import { step } from '../../src/engine/step.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

/** A call with these tools: the customer says one thing at 0 s, the model is asked at 1.1 s and answers at 1.6 s. */
function withTools(tools: string, rest: string, assistant = ''): Promise<SimulatedCall> {
  return runSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [${tools}] }${assistant} }
latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300, toolMs: 200 }
caller: [{ at: 0, say: "Book it.", lasts: 1 }]
${rest}`)
}

const book = (more: string) => `{ type: function, function: { name: book }, ${more} }`
const silent = '{ type: request-start, content: "" }'
const calls = (args = '{ day: monday }') =>
  `model: [{ reply: "", toolCalls: [{ name: book, arguments: ${args} }] }, { reply: "It is done." }]`
const spoken = (call: SimulatedCall) => call.all('assistant.speech.started').map(({ text }) => text)
const requests = (call: SimulatedCall) =>
  call.commands().flatMap(command => (command.type === 'model.request' ? [command] : []))
const runs = (call: SimulatedCall) =>
  call.commands().flatMap(command => (command.type === 'tool.run' ? [command] : []))

describe('function tools', () => {
  it('[api-tool-static-parameters] adds top-level parameters to the arguments, over the model’s, with variables filled in', async () => {
    const call = await runSimulation(`
assistant:
  model:
    provider: openai
    model: gpt-4o
    tools:
      - type: function
        function: { name: book, parameters: { type: object, properties: { day: { type: string }, shop: { type: string } }, required: [day, shop] } }
        parameters: [{ key: shop, value: "{{branch}}" }, { key: nested, value: { a: ["{{branch}}", 2] } }]
        messages: [${silent}]
assistantOverrides: { variableValues: { branch: Main Street } }
caller: [{ at: 0, say: "Book it.", lasts: 1 }]
${calls('{ day: monday, shop: other }')}`)
    expect(runs(call)[0]?.call.arguments).toEqual({
      day: 'monday',
      shop: 'Main Street',
      nested: { a: ['Main Street', 2] },
    })
    // What is fixed is not asked of the model.
    expect(requests(call)[0]?.tools[0]?.function.parameters).toEqual({
      type: 'object',
      properties: { day: { type: 'string' } },
      required: ['day'],
    })
  })

  it('[transient-flat-function-tool, transient-flat-tool-parameters] reads a flat tool like a nested one', async () => {
    const schema = '{ type: object, properties: { productId: { type: string } }, required: [productId] }'
    const flat = await withTools(
      `{ type: function, name: book, description: "Looks.", parameters: ${schema}, messages: [${silent}] }`,
      calls('{ productId: x }'),
    )
    const nested = await withTools(
      `{ type: function, function: { name: book, description: "Looks.", parameters: ${schema} }, messages: [${silent}] }`,
      calls('{ productId: x }'),
    )
    expect(requests(flat)[0]?.tools).toEqual(requests(nested)[0]?.tools)
    expect(requests(flat)[0]?.tools[0]?.function).toEqual({
      name: 'book',
      description: 'Looks.',
      parameters: { type: 'object', properties: { productId: { type: 'string' } }, required: ['productId'] },
    })
    expect(runs(flat)[0]?.call.arguments).toEqual({ productId: 'x' })
  })

  it('[api-tool-start-message] says the start message, a usual filler where none is set, nothing where it is empty', async () => {
    const said = await withTools(book('messages: [{ type: request-start, content: "Looking." }]'), calls())
    expect(spoken(said)).toEqual(['Looking.', 'It is done.'])
    const unset = await withTools('{ type: function, function: { name: book } }', calls())
    expect(spoken(unset)[0]).toMatch(/sec|moment/)
    expect(unset.all('assistant.speech.started')[0]).toMatchObject({ source: 'tool' })
    const empty = await withTools(book(`messages: [${silent}]`), calls())
    expect(spoken(empty)).toEqual(['It is done.'])
  })

  it('[api-tool-start-blocking] runs the tool when a blocking start message was heard, else at once', async () => {
    const message = (blocking: string) =>
      book(`messages: [{ type: request-start, content: "Ten chars."${blocking} }]`)
    const blocking = await withTools(message(', blocking: true'), calls())
    const heard = blocking.all('assistant.speech.stopped')[0]
    expect(heard).toMatchObject({ spokenText: 'Ten chars.' })
    expect(blocking.first('tool.completed').atMs).toBe((heard?.atMs ?? 0) + 200)
    const usual = await withTools(message(''), calls())
    expect(usual.first('tool.completed').atMs).toBe(usual.first('tool.called').atMs + 200)
  })

  it('[api-tool-start-blocking] takes a blocked tool back when the customer goes on before its message', async () => {
    const call = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [${book('messages: [{ type: request-start, content: "Ten chars.", blocking: true }]')}] } }
caller: [{ at: 0, say: "Book it.", lasts: 1 }, { at: 1.7, say: "No, wait.", lasts: 1 }]
model: [{ when: "No, wait", reply: "As you like." }, { reply: "", toolCalls: [{ name: book }] }]`)
    expect(runs(call)).toEqual([])
    expect(call.first('tool.completed').error).toContain('went on speaking')
    expect(spoken(call)).toEqual(['As you like.'])
  })

  it('[api-tool-delayed-message] says delayed messages at their times while the tool has not answered', async () => {
    const messages = `${silent}, { type: request-response-delayed, content: "Soon.", timingMilliseconds: 1000 }, { type: request-response-delayed, content: "Really soon.", timingMilliseconds: 5000 }, { type: request-response-delayed, content: "Never said.", timingMilliseconds: 9000 }`
    const call = await withTools(
      book(`messages: [${messages}]`),
      `${calls()}\ntools: { book: { result: ok, afterMs: 6000 } }`,
    )
    const from = call.first('tool.called').atMs
    const said = call.all('assistant.speech.started').map(({ text, atMs }) => [text, atMs - from])
    expect(said.slice(0, 2)).toEqual([
      ['Soon.', 1300],
      ['Really soon.', 5300],
    ])
    expect(spoken(call)).not.toContain('Never said.')
    const quick = await withTools(book(`messages: [${messages}]`), calls())
    expect(spoken(quick)).toEqual(['It is done.'])
    // Nothing is left of their timers.
    const set = call.commands().filter(({ type }) => type === 'timer.set')
    expect(set.length).toBeGreaterThan(0)
  })

  it.each([
    [99, true],
    [100, false],
    [120_000, false],
    [120_001, true],
  ])('[api-tool-delayed-message] takes delays of 100 to 120000 ms: %d', async (delay, refused) => {
    const tool = book(
      `messages: [{ type: request-response-delayed, content: "Soon.", timingMilliseconds: ${delay} }]`,
    )
    const call = withTools(tool, calls())
    if (refused) await expect(call).rejects.toThrow('timingMilliseconds')
    else await expect(call).resolves.toBeDefined()
  })

  it('[api-tool-complete-message] of role assistant stands in for the model, of role system it is a hint to the model', async () => {
    const said = await withTools(
      book(`messages: [${silent}, { type: request-complete, content: "All set." }]`),
      calls(),
    )
    expect(spoken(said)).toEqual(['All set.'])
    expect(requests(said)).toHaveLength(1)
    const hint = await withTools(
      book(`messages: [${silent}, { type: request-complete, role: system, content: "Be brief." }]`),
      calls(),
    )
    expect(spoken(hint)).toEqual(['It is done.'])
    expect(requests(hint)[1]?.messages.slice(-2)).toMatchObject([
      { role: 'tool', content: 'success' },
      { role: 'system', content: 'Be brief.' },
    ])
  })

  it('[api-tool-failed-message] is said when the tool fails; without it the model answers', async () => {
    const failing = 'tools: { book: { error: "no free time" } }'
    const said = await withTools(
      book(`messages: [${silent}, { type: request-failed, content: "Sorry." }]`),
      `${calls()}\n${failing}`,
    )
    expect(spoken(said)).toEqual(['Sorry.'])
    const unset = await withTools(book(`messages: [${silent}]`), `${calls()}\n${failing}`)
    expect(spoken(unset)).toEqual(['It is done.'])
    expect(requests(unset)[1]?.messages.at(-1)).toMatchObject({ role: 'tool', content: 'no free time' })
    const hint = await withTools(
      book(`messages: [${silent}, { type: request-failed, role: system, content: "Say sorry." }]`),
      `${calls()}\n${failing}`,
    )
    expect(requests(hint)[1]?.messages.at(-1)).toEqual({ role: 'system', content: 'Say sorry.' })
  })

  it('[api-tool-message-ends-call] hangs up after a message with endCallAfterSpokenEnabled', async () => {
    const call = await withTools(
      book(
        `messages: [${silent}, { type: request-complete, content: "Bye.", endCallAfterSpokenEnabled: true }]`,
      ),
      calls(),
    )
    expect(call.endedReason).toBe('assistant-ended-call-after-message-spoken')
    expect(call.first('call.ended').atMs).toBe(call.first('assistant.speech.stopped').atMs)
    // A hint to the model ends nothing (API: ignored if role is system).
    const hint = await withTools(
      book(
        `messages: [${silent}, { type: request-complete, role: system, content: "Bye.", endCallAfterSpokenEnabled: true }]`,
      ),
      calls(),
    )
    expect(hint.endedReason).toBe('customer-ended-call')
  })

  it.each([
    ['eq', 'party', '4', '{ party: 4 }', true],
    ['eq', 'party', '4', '{ party: 5 }', false],
    ['neq', 'party', '4', '{ party: 5 }', true],
    ['neq', 'party', '4', '{ party: 4 }', false],
    ['gt', 'party', '9', '{ party: 10 }', true],
    ['gt', 'party', '10', '{ party: 10 }', false],
    ['gte', 'party', '10', '{ party: 10 }', true],
    ['lt', 'party', '10', '{ party: 9 }', true],
    ['lt', 'party', '10', '{ party: 10 }', false],
    ['lte', 'party', '10', '{ party: 10 }', true],
    ['gt', 'party', '1', '{}', false],
    ['eq', 'who.name', 'Ann', '{ who: { name: Ann } }', true],
  ])(
    '[api-tool-message-conditions] %s of %s and %s for %s: %s',
    async (operator, param, value, args, said) => {
      const message = `{ type: request-complete, content: "Fits.", conditions: [{ operator: ${operator}, param: ${param}, value: "${value}" }] }`
      const call = await withTools(book(`messages: [${silent}, ${message}]`), calls(args))
      expect(spoken(call)).toEqual([said ? 'Fits.' : 'It is done.'])
    },
  )

  it('[api-tool-message-conditions] all must hold; of several fitting messages one is drawn', async () => {
    const both = (day: string) =>
      `{ type: request-complete, content: "Both.", conditions: [{ operator: eq, param: day, value: ${day} }, { operator: eq, param: party, value: "2" }] }`
    const tools = (day: string) => book(`messages: [${silent}, ${both(day)}]`)
    expect(spoken(await withTools(tools('monday'), calls('{ day: monday, party: 2 }')))).toEqual(['Both.'])
    expect(spoken(await withTools(tools('friday'), calls('{ day: monday, party: 2 }')))).toEqual([
      'It is done.',
    ])
    const variants = ['One.', 'Two.', 'Three.', 'Four.']
    const list = variants.map(content => `{ type: request-complete, content: "${content}" }`).join(', ')
    const turns = Array.from(
      { length: 8 },
      (_, turn) => `{ ${turn === 0 ? 'at: 0' : 'after: assistant, plus: 1'}, say: "Again.", lasts: 1 }`,
    )
    const drawn = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [${book(`messages: [${silent}, ${list}]`)}] } }
caller: [${turns.join(', ')}]
model: [${turns.map(() => '{ reply: "", toolCalls: [{ name: book }] }').join(', ')}]`)
    const said = new Set(spoken(drawn))
    expect(said.size).toBeGreaterThan(1)
    expect([...said].every(text => variants.includes(text))).toBe(true)
  })

  it('says the contents of the assistant’s language, else the first', async () => {
    const message =
      '{ type: request-complete, content: "Plain.", contents: [{ type: text, language: en, text: "English." }, { type: text, language: es, text: "Español." }] }'
    const tool = book(`messages: [${silent}, ${message}]`)
    const spanish = await withTools(tool, calls(), ', transcriber: { provider: deepgram, language: es-419 }')
    expect(spoken(spanish)).toEqual(['Español.'])
    expect(
      spoken(await withTools(tool, calls(), ', transcriber: { provider: deepgram, language: fr }')),
    ).toEqual(['English.'])
  })

  it('[api-tool-reply-message] a message of the server’s reply takes the place of the configured one', async () => {
    const tool = book(`messages: [${silent}, { type: request-complete, content: "Configured." }]`)
    const reply = (message: string, error = '') =>
      `${calls()}\ntools: { book: { ${error}message: ${message} } }`
    expect(
      spoken(await withTools(tool, reply('{ type: request-complete, content: "From the server." }'))),
    ).toEqual(['From the server.'])
    const failed = reply('{ type: request-failed, content: "It broke." }', 'error: no, ')
    expect(spoken(await withTools(tool, failed))).toEqual(['It broke.'])
    // One for the other outcome counts for nothing.
    const other = reply('{ type: request-failed, content: "It broke." }')
    expect(spoken(await withTools(tool, other))).toEqual(['Configured.'])
    const hint = reply('{ type: request-complete, role: system, content: "Hint." }')
    expect(requests(await withTools(tool, hint))[1]?.messages.at(-1)).toEqual({
      role: 'system',
      content: 'Hint.',
    })
  })

  it('[api-tool-async] an async tool is answered at once, without start, delayed and failed messages', async () => {
    const messages =
      '{ type: request-start, content: "Start." }, { type: request-response-delayed, content: "Delayed.", timingMilliseconds: 1000 }, { type: request-failed, content: "Failed." }'
    const call = await withTools(
      book(`async: true, messages: [${messages}]`),
      `${calls()}\ntools: { book: { error: no, afterMs: 4000 } }`,
    )
    expect(spoken(call)).toEqual(['It is done.'])
    expect(call.all('model.requested')[1]?.atMs).toBe(call.first('tool.called').atMs)
    expect(requests(call)[1]?.messages.at(-1)).toMatchObject({ role: 'tool', content: 'Success.' })
    // Its complete message is said at once, too (API).
    const complete = await withTools(
      book('async: true, messages: [{ type: request-complete, content: "On its way." }]'),
      `${calls()}\ntools: { book: { afterMs: 4000 } }`,
    )
    expect(spoken(complete)).toEqual(['On its way.'])
  })

  it('[api-tool-server-default-timeout, transient-tool-server-timeout] fails after server.timeoutSeconds, 20 unless set', async () => {
    const never = 'tools: { book: { afterMs: 1000000 } }'
    const usual = await withTools(book(`messages: [${silent}]`), `${calls()}\n${never}`)
    expect(usual.first('tool.completed')).toMatchObject({
      atMs: usual.first('tool.called').atMs + 20_000,
      error: 'book did not answer within 20 s',
    })
    const unset = await withTools(
      book(`server: { url: "https://example.com" }, messages: [${silent}]`),
      `${calls()}\n${never}`,
    )
    expect(unset.first('tool.completed').atMs).toBe(unset.first('tool.called').atMs + 20_000)
    const own = await withTools(
      book(`server: { url: "https://example.com", timeoutSeconds: 25 }, messages: [${silent}]`),
      `${calls()}\n${never}`,
    )
    expect(own.first('tool.completed').atMs).toBe(own.first('tool.called').atMs + 25_000)
    expect(spoken(own)).toEqual(['It is done.'])
    for (const seconds of [0, 301])
      await expect(
        withTools(book(`server: { url: "https://example.com", timeoutSeconds: ${seconds} }`), calls()),
      ).rejects.toThrow('timeoutSeconds')
  })

  it('[api-tool-client-side] a call that the client was told is not waited for; its answer comes by add-message', async () => {
    const call = await withTools(
      book(`messages: [${silent}]`),
      `${calls()}
tools: { book: { client: true } }
control: [{ at: 6, send: { type: add-message, message: { role: user, content: "booked for monday" } } }]`,
    )
    expect(call.all('tool.called')).toHaveLength(1)
    expect(call.all('tool.completed')).toHaveLength(0)
    expect(call.all('model.requested').map(({ atMs }) => atMs)).toEqual([1100, 6000])
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it('[api-tool-client-side] the answer of the client makes the model go on', async () => {
    const call = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [${book(`messages: [${silent}]`)}] } }
caller: [{ at: 0, say: "Book it.", lasts: 1 }, { at: 20, say: "Bye.", lasts: 1 }]
tools: { book: { client: true } }
control: [{ at: 6, send: { type: add-message, message: { role: user, content: "booked for monday" } } }]
model: [{ reply: "", toolCalls: [{ name: book }] }, { reply: "It is done." }, { reply: "Bye." }]`)
    expect(call.all('assistant.speech.started')[0]).toMatchObject({ text: 'It is done.', atMs: 6800 })
  })
})

describe('rejection plans', () => {
  const end = (conditions: string) => `{ type: endCall, rejectionPlan: { conditions: [${conditions}] } }`
  const ask = (words: string, conditions: string) =>
    runSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, messages: [{ role: system, content: "Be kind." }], tools: [${end(conditions)}] } }
caller: [{ at: 0, say: "${words}", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: endCall }] }, { reply: "Still here." }]`)
  const saysBye =
    "{ type: regex, regex: '(?i)\\b(bye|goodbye)\\b', target: { position: -1, role: user }, negate: true }"

  it.each([
    ['regex with negate, not said', 'Hello there.', saysBye, true],
    ['regex with negate, said', 'Okay, Goodbye.', saysBye, false],
    [
      'regex, a position from the start',
      'Is it?',
      "{ type: regex, regex: 'kind', target: { position: 0 } }",
      true,
    ],
    ['regex, the last message unless told', 'Is it?', "{ type: regex, regex: '\\?' }", true],
    [
      'liquid that gives true',
      'One.',
      '{ type: liquid, liquid: \'{% assign u = messages | where: "role", "user" %}{% if u.size < 2 %} true {% else %}false{% endif %}\' }',
      true,
    ],
    [
      'liquid with the last so many messages',
      'Cool thanks.',
      '{ type: liquid, liquid: \'{% assign r = messages | last: 5 %}{% for m in r %}{% if m.content contains "Cool" %}true{% endif %}{% endfor %}\' }',
      true,
    ],
    ['liquid that gives something else', 'One.', "{ type: liquid, liquid: 'perhaps' }", false],
    ['all of several', 'Is it?', "{ type: regex, regex: 'it' }, { type: regex, regex: 'no' }", false],
    [
      'a group of which one is enough',
      'Is it?',
      "{ type: group, operator: OR, conditions: [{ type: regex, regex: 'no' }, { type: regex, regex: 'it' }] }",
      true,
    ],
    [
      'a group of which all must fit',
      'Is it?',
      "{ type: group, operator: AND, conditions: [{ type: regex, regex: 'no' }, { type: regex, regex: 'it' }] }",
      false,
    ],
  ])('[api-tool-rejection-plan] %s', async (_name, words, conditions, rejected) => {
    const call = await ask(words, conditions)
    expect(call.endedReason).toBe(rejected ? 'customer-ended-call' : 'assistant-ended-call')
    if (!rejected) return
    expect(call.first('tool.completed').error).toContain('rejectionPlan')
    expect(requests(call)[1]?.messages.at(-1)).toMatchObject({
      role: 'tool',
      content: expect.stringContaining('not run'),
    })
    expect(spoken(call)).toEqual(['Still here.'])
  })

  it('lets a call through, with a warning, when a regex does not come to an end', async () => {
    const call = await ask(`${'a'.repeat(60)}!`, "{ type: regex, regex: '^(a+)+$' }")
    expect(call.endedReason).toBe('assistant-ended-call')
    expect(call.all('warning').map(({ message }) => message)).toContainEqual(expect.stringContaining('50 ms'))
  })

  it.each([
    ["{ type: regex, regex: '(' }", 'conditions[0].regex'],
    ['{ type: mood }', 'conditions[0].type'],
  ])('names the fault of %s', async (condition, path) => {
    await expect(ask('Hello.', condition)).rejects.toThrow(path)
  })
})

describe('variables of tools', () => {
  it('[api-tool-variable-extraction] are there for the rest of the call', async () => {
    const call = await runSimulation(`
assistant:
  endCallMessage: "Bye {{name}}."
  model:
    provider: openai
    model: gpt-4o
    tools:
      - type: function
        function: { name: look }
        messages: [${silent}, { type: request-complete, content: "Found {{name}}." }]
        variableExtractionPlan:
          schema: { type: object, properties: { name: { type: string } } }
          aliases: [{ key: greeting, value: "Hello {{$.name | upcase}}" }]
      - type: function
        function: { name: book }
        parameters: [{ key: who, value: "{{greeting}}" }]
        messages: [${silent}]
      - { type: endCall }
caller: [{ at: 0, say: "I am Ann.", lasts: 1 }, { after: assistant, plus: 1, say: "Book it.", lasts: 1 }]
tools: { look: { result: { name: Ann } } }
model: [{ reply: "", toolCalls: [{ name: look }] }, { reply: "", toolCalls: [{ name: book, arguments: {} }] }, { reply: "", toolCalls: [{ name: endCall }] }]`)
    expect(runs(call)[1]?.call.arguments).toEqual({ who: 'Hello ANN' })
    expect(spoken(call)).toEqual(['Found Ann.', 'Bye Ann.'])
    expect(call.result.ended.artifact.variableValues).toEqual({ name: 'Ann', greeting: 'Hello ANN' })
  })

  it('that cannot be taken out are warned about, and the call goes on', async () => {
    const call = await withTools(
      book(
        `messages: [${silent}], variableExtractionPlan: { schema: { type: object, properties: { name: {} } } }`,
      ),
      `${calls()}\ntools: { book: { result: "no JSON" } }`,
    )
    expect(call.all('warning').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('not JSON'),
    )
    expect(spoken(call)).toEqual(['It is done.'])
  })
})

describe('built-in tools', () => {
  it('[api-tool-end-call] endCall says its start message, else the endCallMessage, and hangs up', async () => {
    const end = (tool: string) =>
      runSimulation(`
assistant: { endCallMessage: "Goodbye!", model: { provider: openai, model: gpt-4o, tools: [${tool}] } }
caller: [{ at: 0, say: "Bye.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: endCall }] }]`)
    const usual = await end('{ type: endCall }')
    expect(spoken(usual)).toEqual(['Goodbye!'])
    expect(usual.endedReason).toBe('assistant-ended-call')
    const own = await end('{ type: endCall, messages: [{ type: request-start, content: "So long." }] }')
    expect(spoken(own)).toEqual(['So long.'])
  })

  it('[api-tool-voicemail] voicemail leaves its message and ends the call', async () => {
    const call = await withTools(
      '{ type: voicemail }',
      'model: [{ reply: "", toolCalls: [{ name: voicemail }] }]',
      ', voicemailMessage: "Please call back."',
    )
    expect(spoken(call)).toEqual(['Please call back.'])
    expect(call.endedReason).toBe('voicemail')
    expect(call.all('warning')).toEqual([])
  })

  it.each([
    ['api-tool-dtmf', 'dtmf', 'dtmf', '{ dtmf: "42#" }'],
    ['api-tool-sms', 'sms', 'sms', '{ to: "+15551234567", content: "See you." }'],
    ['api-tool-sip-request', 'sipRequest', 'sipRequest', '{ body: hello }'],
  ])('[%s] %s is recorded as a dry run', async (_rule, type, name, args) => {
    const call = await withTools(
      `{ type: ${type}, ${type === 'sipRequest' ? 'verb: INFO, ' : ''}messages: [${silent}] }`,
      `model: [{ reply: "", toolCalls: [{ name: ${name}, arguments: ${args} }] }, { reply: "Sent." }]`,
    )
    expect(call.first('tool.called')).toMatchObject({
      name,
      dryRun: true,
      arguments: runs(call)[0]?.call.arguments,
    })
    expect(call.first('tool.completed')).toMatchObject({ name, dryRun: true })
    expect(call.result.ended.artifact.messages).toContainEqual(
      expect.objectContaining({ role: 'tool_call_result', name, dryRun: true }),
    )
    expect(call.result.ended.artifact.messages).toContainEqual(
      expect.objectContaining({
        role: 'tool_calls',
        toolCalls: [expect.objectContaining({ name, arguments: runs(call)[0]?.call.arguments })],
      }),
    )
    expect(spoken(call)).toEqual(['Sent.'])
  })

  it.each([
    'google.calendar.event.create',
    'google.sheets.row.append',
    'slack.message.send',
    'gohighlevel.contact.get',
    'make',
  ])('%s is a dry run, called by its type with underscores', async type => {
    const name = type.replaceAll('.', '_')
    const call = await withTools(
      `{ type: ${type}, messages: [${silent}] }`,
      `model: [{ reply: "", toolCalls: [{ name: ${name}, arguments: {} }] }, { reply: "Done." }]`,
    )
    expect(call.first('tool.completed')).toMatchObject({ name, dryRun: true })
    expect(requests(call)[0]?.tools[0]?.function.name).toBe(name)
  })

  it('[api-keypad-input] keys become a message of the customer by the delimiter or after the time limit', async () => {
    const press = (plan: string, keys: string) =>
      runSimulation(`
assistant: { keypadInputPlan: { enabled: true${plan} } }
keys: [${keys}]
caller: [{ at: 30, say: "Bye.", lasts: 1 }]
model: [{ reply: "Thanks." }, { reply: "Bye." }]`)
    const asked = (call: SimulatedCall) => ({
      atMs: call.first('model.requested').atMs,
      message: requests(call)[0]?.messages.at(-1),
    })
    expect(asked(await press(', delimiters: "#"', '{ at: 2, press: "42" }, { at: 3, press: "7#" }'))).toEqual(
      {
        atMs: 3000,
        message: { role: 'user', content: '427' },
      },
    )
    expect(asked(await press('', '{ at: 2, press: "4" }, { at: 3, press: "2" }'))).toEqual({
      atMs: 5000,
      message: { role: 'user', content: '42' },
    })
    expect(asked(await press(', timeoutSeconds: 5', '{ at: 2, press: "4" }')).atMs).toBe(7000)
    expect(asked(await press(', timeoutSeconds: 0', '{ at: 2, press: "4" }')).atMs).toBe(2000)
    await expect(press(', timeoutSeconds: 11', '{ at: 2, press: "4" }')).rejects.toThrow('timeoutSeconds')
    const off = await runSimulation(`
keys: [{ at: 2, press: "42#" }]
caller: [{ at: 9, say: "Bye.", lasts: 1 }]
model: [{ reply: "Bye." }]`)
    expect(off.all('model.requested')).toHaveLength(1)
  })

  it('[api-tool-mcp] gives the model what the server of an mcp tool offers, with messages of each', async () => {
    const call = await withTools(
      '{ type: mcp, server: { url: "https://example.com/mcp" }, messages: [{ type: request-start, content: "Just a moment." }], toolMessages: [{ name: quiet, messages: [] }] }',
      `mcp: [{ name: search, description: "Searches.", inputSchema: { type: object, properties: { q: { type: string } } } }, { name: quiet }]
tools: { search: { result: found } }
model: [{ reply: "", toolCalls: [{ name: search, arguments: { q: x } }] }, { reply: "Here it is." }]`,
    )
    expect(requests(call)[0]?.tools.map(tool => tool.function)).toEqual([
      {
        name: 'search',
        description: 'Searches.',
        parameters: { type: 'object', properties: { q: { type: 'string' } } },
      },
      expect.objectContaining({ name: 'quiet' }),
    ])
    expect(call.first('tool.completed')).toMatchObject({ name: 'search', result: 'found' })
    expect(spoken(call)).toEqual(['Just a moment.', 'Here it is.'])
  })
})

describe('stored tools', () => {
  const stored = {
    id: 't1',
    type: 'function',
    name: 'book',
    description: 'Books.',
    parameters: { type: 'object' },
  }
  const compile = async (model: Json, loadStored: LoadStored) => {
    const configuration = await resolveCall(
      readDocument({ model: { provider: 'openai', ...model } }, 'test'),
      { origin: { name: 'test' }, loadStored },
    )
    if (configuration === null) throw new Error('nobody speaks')
    const options = {
      semantics: 'documentation',
      variables: {},
      epochMs: 0,
      id: 'c',
      type: 'webCall',
    } as const
    return (await CallMembers.create(configuration, options)).compiled[0].plan
  }

  it('[api-tool-ids, permanent-tool] are fetched by model.toolIds and are like inline ones', async () => {
    const asked: string[] = []
    const byId = await compile({ toolIds: ['t1'] }, async (kind, id) => {
      asked.push(`${kind} ${id}`)
      return stored
    })
    const inline = await compile({ tools: [stored] }, noAccount)
    expect(asked).toEqual(['tool t1'])
    expect(byId.model.tools).toEqual(inline.model.tools)
    expect(byId.tools).toEqual(inline.tools)
    expect(byId.model.tools[0]?.function).toMatchObject({ name: 'book', description: 'Books.' })
  })

  it('[api-tool-ids] are warned about where there is no account', async () => {
    const { warnings, tools } = await compile({ toolIds: ['t1'] }, noAccount)
    expect(tools).toEqual([])
    expect(warnings).toContainEqual(expect.stringMatching(/tool t1 .*without an account/))
  })
})

describe('bad tools', () => {
  it('calls that repeat an id, or have none, are told apart', async () => {
    const call = await withTools(
      book(`messages: [${silent}]`),
      'model: [{ reply: "", toolCalls: [{ name: book }, { name: book }] }, { reply: "It is done." }]',
    )
    const done = call.inputs.findIndex(({ type }) => type === 'model.done')
    const input = call.inputs[done]
    const { plan, state } = call.at(done)
    if (input?.type !== 'model.done') throw new Error('the model has not answered')
    const toolCalls = ['same', 'same', ''].map(id => ({ id, name: 'book', arguments: {} }))
    const { commands } = step(plan, state, { ...input, toolCalls })
    const called = commands.flatMap(command => (command.type === 'tool.run' ? [command.call.id] : []))
    expect(called).toEqual(['same', 'same-2', 'call-1'])
  })

  it('a call without a tool, and one with a used id, are answered like others', async () => {
    const call = await withTools(
      book(`messages: [${silent}]`),
      `model: [{ reply: "", toolCalls: [{ name: book }, { name: nothing }] }, { reply: "It is done." }]`,
    )
    expect(call.all('tool.completed').find(({ name }) => name === 'nothing')?.error).toContain('no tool')
    expect(call.all('model.requested')).toHaveLength(2)
  })

  it('a huge result is cut and told', async () => {
    const call = await withTools(
      book(`messages: [${silent}]`),
      `${calls()}\ntools: { book: { result: ${'x'.repeat(150_000)} } }`,
    )
    const result = requests(call)[1]?.messages.at(-1)?.content ?? ''
    expect(result.length).toBeLessThan(101_000)
    expect(result).toContain('(cut)')
    expect(call.all('warning').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('was cut'),
    )
  })

  it('one that answers after the end of the call is not heard', async () => {
    const call = await withTools(
      book(`messages: [${silent}]`),
      `${calls()}\ntools: { book: { afterMs: 15000 } }\ncontrol: [{ at: 5, send: { type: end-call } }]`,
    )
    expect(call.all('tool.completed')).toHaveLength(0)
    expect(call.endedReason).toBe('manually-canceled')
  })

  it('two tools of one name are told, and the first is called', async () => {
    const call = await withTools(
      `${book(`messages: [${silent}]`)}, ${book('messages: [{ type: request-start, content: "Second." }]')}`,
      calls(),
    )
    expect(call.all('warning').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('two tools named book'),
    )
    expect(spoken(call)).toEqual(['It is done.'])
  })
})
