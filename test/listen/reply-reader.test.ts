import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplyError, ReplyReader } from '../../src/listen/relay/reply-reader.ts'

interface Read {
  heads: [number, string, string[]][]
  body: string
  ends: string[][]
  keeps: boolean
}

/** What a reader makes of these bytes, which come cut at these places; then the connection closes. */
function read(text: string, { method = 'POST', cuts = [] as number[], closes = false } = {}): Read {
  const found: Read = { heads: [], body: '', ends: [], keeps: false }
  const reader = new ReplyReader({
    onHead: (...head) => found.heads.push(head),
    onBody: piece => {
      found.body += piece.toString('latin1')
    },
    onEnd: trailers => found.ends.push(trailers),
  })
  reader.begin(method)
  const bytes = Buffer.from(text, 'latin1')
  const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  for (let place = 1; place < places.length; place++) {
    const piece = bytes.subarray(places[place - 1], places[place])
    if (piece.length > 0) reader.feed(piece)
  }
  found.keeps = reader.keepsOpen
  if (closes) reader.close()
  return found
}

const crlf = (...lines: string[]) => lines.join('\r\n')

describe('a reply', () => {
  it.each([
    ['with a length', crlf('HTTP/1.1 200 OK', 'Content-Length: 5', '', 'hello'), 'hello'],
    [
      'in chunks',
      crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked', '', '5;x=1', 'hello', '0', '', ''),
      'hello',
    ],
    ['without a body', crlf('HTTP/1.1 204 No Content', 'Content-Length: 5', '', ''), ''],
    [
      'after interim ones',
      crlf('HTTP/1.1 103 Early', 'Link: a', '', 'HTTP/1.1 200 OK', 'Content-Length: 0', '', ''),
      '',
    ],
    ['whose lines end with line feeds', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', 'hello'],
    ['whose lines end in both ways', 'HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello', 'hello'],
  ])('%s is read, and the connection goes on', (_, text, body) => {
    expect(read(text)).toMatchObject({ body, ends: [[]], keeps: true })
    expect(read(text).heads).toHaveLength(1)
  })

  it('has its status, words, and headers as they stand there', () => {
    const text = crlf(
      'HTTP/1.1 404 Not  Here',
      'A:1',
      'a: \t2 ',
      'Empty:',
      'B: \xc3\xa0',
      'Content-Length: 0',
      '',
      '',
    )
    expect(read(text).heads).toEqual([
      [404, 'Not  Here', ['A', '1', 'a', '2', 'Empty', '', 'B', '\xc3\xa0', 'Content-Length', '0']],
    ])
  })

  it('has folded lines in one', () => {
    const text = crlf('HTTP/1.1 200 OK', 'A: 1', '  2', 'Content-Length: 0', '', '')
    expect(read(text).heads[0]?.[2].slice(0, 2)).toEqual(['A', '1 2'])
  })

  it('has trailers', () => {
    const text = crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '0', 'X-Sum: 5', '', '')
    expect(read(text).ends).toEqual([['X-Sum', '5']])
  })

  it.each(['HEAD', 'POST'])('ends with the connection where nothing says how long it is (%s)', method => {
    const text = crlf('HTTP/1.1 200 OK', '', '')
    expect(read(text, { method }).ends).toHaveLength(method === 'HEAD' ? 1 : 0)
    expect(read(`${text}hello`, { closes: true })).toMatchObject({ body: 'hello', ends: [[]], keeps: false })
  })

  it.each([
    ['Connection: close', 'HTTP/1.1', false],
    ['Connection: x, Close', 'HTTP/1.1', false],
    ['X: y', 'HTTP/1.0', false],
    ['Connection: Keep-Alive', 'HTTP/1.0', true],
  ])('with “%s” in %s keeps the connection: %s', (line, version, keeps) => {
    expect(read(crlf(`${version} 200 OK`, line, 'Content-Length: 0', '', '')).keeps).toBe(keeps)
  })

  it('ends before what nobody asked for, which ends the connection', () => {
    const text = crlf('HTTP/1.1 200 OK', 'Content-Length: 2', '', 'okHTTP/1.1 200 OK', '', '')
    expect(read(text)).toMatchObject({ body: 'ok', ends: [[]], keeps: false })
  })

  it('is the same however its bytes are cut', () => {
    const token = fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,8}$/)
    const body = fc.string({ unit: 'binary-ascii', maxLength: 60 })
    const chunked = fc.record({ chunks: fc.array(body.filter(text => text !== '')), trailer: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(token, token)),
        fc.oneof(body, chunked),
        fc.array(fc.nat(500)),
        (headers, content, cuts) => {
          const lines = headers.map(([name, value]) => `X-${name}: ${value}\r\n`).join('')
          const text =
            typeof content === 'string'
              ? `HTTP/1.1 200 OK\r\n${lines}Content-Length: ${content.length}\r\n\r\n${content}`
              : `HTTP/1.1 200 OK\r\n${lines}Transfer-Encoding: chunked\r\n\r\n${content.chunks
                  .map(chunk => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
                  .join('')}0\r\n${content.trailer ? 'X-T: 1\r\n' : ''}\r\n`
          const whole = read(text)
          expect(whole.ends).toHaveLength(1)
          expect(whole.body).toBe(typeof content === 'string' ? content : content.chunks.join(''))
          expect(read(text, { cuts })).toEqual(whole)
        },
      ),
    )
  })
})

describe('no reply', () => {
  it.each([
    ['another protocol', '\x15\x03\x01\x00\x02\x02P'],
    ['a greeting', '220 mail.example ESMTP\r\n'],
    ['a version that is not spoken', crlf('HTTP/2 200', '', '')],
    ['a status of two digits', crlf('HTTP/1.1 20 OK', '', '')],
    ['a header without a name', crlf('HTTP/1.1 200 OK', ': x', '', '')],
    ['a name with a space', crlf('HTTP/1.1 200 OK', 'Content-Length : 5', '', '')],
    ['a folded line first', crlf('HTTP/1.1 200 OK', ' x', '', '')],
    ['two lengths', crlf('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6', '', '')],
    ['a length that is none', crlf('HTTP/1.1 200 OK', 'Content-Length: -5', '', '')],
    ['a coding for one hop', crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked', '', '')],
    ['a chunk without a size', crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', 'x', '')],
    ['a chunk that is too long', crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '1', 'ab', '')],
    ['a head without an end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`],
    [
      'a size without an end',
      crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '1'.padEnd(5000, ' ')),
    ],
  ])('is %s', (_, text) => expect(() => read(text)).toThrow(ReplyError))

  it('is anything, without another error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), fc.array(fc.nat(200)), (text, cuts) => {
        for (const start of [
          '',
          'HTTP/1.1 200 OK\r\n',
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
        ])
          try {
            read(`${start}${text}`, { cuts, closes: true })
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(ReplyError)
          }
      }),
    )
  })
})
