import { describe, expect, it } from 'vitest'
import { toolTypes } from '../../src/api/tool-types.ts'
import type { JsonObject } from '../../src/api/types.ts'
import { changedServer, serverOf, serverPatch, webhooksOf } from '../../src/api/webhooks.ts'
import { documentAbsent, loadOpenApiDocument, resolveSchema } from '../support/openapi/document.ts'

const document = loadOpenApiDocument()

describe('who receives what', () => {
  it('is told of an assistant and of the tools inside it, without a secret', () => {
    const assistant: JsonObject = {
      id: 'a1',
      name: 'Desk',
      server: {
        url: 'https://u:p@x.test/hook?token=t0p',
        timeoutSeconds: 5,
        secret: 's3cret',
        headers: { Authorization: 'Bearer s3cret', 'X-Team': 'voice' },
      },
      serverMessages: ['hang'],
      model: {
        tools: [
          { type: 'function', function: { name: 'book' }, server: { url: 'https://x.test/book' } },
          { type: 'endCall' },
        ],
      },
    }
    const webhooks = webhooksOf('assistant', assistant)
    expect(webhooks).toMatchObject([
      { kind: 'tool', inline: true, id: 'a1', name: 'Desk / book', receives: ['tool-calls'], auth: 'none' },
      {
        kind: 'assistant',
        name: 'Desk',
        timeoutSeconds: 5,
        receives: ['hang'],
        auth: 'X-Vapi-Secret, headers Authorization, X-Team',
        server: { secret: '***', headers: { 'X-Team': 'voice' } },
      },
    ])
    expect(JSON.stringify(webhooks)).not.toMatch(/s3cret|t0p|u:p@/)
  })

  it('counts the messages by default, and requests only for numbers that nobody answers', () => {
    const server = { url: 'https://x.test/' }
    expect(webhooksOf('assistant', { id: 'a', server })[0]?.receives).toHaveLength(11)
    expect(webhooksOf('phone', { id: 'p', number: '+1', server })[0]?.receives).toContain('assistant-request')
    expect(webhooksOf('phone', { id: 'p', assistantId: 'a', server })[0]?.receives).not.toContain(
      'assistant-request',
    )
    expect(webhooksOf('phone', { id: 'p', assistantId: null, squadId: '' })).toEqual([])
  })

  it('knows the older form of a server', () => {
    expect(serverOf({ serverUrl: 'https://x.test/', serverUrlSecret: 's' })).toEqual({
      url: 'https://x.test/',
      secret: 's',
    })
    expect(serverOf({ server: { timeoutSeconds: 20 }, serverUrl: '' })).toBeNull()
    expect(serverOf({ server: null })).toBeNull()
  })
})

describe('changing a server', () => {
  const server = {
    url: 'https://x.test/',
    timeoutSeconds: 10,
    headers: { 'X-Team': 'voice', 'x-old': '1' },
    credentialId: 'c1',
    staticIpAddressesEnabled: true,
  }

  it('keeps everything that is not named', () => {
    expect(changedServer(server, { timeoutSeconds: 30 })).toEqual({ ...server, timeoutSeconds: 30 })
  })

  it('replaces headers whatever their case, and takes them and the credential away', () => {
    expect(
      changedServer(server, { headers: { 'x-team': 'chat' }, removeHeaders: ['X-Old'], credentialId: null }),
    ).toEqual({
      url: 'https://x.test/',
      timeoutSeconds: 10,
      headers: { 'x-team': 'chat' },
      staticIpAddressesEnabled: true,
    })
    expect(changedServer({ url: 'u', headers: { a: '1' } }, { removeHeaders: ['A'] })).toEqual({ url: 'u' })
  })

  it('makes a header of the secret that the API has no field for any more', () => {
    expect(changedServer({ url: 'u', secret: 's' }, { url: 'v' })).toEqual({
      url: 'v',
      headers: { 'X-Vapi-Secret': 's' },
    })
  })

  it('sets and drops the plan to try again', () => {
    const backoffPlan = { type: 'exponential', baseDelaySeconds: 2, maxRetries: 1 }
    expect(changedServer({ url: 'u', backoffPlan }, { retries: 3 })).toEqual({
      url: 'u',
      backoffPlan: { ...backoffPlan, maxRetries: 3 },
    })
    expect(changedServer({ url: 'u', backoffPlan }, { retries: 0 })).toEqual({ url: 'u' })
  })

  it('sends what the API tells shapes apart by, and clears the older form', () => {
    expect(serverPatch('phone', { provider: 'vapi' }, { url: 'u' })).toEqual({
      server: { url: 'u' },
      provider: 'vapi',
    })
    expect(serverPatch('tool', { type: 'function' }, null)).toEqual({ server: null, type: 'function' })
    expect(serverPatch('assistant', { serverUrl: 'https://x.test/', type: 'x' }, null)).toEqual({
      server: null,
      serverUrl: null,
    })
  })
})

describe('the types of tools', () => {
  it.skipIf(document === false)(
    `are those of the API, with what it requires${document === false ? ` (skipped: ${documentAbsent})` : ''}`,
    () => {
      if (document === false) return
      const schema = document.paths['/tool']?.post?.requestBody?.content['application/json']?.schema
      const needs = new Map(
        (schema?.oneOf ?? []).map(branch => {
          const { properties, required = [] } = resolveSchema(document, branch)
          return [String(properties?.type?.enum?.[0]), required.filter(field => field !== 'type')]
        }),
      )
      const creatable = toolTypes.filter(type => type.creatable)
      expect(creatable.map(({ type }) => type).sort()).toEqual([...needs.keys()].sort())
      for (const { type, required } of creatable) {
        const told = required.map(path => path.split('=')[0])
        expect(told, type).toEqual(expect.arrayContaining(needs.get(type) ?? []))
      }
    },
  )

  it('are either testable or say why not', () => {
    for (const { type, work, untestable } of toolTypes)
      expect(untestable === null, type).toBe(work !== 'platform')
  })
})
