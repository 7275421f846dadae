import { describe, expect, it } from 'vitest'
import {
  defaultServerMessages,
  findServerMessageType,
  selectableServerMessages,
  serverMessageTypes,
} from '../../src/messages/events.ts'
import { checkReply } from '../../src/messages/reply-checks.ts'
import { sampleMessage, sampleTypes } from '../../src/messages/samples.ts'
import {
  documentAbsent,
  loadOpenApiDocument,
  resolveSchema,
  type Schema,
} from '../support/openapi/document.ts'
import { createStrictCheck } from '../support/openapi/strict-schema.ts'

const nowMs = Date.UTC(2026, 0, 5, 9)
const document = loadOpenApiDocument()

describe('the table of server messages', () => {
  it('has every type once', () => {
    const types = serverMessageTypes.map(({ type }) => type)
    expect(new Set(types).size).toBe(types.length)
  })

  it('has a sample of each whose fields are documented, and of no other', () => {
    for (const { type, documented } of serverMessageTypes) {
      const sample = sampleMessage(type, { nowMs })
      expect(sample === null, type).toBe(!documented)
      if (sample !== null) expect(sample).toMatchObject({ type, timestamp: nowMs })
    }
    expect(sampleMessage('constructor', { nowMs })).toBeNull()
  })

  it('gives the assistant request 7.5 seconds, and other requests the time of their server', () => {
    expect(findServerMessageType('assistant-request')?.limitSeconds).toBe(7.5)
    expect(findServerMessageType('tool-calls')?.limitSeconds).toBeNull()
  })

  it.skipIf(document === false)(
    `agrees with the API's lists${document === false ? ` (skipped: ${documentAbsent})` : ''}`,
    () => {
      if (document === false) return
      const assistant = document.components?.schemas?.CreateAssistantDTO?.properties?.serverMessages
      const allowed = assistant?.items?.enum ?? (assistant as Schema | undefined)?.enum
      expect([...new Set(allowed)].sort()).toEqual([...selectableServerMessages].sort())
      expect([...((assistant?.example as string[] | undefined) ?? [])].sort()).toEqual(
        [...defaultServerMessages].sort(),
      )
    },
  )
})

describe('samples', () => {
  it('are about what they are told', () => {
    const sample = sampleMessage('tool-calls', {
      nowMs,
      call: { id: 'call-1' },
      assistant: { id: 'assistant-1', name: 'Desk' },
      tool: { definition: { type: 'function' }, name: 'book', arguments: { day: 'Friday' }, callId: 'c1' },
      fields: { extra: 1 },
    })
    expect(sample).toMatchObject({
      call: { id: 'call-1', assistantId: 'assistant-1' },
      assistant: { name: 'Desk' },
      toolCallList: [{ id: 'c1', function: { name: 'book', arguments: { day: 'Friday' } } }],
      extra: 1,
    })
  })

  it('are the same for the same subject', () => {
    for (const type of sampleTypes)
      expect(sampleMessage(type, { nowMs })).toEqual(sampleMessage(type, { nowMs }))
  })

  it('of an inbound call that nobody takes yet have no assistant', () => {
    const sample = sampleMessage('assistant-request', { nowMs })
    expect(sample).not.toHaveProperty('assistant')
    expect(sample?.call).not.toHaveProperty('assistantId')
    expect(sample).toMatchObject({ call: { status: 'ringing' }, customer: { number: '+15550100123' } })
  })

  it('need no reply where the table says so', () => {
    for (const { type, reply, documented } of serverMessageTypes) {
      if (!documented) continue
      const sample = sampleMessage(type, { nowMs }) ?? {}
      const findings = checkReply(sample, { status: 200, body: new Uint8Array() })
      expect(findings.length > 0, type).toBe(reply !== null)
    }
  })

  describe.skipIf(document === false)(
    `by the API's document${document === false ? ` (skipped: ${documentAbsent})` : ''}`,
    () => {
      it.each(sampleTypes)('%s is a valid message', type => {
        if (document === false) return
        const schema = schemaOf(type)
        const faults = createStrictCheck(document)(schema, sampleMessage(type, { nowMs }))
        expect(faults.map(({ message }) => message).filter(message => !isKnown(message))).toEqual([])
      })
    },
  )
})

/** The schema of a message type, by the type that it declares. */
function schemaOf(type: string): Schema {
  if (document === false) throw new Error(documentAbsent)
  const schemas = document.components?.schemas ?? {}
  const found = Object.entries(schemas).find(
    ([name, { properties }]) =>
      /^ServerMessage(?!Response)/.test(name) && properties?.type?.enum?.includes(type) === true,
  )
  if (found === undefined) throw new Error(`no schema of ${type}`)
  return resolveSchema(document, found[1])
}

/** Where observed messages differ from the document on purpose (vapi-api.md 3.2, 3.4). */
function isKnown(message: string): boolean {
  return [
    /^toolCalls\b|property toolCalls should not exist/,
    /toolCallList|toolWithToolCallList/,
    /^output must be/,
    // The document describes what creates them; messages carry them as stored.
    /^(phoneNumber|assistant)\.property (id|orgId|createdAt|updatedAt|number|status) should not exist/,
    // Its chat messages of the user have the fields of calls; chats have `content`.
    /^chat\.(input|messages)\.0\.role must be/,
  ].some(pattern => pattern.test(message))
}
