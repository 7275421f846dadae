import { createHmac } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ApiServer, startApiServer } from '../support/api-server.ts'
import {
  type FakeOpenAi,
  type FakeReply,
  type FakeRequest,
  jsonReply,
  rawReply,
  startFakeOpenAi,
} from '../support/fake-openai.ts'
import { documentAbsent, loadOpenApiDocument, startOpenApiMock } from '../support/openapi-mock.ts'
import { temporaryFolder, vapi } from '../support/program.ts'
import { startInTerminal } from '../support/terminal.ts'

const ids = {
  desk: '8f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a',
  bare: '9f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a',
  book: '45c48cce-2e2d-4fbd-aa1a-fc51c7c6ad26',
  line: '3c59dc04-8e88-4502-93a5-1f0e2d3c4b5a',
}
const createdAt = '2026-01-01T00:00:00.000Z'

/** An organisation with two assistants, a tool and a phone number, which remembers what is patched. */
async function organisation(org?: object): Promise<ApiServer> {
  const server = await startApiServer()
  onTestFinished(() => server.close())
  const stored: Record<string, Record<string, unknown>[]> = {
    '/assistant': [
      {
        id: ids.desk,
        createdAt,
        name: 'Desk',
        server: {
          url: 'https://x.test/desk',
          credentialId: 'c1',
          headers: { Authorization: 'Bearer s3cret', 'X-Team': 'voice' },
        },
        model: {
          tools: [{ type: 'function', function: { name: 'inner' }, server: { url: 'https://x.test/in' } }],
        },
      },
      { id: ids.bare, createdAt, name: 'Bare' },
    ],
    '/tool': [
      {
        id: ids.book,
        createdAt,
        type: 'function',
        function: { name: 'book', parameters: { type: 'object', properties: { n: { type: 'integer' } } } },
        server: { url: 'https://x.test/book', timeoutSeconds: 45 },
      },
    ],
    '/phone-number': [
      { id: ids.line, createdAt, provider: 'vapi', number: '+15550100199', serverUrl: 'https://x.test/line' },
    ],
  }
  for (const [path, rows] of Object.entries(stored)) {
    server.on(`GET ${path}`, () => jsonReply(rows))
    for (const row of rows) {
      server.on(`GET ${path}/${row.id}`, () => jsonReply(row))
      server.on(`PATCH ${path}/${row.id}`, ({ json }) => {
        Object.assign(row, json)
        return jsonReply(row)
      })
    }
  }
  if (org !== undefined) server.on('GET /org', () => jsonReply([org]))
  return server
}

const envFor = ({ url }: { url: string }) => ({
  HOME: temporaryFolder(),
  VAPI_API_KEY: 'private-key-1',
  VAPI_API_BASE_URL: url,
})
const patches = (server: ApiServer) =>
  server.requests.filter(({ method }) => method === 'PATCH').map(({ path, json }) => ({ path, json }))

describe('webhook list', () => {
  it('shows who would receive what, in the order of precedence, without secrets', async () => {
    const server = await organisation({ id: 'o1', name: 'Org', server: { url: 'https://x.test/org' } })
    const env = envFor(server)
    const { stdout, stderr, code } = await vapi(['webhook', 'list', '--json'], { env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const rows = JSON.parse(stdout) as { kind: string; name: string; url: string; receives: string[] }[]
    expect(rows.map(({ kind, name, url }) => `${kind} ${name} ${url}`)).toEqual([
      'tool book https://x.test/book',
      'tool Desk / inner https://x.test/in',
      'assistant Desk https://x.test/desk',
      'phone +15550100199 https://x.test/line',
      'organisation Org https://x.test/org',
    ])
    expect(rows[3]?.receives).toContain('assistant-request')
    expect(stdout).not.toContain('s3cret')
    const tsv = await vapi(['webhook', 'list', '--kind', 'assistant'], { env })
    expect(tsv.stdout).toBe(
      `assistant\t${ids.desk}\tDesk\thttps://x.test/desk\t20 s\tcredential c1, headers Authorization, X-Team\tthe 11 messages by default\n`,
    )
    const names = await vapi(['webhook', 'list', '--kind', 'tool', '-o', 'id'], { env })
    expect(names.stdout).toBe(`tool/${ids.book}\ntool/${ids.desk}\n`)
  })

  it('says so where the organisation cannot be read', async () => {
    const { code, stderr } = await vapi(['webhook', 'list'], { env: envFor(await organisation()) })
    expect(code).toBe(0)
    expect(stderr).toContain('the organisation’s own server is not shown')
  })
})

describe('webhook get', () => {
  it('finds it by kind and name, and by id alone', async () => {
    const env = envFor(await organisation())
    const byName = await vapi(['webhook', 'get', 'assistant/Desk'], { env })
    expect(JSON.parse(byName.stdout)).toMatchObject({ kind: 'assistant', name: 'Desk', id: ids.desk })
    const byId = await vapi(['webhook', 'get', ids.line, '--json'], { env })
    expect(JSON.parse(byId.stdout)).toMatchObject({ kind: 'phone', url: 'https://x.test/line' })
    const byBareName = await vapi(['webhook', 'get', 'book', '--jq', '.timeoutSeconds'], { env })
    expect(byBareName.stdout).toBe('45\n')
  })

  it('gives 5 where there is no such thing, and where it has no server', async () => {
    const env = envFor(await organisation())
    for (const reference of ['nobody', 'assistant/nobody', 'assistant/Bare']) {
      const { code, stderr } = await vapi(['webhook', 'get', reference], { env })
      expect({ reference, code }).toEqual({ reference, code: 5 })
      expect(stderr).toMatch(/^error: .*\nhint: /)
    }
  })
})

describe('webhook create', () => {
  it('sets the server of an assistant with everything that was said', async () => {
    const server = await organisation()
    const argv = ['webhook', 'create', 'https://y.test/hook', '--assistant', 'Bare', '--timeout-seconds', '7']
    const more = ['--header', 'X-Team: voice', '--secret', 's3cret', '--credential', 'c2', '--retries', '2']
    const { stdout, stderr, code } = await vapi(
      [...argv, ...more, '--messages', 'hang, tool-calls', '--json'],
      { env: envFor(server) },
    )
    expect(code).toBe(0)
    expect(patches(server)).toEqual([
      {
        path: `/assistant/${ids.bare}`,
        json: {
          server: {
            url: 'https://y.test/hook',
            timeoutSeconds: 7,
            credentialId: 'c2',
            headers: { 'X-Team': 'voice', 'X-Vapi-Secret': 's3cret' },
            backoffPlan: { type: 'fixed', baseDelaySeconds: 1, maxRetries: 2 },
          },
          serverMessages: ['hang', 'tool-calls'],
        },
      },
    ])
    expect(JSON.parse(stdout)).toMatchObject({ url: 'https://y.test/hook', receives: ['hang', 'tool-calls'] })
    expect(stdout + stderr).not.toContain('s3cret')
  })

  it('leaves a server alone that is there, unless forced', async () => {
    const server = await organisation()
    const env = envFor(server)
    const argv = ['webhook', 'create', 'https://y.test/hook', '--tool', 'book']
    const refused = await vapi(argv, { env })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain(`vapi webhook update tool/${ids.book}`)
    expect(patches(server)).toEqual([])
    expect((await vapi([...argv, '--force'], { env })).code).toBe(0)
    expect(patches(server)).toEqual([
      { path: `/tool/${ids.book}`, json: { server: { url: 'https://y.test/hook' }, type: 'function' } },
    ])
  })

  it('refuses a tool whose type has no server', async () => {
    const server = await organisation()
    server.on(`GET /tool/${ids.desk}`, () => jsonReply({ id: ids.desk, type: 'apiRequest' }))
    const { code, stderr } = await vapi(['webhook', 'create', 'https://y.test', '--tool', ids.desk], {
      env: envFor(server),
    })
    expect(code).toBe(2)
    expect(stderr).toContain('a tool of type apiRequest has no server')
    expect(patches(server)).toEqual([])
  })

  it('warns of an address that the platform cannot reach', async () => {
    const { stderr, code } = await vapi(
      ['webhook', 'create', 'http://localhost:3000', '--assistant', 'Bare'],
      {
        env: envFor(await organisation()),
      },
    )
    expect(code).toBe(0)
    expect(stderr).toMatch(/warning: the platform cannot reach/)
  })

  it.each([
    [['ftp://x', '--assistant', 'Bare']],
    [['https://y.test']],
    [['https://y.test', '--assistant', 'Bare', '--tool', 'book']],
    [['https://y.test', '--assistant', 'Bare', '--timeout-seconds', '301']],
    [['https://y.test', '--assistant', 'Bare', '--retries', '1.5']],
    [['https://y.test', '--assistant', 'Bare', '--header', 'nothing']],
    [['https://y.test', '--assistant', 'Bare', '--messages', 'tool-call']],
    [['https://y.test', '--phone', '+15550100199', '--messages', 'hang']],
  ])('%j is wrong usage, and nothing is sent', async argv => {
    const server = await organisation()
    const { code, stderr } = await vapi(['webhook', 'create', ...argv], { env: envFor(server) })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: /)
    expect(server.requests).toEqual([])
  })
})

describe('webhook update', () => {
  it('keeps the rest of the server, which a PATCH would lose', async () => {
    const server = await organisation()
    const env = envFor(server)
    await vapi(
      ['webhook', 'update', 'assistant/Desk', '--timeout-seconds', '9', '--remove-header', 'x-team'],
      { env },
    )
    await vapi(['webhook', 'update', ids.line, '--url', 'https://y.test/'], { env })
    expect(patches(server)).toEqual([
      {
        path: `/assistant/${ids.desk}`,
        json: {
          server: {
            url: 'https://x.test/desk',
            credentialId: 'c1',
            timeoutSeconds: 9,
            headers: { Authorization: 'Bearer s3cret' },
          },
        },
      },
      {
        path: `/phone-number/${ids.line}`,
        json: { server: { url: 'https://y.test/' }, provider: 'vapi', serverUrl: null },
      },
    ])
  })

  it('needs something to change, and a server', async () => {
    const env = envFor(await organisation())
    expect((await vapi(['webhook', 'update', 'assistant/Desk'], { env })).code).toBe(2)
    expect(
      (await vapi(['webhook', 'update', 'assistant/Bare', '--url', 'https://y.test'], { env })).code,
    ).toBe(5)
  })
})

describe('webhook delete', () => {
  it('refuses without a terminal unless told yes', async () => {
    const server = await organisation()
    const env = envFor(server)
    expect((await vapi(['webhook', 'delete', 'tool/book'], { env })).code).toBe(2)
    expect(server.requests).toEqual([])
    expect((await vapi(['webhook', 'delete', 'tool/book', '--yes'], { env })).code).toBe(0)
    expect(patches(server)).toEqual([{ path: `/tool/${ids.book}`, json: { server: null, type: 'function' } }])
    expect((await vapi(['webhook', 'delete', 'tool/book', '--yes'], { env })).code).toBe(5)
  })

  it('asks in a terminal, and changes nothing at Ctrl-C', async () => {
    const server = await organisation()
    const env = envFor(server)
    const left = startInTerminal(['webhook', 'delete', 'tool/book'], { env })
    await left.waitFor('Take the server of tool book away?')
    left.press('ctrl-c')
    expect((await left.finished).code).toBe(130)
    const declined = startInTerminal(['webhook', 'delete', 'tool/book'], { env })
    await declined.waitFor('away?')
    declined.press('enter')
    expect((await declined.finished).code).toBe(1)
    expect(patches(server)).toEqual([])
    const sure = startInTerminal(['webhook', 'delete', 'tool/book'], { env })
    await sure.waitFor('away?')
    sure.type('y')
    sure.press('enter')
    expect((await sure.finished).code).toBe(0)
    expect(patches(server)).toHaveLength(1)
  })
})

async function peer(answer: (request: FakeRequest) => FakeReply): Promise<FakeOpenAi> {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  server.answerWith(answer)
  return server
}

const ok = () => rawReply('', 'text/plain')
const anonymous = () => ({ HOME: temporaryFolder() })

describe('webhook test', () => {
  it('sends a signed sample to an address', async () => {
    const server = await peer(ok)
    const { stdout, code } = await vapi(['webhook', 'test', server.url, '--hmac-secret', 'the-key'], {
      env: anonymous(),
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^POST \S+: status-update\n200 OK in \d+ ms \(limit 20 s\)\nok\n$/)
    const { headers, body, json } = server.requests[0] ?? {}
    const timestamp = headers?.['x-timestamp']
    expect(headers?.['x-signature']).toBe(
      createHmac('sha256', 'the-key').update(`${timestamp}.${body}`).digest('hex'),
    )
    expect(json).toMatchObject({ message: { type: 'status-update', status: 'in-progress' } })
  })

  it('checks the reply by the type, and allows it its own time', async () => {
    const server = await peer(() => jsonReply({ assistant_id: 'x' }))
    const { stdout, code } = await vapi(['webhook', 'test', server.url, '--type', 'assistant-request'], {
      env: anonymous(),
    })
    expect(code).toBe(3)
    expect(stdout).toContain('(limit 7.5 s)')
    expect(stdout).toContain('error: assistant_id: "assistant_id" is not read; write it assistantId')
    const failing = await peer(() => jsonReply({ assistantId: 'x' }, 500))
    expect((await vapi(['webhook', 'test', failing.url], { env: anonymous() })).code).toBe(1)
  })

  it('goes to the server of a tool with a call of that tool', async () => {
    const server = await organisation()
    const hook = await peer(request => {
      const { message } = request.json as { message: { toolCallList: { id: string }[] } }
      return jsonReply({ results: [{ toolCallId: message.toolCallList[0]?.id, result: 'ok' }] })
    })
    const env = envFor(server)
    await vapi(['webhook', 'update', 'tool/book', '--url', hook.url, '--secret', 's3cret'], { env })
    const { code, stdout } = await vapi(['webhook', 'test', '--tool', 'book'], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('tool-calls\n200 OK')
    expect(stdout).toContain('(limit 45 s)')
    expect(hook.requests[0]).toMatchObject({
      headers: { 'x-vapi-secret': 's3cret' },
      json: { message: { toolCallList: [{ function: { name: 'book', arguments: { n: 1 } } }] } },
    })
  })

  it('names the assistant, needs its credential’s secret, and warns of messages that it does not send', async () => {
    const server = await organisation()
    const hook = await peer(ok)
    const env = envFor(server)
    await vapi(
      ['webhook', 'create', hook.url, '--assistant', 'Bare', '--messages', 'hang', '--credential', 'c9'],
      { env },
    )
    const argv = ['webhook', 'test', '--assistant', 'Bare', '--type', 'transcript']
    const refused = await vapi(argv, { env })
    expect(refused.code).toBe(2)
    expect(hook.requests).toEqual([])
    const { code, stderr } = await vapi([...argv, '--bearer', 't'], { env })
    expect(code).toBe(0)
    expect(stderr).toContain('warning: assistant Bare does not send transcript')
    expect(hook.requests[0]).toMatchObject({
      headers: { authorization: 'Bearer t' },
      json: { message: { type: 'transcript', assistant: { id: ids.bare, name: 'Bare' } } },
    })
  })

  it('refuses types without a sample, and nothing to send to', async () => {
    const env = anonymous()
    const near = await vapi(['webhook', 'test', 'http://127.0.0.1:9', '--type', 'tool-call'], { env })
    expect(near.stderr).toContain('did you mean tool-calls?')
    const bare = await vapi(['webhook', 'test', 'http://127.0.0.1:9', '--type', 'assistant.started'], { env })
    expect(bare.stderr).toContain('are not documented')
    const nowhere = await vapi(['webhook', 'test'], { env })
    expect([near.code, bare.code, nowhere.code]).toEqual([2, 2, 2])
    expect((await vapi(['webhook', 'test', 'http://127.0.0.1:9'], { env })).code).toBe(1)
    expect((await vapi(['webhook', 'test', '--tool', 'book'], { env })).code).toBe(4)
  })
})

it('webhook events lists the messages, and those that need a reply', async () => {
  const all = await vapi(['webhook', 'events', '--json'], { env: anonymous() })
  expect(JSON.parse(all.stdout).length).toBeGreaterThan(29)
  const { stdout } = await vapi(['webhook', 'events', '--reply', '-o', 'id'], { env: anonymous() })
  expect(stdout.split('\n')).toContain('assistant-request')
  expect(stdout.split('\n')).not.toContain('hang')
})

const document = loadOpenApiDocument()

it.skipIf(document === false)(
  `what is sent is valid by the API's document${document === false ? ` (skipped: ${documentAbsent})` : ''}`,
  async () => {
    if (document === false) return
    const tool = { id: ids.book, orgId: ids.desk, createdAt, updatedAt: createdAt, type: 'function' }
    const mock = await startOpenApiMock({
      document,
      extraPaths: [{ path: '/org', list: 'array' }],
      overrides: [
        { method: 'GET', path: '/tool/{id}', reply: () => ({ status: 200, body: tool }) },
        {
          method: 'PATCH',
          path: '/tool/{id}',
          reply: ({ body }) => ({ status: 200, body: { ...tool, ...(body as object) } }),
        },
      ],
    })
    onTestFinished(() => mock.close())
    const env = envFor(mock)
    const set = ['--timeout-seconds', '9', '--secret', 's', '--retries', '1', '--header', 'X-A: 1']
    for (const kind of ['assistant', 'phone', 'tool']) {
      const create = await vapi(
        ['webhook', 'create', 'https://y.test/', `--${kind}`, ids.desk, '--force', ...set],
        { env },
      )
      expect({ kind, ...create }).toMatchObject({ code: 0 })
    }
    expect((await vapi(['webhook', 'list'], { env })).code).toBe(0)
    expect(mock.violations).toEqual([])
    expect(mock.requests.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['PATCH /assistant/{id}', 'PATCH /phone-number/{id}', 'PATCH /tool/{id}']),
    )
  },
)
