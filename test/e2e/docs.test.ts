import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { type FakeOpenAi, startFakeOpenAi } from '../support/fake-openai.ts'
import { cleanEnvironment, jsonLines, startVapi, temporaryFolder, vapi } from '../support/program.ts'

let env: NodeJS.ProcessEnv
let folder: string

beforeEach(() => {
  env = { HOME: temporaryFolder() }
  folder = temporaryFolder()
  writeFileSync(
    join(folder, 'elephant.mdx'),
    '---\ntitle: Elephant\nsubtitle: A beast\nslug: elephant\n---\n\n## Trunks\n\nThe elephant has a trunk.\n\n```js\ntrunk()\n```\n',
  )
  writeFileSync(
    join(folder, 'zebra.mdx'),
    '---\ntitle: Zebra\n---\n\nThe zebra has stripes \u001b[31mred\u001b[0m.\n',
  )
})

const search = (...args: string[]) => vapi(['docs', 'search', ...args, '--docs-dir', folder], { env })

describe('vapi docs search', () => {
  it('shows what it found, with the lines that fit', async () => {
    const { stdout, code } = await search('elephant trunk', '--output', 'table', '--limit', '1')
    expect(code).toBe(0)
    expect(stdout).toContain('1. Elephant › Trunks')
    expect(stdout).toContain('https://docs.vapi.ai/elephant#trunks')
    expect(stdout).toContain('   trunk()')
  })

  it('prints no control characters of a page', async () => {
    const { stdout } = await search('zebra stripes', '--output', 'table', '--limit', '1')
    expect(stdout).toContain('stripes')
    expect(stdout).not.toContain('\u001b')
    const opened = await vapi(['docs', 'open', 'zebra', '--docs-dir', folder], { env })
    expect(opened.stdout).toContain('stripes')
    expect(opened.stdout).not.toContain('\u001b')
  })

  it('gives whole objects as JSON, and each on a line', async () => {
    const { stdout, code } = await search('elefant', 'trunk', '--json', '--limit', '1')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual([
      {
        id: 'elephant',
        title: 'Elephant',
        section: ['Trunks'],
        url: 'https://docs.vapi.ai/elephant#trunks',
        category: 'guides',
        source: 'official',
        snippet: '## Trunks\nThe elephant has a trunk.\n```js\ntrunk()\n```',
        score: expect.any(Number),
      },
    ])
    const lines = await search('elephant', '--output', 'jsonl', '--limit', '1')
    expect(jsonLines(lines.stdout)).toMatchObject([{ id: 'elephant' }])
  })

  it('gives ids for scripts, and fields with tabs in a pipe', async () => {
    expect((await search('zebra', '--output', 'id', '--limit', '1')).stdout).toBe('zebra\n')
    expect((await search('elephant', '--limit', '1')).stdout).toBe(
      'elephant\tElephant\tTrunks\thttps://docs.vapi.ai/elephant#trunks\n',
    )
  })

  it('shows five pages, or as many as are wanted', async () => {
    const count = async (...args: string[]) =>
      (await vapi(['docs', 'search', 'call', '--output', 'id', ...args], { env })).stdout.split('\n').length -
      1
    expect(await count()).toBe(5)
    expect(await count('--limit', '2')).toBe(2)
    const none = await vapi(['docs', 'search', 'call', '--limit', '0'], { env })
    expect(none.code).toBe(2)
  })

  it('needs no network, no key and no cache folder', async () => {
    const { stdout, code } = await vapi(['docs', 'search', 'talks', 'over', 'me', '--output', 'id'], {
      env: { HOME: '' },
    })
    expect([code, stdout.split('\n').length]).toEqual([0, 6])
  })

  it('says that nothing was found', async () => {
    const { stdout, stderr, code } = await search('xyzzyqqq', '--json')
    expect([code, JSON.parse(stdout)]).toEqual([0, []])
    expect(stderr).toContain('nothing was found')
  })

  it('says what is wrong with a folder', async () => {
    const { stderr, code } = await vapi(['docs', 'search', 'a', '--docs-dir', '/no/such'], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('/no/such cannot be read: there is no such file or folder')
    expect((await vapi(['docs', 'search', ' '], { env })).code).toBe(2)
  })

  it('makes the index once', async () => {
    expect((await search('elephant')).stderr).toContain('making the index')
    expect((await search('zebra')).stderr).not.toContain('making the index')
  })
})

describe('vapi docs open', () => {
  const open = (...args: string[]) => vapi(['docs', 'open', ...args, '--docs-dir', folder], { env })

  it.each([
    ['an id', ['elephant']],
    ['an address', ['https://docs.vapi.ai/elephant#trunks']],
    ['words', ['the', 'beast', 'with', 'a', 'trunk']],
  ])('prints the page of %s', async (_what, args) => {
    const { stdout, stderr, code } = await open(...args)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^# Elephant\n\nA beast\n\n## Trunks\n/)
    expect(stdout).toContain('```js\ntrunk()\n```')
    expect(stderr).toContain('https://docs.vapi.ai/elephant')
  })

  it('prints all of it as JSON', async () => {
    const { stdout } = await open('elephant', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ id: 'elephant', title: 'Elephant', description: 'A beast' })
  })

  it.each([
    ['an id', 'animals/elephant'],
    ['an address', 'https://docs.vapi.ai/animals/elephant'],
    ['words', 'xyzzyqqq'],
  ])('says that there is no page of %s', async (_what, topic) => {
    const { stdout, stderr, code } = await open(topic)
    expect([code, stdout]).toEqual([5, ''])
    expect(stderr).toContain(`there is no page ${topic}`)
  })

  it('opens a page in another case, and asks whether a near id was meant', async () => {
    expect((await open('Command/DOCS-open')).stdout).toMatch(/^# vapi docs open/)
    const { stderr, code } = await open('command/docs-opne')
    expect(code).toBe(5)
    expect(stderr).toContain('there is no page command/docs-opne; did you mean command/docs-open?')
  })

  it('opens an operation by its method and path, and says that there is none', async () => {
    expect((await open('POST', '/call')).stdout).toMatch(/^# POST \/call – /)
    const { stderr, code } = await open('GET', '/nope')
    expect([code, stderr]).toEqual([5, expect.stringContaining('there is no endpoint GET /nope')])
  })

  it('does not open a page in the browser that is only here', async () => {
    const { stderr, code } = await open('command/docs-open', '--web')
    expect(code).toBe(2)
    expect(stderr).toContain('vapi docs open command/docs-open')
  })

  it('ends quietly when the reader goes away', () => {
    const { status, stderr } = spawnSync(
      'sh',
      [
        '-c',
        `"$0" "$1" docs open options | head -n 1; exit 0`,
        process.execPath,
        packageFile('bin', 'vapi.js'),
      ],
      { env: cleanEnvironment(env), encoding: 'utf8' },
    )
    expect([status, stderr]).toEqual([0, ''])
  })
})

describe('vapi docs update', () => {
  const pages = Array.from({ length: 6 }, (_, place) => `# Walrus ${place}\n\nTusks.\n`).join('\n')
  const description = JSON.stringify({
    openapi: '3.0.0',
    info: {},
    paths: Object.fromEntries(
      Array.from({ length: 20 }, (_, place) => [
        `/walrus${place}`,
        { get: { summary: 'List walruses', responses: {} } },
      ]),
    ),
  })

  async function startServer(): Promise<FakeOpenAi> {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    server.answerWith(({ path, headers }) =>
      headers['if-none-match'] === '"1"'
        ? { status: 304, steps: [] }
        : { headers: { etag: '"1"' }, steps: [path === '/docs' ? pages : description] },
    )
    return server
  }

  const argsFor = ({ url }: FakeOpenAi) => [
    'docs',
    'update',
    '--docs-url',
    `${url}/docs`,
    '--openapi-url',
    `${url}/api`,
  ]
  const cached = (name: string) => join(env.HOME ?? '', '.vapi', 'cache', 'docs', name)

  it('fetches both files, and search finds what is in them', async () => {
    const server = await startServer()
    const first = await vapi([...argsFor(server), '--json'], { env })
    expect([first.code, JSON.parse(first.stdout)]).toMatchObject([
      0,
      [
        { name: 'llms-full.txt', outcome: 'new', bytes: pages.length },
        { name: 'openapi.json', outcome: 'new', bytes: description.length },
      ],
    ])
    const found = await vapi(['docs', 'search', 'walrus', 'tusks', '--output', 'id', '--limit', '1'], { env })
    expect(found.stdout).toBe('walrus-0\n')
    expect(found.stderr).not.toContain('making the index')
    const second = await vapi(argsFor(server), { env })
    expect(second.stdout.match(/\tunchanged\t/g)).toHaveLength(2)
  })

  it('fails where a file cannot be had, and keeps the other', async () => {
    const server = await startServer()
    server.script({ status: 500, steps: ['broken'] })
    const { code, stderr, stdout } = await vapi(argsFor(server), { env })
    expect(code).toBe(1)
    expect(stderr).toContain('answered with 500')
    expect(stdout).toMatch(/^openapi\.json\tnew\t/)
    expect([existsSync(cached('llms-full.txt')), existsSync(cached('openapi.json'))]).toEqual([false, true])
  })

  it.each([
    ['killed', 'SIGKILL', null],
    ['interrupted', 'SIGINT', 130],
  ] as const)('leaves the last good copy when it is %s in the middle', async (_what, signal, code) => {
    const server = await startServer()
    await vapi(argsFor(server), { env })
    server.script({ headers: { etag: '"2"' }, steps: [pages, 'silence'] })
    const before = server.requests.length
    const running = startVapi(argsFor(server), { env })
    while (server.requests.length === before) await new Promise(resolve => setImmediate(resolve))
    running.child.kill(signal)
    expect((await running.finished).code).toBe(code)
    expect(readFileSync(cached('llms-full.txt'), 'utf8')).toBe(pages)
    const found = await vapi(['docs', 'search', 'walrus', '--output', 'id', '--limit', '1'], { env })
    expect([found.code, found.stdout]).toEqual([0, 'walrus-0\n'])
    expect(readdirSync(join(cached('x'), '..')).filter(name => name.includes('.vapi-'))).toEqual([])
  })
})
