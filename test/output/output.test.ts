import { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { usageError } from '../../src/errors.ts'
import { Output, type OutputOptions } from '../../src/output/output.ts'

/** What a server may put into a name to steer a terminal: escape codes, the C1 form of one, a bell, a turned direction. */
const EVIL = 'a\u001b[31mred\u009b2J\u0007\u202eb'
/** All control characters but line breaks and tabs, and turned directions. */
const STEERS = /(?![\n\t])[\p{Cc}\u202e]/u
const CONTROLS = /(?![\n\t])\p{Cc}/u

function setUp(options: Partial<OutputOptions> = {}, stdout?: Writable) {
  const pieces = { out: '', err: '' }
  const collect = (into: 'out' | 'err') =>
    new Writable({
      write(piece, _encoding, done) {
        pieces[into] += piece
        done()
      },
    })
  const output = new Output(
    {
      stdout: stdout ?? collect('out'),
      stderr: collect('err'),
      stdin: Readable.from([]),
      stdoutIsTerminal: true,
      stderrIsTerminal: true,
      stdinIsTerminal: true,
      columns: () => 80,
    },
    {
      format: null,
      jq: null,
      quiet: false,
      debug: false,
      colour: { stdout: false, stderr: false },
      ...options,
    },
  )
  return { output, pieces }
}

const columns = [{ heading: 'NAME', value: ({ name }: { name: string }) => name }]

describe('what a server sent', () => {
  it('cannot steer the terminal through notes, warnings and errors', () => {
    const { output, pieces } = setUp({ debug: true })
    output.note(EVIL)
    output.warning(EVIL)
    output.trace(EVIL)
    output.error(usageError(`${EVIL}\nsecond line`, EVIL))
    expect(pieces.err).toContain('error: a [31mred 2J  b\nsecond line\nhint: a')
    expect(pieces.err).not.toMatch(STEERS)
  })

  it.each(['table', 'tsv', 'id', 'yaml'] as const)('cannot do so in a list as %s', async format => {
    const { output, pieces } = setUp({ format })
    await output.list([{ name: EVIL }], columns, ({ name }) => name)
    expect(pieces.out).toContain('red')
    expect(pieces.out).not.toMatch(format === 'yaml' ? CONTROLS : STEERS)
  })

  it.each(['json', 'jsonl'] as const)('cannot do so as %s, and is the same value', async format => {
    const { output, pieces } = setUp({ format })
    await output.list([{ name: EVIL }], columns, ({ name }) => name)
    expect(pieces.out).not.toMatch(CONTROLS)
    expect([JSON.parse(pieces.out)].flat()).toEqual([{ name: EVIL }])
  })
})

describe('a list', () => {
  it('without columns is JSON where no form is asked for', async () => {
    const { output, pieces } = setUp()
    await output.list([{ a: 1 }], [], () => '')
    expect(JSON.parse(pieces.out)).toEqual([{ a: 1 }])
  })
})

describe('a reader that does not go on', () => {
  const stalled = () => new Writable({ highWaterMark: 1, write() {} })

  it('holds nothing up after Ctrl-C: neither rows that come nor the end', async () => {
    const interrupt = new AbortController()
    const { output } = setUp({ format: 'jsonl', signal: interrupt.signal }, stalled())
    const listing = output.list([{ a: 1 }], [], () => '')
    const reason = new Error('Ctrl-C')
    interrupt.abort(reason)
    await expect(listing).rejects.toBe(reason)
    await output.flush()
  })
})
