import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addEvent, deltaOf, noProgress, readChat, textsOf } from '../../src/api/chat.ts'
import type { JsonObject } from '../../src/api/types.ts'
import type { HttpReply } from '../../src/net/reply.ts'

/** A reply whose body comes in these pieces; a thrown error breaks it off. */
function replyOf(pieces: readonly (string | Error)[], contentType = 'text/event-stream'): HttpReply {
  async function* body() {
    for (const piece of pieces) {
      if (piece instanceof Error) throw piece
      yield Buffer.from(piece)
    }
  }
  return {
    status: 200,
    headers: { 'content-type': contentType },
    url: 'http://x/chat',
    body: body(),
    text: async () => pieces.join(''),
    json: async () => JSON.parse(pieces.join('')),
    discard: () => {},
    cancel: () => {},
  }
}

async function read(reply: HttpReply): Promise<{ events: JsonObject[]; error: unknown }> {
  const events: JsonObject[] = []
  try {
    for await (const event of readChat(reply)) events.push(event)
    return { events, error: null }
  } catch (error) {
    return { events, error }
  }
}

const delta = (text: string, index = 0, id = 'c1') =>
  `data: ${JSON.stringify({ id, path: `chat.output[${index}].content`, delta: text })}\n\n`

describe('the events of a chat', () => {
  it('add up to its outputs', () => {
    const events: JsonObject[] = [
      { id: 'c1', path: 'chat.output[0].content', delta: 'Hel' },
      { id: 'c1', path: 'chat.output[0].content', delta: 'lo' },
      { id: 'c1', sessionId: 's1', path: 'chat.output[2].content', delta: '!' },
      { id: 'c1', path: 'chat.output[0].toolCalls', delta: 'x' },
    ]
    expect(events.reduce(addEvent, noProgress)).toEqual({
      id: 'c1',
      sessionId: 's1',
      outputs: ['Hello', '', '!'],
    })
    expect(noProgress.outputs).toEqual([])
  })

  it('do not make huge lists of a wrong index', () => {
    expect(deltaOf({ path: 'chat.output[99999999].content', delta: 'x' })).toBeNull()
    expect(deltaOf({ path: 'chat.output[-1].content', delta: 'x' })).toBeNull()
    expect(deltaOf({ path: 'chat.output[0].content', delta: 3 })).toBeNull()
  })
})

describe('reading a stream', () => {
  it('gives every event, wherever the pieces are cut, with or without [DONE]', async () => {
    const whole = `: hello\n\n${delta('Grüß')}${delta(' dich 👋')}`
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.boolean(), async (at, done) => {
        const text = whole + (done ? 'data: [DONE]\n\n' : '')
        const cut = text.slice(0, at)
        const { events, error } = await read(replyOf([cut, text.slice(at)]))
        expect(error).toBeNull()
        expect(events.reduce(addEvent, noProgress).outputs).toEqual(['Grüß dich 👋'])
      }),
    )
  })

  it('throws for an error inside, after what came before', async () => {
    const body = { statusCode: 402, message: ['no credit', 'pay'], error: 'Payment Required' }
    const { events, error } = await read(replyOf([delta('Hi'), `data: ${JSON.stringify(body)}\n\n`]))
    expect(events).toHaveLength(1)
    expect(error).toMatchObject({ code: 'chat-failed', message: 'the chat failed: no credit; pay' })
    expect((await read(replyOf(['event: error\ndata: overloaded\n\n']))).error).toMatchObject({
      message: 'the chat failed: overloaded',
    })
    expect((await read(replyOf(['data: {"error":{"message":"no model"}}\n\n']))).error).toMatchObject({
      message: 'the chat failed: no model',
    })
  })

  it('throws where it breaks off or has nothing', async () => {
    const lost = new Error('connection lost')
    expect(await read(replyOf([delta('Hi'), lost]))).toEqual({
      events: [expect.objectContaining({ delta: 'Hi' })],
      error: lost,
    })
    expect((await read(replyOf([delta('Hi'), 'data: {"id":"c1","pa']))).error).toMatchObject({
      code: 'chat-stream-broken',
    })
    expect((await read(replyOf([]))).error).toMatchObject({ code: 'chat-stream-broken' })
    expect((await read(replyOf(['data: 3\n\n']))).error).toMatchObject({ code: 'chat-stream-broken' })
  })

  it('takes a whole chat from a server that does not stream', async () => {
    const chat = { id: 'c1', sessionId: 's1', output: [{ role: 'assistant', content: 'Hi' }] }
    const { events } = await read(replyOf([JSON.stringify(chat)], 'application/json; charset=utf-8'))
    expect(events.reduce(addEvent, noProgress)).toEqual({ id: 'c1', sessionId: 's1', outputs: ['Hi'] })
    const empty = await read(replyOf(['{"id":"c2","output":[]}'], 'application/json'))
    expect(empty.events.reduce(addEvent, noProgress).id).toBe('c2')
  })
})

describe('a whole chat', () => {
  it('says what the assistant said, without tool calls and their results', () => {
    expect(
      textsOf({
        output: [
          { role: 'assistant', content: null },
          { role: 'tool', content: '{"free":true}' },
          { role: 'assistant', content: 'Nine is free.' },
          {
            role: 'assistant',
            content: [
              { type: 'text', text: 'Shall ' },
              { type: 'text', text: 'I?' },
            ],
          },
          'odd',
        ],
      }),
    ).toEqual(['Nine is free.', 'Shall I?'])
    expect(textsOf({})).toEqual([])
  })
})
