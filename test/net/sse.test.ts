import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventParser, type ServerSentEvent } from '../../src/net/sse.ts'

function parse(text: string, bytesPerPush = Number.POSITIVE_INFINITY): ServerSentEvent[] {
  const parser = createEventParser()
  const bytes = new TextEncoder().encode(text)
  const events: ServerSentEvent[] = []
  for (let at = 0; at < bytes.length; at += bytesPerPush)
    events.push(...parser.push(bytes.subarray(at, at + bytesPerPush)))
  return [...events, ...parser.end()]
}

const message = (data: string): ServerSentEvent => ({ type: 'message', data })

describe('the event parser', () => {
  it('gives an event at its empty line and not before', () => {
    const parser = createEventParser()
    const encode = (text: string) => new TextEncoder().encode(text)
    expect(parser.push(encode('data: a\n'))).toEqual([])
    expect(parser.push(encode('\ndata: b'))).toEqual([message('a')])
    expect(parser.push(encode('\n\n'))).toEqual([message('b')])
    expect(parser.end()).toEqual([])
  })

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('takes %s as the end of a line', (_name, end) => {
    const text = ['data: one', '', 'event: note', 'data: two', 'data: three', '', ''].join(end)
    expect(parse(text)).toEqual([message('one'), { type: 'note', data: 'two\nthree' }])
  })

  it('passes over comments, unknown fields and events without data', () => {
    const text = ': keep-alive\n\nid: 7\nretry: 10\nevent: ping\n\ndata: x\nother\n\n'
    expect(parse(text)).toEqual([message('x')])
  })

  it('takes one space after the colon away and keeps the others', () => {
    expect(parse('data:x\n\ndata:  y \n\ndata\n\ndata: a:b\n\n')).toEqual(
      ['x', ' y ', '', 'a:b'].map(message),
    )
  })

  it('gives the last event of a stream that ends without its empty line, or without any line end', () => {
    expect(parse('data: a\n')).toEqual([message('a')])
    expect(parse('data: a\n\ndata: b')).toEqual([message('a'), message('b')])
  })

  it('passes over a byte order mark', () => {
    expect(parse('\uFEFFdata: a\n\n')).toEqual([message('a')])
  })

  it('gives the same events wherever the bytes are cut', () => {
    const line = fc.constantFrom(
      'data: größe €',
      'data: 😀😀',
      'data:',
      ': comment',
      'event: e',
      'data: {"a":1}',
      '',
    )
    const streams = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 20 })
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 9 }), (lines, bytesPerPush) => {
        const text = lines.map(([content, end]) => content + end).join('')
        expect(parse(text, bytesPerPush)).toEqual(parse(text))
      }),
      { numRuns: 300 },
    )
  })

  it('refuses an event that is larger than the limit, on one line or on many', () => {
    const encode = (text: string) => new TextEncoder().encode(text)
    const oneLine = createEventParser(1000)
    expect(() => oneLine.push(encode(`data: ${'x'.repeat(2000)}`))).toThrow(
      expect.objectContaining({ code: 'event-too-large' }),
    )
    const manyLines = createEventParser(1000)
    expect(() => {
      for (let i = 0; i < 100; i++) manyLines.push(encode(`data: ${'x'.repeat(50)}\n`))
    }).toThrow(expect.objectContaining({ code: 'event-too-large' }))
  })

  it('lets comments of any length pass', () => {
    const parser = createEventParser(1000)
    for (let i = 0; i < 100; i++) parser.push(new TextEncoder().encode(i === 0 ? ': ' : 'x'.repeat(100)))
    expect(parser.push(new TextEncoder().encode('\ndata: a\n\n'))).toEqual([message('a')])
  })
})
