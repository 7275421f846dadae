import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startApiServer } from '../support/api-server.ts'
import {
  type FakeOpenAi,
  type FakeReply,
  type FakeRequest,
  jsonReply,
  rawReply,
  startFakeOpenAi,
} from '../support/fake-openai.ts'
import { temporaryFolder, vapi } from '../support/program.ts'

const TOOL = '8f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a'
const CREDENTIAL = '45c48cce-2e2d-4fbd-aa1a-fc51c7c6ad26'

async function peer(answer: (request: FakeRequest) => FakeReply): Promise<FakeOpenAi> {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  server.answerWith(answer)
  return server
}

const env = () => ({ HOME: temporaryFolder() })

/** Writes a tool to a file and gives its folder. */
function toolFile(tool: object): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'tool.json'), JSON.stringify(tool))
  return folder
}

function functionTool(url: string, more: object = {}, server: object = {}) {
  return {
    type: 'function',
    function: {
      name: 'book',
      parameters: { type: 'object', properties: { day: { type: 'string' } }, required: ['day'] },
    },
    server: { url, ...server },
    ...more,
  }
}

interface Sent {
  message: { type: string; toolCallList: { id: string; function: { name: string; arguments: object } }[] }
}

const callOf = (request: FakeRequest) => (request.json as Sent).message.toolCallList[0]
const booked = (request: FakeRequest) =>
  jsonReply({ results: [{ toolCallId: callOf(request)?.id, result: 'booked' }] })

async function test(folder: string, ...argv: string[]) {
  return vapi(['tool', 'test', 'tool.json', ...argv], { cwd: folder, env: env() })
}

describe('a tool with a server', () => {
  it('gets the documented message with its headers and secret, and its reply is shown', async () => {
    const server = await peer(booked)
    const folder = toolFile(
      functionTool(
        `${server.url}/hook`,
        { parameters: [{ key: 'caller', value: '{{customer.number}} {{who}}' }] },
        { secret: 's3cret', headers: { 'X-Team': 'voice' } },
      ),
    )
    const { stdout, stderr, code } = await test(folder, '--args', '{"day":"Friday"}', '--var', 'who=Ann')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^POST http:\S+\/hook: tool-calls book\n200 OK in \d+ ms \(limit 20 s\)\nresult: booked\nok\n$/,
    )
    const [request] = server.requests
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook',
      headers: { 'content-type': 'application/json', 'x-vapi-secret': 's3cret', 'x-team': 'voice' },
      json: { message: { type: 'tool-calls', call: { type: 'inboundPhoneCall' }, assistant: {} } },
    })
    if (request === undefined) throw new Error('nothing was sent')
    expect(callOf(request)?.function).toEqual({
      name: 'book',
      arguments: { day: 'Friday', caller: '+15550100123 Ann' },
    })
    expect(request.body).not.toContain('s3cret')
  })

  it('that answers in the wrong shape is told so, with 3', async () => {
    const server = await peer(() => jsonReply({ results: [{ toolCallId: 'mine', result: { a: 1 } }] }))
    const folder = toolFile(functionTool(server.url))
    const { stdout, stderr, code } = await test(folder)
    expect(code).toBe(3)
    expect(stdout).toContain('error: results[0].toolCallId: "mine" is not the id of a call of this request')
    expect(stdout).toContain('warning: results[0].result: it is an object')
    expect(stdout).not.toMatch(/^ok$/m)
    expect(stderr).toMatch(/^warning: --args: the arguments must have required property 'day'\n$/)
    const json = await test(folder, '--args', '{"day":"Friday"}', '--json')
    expect(json).toMatchObject({ code: 3, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: 200,
      sent: 'tool-calls book',
      limitSeconds: 20,
      reply: { results: [{ toolCallId: 'mine' }] },
      findings: expect.arrayContaining([
        expect.objectContaining({ level: 'error', path: 'results[0].toolCallId' }),
      ]),
    })
  })

  it('that fails, moved, is not there or is late gives 1', async () => {
    const server = await peer(request =>
      request.path === '/slow'
        ? { steps: [], delayMs: 30_000 }
        : request.path === '/moved'
          ? { status: 302, headers: { location: 'https://x.test/' }, steps: [] }
          : rawReply('boom', 'text/plain', 500),
    )
    const folder = toolFile(functionTool(server.url, {}, { timeoutSeconds: 1 }))
    const args = ['--args', '{"day":"x"}']
    const failed = await test(folder, ...args)
    expect(failed.code).toBe(1)
    expect(failed.stdout).toMatch(/500 Internal Server Error[\s\S]*reply: boom\nerror: the status is 500/)
    const moved = await test(folder, ...args, '--url', `${server.url}/moved`)
    expect(moved.code).toBe(1)
    expect(moved.stdout).toContain('it moved to https://x.test/')
    const late = await test(folder, ...args, '--url', `${server.url}/slow`)
    expect(late).toMatchObject({ code: 1, stdout: '' })
    expect(late.stderr).toMatch(/error: .* did not answer within 1 s .*\nhint: .*timeoutSeconds/)
    const absent = await test(folder, ...args, '--url', 'http://127.0.0.1:9')
    expect(absent).toMatchObject({ code: 1, stdout: '' })
    expect(absent.stderr).toMatch(/^error: .*\nhint: /)
  })

  it('that is async needs no reply', async () => {
    const server = await peer(() => rawReply('', 'text/plain'))
    const { code, stderr } = await test(
      toolFile(functionTool(server.url, { async: true })),
      '--args',
      '{"day":"x"}',
    )
    expect(code).toBe(0)
    expect(stderr).toContain('the tool is async')
  })
})

describe('authentication', () => {
  it('signs with the plan of the stored credential and the key that is given', async () => {
    const server = await peer(booked)
    const api = await startApiServer()
    onTestFinished(() => api.close())
    const tool = { ...functionTool(server.url, {}, { credentialId: CREDENTIAL }), id: TOOL }
    api.on(`GET /tool/${TOOL}`, () => jsonReply(tool))
    api.on(`GET /credential/${CREDENTIAL}`, () =>
      jsonReply({
        id: CREDENTIAL,
        authenticationPlan: {
          type: 'hmac',
          secretKey: '***',
          algorithm: 'sha512',
          signatureHeader: 'x-sig',
          includeTimestamp: false,
          payloadFormat: '{body}',
        },
      }),
    )
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'key.txt'), 'the-key\n')
    const login = { ...env(), VAPI_API_KEY: 'private-key-1', VAPI_API_BASE_URL: api.url }
    const argv = ['tool', 'test', TOOL, '--args', '{"day":"x"}']
    const signed = await vapi([...argv, '--hmac-secret', '@key.txt'], { env: login, cwd: folder })
    expect(signed.code).toBe(0)
    const [request] = server.requests
    expect(request?.headers['x-sig']).toBe(
      createHmac('sha512', 'the-key')
        .update(request?.body ?? '')
        .digest('hex'),
    )
    expect(request?.headers).not.toHaveProperty('x-timestamp')

    const refused = await vapi(argv, { env: login })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/whose secret the API does not give\nhint: add --hmac KEY/)
    const without = await vapi([...argv, '--no-auth'], { env: login })
    expect(without.code).toBe(0)
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]?.headers).not.toHaveProperty('x-sig')
  })

  it('sends a token, and never shows it', async () => {
    const server = await peer(booked)
    const folder = toolFile(functionTool(`${server.url}/?token=t0psecret`))
    const { stdout, stderr } = await test(folder, '--bearer', 'b3arer', '--secret', 's3cret', '--debug')
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer b3arer',
      'x-vapi-secret': 's3cret',
    })
    expect(stdout + stderr).not.toMatch(/b3arer|s3cret|t0psecret/)
  })
})

describe('an apiRequest tool', () => {
  const tool = (url: string) => ({
    type: 'apiRequest',
    name: 'order',
    method: 'POST',
    url: `${url}/orders/{{order}}`,
    headers: { type: 'object', properties: { 'x-key': { type: 'string', value: 'k-{{customer.number}}' } } },
    body: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
    variableExtractionPlan: { aliases: [{ key: 'state', value: '{{ $.data.state | upcase }}' }] },
  })

  it('makes its request and shows what is taken out of the reply', async () => {
    const server = await peer(() => jsonReply({ data: { state: 'sent' } }))
    const { stdout, code } = await test(toolFile(tool(server.url)), '--args', '{"order":"A7"}')
    expect(code).toBe(0)
    expect(stdout).toContain('variables: {"state":"SENT"}\nok\n')
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/orders/A7',
      headers: { 'x-key': 'k-+15550100123' },
      json: { order: 'A7' },
    })
  })

  it('gives 3 where nothing can be taken out, and 1 where its server fails', async () => {
    const html = await peer(() => rawReply('<p>', 'text/html'))
    expect((await test(toolFile(tool(html.url)), '--args', '{"order":"A7"}')).code).toBe(3)
    const broken = await peer(() => jsonReply({}, 503))
    expect((await test(toolFile(tool(broken.url)), '--args', '{"order":"A7"}')).code).toBe(1)
  })
})

describe('what cannot be tested', () => {
  it.each([
    ['endCall', 'it acts on a running call'],
    ['code', 'the platform runs its code'],
    ['mcp', 'in another protocol (MCP)'],
    ['google.sheets.row.append', 'an account that is connected there'],
  ])('%s says why, with 2', async (type, reason) => {
    const { code, stdout, stderr } = await test(toolFile({ type }))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(reason)
  })

  it.each([
    ['a type that there is not', { type: 'functoin' }, []],
    ['no tool at all', { name: 'x' }, []],
    ['a tool without a server', { type: 'function', function: { name: 'x' } }, []],
    ['arguments that are no JSON', functionTool('http://127.0.0.1:9'), ['--args', '{day}']],
    ['arguments that are no object', functionTool('http://127.0.0.1:9'), ['--args', '[1]']],
    ['an address of another kind', functionTool('http://127.0.0.1:9'), ['--url', 'ftp://x']],
  ])('%s is wrong usage', async (_, tool, argv) => {
    const { code, stderr } = await test(toolFile(tool), ...argv)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*\nhint: /)
  })

  it('is a file that is not there (5), and a stored tool without a login (4)', async () => {
    expect((await vapi(['tool', 'test', 'nothing.json'], { env: env() })).code).toBe(5)
    expect((await vapi(['tool', 'test', 'book'], { env: env() })).code).toBe(4)
  })
})

it('tool types lists all types as the API has them', async () => {
  const { stdout, code } = await vapi(['tool', 'types', '--json'], { env: env() })
  expect(code).toBe(0)
  const types = JSON.parse(stdout) as { type: string; creatable: boolean; required: string[] }[]
  expect(types.filter(({ creatable }) => creatable)).toHaveLength(23)
  expect(types.find(({ type }) => type === 'bash')?.required).toContain('subType=bash_20241022')
})
