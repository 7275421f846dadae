import { describe, expect, it } from 'vitest'
import { isToolReply, readToolReply, toolCallsMessage } from '../../src/messages/tool-calls.ts'

const call = { id: 'call_1', name: 'book', arguments: { day: 'tomorrow' } }
const definition = {
  type: 'function',
  function: { name: 'book', parameters: { type: 'object', properties: { day: { type: 'string' } } } },
  server: {
    url: 'https://example.com/hook',
    secret: 's',
    headers: { authorization: 'k' },
    timeoutSeconds: 5,
  },
}

describe('the tool-calls message', () => {
  it('lists the call under all names that handlers read, with arguments as an object', () => {
    const message = toolCallsMessage(
      call,
      definition,
      { call: { id: 'c' }, customer: { number: '+1' } },
      1700,
    )
    const item = {
      id: 'call_1',
      type: 'function',
      function: { name: 'book', arguments: { day: 'tomorrow' } },
      name: 'book',
      arguments: { day: 'tomorrow' },
      parameters: { day: 'tomorrow' },
    }
    expect(message).toEqual({
      type: 'tool-calls',
      timestamp: 1700,
      call: { id: 'c' },
      customer: { number: '+1' },
      toolCalls: [item],
      toolCallList: [item],
      toolWithToolCallList: [
        { ...definition, server: { url: 'https://example.com/hook', timeoutSeconds: 5 }, toolCall: item },
      ],
    })
  })

  it('gives no secret of the configuration away', () => {
    expect(JSON.stringify(toolCallsMessage(call, definition, {}, 0))).not.toMatch(/"secret"|"authorization"/)
  })

  it('has fixed values of the schema as arguments, and where the handlers of hooks look for them', () => {
    const hookTool = {
      type: 'function',
      function: {
        name: 'report',
        parameters: { properties: { text: { type: 'string', value: 'failed' }, other: {} } },
      },
    }
    const message = toolCallsMessage({ id: 'x', name: 'report', arguments: {} }, hookTool, {}, 0)
    const expected = { text: 'failed', properties: { text: { type: 'string', value: 'failed' } } }
    expect(message).toMatchObject({ toolCalls: [{ function: { arguments: expected } }] })
  })

  it('prefers a value that the call already has to the one as written', () => {
    const hookTool = { parameters: { properties: { reason: { value: '{{ endedReason }}' } } } }
    const message = toolCallsMessage(
      { id: 'x', name: 'report', arguments: { reason: 'silence' } },
      hookTool,
      {},
      0,
    )
    expect(message).toMatchObject({
      toolCallList: [{ arguments: { reason: 'silence', properties: { reason: { value: 'silence' } } } }],
    })
  })
})

describe('a reply', () => {
  const read = (reply: unknown) =>
    readToolReply(typeof reply === 'string' ? reply : JSON.stringify(reply), 'call_1')

  it.each<[string, unknown]>([
    ['a list', { results: [{ toolCallId: 'call_1', result: 'booked' }] }],
    [
      'a list with other calls',
      {
        results: [
          { toolCallId: 'a', result: 'no' },
          { toolCallId: 'call_1', result: 'booked' },
        ],
      },
    ],
    [
      'a list in messageResponse',
      { messageResponse: { results: [{ toolCallId: 'call_1', result: 'booked' }] } },
    ],
    ['a bare result', { result: 'booked' }],
    ['a bare result in messageResponse', { messageResponse: { result: 'booked' } }],
    ['a list under the id of hooks', { results: [{ toolCallId: 'hook-function-call', result: 'booked' }] }],
    [
      'a result beside an empty error',
      { results: [{ toolCallId: 'call_1', result: 'booked', error: null }] },
    ],
    ['text of several lines', { result: '  booked\r\n' }],
  ])('is read: %s', (_name, reply) => {
    expect(read(reply)).toEqual({ type: 'result', result: 'booked' })
  })

  it.each<[unknown, string]>([
    [{ day: 1, at: ['9:00'] }, '{"day":1,"at":["9:00"]}'],
    [42, '42'],
    [false, 'false'],
    ['', ''],
    ['a\n  b\r\n\r\nc', 'a b c'],
  ])('has %j as the line %s', (result, text) => {
    expect(read({ results: [{ toolCallId: 'call_1', result }] })).toEqual({ type: 'result', result: text })
  })

  it.each<[string, unknown, string]>([
    ['of the call', { results: [{ toolCallId: 'call_1', error: 'no\nroom' }] }, 'no room'],
    ['as an object', { results: [{ toolCallId: 'call_1', error: { code: 7 } }] }, '{"code":7}'],
    ['of the whole reply', { error: 'down' }, 'down'],
    ['of the whole reply beside a list', { results: [], error: 'down' }, 'down'],
  ])('may be an error: %s', (_name, reply, error) => {
    expect(read(reply)).toEqual({ type: 'error', error })
  })

  it.each<[string, unknown, string]>([
    [
      'another id',
      { results: [{ toolCallId: 'call_2', result: 'x' }] },
      'no entry has the toolCallId "call_1" (found: "call_2"); toolCallId must be exactly the id of the request',
    ],
    ['no id', { results: [{ result: 'x' }] }, '(found: none)'],
    ['an empty list', { results: [] }, 'the list "results" is empty'],
    ['an entry without a result', { results: [{ toolCallId: 'call_1' }] }, 'neither "result" nor "error"'],
    ['no results', { ok: true }, 'the reply has no "results"; reply with {"results"'],
    ['an empty body', '', 'the reply is empty'],
    ['plain text', 'OK\nthanks', 'the reply is not JSON (OK thanks)'],
    ['a list', [], 'not a JSON object'],
  ])('that has no result says what is wrong with it: %s', (_name, reply, said) => {
    const outcome = read(reply)
    expect(outcome.type === 'error' && outcome.error).toMatch(/^No result returned: /)
    expect(outcome.type === 'error' && outcome.error).toContain(said)
  })

  it('keeps the message that is to be spoken', () => {
    const message = { type: 'request-complete', content: 'All set.' }
    expect(read({ results: [{ toolCallId: 'call_1', result: 'x', message }] })).toEqual({
      type: 'result',
      result: 'x',
      message,
    })
  })
})

it('tells a reply from other bodies', () => {
  expect(isToolReply('{"results":[]}')).toBe(true)
  expect(isToolReply('{"messageResponse":{"result":"x"}}')).toBe(true)
  expect(isToolReply('{"error":"Internal Server Error","statusCode":500}')).toBe(false)
  expect(isToolReply('<html>')).toBe(false)
})
