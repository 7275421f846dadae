import { describe, expect, it } from 'vitest'
import { checkReply, type Finding } from '../../src/messages/reply-checks.ts'

const toolCalls = { type: 'tool-calls', toolCallList: [{ id: 'call_1' }] }

function check(message: Record<string, unknown>, body: unknown, status = 200): string[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return checkReply(message, { status, body: Buffer.from(text) }).map(line)
}

function line({ level, path, message }: Finding): string {
  return `${level} ${path}: ${message}`
}

const tools = (body: unknown, status?: number) => check(toolCalls, body, status)
const of = (type: string, body: unknown) => check({ type }, body)
const entry = (fields: object) => ({ results: [{ toolCallId: 'call_1', ...fields }] })

describe('the reply to tool-calls', () => {
  it('is right as documented, bare or wrapped', () => {
    expect(tools(entry({ result: 'booked' }))).toEqual([])
    expect(tools(entry({ name: 'book', error: 'no room', metadata: {} }))).toEqual([])
    expect(tools({ messageResponse: entry({ result: 'booked' }) })).toEqual([])
    expect(tools({ error: 'down' })).toEqual([])
  })

  it.each([
    ['', 'error : the reply is empty'],
    ['booked', 'error : the reply is not JSON: booked'],
    ['[1]', 'error : the reply is a list and not an object'],
    [{}, 'error results: it is missing'],
    [{ result: 'booked' }, 'error result: a result outside the list "results" is the form of old functions'],
    [{ message: { results: [] } }, 'error results: it stands inside "message", where it is not read'],
    [{ results: {} }, 'error results: it is an object and not a list'],
    [{ results: [] }, 'error results: no entry has the toolCallId call_1'],
    [{ results: ['booked'] }, 'error results[0]: it is the text "booked"'],
    [entry({}), 'error results[0]: it has neither "result" nor "error"'],
    [entry({ result: null }), 'error results[0].result: it is null'],
    [
      entry({ result: { ok: true } }),
      'warning results[0].result: it is an object, which the platform makes a text of',
    ],
    [entry({ result: 3 }), 'warning results[0].result: it is the number 3'],
    [entry({ result: 'a\nb' }), 'warning results[0].result: it has several lines'],
    [entry({ result: '' }), 'warning results[0].result: it is empty'],
    [entry({ result: 'a', error: 'b' }), 'warning results[0]: it has both "result" and "error"'],
    [entry({ result: 'a', note: 1 }), 'warning results[0].note: "note" is not read'],
    [entry({ result: 'a', message: 'Done' }), 'error results[0].message: it is the text "Done"'],
    [
      entry({ error: 'a', message: { type: 'request-complete', content: 'x' } }),
      'error results[0].message.type: it is the text "request-complete"',
    ],
  ])('%j: %s', (body, finding) => {
    expect(tools(body)).toContain(finding)
  })

  it('must name the call by exactly its id', () => {
    expect(tools({ results: [{ toolCallId: 'call_2', result: 'a' }] })).toEqual([
      'error results[0].toolCallId: "call_2" is not the id of a call of this request',
      'error results: no entry has the toolCallId call_1',
    ])
    expect(tools({ results: [{ tool_call_id: 'call_1', result: 'a' }] })).toContain(
      'error results[0].tool_call_id: "tool_call_id" is not read',
    )
  })

  it('says how to mend a misspelt name', () => {
    const body = Buffer.from(JSON.stringify({ Results: [] }))
    expect(checkReply(toolCalls, { status: 200, body })).toEqual([
      expect.objectContaining({ path: 'results', message: 'it is missing' }),
      { level: 'error', path: 'Results', message: '"Results" is not read', fix: 'write it results' },
    ])
  })

  it('comes with the status 200', () => {
    expect(tools(entry({ result: 'a' }), 500)).toEqual([
      'error : the status is 500; the platform takes that for a failure',
    ])
    expect(tools(entry({ result: 'a' }), 201)).toEqual(['warning : the status is 201'])
  })
})

describe('the reply to assistant-request', () => {
  const id = '8f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a'
  it('names one who takes the call', () => {
    expect(of('assistant-request', { assistantId: id, assistantOverrides: {} })).toEqual([])
    expect(of('assistant-request', { error: 'We are closed.' })).toEqual([])
    expect(of('assistant-request', { destination: { type: 'number', number: '+15550100150' } })).toEqual([])
  })

  it.each([
    [{}, 'error : it names nobody who takes the call'],
    [{ assistantId: id, squadId: id }, 'warning : it has assistantId and squadId; only assistantId counts'],
    [{ error: 'x', assistantId: id }, 'warning : it has error and assistantId; only error counts'],
    [{ assistant: { assistantId: id } }, 'error assistant.assistantId: it stands inside'],
    [{ assistantId: 'desk' }, 'warning assistantId: desk is not a UUID'],
    [{ assistantId: 3 }, 'error assistantId: it is the number 3'],
    [{ assistant_id: id }, 'error assistant_id: "assistant_id" is not read'],
    [
      { squadId: id, assistantOverrides: {} },
      'warning assistantOverrides: there is no assistant that it could change',
    ],
    [
      { destination: { type: 'number', number: '5550100' } },
      'error destination.number: 5550100 is not in E.164 form',
    ],
    [
      { destination: { type: 'assistant', assistantName: 'x' } },
      'error destination.type: it is the text "assistant"',
    ],
  ])('%j: %s', (body, finding) => {
    expect(of('assistant-request', body)).toContain(finding)
  })
})

describe('the replies to other requests', () => {
  it.each([
    ['transfer-destination-request', { destination: { type: 'assistant', assistantName: 'Billing' } }],
    ['transfer-destination-request', { destination: { type: 'sip', sipUri: 'sip:a@example.com' } }],
    ['transfer-destination-request', { error: 'nobody is there' }],
    ['handoff-destination-request', { destination: { type: 'assistant', assistantId: 'x' }, result: 'ok' }],
    ['handoff-destination-request', { destination: { type: 'squad', squadId: 'x' } }],
    ['knowledge-base-request', { documents: [{ content: 'a', similarity: 0.5, uuid: 'u' }] }],
    ['knowledge-base-request', { message: { type: 'custom-message', content: 'a' } }],
    ['call.endpointing.request', { timeoutSeconds: 0.4 }],
    ['campaign.predial', { eligible: false }],
    ['status-update', 'anything'],
  ])('%s takes %j', (type, body) => {
    expect(of(type, body)).toEqual([])
  })

  it.each([
    ['transfer-destination-request', {}, 'error destination: it is missing'],
    [
      'transfer-destination-request',
      { destination: { type: 'assistant' } },
      'error destination.assistantName: it is missing',
    ],
    [
      'transfer-destination-request',
      { destination: { type: 'sip', sipUri: 'a@b' } },
      'error destination.sipUri: it is the text "a@b"',
    ],
    ['transfer-destination-request', { error: 'x', message: 'Wait' }, 'error message: it is the text "Wait"'],
    [
      'handoff-destination-request',
      { destination: { type: 'assistant' } },
      'error destination: it does not say which assistant',
    ],
    [
      'handoff-destination-request',
      { destination: { type: 'number' } },
      'error destination.type: it is the text "number"',
    ],
    ['handoff-destination-request', {}, 'error destination: it is missing'],
    ['knowledge-base-request', {}, 'error documents: there are neither documents nor a message'],
    ['knowledge-base-request', { documents: [{ content: '' }] }, 'error documents[0].content: it is empty'],
    [
      'knowledge-base-request',
      { documents: [{ content: 'a' }] },
      'error documents[0].similarity: it is missing',
    ],
    ['call.endpointing.request', { timeoutSeconds: 16 }, 'error timeoutSeconds: it is the number 16'],
    ['call.endpointing.request', { timeoutSeconds: '1' }, 'error timeoutSeconds: it is the text "1"'],
    [
      'campaign.predial',
      { eligible: 'yes' },
      'error eligible: it is the text "yes"; the contact counts as failed',
    ],
  ])('%s finds fault with %j', (type, body, finding) => {
    expect(of(type, body)).toContain(finding)
  })
})

describe('the reply to voice-request', () => {
  const voice = (body: Uint8Array, contentType?: string) =>
    checkReply({ type: 'voice-request' }, { status: 200, body, ...(contentType && { contentType }) }).map(
      line,
    )

  it('is raw samples', () => {
    expect(voice(new Uint8Array(640), 'application/octet-stream')).toEqual([])
    expect(voice(new Uint8Array(0))).toEqual(['error : the reply has no sound'])
    expect(voice(new Uint8Array(641))).toEqual(['error : the reply has 641 bytes, half a sample too many'])
    expect(voice(Buffer.from('RIFFxxxx'))).toEqual([
      'error : the reply is a WAV file; its header would be heard as a click',
    ])
    expect(voice(Buffer.from('{}'), 'application/json')).toEqual(['error : the reply is application/json'])
  })
})
