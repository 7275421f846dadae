import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Vapi, VapiClient } from '@vapi-ai/server-sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  documentAbsent,
  loadOpenApiDocument,
  type OpenApiMock,
  startOpenApiMock,
} from '../support/openapi-mock.ts'
import { temporaryFolder, vapi } from '../support/program.ts'

const document = loadOpenApiDocument()
const title = 'the same request as the official SDK'
const id = '0e3a5ec8-4a3b-4cf1-9a55-1e0f5a0c8b11'
const phoneId = '9a1d3c52-0f7b-4a39-8f4e-3d1c2b7a6e55'
const since = '2026-01-02T03:04:05.000Z'
const KEY = 'parity-key'

const assistant = {
  name: 'Reception',
  firstMessage: 'Good morning.',
  model: {
    provider: 'openai',
    model: 'gpt-4o',
    temperature: 0.3,
    messages: [{ role: 'system', content: 'Be brief.' }],
  },
  voice: { provider: 'vapi', voiceId: 'Elliot' },
  transcriber: { provider: 'deepgram', model: 'nova-3', language: 'en' },
  serverMessages: ['end-of-call-report'],
} satisfies Vapi.CreateAssistantDto

const tool = {
  type: 'function',
  function: { name: 'book', parameters: { type: 'object', properties: { day: { type: 'string' } } } },
  server: { url: 'https://example.com/book', timeoutSeconds: 5 },
} satisfies Vapi.CreateToolsRequest

const squad = { name: 'Desk', members: [{ assistantId: id }] } satisfies Vapi.CreateSquadDto

const campaign = {
  name: 'Spring',
  assistantId: id,
  phoneNumberId: phoneId,
  customers: [{ number: '+15551234567', name: 'Ada' }],
} satisfies Vapi.CreateCampaignDto

/** Lists ask for one row more than wanted, which tells whether there are more. */
const oneMore = (limit: number) => limit + 1

interface Pair {
  does: string
  /** The request that both must send; the command may read before it writes. */
  method: string
  sdk: (client: VapiClient) => Promise<unknown>
  /** `body.json` is the file that holds `body`. */
  command: readonly string[]
  body?: unknown
}

const pairs: readonly Pair[] = [
  {
    does: 'lists assistants made since a time',
    method: 'GET',
    sdk: client => client.assistants.list({ limit: oneMore(5), createdAtGt: since }),
    command: ['assistant', 'list', '--limit', '5', '--created-at-gt', since],
  },
  {
    does: 'gets an assistant',
    method: 'GET',
    sdk: client => client.assistants.get({ id }),
    command: ['assistant', 'get', id],
  },
  {
    does: 'creates an assistant from a file',
    method: 'POST',
    sdk: client => client.assistants.create(assistant),
    command: ['assistant', 'create', '--file', 'body.json'],
    body: assistant,
  },
  {
    does: 'changes fields of an assistant',
    method: 'PATCH',
    sdk: client => client.assistants.update({ id, name: 'Night desk', maxDurationSeconds: 900 }),
    command: ['assistant', 'update', id, '--set', 'name=Night desk', '--set', 'maxDurationSeconds=900'],
  },
  {
    does: 'deletes an assistant',
    method: 'DELETE',
    sdk: client => client.assistants.delete({ id }),
    command: ['assistant', 'delete', id, '--yes'],
  },
  {
    does: 'lists phone numbers',
    method: 'GET',
    sdk: client => client.phoneNumbers.list({ limit: oneMore(7) }),
    command: ['phone', 'list', '--limit', '7'],
  },
  {
    does: 'changes a phone number, with its kind',
    method: 'PATCH',
    sdk: client => client.phoneNumbers.update({ id, body: { provider: 'byo-phone-number', name: 'Desk' } }),
    command: ['phone', 'update', id, '--set', 'name=Desk'],
  },
  {
    does: 'makes a call',
    method: 'POST',
    sdk: client =>
      client.calls.create({
        assistantId: id,
        phoneNumberId: phoneId,
        customer: { number: '+15551234567' },
        assistantOverrides: { variableValues: { name: 'Ada' } },
      }),
    command: [
      'call',
      'create',
      '--assistant',
      id,
      '--phone',
      phoneId,
      '--to',
      '+15551234567',
      '--var',
      'name=Ada',
    ],
  },
  {
    does: 'lists calls with filters',
    method: 'GET',
    sdk: client =>
      client.calls.list({ assistantId: id, phoneNumberId: phoneId, limit: oneMore(3), createdAtGe: since }),
    command: [
      'call',
      'list',
      '--assistant',
      id,
      '--phone',
      phoneId,
      '--limit',
      '3',
      '--created-at-ge',
      since,
    ],
  },
  {
    does: 'creates a tool',
    method: 'POST',
    sdk: client => client.tools.create(tool),
    command: ['tool', 'create', '--file', 'body.json'],
    body: tool,
  },
  {
    does: 'gets a squad',
    method: 'GET',
    sdk: client => client.squads.get({ id }),
    command: ['squad', 'get', id],
  },
  {
    does: 'creates a squad',
    method: 'POST',
    sdk: client => client.squads.create(squad),
    command: ['squad', 'create', '--name', 'Desk', '--members', JSON.stringify(squad.members)],
  },
  {
    does: 'creates a campaign',
    method: 'POST',
    sdk: client => client.campaigns.campaignControllerCreate(campaign),
    command: ['campaign', 'create', '--file', 'body.json'],
    body: campaign,
  },
  {
    does: 'sends a chat message',
    method: 'POST',
    sdk: client => client.chats.create({ assistantId: id, input: 'Are you open?' }),
    command: ['chat', 'create', '--assistant', id, '--input', 'Are you open?', '--no-stream'],
  },
  {
    does: 'lists sessions',
    method: 'GET',
    sdk: client => client.sessions.list({ assistantId: id, limit: oneMore(4), page: 1, sortOrder: 'ASC' }),
    command: ['session', 'list', '--assistant', id, '--limit', '4', '--sort-order', 'ASC'],
  },
]

describe.skipIf(document === false)(document ? title : `${title} (skipped: ${documentAbsent})`, () => {
  if (document === false) return
  let mock: OpenApiMock
  let client: VapiClient

  beforeAll(async () => {
    mock = await startOpenApiMock({ document })
    client = new VapiClient({ token: KEY, baseUrl: mock.url, maxRetries: 0 })
  })
  afterAll(() => mock.close())
  beforeEach(() => {
    mock.requests.length = 0
    mock.violations.length = 0
  })

  /** The last request of the method, as it counts for the comparison. */
  function sent(method: string) {
    const request = mock.requests.findLast(candidate => candidate.method === method)
    if (request === undefined) return undefined
    const { path, query, body, headers } = request
    return {
      method,
      path,
      query: [...query].sort(([a], [b]) => a.localeCompare(b)),
      body,
      authorization: headers.authorization,
      contentType: headers['content-type']?.split(';')[0],
    }
  }

  it.each(pairs)('$does', async ({ method, sdk, command, body }) => {
    await sdk(client)
    const official = sent(method)
    expect(official).toBeDefined()
    expect(mock.violations).toEqual([])

    mock.requests.length = 0
    const folder = temporaryFolder()
    if (body !== undefined) writeFileSync(join(folder, 'body.json'), JSON.stringify(body))
    const { stderr, code } = await vapi([...command, '--json'], {
      cwd: folder,
      env: { HOME: folder, VAPI_API_KEY: KEY, VAPI_API_BASE_URL: mock.url },
    })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(sent(method)).toEqual(official)
    expect(mock.violations).toEqual([])
  })
})
