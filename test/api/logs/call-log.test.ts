import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { callLogEntry, readCallLog } from '../../../src/api/logs/call-log.ts'
import type { Json } from '../../../src/api/types.ts'

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function linesOf(bytes: Uint8Array, size = 7): Promise<Json[]> {
  const lines: Json[] = []
  for await (const line of readCallLog(inPieces(bytes, size))) lines.push(line)
  return lines
}

const text = '{"msg":"grüße"}\n\n{"msg":"two"}\r\nnot json\n{"msg":"last"}'
const expected = [{ msg: 'grüße' }, { msg: 'two' }, 'not json', { msg: 'last' }]

describe('the log of a call', () => {
  it.each([1, 2, 7, 4096])('is read gzipped and inflated alike, cut into pieces of %i bytes', async size => {
    expect(await linesOf(gzipSync(text), size)).toEqual(expected)
    expect(await linesOf(Buffer.from(text), size)).toEqual(expected)
  })

  it('may be empty', async () => {
    expect(await linesOf(Buffer.alloc(0))).toEqual([])
    expect(await linesOf(gzipSync(''))).toEqual([])
  })

  it('that is cut off gives its readable part and says so', async () => {
    const whole = gzipSync(
      Array.from({ length: 5000 }, (_, n) => JSON.stringify({ n, r: Math.sin(n) })).join('\n'),
    )
    const lines: Json[] = []
    const read = async () => {
      for await (const line of readCallLog(inPieces(whole.subarray(0, whole.length / 2), 512)))
        lines.push(line)
    }
    await expect(read()).rejects.toMatchObject({ code: 'invalid-call-log' })
    expect(lines.length).toBeGreaterThan(1000)
    expect(lines[0]).toMatchObject({ n: 0 })
  })

  it('passes the failure of its source on', async () => {
    const broken = async function* () {
      yield gzipSync(text).subarray(0, 12)
      throw new Error('the network is gone')
    }
    const read = async () => {
      for await (const _ of readCallLog(broken()));
    }
    await expect(read()).rejects.toThrow('the network is gone')
  })
})

describe('a line of it', () => {
  const at = Date.UTC(2026, 0, 5, 9)
  it.each<[string, Json, object]>([
    ['pino', { level: 50, time: at, msg: 'boom' }, { level: 'error', atMs: at, text: 'boom' }],
    [
      'OpenTelemetry',
      { severityNumber: 13, timeUnixNano: `${at}000000`, body: 'slow' },
      { level: 'warn', atMs: at, text: 'slow' },
    ],
    [
      'names',
      { severity: 'Fatal', timestamp: new Date(at).toISOString(), message: 'x' },
      { level: 'error', atMs: at },
    ],
    ['seconds', { time: at / 1000, log: 'x', level: 'DEBUG' }, { level: 'debug', atMs: at, text: 'x' }],
    [
      'deliveries',
      { time: at, category: 'webhook', message: 'POST 200' },
      { type: 'webhook', level: 'info' },
    ],
    ['deliveries by their text', { time: at, msg: 'Server URL answered 500' }, { type: 'webhook' }],
    ['nothing known', { a: 1 }, { level: 'info', atMs: null, type: 'log', text: '{"a":1}' }],
    ['text', 'plain', { text: 'plain', atMs: null }],
    ['null', null, { text: 'null' }],
  ])('is understood: %s', (_name, line, entry) => {
    expect(callLogEntry(line, 'c1', 'a1')).toMatchObject({
      callId: 'c1',
      assistantId: 'a1',
      source: 'call-log',
      ...entry,
    })
  })
})
