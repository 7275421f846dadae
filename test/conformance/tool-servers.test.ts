import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readDocument } from '../../src/assistant/call-body.ts'
import { CallMembers } from '../../src/assistant/call-members.ts'
import type { Json } from '../../src/assistant/overrides.ts'
import { resolveCall } from '../../src/assistant/sources.ts'
import { createAssistants, type MemberParts } from '../../src/call/assistants.ts'
import { createLiveTools, type LiveToolOptions, type LiveTools } from '../../src/call/live/tools.ts'
import type { ToolOutcome, ToolRequest } from '../../src/engine/ports/tool-runner.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import {
  type FakeOpenAi,
  type FakeReply,
  jsonReply,
  rawReply,
  startFakeOpenAi,
} from '../support/fake-openai.ts'
import { runSimulation } from '../support/simulation.ts'

let server: FakeOpenAi
let http: HttpClient
const open: LiveTools[] = []

beforeEach(async () => {
  server = await startFakeOpenAi()
  http = createHttpClient()
})

afterEach(async () => {
  for (const tools of open.splice(0)) tools.close()
  http.close()
  await server.close()
})

const { signal } = new AbortController()

function liveTools(more: Partial<LiveToolOptions> = {}): LiveTools {
  const tools = createLiveTools({
    http,
    envelope: () => ({ call: { id: 'c1' } }),
    epochMs: Date.UTC(2026, 0, 5, 9),
    offline: false,
    allowCode: false,
    program: { name: 'vapi', version: '1' },
    ...more,
  })
  open.push(tools)
  return tools
}

const noParts: MemberParts = {
  models: [],
  voices: [],
  endOfTurn: null,
}

/** Compiles an assistant with these tools and runs the first of them, as a live call does. `URL` is the server. */
async function run(
  yaml: string,
  args: Record<string, unknown> = {},
  more: Partial<LiveToolOptions> & Partial<ToolRequest> = {},
): Promise<ToolOutcome> {
  const { purpose, messages, variables: _variables, ...options } = more
  const assistant: Json = { model: { provider: 'openai' }, ...parse(yaml.replaceAll('URL', server.url)) }
  const configuration = await resolveCall(readDocument(assistant, 'test'), {
    origin: { name: 'test' },
    loadStored: async () => {
      throw new Error('nothing is stored')
    },
  })
  if (configuration === null) throw new Error('nobody speaks')
  const tools = liveTools(options)
  const members = await CallMembers.create(configuration, {
    semantics: 'documentation',
    variables: { branch: 'Main Street' },
    epochMs: Date.UTC(2026, 0, 5, 9),
    id: 'c1',
    type: 'webCall',
    listMcpTools: tool => tools.listMcpTools(tool, signal),
  })
  const plan = members.compiled[0].plan.tools[0]
  const { members: ports } = createAssistants(members, () => noParts)
  const call = { id: 'call_1', name: plan?.name ?? '', arguments: { ...args, ...plan?.fixedArguments } }
  const request = ports[0]?.toolOf(0)
  if (request === undefined) throw new Error('there is no tool')
  return tools.run(
    {
      call,
      ...request,
      ...(purpose !== undefined && { purpose }),
      ...(messages !== undefined && { messages }),
    },
    signal,
  )
}

const book = (more: string) =>
  `model: { provider: openai, tools: [{ type: function, function: { name: book }${more} }] }`
const reply = (result: unknown) => jsonReply({ results: [{ toolCallId: 'call_1', result }] })
const sent = (place = 0) => server.requests[place]?.json as { message: Record<string, unknown> }

describe('a function tool', () => {
  it('[transient-tool-server-url, transient-tool-server-secret, api-tool-calls-shape] is posted to its own server with its secret', async () => {
    server.script(reply('booked'))
    const outcome = await run(
      `${book(', server: { url: "URL/own", secret: s3cret }, parameters: [{ key: shop, value: "{{branch}}" }]')}
server: { url: "URL/assistant" }`,
      { day: 'monday' },
    )
    expect(outcome).toEqual({ type: 'result', result: 'booked' })
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/own',
      headers: { 'x-vapi-secret': 's3cret', 'content-type': 'application/json' },
    })
    const values = { day: 'monday', shop: 'Main Street' }
    const item = {
      id: 'call_1',
      type: 'function',
      function: { name: 'book', arguments: values },
      name: 'book',
      arguments: values,
      parameters: values,
    }
    expect(sent().message).toMatchObject({
      type: 'tool-calls',
      call: { id: 'c1' },
      toolCallList: [item],
      toolWithToolCallList: [{ type: 'function', function: { name: 'book' }, toolCall: item }],
    })
    expect(JSON.stringify(sent())).not.toContain('s3cret')
  })

  it('[api-tool-results-by-id] takes the result of its own id; what is no text becomes one', async () => {
    server.script(
      jsonReply({
        results: [
          { toolCallId: 'other', result: 'not mine' },
          { toolCallId: 'call_1', result: { nine: true } },
        ],
      }),
    )
    expect(await run(book(', server: { url: URL }'))).toEqual({ type: 'result', result: '{"nine":true}' })
  })

  it('[web-function-call-result] a reply of one result is the result of the one call', async () => {
    server.script(jsonReply({ result: { orderId: 7, status: 'shipped' } }))
    expect(await run(book(', server: { url: URL }'))).toEqual({
      type: 'result',
      result: '{"orderId":7,"status":"shipped"}',
    })
  })

  it('[web-function-call-error] a reply of status 400 with an error fails with its text', async () => {
    server.script({ ...jsonReply({ error: 'Unknown function' }), status: 400 })
    expect(await run(book(', server: { url: URL }'))).toEqual({ type: 'error', error: 'Unknown function' })
  })

  it('[web-function-call-message] is told by function-call to a server that listens for that', async () => {
    server.script(jsonReply({ result: 'shipped' }))
    const outcome = await run(
      `${book(', server: { url: URL }')}\nserverMessages: [function-call, status-update]`,
      { orderId: 7 },
    )
    expect(outcome).toEqual({ type: 'result', result: 'shipped' })
    expect(sent().message).toMatchObject({
      type: 'function-call',
      functionCall: { name: 'book', parameters: { orderId: 7 } },
    })
  })

  it('[transient-tool-server-timeout] fails when its server is later than its time limit', async () => {
    server.answerWith(() => ({ steps: ['silence'] }))
    const outcome = await run(book(', server: { url: URL, timeoutSeconds: 1 }'))
    expect(outcome).toMatchObject({ type: 'error', error: expect.stringContaining('within 1 s') })
  })

  it('[api-tool-client-side] without any server is the client’s', async () => {
    expect(await run(book(''))).toMatchObject({
      type: 'client',
      warnings: [expect.stringContaining('no server')],
    })
  })

  it.each(['bash', 'computer', 'textEditor'])('of type %s is run by its server', async type => {
    server.script(reply('done'))
    const outcome = await run(
      `model: { provider: openai, tools: [{ type: ${type}, server: { url: URL } }] }`,
      {
        command: 'ls',
      },
    )
    expect(outcome).toEqual({ type: 'result', result: 'done' })
    expect(sent().message).toMatchObject({ type: 'tool-calls', toolCallList: [{ name: type }] })
  })

  it('is not called offline on another machine', async () => {
    const outcome = await run(book(', server: { url: "https://tools.example" }'), {}, { offline: true })
    expect(outcome).toMatchObject({ type: 'error', error: expect.stringContaining('offline') })
  })
})

describe('[api-tool-api-request] an apiRequest tool', () => {
  const api = (more: string) =>
    `model: { provider: openai, tools: [{ type: apiRequest, name: ask, ${more} }] }`

  it('[api-tool-api-request] sends its request with variables and arguments filled in, and gives the reply', async () => {
    server.script(jsonReply({ price: 5 }))
    const outcome = await run(
      api(
        'method: PUT, url: "URL/items/{{itemId}}?shop={{branch | url_encode}}", body: { type: object, properties: { itemId: { type: string }, shop: { type: string, value: "{{branch}}" } } }, headers: { type: object, properties: { X-Shop: { type: string, value: "{{branch}}" } } }, variableExtractionPlan: { aliases: [{ key: price, value: "{{$.price}} euros" }] }',
      ),
      { itemId: 'a1' },
    )
    expect(server.requests[0]).toMatchObject({
      method: 'PUT',
      path: '/items/a1?shop=Main+Street',
      headers: { 'x-shop': 'Main Street' },
      json: { itemId: 'a1', shop: 'Main Street' },
    })
    expect(outcome).toMatchObject({
      type: 'result',
      result: '{"price":5}',
      variables: { price: '5 euros' },
    })
  })

  it('[api-tool-api-request] tries again as its backoffPlan says, and tells what it got in the end', async () => {
    const down: FakeReply = { ...jsonReply({ fault: 'down' }), status: 503 }
    server.script(down, down, jsonReply({ ok: 1 }))
    const plan =
      'method: GET, url: URL, backoffPlan: { type: exponential, maxRetries: 2, baseDelaySeconds: 0.01 }'
    expect(await run(api(plan))).toMatchObject({ type: 'result', result: '{"ok":1}' })
    expect(server.requests).toHaveLength(3)
    server.script(down)
    const excluded = plan.replace('0.01', '0.01, excludedStatusCodes: [503]')
    expect(await run(api(excluded))).toMatchObject({
      type: 'error',
      error: expect.stringContaining('503 Service Unavailable: {"fault":"down"}'),
    })
    server.script(down)
    expect(await run(api('method: GET, url: URL'))).toMatchObject({ type: 'error' })
    expect(server.requests).toHaveLength(5)
  })

  it.each([
    [0, true],
    [1, false],
    [300, false],
    [301, true],
  ])('[api-tool-api-request] has 1 to 300 s, not %d', async (seconds, refused) => {
    server.answerWith(() => jsonReply({}))
    const outcome = run(api(`method: GET, url: URL, timeoutSeconds: ${seconds}`))
    if (refused) await expect(outcome).rejects.toThrow('timeoutSeconds')
    else expect(await outcome).toMatchObject({ type: 'result' })
  })

  it('[api-tool-api-request] fails when the reply is later than its time limit', async () => {
    server.answerWith(() => ({ steps: ['silence'] }))
    const outcome = await run(api('method: GET, url: URL, timeoutSeconds: 1'))
    expect(outcome).toMatchObject({ type: 'error' })
  })

  it('is not sent offline to another machine, nor to what is no address', async () => {
    expect(await run(api('method: GET, url: "https://x.example"'), {}, { offline: true })).toMatchObject({
      error: expect.stringContaining('offline'),
    })
    expect(await run(api('method: GET, url: "{{nothing}}"'))).toMatchObject({
      error: expect.stringContaining('not the address'),
    })
  })
})

describe('a code tool', () => {
  const code = (text: string, more = '') =>
    `model:\n  provider: openai\n  tools:\n    - type: code\n      function: { name: compute }\n${more}      code: |\n${text
      .split('\n')
      .map(line => `        ${line}`)
      .join('\n')}`
  const allowed = { allowCode: true }

  it('[api-tool-code] runs only with --allow-code', async () => {
    const outcome = await run(code('return 1'))
    expect(outcome).toMatchObject({ type: 'error', error: expect.stringContaining('--allow-code') })
  })

  it('[api-tool-code] gets its arguments and its own variables, and nothing of this program’s', async () => {
    process.env.SECRET_OF_THE_TEST = 'hidden'
    const outcome = await run(
      code(
        'const left = Object.keys(process.env).filter(name => name !== "NODE_OPTIONS")\nawait new Promise(resolve => setTimeout(resolve, 1))\nreturn { sum: args.a + args.b, key: env.KEY, left }',
        '      environmentVariables: [{ name: KEY, value: "{{branch}}" }]\n',
      ),
      { a: 1, b: 2 },
      allowed,
    )
    delete process.env.SECRET_OF_THE_TEST
    expect(outcome).toEqual({ type: 'result', result: '{"sum":3,"key":"Main Street","left":[]}' })
  })

  it('[api-tool-code] ends after its time limit, and tells what it threw', async () => {
    const late = await run(code('for (;;);', '      timeoutSeconds: 1\n'), {}, allowed)
    expect(late).toEqual({ type: 'error', error: 'the code did not end within 1 s' })
    expect(await run(code('throw new Error("no such customer")'), {}, allowed)).toEqual({
      type: 'error',
      error: 'no such customer',
    })
    expect(await run(code('return ('), {}, allowed)).toMatchObject({ type: 'error' })
    await expect(run(code('return 1', '      timeoutSeconds: 0\n'), {}, allowed)).rejects.toThrow(
      'timeoutSeconds',
    )
  })

  it('reads no file and starts no process', async () => {
    const outcome = await run(
      code(
        'const tried = []\nfor (const [name, call] of [["node:fs", fs => fs.readFileSync("/etc/hosts")], ["node:child_process", cp => cp.execSync("true")]]) {\n  try { call(await import(name)); tried.push("done") } catch (error) { tried.push(error.code) }\n}\nreturn tried',
      ),
      {},
      allowed,
    )
    expect(outcome).toEqual({ type: 'result', result: '["ERR_ACCESS_DENIED","ERR_ACCESS_DENIED"]' })
  })

  it('may leave something running, and its result is taken all the same', async () => {
    const outcome = await run(code('setInterval(() => {}, 1000)\nreturn "ok"'), {}, allowed)
    expect(outcome).toEqual({ type: 'result', result: 'ok' })
  })
})

describe('a query tool', () => {
  const messages = [{ role: 'user' as const, content: 'When do you open?' }]
  const query = 'tools: [{ type: query, function: { name: look } }]'

  it('[api-tool-query] asks the knowledge base by knowledge-base-request and gives its documents', async () => {
    server.script(
      jsonReply({
        documents: [
          { content: 'Closed on Sundays.', similarity: 0.4 },
          { content: 'Nine to five.', similarity: 0.9 },
        ],
      }),
    )
    const outcome = await run(
      `model: { provider: openai, knowledgeBase: { provider: custom-knowledge-base, server: { url: URL } }, ${query} }`,
      { query: 'hours' },
      { messages },
    )
    expect(sent().message).toMatchObject({
      type: 'knowledge-base-request',
      messages,
      messagesOpenAIFormatted: messages,
    })
    expect(outcome).toMatchObject({ type: 'result', result: 'Nine to five.\n\nClosed on Sundays.' })
  })

  it('[api-tool-query] a message of the reply is spoken, or told to the model', async () => {
    const own = `model: { provider: openai, tools: [{ type: query, function: { name: look }, server: { url: URL } }] }`
    server.script(jsonReply({ message: { type: 'custom-message', content: 'Nine to five.' } }))
    expect(await run(own, {}, { messages })).toMatchObject({
      type: 'result',
      message: { type: 'request-complete', content: 'Nine to five.' },
    })
    server.script(jsonReply({ message: { role: 'assistant', content: 'Nine to five.' } }))
    expect(await run(own, {}, { messages })).toMatchObject({ type: 'result', result: 'Nine to five.' })
    server.script({ ...jsonReply({}), status: 500 })
    expect(await run(own, {}, { messages })).toMatchObject({ type: 'error' })
  })

  it('[api-tool-query] whose files lie elsewhere is a dry run with a warning', async () => {
    const outcome = await run(
      'model: { provider: openai, tools: [{ type: query, knowledgeBases: [{ name: files, provider: google, fileIds: [f1] }] }] }',
      {},
      { messages },
    )
    expect(outcome).toMatchObject({ warnings: [expect.stringContaining('dry run')] })
  })

  it.each([
    'knowledgeBase: { provider: custom-knowledge-base, server: { url: "https://example.com" } }',
    'tools: [{ type: query }]',
  ])('[realtime-no-knowledge-base] %s is warned about with a realtime model', async configured => {
    const call = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-realtime-2025-08-28, ${configured} } }
caller: []`)
    expect(call.all('warning').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('knowledge bases are not available with the realtime model'),
    )
  })
})

describe('a destination that the server names', () => {
  const ask = { purpose: 'destination' as const }

  it('[api-tool-transfer-without-destinations] is asked for by transfer-destination-request', async () => {
    const destination = { type: 'number', number: '+15551234567' }
    server.script(jsonReply({ destination, message: { type: 'request-start', content: 'Wait.' } }))
    const outcome = await run(
      'model: { provider: openai, tools: [{ type: transferCall }] }\nserver: { url: URL }',
      {},
      ask,
    )
    expect(sent().message.type).toBe('transfer-destination-request')
    expect(outcome).toMatchObject({ type: 'destination', destination, message: { content: 'Wait.' } })
    server.script(jsonReply({ error: 'nobody is there' }))
    expect(
      await run(
        'model: { provider: openai, tools: [{ type: transferCall }] }\nserver: { url: URL }',
        {},
        ask,
      ),
    ).toEqual({ type: 'error', error: 'nobody is there' })
    expect(await run('model: { provider: openai, tools: [{ type: transferCall }] }', {}, ask)).toMatchObject({
      type: 'error',
      error: expect.stringContaining('no server'),
    })
  })

  it('[api-tool-handoff] is asked for by handoff-destination-request with the parameters of the call', async () => {
    const destination = { type: 'assistant', assistantName: 'sales' }
    server.script(jsonReply({ destination, result: 'Gone to sales.' }))
    const outcome = await run(
      'model: { provider: openai, tools: [{ type: handoff, destinations: [{ type: dynamic, server: { url: "URL/where" } }] }] }',
      { destination: 'dynamic', intent: 'buy' },
      ask,
    )
    expect(server.requests[0]?.path).toBe('/where')
    expect(sent().message).toMatchObject({
      type: 'handoff-destination-request',
      parameters: { intent: 'buy' },
    })
    expect(outcome).toMatchObject({
      type: 'destination',
      destination,
      result: 'Gone to sales.',
      variables: { intent: 'buy' },
    })
    server.script(jsonReply({ destination: {} }))
    const none = await run(
      'model: { provider: openai, tools: [{ type: handoff, destinations: [{ type: dynamic, server: { url: "URL/where" } }] }] }',
      {},
      ask,
    )
    expect(none).toMatchObject({ type: 'error' })
  })
})

interface Message {
  id?: number
  method: string
  params: Record<string, unknown>
}

/** What an MCP server answers to a message. */
function mcpAnswer({ id, method, params }: Message): unknown {
  const answers: Record<string, unknown> = {
    initialize: {
      protocolVersion: '2025-03-26',
      capabilities: { tools: {} },
      serverInfo: { name: 'x', version: '1' },
    },
    'tools/list':
      params.cursor === undefined
        ? {
            tools: [{ name: 'search', description: 'Searches.', inputSchema: { type: 'object' } }],
            nextCursor: 'more',
          }
        : { tools: [{ name: 'fetch' }] },
    'tools/call': { content: [{ type: 'text', text: `found ${JSON.stringify(params.arguments)}` }] },
  }
  return { jsonrpc: '2.0', id, result: answers[method] }
}

describe('an mcp tool', () => {
  const mcp = (more = '') =>
    `model: { provider: openai, tools: [{ type: mcp, server: { url: "URL/mcp", headers: { Authorization: Bearer x }, timeoutSeconds: 5 }${more} }] }`

  it.each(['application/json', 'text/event-stream'])(
    '[api-tool-mcp] lists and calls the tools of its server by Streamable HTTP, replies as %s',
    async type => {
      server.answerWith(({ json }) => {
        const message = json as Message
        if (message.id === undefined) return { status: 202, steps: [] }
        const answer = JSON.stringify(mcpAnswer(message))
        const body = type === 'application/json' ? answer : `event: message\ndata: ${answer}\n\n`
        return { headers: { 'content-type': type, 'mcp-session-id': 's1' }, steps: [body] }
      })
      expect(await run(mcp(), { q: 'x' })).toEqual({ type: 'result', result: 'found {"q":"x"}' })
      const methods = server.requests.map(({ json }) => (json as Message).method)
      expect(methods).toEqual([
        'initialize',
        'notifications/initialized',
        'tools/list',
        'tools/list',
        'tools/call',
      ])
      expect(server.requests.at(-1)).toMatchObject({
        headers: { 'mcp-session-id': 's1', authorization: 'Bearer x' },
        json: { params: { name: 'search', arguments: { q: 'x' } } },
      })
    },
  )

  it('[api-tool-mcp] and by the older event stream', async () => {
    const peer = await startStreamServer()
    try {
      const tool = mcp(', metadata: { protocol: sse }').replace('URL/mcp', `${peer.url}/sse`)
      expect(await run(tool, { q: 'x' })).toEqual({ type: 'result', result: 'found {"q":"x"}' })
      expect(peer.methods).toEqual([
        'initialize',
        'notifications/initialized',
        'tools/list',
        'tools/list',
        'tools/call',
      ])
    } finally {
      await peer.close()
    }
  })

  it.each(['shttp', 'sse'])(
    'whose server does not speak %s is warned about and offers nothing',
    async protocol => {
      server.answerWith(() => rawReply('no JSON', 'text/plain'))
      const told: string[] = []
      const configuration = await resolveCall(
        readDocument(
          parse(mcp(`, metadata: { protocol: ${protocol} }`).replaceAll('URL', server.url)),
          'test',
        ),
        { origin: { name: 'test' }, loadStored: async () => ({}) },
      )
      if (configuration === null) throw new Error('nobody speaks')
      const tools = liveTools()
      const { compiled } = await CallMembers.create(configuration, {
        semantics: 'documentation',
        variables: {},
        epochMs: 0,
        id: 'c1',
        type: 'webCall',
        listMcpTools: tool => tools.listMcpTools(tool, signal),
      })
      told.push(...compiled[0].plan.warnings)
      expect(told).toContainEqual(expect.stringContaining('does not tell its tools'))
      expect(compiled[0].plan.model.tools).toEqual([])
    },
  )
})

/** An MCP server of the older kind: one stream for all answers, and an address for messages. */
async function startStreamServer() {
  const methods: string[] = []
  let stream: ServerResponse | null = null
  const peer = createServer((request, response) => {
    if (request.method === 'GET') {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
      stream.write('event: endpoint\ndata: /messages?session=1\n\n')
      return
    }
    let body = ''
    request.on('data', piece => {
      body += piece
    })
    request.on('end', () => {
      const message = JSON.parse(body) as Message
      methods.push(message.method)
      response.writeHead(202).end()
      if (message.id !== undefined)
        stream?.write(`event: message\ndata: ${JSON.stringify(mcpAnswer(message))}\n\n`)
    })
  })
  await new Promise<void>(resolve => peer.listen(0, '127.0.0.1', resolve))
  const { port } = peer.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    methods,
    close: () =>
      new Promise<void>(resolve => {
        peer.close(() => resolve())
        peer.closeAllConnections()
      }),
  }
}
