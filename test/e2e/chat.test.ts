import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ApiServer, apiError, startApiServer } from '../support/api-server.ts'
import { type FakeReply, type FakeStep, jsonReply } from '../support/fake-openai.ts'
import { documentAbsent, loadOpenApiDocument, startOpenApiMock } from '../support/openapi-mock.ts'
import { jsonLines, temporaryFolder, vapi } from '../support/program.ts'
import { startInTerminal } from '../support/terminal.ts'

const ASSISTANT = '8f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a'
const CHAT = '45c48cce-2e2d-4fbd-aa1a-fc51c7c6ad26'

async function api(): Promise<ApiServer> {
  const server = await startApiServer()
  onTestFinished(() => server.close())
  return server
}

function envFor(url: string, key = 'private-key-1') {
  return { HOME: temporaryFolder(), VAPI_API_BASE_URL: url, ...(key !== '' && { VAPI_API_KEY: key }) }
}

/** A stream of these texts for output 0, as the API sends it. */
function stream(texts: readonly string[], { id = CHAT, after = [] as FakeStep[] } = {}): FakeReply {
  const events = texts.map(
    delta => `data: ${JSON.stringify({ id, path: 'chat.output[0].content', delta })}\n\n`,
  )
  return { headers: { 'content-type': 'text/event-stream' }, steps: [...events, ...after] }
}

const create = ['chat', 'create', '--assistant', ASSISTANT]
const bodies = (server: ApiServer) =>
  server.requests.filter(({ method }) => method === 'POST').map(({ json }) => json)

describe('one message', () => {
  it('is sent, and its reply printed as it comes', async () => {
    const server = await api()
    server.on('POST /chat', () => stream(['Good ', 'morning', '.']))
    const { stdout, stderr, code } = await vapi([...create, '--input', 'Hello', '--var', 'name=Ann'], {
      env: envFor(server.url),
    })
    expect({ stdout, code }).toEqual({ stdout: 'Good morning.\n', code: 0 })
    expect(stderr).toBe(`go on with: vapi chat continue ${CHAT} "…"\n`)
    expect(bodies(server)).toEqual([
      {
        assistantId: ASSISTANT,
        input: 'Hello',
        stream: true,
        assistantOverrides: { variableValues: { name: 'Ann' } },
      },
    ])
  })

  it('comes from a pipe, from a file, and goes into a session', async () => {
    const server = await api()
    server.on('POST /chat', () => stream(['Yes.']))
    const env = envFor(server.url)
    const folder = temporaryFolder()
    const input = [{ role: 'user', content: 'Are you there?' }]
    writeFileSync(join(folder, 'chat.yaml'), JSON.stringify({ input, assistant: { name: 'X' }, name: 'n' }))
    await vapi([...create, '--session', 's1'], { env, stdin: 'Hello\n' })
    await vapi(['chat', 'create', '--file', 'chat.yaml', '--squad', ASSISTANT], { env, cwd: folder })
    expect(bodies(server)).toEqual([
      { assistantId: ASSISTANT, sessionId: 's1', input: 'Hello', stream: true },
      { squadId: ASSISTANT, name: 'n', input, stream: true },
    ])
  })

  it('has several outputs on lines of their own', async () => {
    const server = await api()
    const event = (index: number, delta: string) =>
      `data: ${JSON.stringify({ id: CHAT, path: `chat.output[${index}].content`, delta })}\n\n`
    server.on('POST /chat', () => ({
      headers: { 'content-type': 'text/event-stream' },
      steps: [event(0, 'One moment.'), event(2, 'It is '), event(2, 'nine.')],
    }))
    const { stdout } = await vapi([...create, '--input', 'x', '-q'], { env: envFor(server.url) })
    expect(stdout).toBe('One moment.\nIt is nine.\n')
  })

  it('gives the whole chat as JSON, its text without a stream, and the events as lines', async () => {
    const server = await api()
    const chat = { id: CHAT, output: [{ role: 'assistant', content: 'Hi' }], unknown: { kept: true } }
    server.on('POST /chat', ({ json }) =>
      (json as { stream?: boolean }).stream === true ? stream(['Hi']) : jsonReply(chat, 201),
    )
    const env = envFor(server.url)
    const asked = [...create, '--input', 'x']
    const whole = await vapi([...asked, '--json'], { env })
    expect(JSON.parse(whole.stdout)).toEqual(chat)
    expect(whole.stderr).toBe('')
    expect((await vapi([...asked, '--no-stream', '-q'], { env })).stdout).toBe('Hi\n')
    expect((await vapi([...asked, '-o', 'id'], { env })).stdout).toBe(`${CHAT}\n`)
    expect((await vapi([...asked, '--jq', '.output[0].content'], { env })).stdout).toBe('"Hi"\n')
    const lines = await vapi([...asked, '-o', 'jsonl'], { env })
    expect(jsonLines(lines.stdout)).toEqual([{ id: CHAT, path: 'chat.output[0].content', delta: 'Hi' }])
  })

  it('keeps what came when the stream fails', async () => {
    const server = await api()
    const env = envFor(server.url)
    const error = 'data: {"statusCode":402,"message":"no credit","error":"Payment Required"}\n\n'
    server.fake.script(
      stream(['Good '], { after: [error] }),
      stream(['Good '], { after: ['cut'] }),
      stream([]),
      apiError(400, ['input should not be empty']),
    )
    const asked = [...create, '--input', 'x', '-q']
    const failed = await vapi(asked, { env })
    expect(failed).toMatchObject({ stdout: 'Good \n', code: 1 })
    expect(failed.stderr).toContain('error: the chat failed: no credit')
    const cut = await vapi(asked, { env })
    expect(cut).toMatchObject({ stdout: 'Good \n', code: 1 })
    expect(cut.stderr).toMatch(/^error: .*closed the connection/)
    expect(await vapi(asked, { env })).toMatchObject({ stdout: '', code: 1 })
    const refused = await vapi([...asked, '-o', 'jsonl'], { env })
    expect(refused.code).toBe(2)
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { status: 400 } })
  })

  it('is refused before anything is sent where something is missing or contradicts itself', async () => {
    const server = await api()
    const env = envFor(server.url)
    for (const argv of [
      ['chat', 'create', '--input', 'x'],
      [...create],
      [...create, '--input', ' '],
      [...create, '--input', 'x', '--squad', 's'],
      [...create, '--input', 'x', '--session', 's', '--previous', 'p'],
      [...create, '--input', 'x', '--name', 'n'.repeat(41)],
      [...create, '--input', 'x', '--var', 'name'],
    ]) {
      const { code, stdout, stderr } = await vapi(argv, { env })
      expect({ argv, code, stdout }).toEqual({ argv, code: 2, stdout: '' })
      expect(stderr).toMatch(/^error: /)
    }
    expect(server.requests).toEqual([])
    const anonymous = await vapi([...create, '--input', 'x'], { env: envFor(server.url, '') })
    expect(anonymous.code).toBe(4)
  })
})

describe('going on from a chat', () => {
  it('keeps the assistant, and names the chat before or its session', async () => {
    const server = await api()
    const env = envFor(server.url)
    server.on(`GET /chat/${CHAT}`, () => jsonReply({ id: CHAT, assistantId: ASSISTANT, sessionId: null }))
    const other = CHAT.replace('4', '5')
    server.on(`GET /chat/${other}`, () => jsonReply({ id: other, squadId: 'q', sessionId: 's1' }))
    server.on('POST /chat', () => stream(['Sure.']))
    const { stdout, code } = await vapi(['chat', 'continue', CHAT, 'And', 'on', 'Sunday?'], { env })
    expect({ stdout, code }).toEqual({ stdout: 'Sure.\n', code: 0 })
    await vapi(['chat', 'continue', other, '-'], { env, stdin: 'From a pipe' })
    expect(bodies(server)).toEqual([
      { assistantId: ASSISTANT, previousChatId: CHAT, input: 'And on Sunday?', stream: true },
      { squadId: 'q', sessionId: 's1', input: 'From a pipe', stream: true },
    ])
  })

  it('fails with 5 where there is no such chat', async () => {
    const server = await api()
    const { code } = await vapi(['chat', 'continue', CHAT, 'Hi'], { env: envFor(server.url) })
    expect(code).toBe(5)
  })
})

const document = loadOpenApiDocument()

it.skipIf(document === false)(
  `sends what the API's document allows${document === false ? ` (skipped: ${documentAbsent})` : ''}`,
  async () => {
    if (document === false) return
    const mock = await startOpenApiMock({ document })
    onTestFinished(() => mock.close())
    const env = envFor(mock.url)
    const asked = [...create, '--input', 'Hi', '--name', 'n', '--var', 'name=Ann']
    expect(await vapi([...asked, '-q'], { env })).toMatchObject({ code: 0 })
    expect(await vapi([...asked, '--json'], { env })).toMatchObject({ code: 0 })
    expect(await vapi(['chat', 'continue', CHAT, 'Hi', '-q'], { env })).toMatchObject({ code: 0 })
    expect(mock.violations).toEqual([])
    expect(mock.requests.map(({ operation }) => operation)).toEqual([
      'POST /chat',
      'POST /chat',
      'GET /chat/{id}',
      'POST /chat',
    ])
  },
)

describe('a conversation in the terminal', () => {
  it('chains its chats, begins anew, stops a reply at Ctrl-C, and ends at /exit', async () => {
    const server = await api()
    server.fake.script(
      stream(['Hello there.'], { id: 'c1' }),
      stream(['Long sto'], { id: 'c2', after: ['silence'] }),
      stream(['Third.'], { id: 'c3' }),
      stream(['Fourth.'], { id: 'c4' }),
    )
    const run = startInTerminal(create, { env: envFor(server.url) })
    await run.waitFor('you> ')
    run.type('Hi\r')
    await run.waitFor(/Hello there\.\s+you> /)
    run.type('Tell me a story\r')
    await run.waitFor('Long sto')
    run.press('ctrl-c')
    await run.waitFor(/stopped; .*\s+you> /)
    run.type('Again\r')
    await run.waitFor(/Third\.\s+you> /)
    run.type('/new\r')
    await run.waitFor(/a new chat begins\s+you> /)
    run.type('/help\r')
    await run.waitFor(/there is no \/help.*\s+you> /)
    run.type('Fresh\r')
    await run.waitFor(/Fourth\.\s+you> /)
    run.type('/exit\r')
    expect((await run.finished).code).toBe(0)
    const common = { assistantId: ASSISTANT, stream: true }
    expect(bodies(server)).toEqual([
      { ...common, input: 'Hi' },
      { ...common, input: 'Tell me a story', previousChatId: 'c1' },
      { ...common, input: 'Again', previousChatId: 'c1' },
      { ...common, input: 'Fresh' },
    ])
    await server.fake.requests[1]?.abandoned
  })

  it('survives a failing chat, keeps escape codes off the screen, and ends with 130 at Ctrl-C', async () => {
    const server = await api()
    server.fake.script(apiError(400, ['input is too long']), stream(['a\u001b]0;evil\u0007b'], { id: 'c1' }))
    const run = startInTerminal(create, { env: envFor(server.url) })
    await run.waitFor('you> ')
    run.type('One\r')
    await run.waitFor(/error: .*too long[\s\S]*you> /)
    run.type('Two\r')
    await run.waitFor(/a]0;evilb\s+you> /)
    expect(run.raw()).not.toContain('\u001b]0;evil')
    run.press('ctrl-c')
    expect((await run.finished).code).toBe(130)
    expect(bodies(server)[1]).not.toHaveProperty('previousChatId')
  })

  it('asks with whom, where nothing says it', async () => {
    const server = await api()
    server.list('/assistant', {
      rows: [
        { id: ASSISTANT, createdAt: '2026-01-02T00:00:00Z', name: 'Reception' },
        { id: CHAT, createdAt: '2026-01-01T00:00:00Z', name: 'Billing' },
      ],
      shape: 'array',
    })
    server.on('POST /chat', () => stream(['Billing here.']))
    const run = startInTerminal(['chat', 'create'], { env: envFor(server.url) })
    await run.waitFor('Reception')
    run.press('down', 'enter')
    await run.waitFor('you> ')
    run.type('Hi\r')
    await run.waitFor(/Billing here\.\s+you> /)
    run.press('ctrl-d')
    expect((await run.finished).code).toBe(0)
    expect(bodies(server)).toEqual([{ assistantId: CHAT, input: 'Hi', stream: true }])
  })
})
