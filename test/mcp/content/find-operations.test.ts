import { describe, expect, it } from 'vitest'
import { fieldsAt, isFieldPath } from '../../../src/mcp/content/find-fields.ts'
import {
  operationsAskedFor,
  operationsAt,
  operationsNear,
  operationsOf,
  readEndpoint,
} from '../../../src/mcp/content/find-operations.ts'
import { createLibrary } from '../../../src/mcp/content/library.ts'
import { buildIndex } from '../../../src/mcp/index/search-index.ts'
import { pageOf } from '../page.ts'

const reference = (id: string, title: string, text: string) =>
  pageOf(id, text, { title, category: 'api', source: 'reference', url: null })
const operation = (title: string) =>
  reference(`api/${title.toLowerCase().replace(/[^a-z]+/g, '-')}`, `${title} – ${title}`, `\`${title}\``)

const index = buildIndex([
  pageOf('calls/list', 'Get call, GET call: list all calls. GET /call GET /call create call endpoint.'),
  ...[
    'GET /call',
    'POST /call',
    'GET /call/{id}',
    'GET /call/{id}/call-logs',
    'GET /v2/phone-number',
    'GET /provider/{provider}/{resourceName}',
    'DELETE /assistant/{id}',
  ].map(operation),
  reference(
    'api/types/CreateAssistantDto',
    'CreateAssistantDto',
    'Used.\n\n## Fields\n\n- `name` (string)\n- `voice` ([Voice](api/types/Voice)): Not [Other](api/types/Other).\n- `startSpeakingPlan` ([StartSpeakingPlan](api/types/StartSpeakingPlan))',
  ),
  reference(
    'api/types/Voice',
    'Voice',
    '## One of, by `provider`\n\n- `"a"`: [AVoice](api/types/AVoice)\n- `"b"`: [BVoice](api/types/BVoice)',
  ),
  reference('api/types/AVoice', 'AVoice', '## Fields\n\n- `speed` (number, 0 to 1)\n- `voiceId` (string)'),
  reference('api/types/BVoice', 'BVoice', '## Fields\n\n- `voiceId` (string)'),
  reference('api/types/Other', 'Other', '## Fields\n\n- `speed` (string)'),
  reference(
    'api/types/StartSpeakingPlan',
    'StartSpeakingPlan',
    '## Fields\n\n- `waitSeconds` (number): How long.\n\n  More of it.',
  ),
])
const operations = operationsOf(index)
const names = (list: readonly { method: string; path: string }[]) =>
  list.map(({ method, path }) => `${method} ${path}`)

describe('a path', () => {
  it.each([
    ['/call/{id}', ['GET /call/{id}']],
    ['/calls/5f1d', ['GET /call/{id}']],
    ['/call/CALL_ID/call-logs', ['GET /call/{id}/call-logs']],
    ['/v1/phone-numbers', ['GET /v2/phone-number']],
    ['/provider/11labs/voice', ['GET /provider/{provider}/{resourceName}']],
    ['/call/phone', []],
    ['/call/5f1d/end', []],
    ['/nope/nope', []],
  ])('as %s is exact or filled in, or nothing', (path, expected) => {
    expect(names(operationsAt(operations, readEndpoint(path).path ?? ''))).toEqual(expected)
  })

  it.each([
    ['/call/{id}/end', 'GET /call/{id}'],
    ['/call/phone', 'GET /call'],
    ['/assistnt', 'DELETE /assistant/{id}'],
  ])('as %s that there is not has a nearest one', (path, nearest) => {
    expect(names(operationsNear(operations, readEndpoint(path).path ?? '', null))[0]).toBe(nearest)
  })

  it('is near nothing when no beginning is like it', () => {
    expect(operationsNear(operations, '/nope/nope', null)).toEqual([])
  })
})

describe('a search for an endpoint', () => {
  const library = createLibrary(index)
  const found = (question: string, options = {}) =>
    library.search(question, options).map(({ page }) => index.pages[page]?.title.split(' – ')[0])

  it.each([
    ['GET /call', 'GET /call'],
    ['POST /call', 'POST /call'],
    ['get https://api.vapi.ai/call/5f1d', 'GET /call/{id}'],
    ['GET /call endpoint', 'GET /call'],
    ['create call endpoint', 'POST /call'],
    ['list all calls endpoint', 'GET /call'],
    ['delete an assistant endpoint', 'DELETE /assistant/{id}'],
  ])('as “%s” has it first', (question, first) => {
    expect(found(question)[0]).toBe(first)
  })

  it('keeps to the limit, the categories and the sections, and names nothing twice', () => {
    expect(found('GET /call', { limit: 1 })).toEqual(['GET /call'])
    expect(found('GET /call', { categories: ['guides'] })).toEqual(['calls/list'])
    expect(found('GET /call', { section: () => false })).toEqual([])
    expect(new Set(found('GET /call')).size).toBe(found('GET /call').length)
  })

  it.each(['start a server endpoint to get calls', 'list calls', '/nope', '/', '', '{}', 'constructor'])(
    'as “%s” is a question like others',
    question => {
      expect(operationsAskedFor(index, question)).toEqual([])
      expect(found(question)).toBeInstanceOf(Array)
    },
  )
})

describe('a page by its name', () => {
  it('opens in another case', () => {
    expect(createLibrary(index).page('Calls/LIST')?.head.id).toBe('calls/list')
  })
})

describe('the path of a field', () => {
  const types = (path: string) => fieldsAt(index, path).found.map(({ type }) => type)

  it('is resolved to the types that have the field, through unions', () => {
    expect(types('assistant.voice.speed')).toEqual(['AVoice'])
    expect(types('assistant.voice.voiceId')).toEqual(['AVoice', 'BVoice'])
    expect(types('startSpeakingPlan.waitSeconds')).toEqual(['StartSpeakingPlan'])
    expect(fieldsAt(index, 'startspeakingplan.waitseconds').found[0]?.text).toContain('More of it.')
  })

  it('says which part is missing, and of what', () => {
    expect(fieldsAt(index, 'assistant.voice.nope')).toMatchObject({ found: [], missing: { name: 'nope' } })
    expect(fieldsAt(index, 'nope.voice')).toEqual({ found: [], missing: { name: 'nope', pages: [] } })
  })

  it('is told from names of the SDK and from words', () => {
    expect(['assistant.voice', 'tools[0].server.url'].every(isFieldPath)).toBe(true)
    expect(['client.calls.create', 'voice', 'a b.c', 'api.vapi.ai/x'].some(isFieldPath)).toBe(false)
  })
})
