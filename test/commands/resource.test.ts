import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder, vapi } from '../support/program.ts'
import { startResourceServer } from '../support/resource-server.ts'

async function setUp() {
  const cwd = temporaryFolder()
  const api = await startResourceServer(cwd)
  const run = (args: string[], stdin = '') => vapi(args, { cwd, env: api.env, stdin })
  const write = (name: string, content: unknown) =>
    writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content))
  return { api, run, write, cwd }
}

describe('list', () => {
  it('is tab-separated in a pipe, and whole objects in JSON', async () => {
    const { api, run } = await setUp()
    const row = api.put('/assistant', { name: 'Ada\tBabbage', secret: 1, model: { model: 'gpt-4o' } })
    const piped = await run(['assistant', 'list'])
    expect(piped.stdout.split('\t').slice(0, 3)).toEqual([row.id, 'Ada Babbage', 'gpt-4o'])
    expect(JSON.parse((await run(['assistant', 'list', '--json'])).stdout)).toEqual([row])
    expect((await run(['assistant', 'list', '-o', 'id'])).stdout).toBe(`${row.id}\n`)
    expect(JSON.parse((await run(['assistant', 'list', '-o', 'jsonl'])).stdout)).toEqual(row)
    expect((await run(['assistant', 'list', '--jq', '.[].name'])).stdout).toBe('"Ada\\tBabbage"\n')
    expect((await run(['assistant', 'list', '-o', 'yaml'])).stdout).toContain('- id: ')
  })

  it('is never cut silently', async () => {
    const { api, run } = await setUp()
    for (let count = 0; count < 5; count++) api.put('/assistant', { name: `A${count}` })
    const cut = await run(['assistant', 'list', '--limit', '3', '-o', 'id'])
    expect(cut.stdout.trim().split('\n')).toHaveLength(3)
    expect(cut.stderr).toContain('--all')
    const all = await run(['assistant', 'list', '--limit', '5', '-o', 'id'])
    expect(all.stderr).toBe('')
  })

  it('refuses limits that it cannot keep', async () => {
    const { api, run } = await setUp()
    for (const flags of [
      ['--limit', '1.5'],
      ['--limit', '3', '--all'],
      ['--created-at-gt', '99999999999d'],
    ])
      expect(await run(['assistant', 'list', ...flags]), flags.join(' ')).toMatchObject({
        code: 2,
        stdout: '',
      })
    expect((await run(['phone', 'search', '555', '--limit', '1.5'])).code).toBe(2)
    expect(api.requests).toEqual([])
  })

  it('of nothing is an empty JSON list, and a note for people', async () => {
    const { api, run } = await setUp()
    api.rows('/squad')
    expect(await run(['squad', 'list', '--json'])).toMatchObject({ stdout: '[]\n', stderr: '', code: 0 })
    expect(await run(['squad', 'list'])).toMatchObject({ stdout: '', stderr: 'no squads\n', code: 0 })
  })

  it('takes ages and names in its filters', async () => {
    const { api, run } = await setUp()
    const { id } = api.put('/assistant', { name: 'Reception' })
    api.rows('/call')
    await run(['call', 'list', '--assistant', 'Reception', '--created-at-gt', '2h'])
    const { query } = api.requests.at(-1) ?? { query: new URLSearchParams() }
    expect(query.get('assistantId')).toBe(id)
    expect(Date.now() - Date.parse(query.get('createdAtGt') ?? '')).toBeGreaterThanOrEqual(7_200_000)
    expect(await run(['call', 'list', '--created-at-gt', 'soon'])).toMatchObject({ code: 2 })
  })

  it('of calls looks for a status itself, past the first page', async () => {
    const { api, run } = await setUp()
    const ended = api.put('/call', { status: 'ended' })
    for (let count = 0; count < 3; count++) api.put('/call', { status: 'queued' })
    const found = await run(['call', 'list', '--status', 'ended', '--limit', '1', '-o', 'id'])
    expect(found.stdout).toBe(`${ended.id}\n`)
  })
})

describe('get', () => {
  it('finds one by its name, and phone numbers as people write them', async () => {
    const { api, run } = await setUp()
    api.put('/assistant', { name: 'Other' })
    const assistant = api.put('/assistant', { name: 'Reception' })
    const phone = api.put('/phone-number', { number: '+15551234567' })
    expect((await run(['assistant', 'get', 'Reception', '--jq', '.id'])).stdout).toBe(`"${assistant.id}"\n`)
    expect((await run(['phone', 'get', '+1 (555) 123-4567', '-o', 'id'])).stdout).toBe(`${phone.id}\n`)
  })

  it('refuses a name that several have, with their ids', async () => {
    const { api, run } = await setUp()
    const ids = [1, 2].map(() => api.put('/assistant', { name: 'Twin' }).id)
    const { code, stderr } = await run(['assistant', 'get', 'Twin'])
    expect(code).toBe(2)
    for (const id of ids) expect(stderr).toContain(id)
  })

  it('says of a call in plain words why it ended', async () => {
    const { api, run } = await setUp()
    const { id } = api.put('/call', { endedReason: 'silence-timed-out' })
    const { stderr, stdout } = await run(['call', 'get', id])
    expect(JSON.parse(stdout).endedReason).toBe('silence-timed-out')
    expect(stderr).toMatch(/^ended: silence-timed-out: .+/)
  })

  it('names the call itself in the command to type next', async () => {
    const { api, run } = await setUp()
    const { id } = api.put('/call', { endedReason: 'pipeline-error-openai-llm-failed' })
    expect((await run(['call', 'get', id])).stderr).toContain(`vapi logs calls ${id} --level error`)
  })
})

describe('create', () => {
  it('lays flags over the file and --set over both', async () => {
    const { api, run, write } = await setUp()
    write('a.yaml', 'name: File\nfirstMessage: Hello\nmodel:\n  provider: openai\n  model: gpt-4o\n')
    const created = await run([
      'assistant',
      'create',
      '--file',
      'a.yaml',
      '--name',
      'Flag',
      '--set',
      'model.temperature=0.3',
      '--set',
      'firstMessage=7',
    ])
    expect(created.code).toBe(0)
    expect(api.changes()[0]?.body).toEqual({
      name: 'Flag',
      firstMessage: '7',
      model: { provider: 'openai', model: 'gpt-4o', temperature: 0.3 },
    })
    expect(created.stdout).toBe(`${api.rows('/assistant')[0]?.id}\n`)
  })

  it('reads its body from stdin', async () => {
    const { api, run } = await setUp()
    await run(['squad', 'create', '--file', '-'], '{"members":[{"assistantId":"x"}]}')
    expect(api.changes()[0]?.body).toEqual({ members: [{ assistantId: 'x' }] })
  })

  it.each([['assistant'], ['session']])('makes no empty %s', async noun => {
    const { api, run } = await setUp()
    expect(await run([noun, 'create'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--file') })
    expect(api.changes()).toEqual([])
  })

  it('takes numbers as the destinations of a transferCall tool', async () => {
    const { api, run } = await setUp()
    const numbers = '+14155550111, sip:desk@example.com'
    await run(['tool', 'create', '--type', 'transferCall', '--destinations', numbers])
    expect(api.changes()[0]?.body).toEqual({
      type: 'transferCall',
      destinations: [
        { type: 'number', number: '+14155550111' },
        { type: 'sip', sipUri: 'sip:desk@example.com' },
      ],
    })
  })

  it('names the flag of what is missing', async () => {
    const { api, run } = await setUp()
    expect(await run(['squad', 'create', '--name', 'S'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--members is missing'),
    })
    expect((await run(['phone', 'create'])).stderr).toContain('--provider is missing: one of vapi, twilio')
    expect((await run(['phone', 'create', '--provider', 'twilio'])).stderr).toContain('--number is missing')
    expect(api.requests).toEqual([])
  })

  it('refuses a flag of another provider', async () => {
    const { run } = await setUp()
    const { code, stderr } = await run(['phone', 'create', '--provider', 'vapi', '--twilio-account-sid', 'x'])
    expect(code).toBe(2)
    expect(stderr).toContain('--twilio-account-sid is for provider twilio alone')
  })

  it('refuses an area code that is none before anything is sent', async () => {
    const { api, run } = await setUp()
    const { code, stderr } = await run(['phone', 'create', '--provider', 'vapi', '--area-code', '41'])
    expect(code).toBe(2)
    expect(stderr).toContain('--area-code 41: three digits')
    expect(api.changes()).toEqual([])
  })

  it('gives a tool the fixed values of its type', async () => {
    const { api, run } = await setUp()
    await run(['tool', 'create', '--type', 'bash', '--server-url', 'https://example.com'])
    expect(api.changes()[0]?.body).toEqual({
      type: 'bash',
      subType: 'bash_20241022',
      name: 'bash',
      server: { url: 'https://example.com' },
    })
  })

  it('reads a secret from stdin and never prints it', async () => {
    const { api, run } = await setUp()
    api.before = ({ method }, response) => {
      if (method !== 'POST') return undefined
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ message: ['apiKey must be a string'], error: 'Bad Request', statusCode: 400 }),
      )
      return true
    }
    const result = await run(
      ['credential', 'create', '--provider', 'openai', '--key', '-', '--debug'],
      'sk-secret-value\n',
    )
    expect(api.changes()[0]?.body).toEqual({ provider: 'openai', apiKey: 'sk-secret-value' })
    expect(`${result.stdout}${result.stderr}`).not.toContain('sk-secret')
    expect(result.stderr).toContain('apiKey must be a string')
  })

  it('says where JSON in a flag is wrong', async () => {
    const { run } = await setUp()
    const { code, stderr } = await run(['squad', 'create', '--members', '[{"assistantId": }]'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: --members:1:18: value expected/)
  })
})

describe('update', () => {
  const assistant = {
    name: 'Reception',
    model: { provider: 'openai', model: 'gpt-4o', messages: [{ role: 'system', content: 'Be brief.' }] },
    voice: { provider: 'vapi', voiceId: 'Elliot' },
  }

  it('sends the changed top-level field whole, for the API replaces it', async () => {
    const { api, run } = await setUp()
    const { id } = api.put('/assistant', assistant)
    await run(['assistant', 'update', 'Reception', '--set', 'model.temperature=0.3'])
    expect(api.changes()).toMatchObject([
      {
        method: 'PATCH',
        path: `/assistant/${id}`,
        body: { model: { ...assistant.model, temperature: 0.3 } },
      },
    ])
    expect(api.rows('/assistant')[0]).toMatchObject({ voice: assistant.voice })
  })

  it('refuses when the object was changed while it was read', async () => {
    const { api, run } = await setUp()
    const row = api.put('/assistant', assistant)
    let gets = 0
    api.before = ({ method }) => {
      if (method === 'GET' && ++gets === 2) row.updatedAt = '2030-01-01T00:00:00Z'
      return undefined
    }
    const { code, stderr } = await run(['assistant', 'update', row.id, '--set', 'name=New'])
    expect(code).toBe(1)
    expect(stderr).toContain('was changed in the meantime')
    expect(api.changes()).toEqual([])
  })

  it('takes back an edited get, and refuses it once it is out of date', async () => {
    const { api, run, write } = await setUp()
    const { id } = api.put('/assistant', assistant)
    const got = JSON.parse((await run(['assistant', 'get', id])).stdout)
    write('edited.json', { ...got, firstMessage: 'Hi' })
    expect((await run(['assistant', 'update', id, '--file', 'edited.json'])).code).toBe(0)
    expect(api.changes()[0]?.body).toEqual({ firstMessage: 'Hi' })
    const again = await run(['assistant', 'update', id, '--file', 'edited.json', '--set', 'name=B'])
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('in the meantime') })
  })

  it('that changes nothing sends nothing, and is no failure: it may be run again', async () => {
    const { api, run } = await setUp()
    const { id } = api.put('/assistant', assistant)
    expect(await run(['assistant', 'update', id, '--set', 'name=Reception'])).toMatchObject({
      code: 0,
      stdout: `${id}\n`,
      stderr: expect.stringContaining('is like that already'),
    })
    expect(api.changes()).toEqual([])
  })

  it.each([
    ['assistant', 'update'],
    ['phone', 'update'],
  ])('of vapi %s without anything to change is wrong usage', async (...words) => {
    const { api, run } = await setUp()
    expect(await run([...words, 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--set') })
    expect(api.requests).toEqual([])
  })

  it('of a phone number gives it to a server, and takes the assistant away', async () => {
    const { api, run } = await setUp()
    const { id } = api.put('/phone-number', { number: '+15551234567', provider: 'vapi', assistantId: 'a' })
    for (const url of ['ftp://example.com', 'example.com/vapi'])
      expect(await run(['phone', 'update', id, '--server-url', url])).toMatchObject({ code: 2 })
    await run(['phone', 'update', id, '--server-url', 'https://example.com/vapi'])
    expect(api.changes()[0]?.body).toEqual({
      provider: 'vapi',
      server: { url: 'https://example.com/vapi' },
      assistantId: null,
      squadId: null,
    })
  })
})

describe('clone', () => {
  it('makes a copy without what the server gave', async () => {
    const { api, run } = await setUp()
    const { id } = api.put('/assistant', {
      name: 'Reception',
      latestVersion: 3,
      model: { provider: 'openai' },
    })
    await run(['assistant', 'clone', id, '--set', 'firstMessage=Hi'])
    expect(api.changes()[0]?.body).toEqual({
      name: 'Reception (copy)',
      model: { provider: 'openai' },
      firstMessage: 'Hi',
    })
  })
})

describe('delete', () => {
  it('with --yes does it and prints the id', async () => {
    const { api, run } = await setUp()
    const { id } = api.put('/tool', { type: 'endCall' })
    expect(await run(['tool', 'delete', id, '--yes'])).toMatchObject({ code: 0, stdout: `${id}\n` })
    expect(api.rows('/tool')).toEqual([])
  })
})

describe('api', () => {
  it('sends any request and pages through lists', async () => {
    const { api, run } = await setUp()
    api.put('/thing', { name: 'x' })
    expect(JSON.parse((await run(['api', 'get', 'thing', '-f', 'limit=1'])).stdout)).toHaveLength(1)
    await run(['api', 'POST', '/thing', '-f', 'name=y', '-f', 'deep.value=3'])
    expect(api.changes()[0]?.body).toEqual({ name: 'y', deep: { value: 3 } })
    expect(await run(['api', 'GET', 'https://evil.example/'])).toMatchObject({ code: 2 })
    expect(await run(['api', 'FETCH', '/thing'])).toMatchObject({ code: 2 })
  })
})

describe('api with a body, a query or pages', () => {
  it('sends a file with a DELETE beside the fields of its query, and refuses one with a GET', async () => {
    const { api, run, write } = await setUp()
    write('ids.json', { ids: ['a', 'b'] })
    const { id } = api.put('/call', {})
    await run(['api', 'DELETE', `/call/${id}`, '--file', 'ids.json', '-f', 'why=test'])
    const [deleted] = api.changes()
    expect(deleted).toMatchObject({ method: 'DELETE', body: { ids: ['a', 'b'] } })
    expect(deleted?.query.get('why')).toBe('test')
    expect(await run(['api', 'GET', '/call', '--file', 'ids.json'])).toMatchObject({ code: 2 })
  })

  it('keeps all of a query, also question marks in it', async () => {
    const { api, run } = await setUp()
    await run(['api', 'GET', '/thing?q=a?b&c=d'])
    expect(Object.fromEntries(api.requests[0]?.query ?? [])).toEqual({ q: 'a?b', c: 'd' })
  })

  it('prints pages as JSON where no form is asked for', async () => {
    const { api, run } = await setUp()
    const row = api.put('/thing', { name: 'x' })
    expect(JSON.parse((await run(['api', 'GET', '/thing', '--paginate'])).stdout)).toEqual([row])
    expect(await run(['api', 'GET', '/thing', '--paginate', '-f', 'limit=x'])).toMatchObject({ code: 2 })
  })
})

describe('file create', () => {
  it('uploads the file with its purpose', async () => {
    const { api, run, write, cwd } = await setUp()
    write('notes.txt', 'some notes')
    await run(['file', 'create', 'notes.txt', '--purpose', 'assistant'])
    const body = String(api.changes()[0]?.body)
    expect(body).toContain('filename="notes.txt"')
    expect(body).toContain('some notes')
    expect(body).toContain('name="purpose"')
    expect(readFileSync(join(cwd, 'notes.txt'), 'utf8')).toBe('some notes')
    expect(await run(['file', 'create', 'missing.txt'])).toMatchObject({
      code: 2,
      stderr: 'error: missing.txt cannot be read (ENOENT)\n',
    })
    expect((await run(['file', 'create', '.'])).stderr).toBe('error: . is not a file\n')
  })
})
