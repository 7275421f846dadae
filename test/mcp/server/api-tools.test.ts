import { describe, expect, it, onTestFinished } from 'vitest'
import { type ApiServer, apiError, startApiServer } from '../../support/api-server.ts'
import { jsonReply } from '../../support/fake-openai.ts'
import { startServer, textOf } from '../../support/mcp.ts'

const ID = '3f0e8a52-9a51-4d4c-9f0b-3d2b3c1f0a11'
const row = (id: string, more: object = {}) => ({
  id,
  createdAt: '2026-01-05T09:00:00.000Z',
  name: id,
  ...more,
})

async function start(args: readonly string[] = [], key: string | null = 'key-1') {
  const api = await startApiServer()
  onTestFinished(() => api.close())
  const env = { VAPI_API_BASE_URL: api.url, ...(key !== null && { VAPI_API_KEY: key }) }
  const server = await startServer(['--tools', 'api', '--base-url', api.url, ...args], { env })
  return { api, ...server }
}

const bodyOf = (api: ApiServer, method: string) => {
  const sent = api.requests.filter(request => request.method === method).at(-1)
  return JSON.parse(String(sent?.body ?? 'null')) as unknown
}

describe('the tools of the account', () => {
  it('have every tool of the platform’s own server, and none that deletes', async () => {
    const { client } = await start()
    const names = (await client.listTools()).tools.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining([
        ...['list_assistants', 'create_assistant', 'get_assistant', 'update_assistant'],
        ...['list_calls', 'create_call', 'get_call', 'list_phone_numbers', 'get_phone_number'],
        ...['list_tools', 'create_tool', 'get_tool', 'update_tool'],
        ...['list_squads', 'list_files', 'list_knowledge_bases'],
      ]),
    )
    expect(names.filter(name => /delete|remove|credential/.test(name))).toEqual([])
  })

  it('with --read-only offer what reads alone', async () => {
    const { client } = await start(['--read-only'])
    const { tools } = await client.listTools()
    expect(tools.length).toBeGreaterThan(10)
    expect(tools.filter(({ name }) => !/^(list|get)_/.test(name))).toEqual([])
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true)
  })

  it('list what the API gives, unreshaped, by their filters', async () => {
    const { api, data } = await start()
    const rows = Array.from({ length: 5 }, (_, place) => row(`a-${place}`, { unknown: { deep: [place] } }))
    api.list('/assistant', { rows, shape: 'array' })
    const found = await data('list_assistants', { limit: 2 })
    expect(found).toMatchObject({ items: rows.slice(0, 2), more: true, leftOut: [] })
    api.list('/call', { rows: [row(ID)], shape: 'array' })
    await data('list_calls', { assistantId: ID, createdAtGe: '2026-01-01T00:00:00.000Z' })
    expect(api.requests.at(-1)?.query).toMatchObject({
      assistantId: ID,
      createdAtGe: '2026-01-01T00:00:00.000Z',
    })
  })

  it('leave out what is too large, say so, and give it by its path', async () => {
    const { api, data } = await start()
    const messages = Array.from({ length: 400 }, (_, place) => ({ place, text: 'x'.repeat(200) }))
    api.on(`GET /call/${ID}`, () => jsonReply(row(ID, { endedReason: 'hangup', messages })))
    const whole = await data('get_call', { id: ID })
    expect(whole).toEqual({ value: row(ID, { endedReason: 'hangup' }), leftOut: ['messages'] })
    const part = await data('get_call', { id: ID, path: 'messages[399]' })
    expect(part).toEqual({ value: messages[399], leftOut: [] })
    const list = await data('get_call', { id: ID, path: 'messages' })
    const shown = list.value as unknown[]
    expect(shown).toEqual(messages.slice(0, shown.length))
    expect(list.leftOut).toEqual([`messages[${shown.length}…399]`])
  })

  it('send bodies as they are', async () => {
    const { api, data } = await start()
    api.on('POST /assistant', () => jsonReply(row(ID), 201))
    const body = { name: 'A', model: { provider: 'openai', whatever: [1, { two: null }] } }
    expect(await data('create_assistant', { body })).toEqual({ value: row(ID), leftOut: [] })
    expect(bodyOf(api, 'POST')).toEqual(body)
  })

  it('change the given fields, with those that the API demands', async () => {
    const { api, data } = await start()
    api.on(`GET /tool/${ID}`, () => jsonReply(row(ID, { type: 'function', async: true })))
    api.on(`PATCH /tool/${ID}`, () => jsonReply(row(ID, { async: false })))
    expect(await data('update_tool', { id: ID, body: { async: false } })).toMatchObject({
      value: { async: false },
    })
    expect(bodyOf(api, 'PATCH')).toEqual({ type: 'function', async: false })
  })

  it('tell what the API refused', async () => {
    const { api, call } = await start()
    api.on('POST /assistant', () => apiError(400, ['name must be shorter']))
    const refused = await call('create_assistant', { body: { name: 'x' } })
    expect(refused.isError).toBe(true)
    expect(textOf(refused)).toContain('name must be shorter')
    expect((await call('get_assistant', { id: ID })).isError).toBe(true)
    expect(textOf(await call('create_assistant', { body: {} }))).toContain('empty')
    expect(textOf(await call('get_assistant', { id: ID, path: 'x' }))).not.toContain('key-1')
  })

  it('say what to do without a login, and begin nothing', async () => {
    const { api, call } = await start([], null)
    const refused = await call('list_assistants')
    expect(refused.isError).toBe(true)
    expect(textOf(refused)).toContain('vapi auth login')
    expect(api.requests).toEqual([])
  })
})
