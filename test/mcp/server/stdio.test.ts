import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createDocsServer } from '../../../src/mcp/server/docs-server.ts'
import { createStdioTransport } from '../../../src/mcp/server/stdio.ts'
import { reserveStdout } from '../../../src/output/protocol-stream.ts'
import { libraryOf, startServer } from '../../support/mcp.ts'
import { jsonLines, startVapi, temporaryFolder, vapi } from '../../support/program.ts'
import { pages } from './pages.ts'

const initialize = {
  jsonrpc: '2.0',
  id: 'hello',
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}
const search = (id: number, query = 'webhook') => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'search_documentation', arguments: { query } },
})
const lines = (...messages: unknown[]) =>
  messages.map(each => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join('')

/** What the built server answers to these lines, by id, until it ends because its input does. */
async function answersTo(stdin: string, args: readonly string[] = []) {
  const { stdout, stderr, code } = await vapi(['mcp', 'serve', ...args], {
    stdin,
    env: { HOME: temporaryFolder() },
  })
  return { answers: jsonLines(stdout), stderr, code }
}

describe('the built server on standard input and output', () => {
  it('answers every documented tool, the resources, the prompts and completions', async () => {
    const { client, data } = await startServer()
    expect(client.getServerVersion()).toMatchObject({ name: 'vapi' })
    expect(client.getInstructions()).toContain('search_documentation')
    const found = await data('search_documentation', { query: 'agent talks over the caller' })
    expect(found.results).toHaveLength(5)
    const { examples } = await data('get_examples', { feature: 'webhook handler' })
    expect(examples).not.toEqual([])
    const { guides } = await data('get_guides', { topic: 'webhooks' })
    expect(guides).not.toEqual([])
    const { operations } = await data('get_api_reference', { endpoint: 'POST /call' })
    expect(operations).toMatchObject([{ method: 'POST', path: '/call' }])
    expect(await data('get_changelog')).toMatchObject({ releases: [] })
    expect(await data('validate_assistant', { assistant: { firstMessage: 1 } })).toMatchObject({
      valid: false,
    })
    const { resources, nextCursor } = await client.listResources()
    expect([resources.length, nextCursor]).toEqual([100, expect.any(String)])
    const { contents } = await client.readResource({ uri: resources[0]?.uri ?? '' })
    expect(contents[0]).toMatchObject({ uri: resources[0]?.uri, mimeType: 'text/markdown' })
    const ref = { type: 'ref/resource' as const, uri: 'vapi://docs/{+id}' }
    const { completion } = await client.complete({ ref, argument: { name: 'id', value: 'api/post-call' } })
    expect(completion.values).toContain('api/post-call')
    const prompt = await client.getPrompt({
      name: 'design_assistant',
      arguments: { purpose: 'book a table' },
    })
    expect(JSON.stringify(prompt)).toContain('vapi://docs/')
  })

  it('answers fifty calls at once', async () => {
    const { data } = await startServer()
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, place) =>
        data('search_documentation', { query: `webhook ${place}`, limit: 1 + (place % 5) }),
      ),
    )
    expect(all.map(({ query }) => query)).toEqual(all.map((_, place) => `webhook ${place}`))
    expect(all.map(({ results }) => (results as unknown[]).length)).toEqual(
      all.map((_, place) => 1 + (place % 5)),
    )
  })

  it('answers what came before its input ended, writes nothing else, and ends well', async () => {
    const { answers, stderr, code } = await answersTo(lines(initialize, search(1), search(2)))
    expect(answers.map(({ id }) => id).toSorted()).toEqual([1, 2, 'hello'])
    expect([stderr, code]).toEqual(['', 0])
  })

  it('ends well without having been asked anything', async () => {
    expect(await answersTo('')).toEqual({ answers: [], stderr: '', code: 0 })
  })

  it('tells of lines that cannot be read, and goes on', async () => {
    const { answers, code } = await answersTo(
      lines(
        'not json',
        '{"jsonrpc":"2.0"',
        '[]',
        '17',
        'null',
        { id: 5, method: 'ping' },
        { jsonrpc: '2.0', id: 6, method: 'tools/call', params: 'x' },
        { jsonrpc: '2.0', id: 7, method: 'no/such/method' },
        { jsonrpc: '2.0', id: 8, method: 'tools/call', params: { name: 5 } },
        { jsonrpc: '2.0', method: 'notifications/nothing' },
        { jsonrpc: '2.0', id: 99, result: {} },
        { jsonrpc: '2.0', id: 99, result: 'wrong' },
        '\u0000\ufffe',
        '',
        initialize,
        search(9),
      ),
    )
    expect(code).toBe(0)
    const codes = answers.flatMap(({ id, error }) =>
      typeof error === 'object' && error !== null && 'code' in error ? [[id, error.code]] : [],
    )
    expect(codes).toEqual(
      expect.arrayContaining([
        [null, -32700],
        [null, -32600],
        [5, -32600],
        [6, -32600],
        [7, -32601],
        [8, -32603],
      ]),
    )
    expect(codes.filter(([, number]) => number === -32700)).toHaveLength(3)
    expect(answers.find(({ id }) => id === 9)).toMatchObject({ result: { content: [{ type: 'text' }] } })
    expect(answers.every(({ id }) => id !== 99)).toBe(true)
  })

  it('passes over a line of 50 MB, tells so, and answers the next', async () => {
    const huge = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"${'x'.repeat(50_000_000)}"}}`
    const { answers, code } = await answersTo(lines(initialize, huge, search(2)))
    expect(code).toBe(0)
    expect(answers).toContainEqual(
      expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) }),
    )
    expect(answers.find(({ id }) => id === 2)).toHaveProperty('result')
  })

  it('answers a question of 5 MB with what is wrong with it', async () => {
    const { answers } = await answersTo(lines(initialize, search(2, 'x'.repeat(5_000_000))))
    expect(answers.find(({ id }) => id === 2)).toMatchObject({ result: { isError: true } })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends well on %s', async signal => {
    const running = startVapi(['mcp', 'serve'], { stdin: null, env: { HOME: temporaryFolder() } })
    running.child.stdin?.write(lines(initialize))
    await running.prints('protocolVersion')
    running.child.kill(signal)
    const { stderr, code } = await running.finished
    expect([stderr, code]).toEqual(['', 0])
  })

  it('ends when nobody reads its answers any more', async () => {
    const running = startVapi(['mcp', 'serve'], { stdin: null, env: { HOME: temporaryFolder() } })
    running.child.stdin?.write(lines(initialize))
    await running.prints('protocolVersion')
    running.child.stdout?.destroy()
    running.child.stdin?.write(lines(...Array.from({ length: 20 }, (_, place) => search(place))))
    const { code } = await running.finished
    expect(code).toBe(0)
  })

  it('logs with --debug alone, to stderr', async () => {
    const { answers, stderr } = await answersTo(lines('nonsense', initialize), ['--debug'])
    expect(answers).toHaveLength(2)
    expect(stderr).toContain('mcp: the line is no JSON')
  })

  it.each([
    [['--tools', 'docs,all'], /no all/],
    [['--tools', ','], /empty/],
    [['--read-only'], /--tools api/],
    [['--host', '127.0.0.1'], /--http/],
    [['--token', 'x'], /--http/],
    [['--http', '70000'], /no port/],
    [['--http', '0', '--host', '0.0.0.0'], /--token/],
  ])('refuses %j', async (args, told) => {
    const { stdout, stderr, code } = await vapi(['mcp', 'serve', ...args])
    expect([stdout, code]).toEqual(['', 2])
    expect(stderr).toMatch(told)
  })

  it('offers the groups of tools that were asked for', async () => {
    const names = async (...args: string[]) =>
      (await (await startServer(args)).client.listTools()).tools.map(({ name }) => name)
    expect(await names('--tools', 'local')).toEqual(['simulate_call', 'read_listen_journal', 'explain_call'])
    const account = await names('--tools', 'docs,api', '--read-only')
    expect(account).toEqual(expect.arrayContaining(['search_documentation', 'list_assistants', 'get_call']))
    expect(account.filter(name => /^(create|update|delete)/.test(name))).toEqual([])
  })
})

describe('the transport', () => {
  it('takes messages in pieces of any size, with both kinds of line ends', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const transport = createStdioTransport(input, output)
    await createDocsServer({ library: async () => libraryOf(pages), version: '1' }).connect(transport)
    const bytes = Buffer.from(lines(initialize, search(1, 'wébhook ✓')).replaceAll('\n', '\r\n'))
    for (const byte of bytes) input.write(Buffer.from([byte]))
    input.end()
    await transport.closed
    const answers = jsonLines(String(output.read()))
    expect(answers.map(({ id }) => id)).toEqual(['hello', 1])
    expect(JSON.stringify(answers[1])).toContain('wébhook ✓')
  })

  it('is over when its output breaks', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const transport = createStdioTransport(input, output)
    await createDocsServer({ library: async () => libraryOf(pages), version: '1' }).connect(transport)
    output.destroy(new Error('gone'))
    await transport.closed
  })

  it('keeps what others print off the protocol', async () => {
    const stdout = new PassThrough()
    const stray: string[] = []
    const protocol = reserveStdout({ stdout }, text => stray.push(text))
    stdout.write('a library says hello\n')
    protocol.write('{"jsonrpc":"2.0"}\n')
    await new Promise<void>(resolve => {
      stdout.write(Buffer.from('and again'), () => resolve())
    })
    expect(String(stdout.read())).toBe('{"jsonrpc":"2.0"}\n')
    expect(stray).toEqual(['a library says hello\n', 'and again'])
  })
})
