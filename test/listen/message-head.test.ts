import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessageHead } from '../../src/listen/message-head.ts'

/** Large enough that it is read and not parsed. */
const FILLER = Array.from({ length: 800 }, (_, place) => ({
  role: 'user',
  message: `“${place}” \\ \u00e9 {[`,
  time: place,
}))
const toolCallList = [{ id: 'call_1', function: { name: 'book', arguments: { day: 'Monday' } } }]

function head(value: unknown, complete = true) {
  return readMessageHead(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), complete)
}

describe('the head of an event', () => {
  it.each([
    ['small', []],
    ['large', FILLER],
  ])('is read from a %s body', (_, messages) => {
    const call = { id: 'c1', assistant: { id: 'not this' } }
    for (const message of [
      { type: 'tool-calls', toolCallList, call, artifact: { messages } },
      { artifact: { messages }, call, toolCallList, timestamp: 1, type: 'tool-calls' },
    ])
      expect(head({ message })).toMatchObject({
        type: 'tool-calls',
        callId: 'c1',
        fields: { toolCallList },
      })
  })

  it('is also read where the type stands at the top', () => {
    expect(head({ type: 'hang', call: { id: 'c2' } })).toMatchObject({ type: 'hang', callId: 'c2' })
  })

  it.each(['[1]', '"text"', '17', 'null', '{}', '{"message": 5}'])('of %s has no type', text =>
    expect(head(text)).toMatchObject({ type: null, callId: null }),
  )

  it.each(['{', '{"message": {"type": "x"', 'no json', ''])('of “%s” is malformed', text =>
    expect(head(text)).toBe('malformed'),
  )

  it.each(['constructor', 'toString', '__proto__'])('is read of a large body of type %s', type =>
    expect(head({ message: { call: { id: 'c3' }, type, artifact: { messages: FILLER } } })).toMatchObject({
      type,
      callId: 'c3',
    }),
  )

  it('has the call also where it stands far behind the type', () => {
    const messages = [...FILLER, ...FILLER, ...FILLER, ...FILLER]
    const message = {
      type: 'end-of-call-report',
      artifact: { messages },
      endedReason: 'x',
      call: { id: 'c4' },
    }
    expect(JSON.stringify(message).length).toBeGreaterThan(100_000)
    expect(head({ message })).toMatchObject({ callId: 'c4', fields: { endedReason: 'x' } })
  })

  it('is malformed in a large body that breaks off before its type', () => {
    const text = JSON.stringify({ message: { artifact: { messages: FILLER }, type: 'hang' } })
    expect(head(text.slice(0, 30_000))).toBe('malformed')
  })

  it('waits for more where the type has not come yet, and does not where it has', () => {
    const late = JSON.stringify({ message: { artifact: { messages: FILLER }, type: 'hang' } })
    expect(head(late.slice(0, 30_000), false)).toBeNull()
    const early = JSON.stringify({ message: { type: 'hang', artifact: { messages: FILLER } } })
    expect(head(early.slice(0, 30_000), false)).toMatchObject({ type: 'hang' })
  })

  it('is the same whether the body is parsed or read', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 }),
        fc.string(),
        fc.uuid(),
        (others, type, id) => {
          const { call: _call, type: _type, message: _message, ...rest } = others
          const message = { ...rest, call: { ...rest, id }, type }
          const small = JSON.stringify({ message })
          const read = head(JSON.stringify({ filler: 'x'.repeat(20_000), message }))
          const parsed = readMessageHead(Buffer.from(small), true)
          expect(read).toMatchObject({ type, callId: id })
          expect(parsed).toMatchObject({ type, callId: id })
        },
      ),
    )
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, complete) => {
        const large = Buffer.concat([
          Buffer.from('{"message":{"a":"'),
          Buffer.alloc(17_000, 0x61),
          Buffer.from('",'),
          bytes,
        ])
        readMessageHead(Buffer.from(bytes), complete)
        readMessageHead(large, complete)
      }),
    )
  })
})
