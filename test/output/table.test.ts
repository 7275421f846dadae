import { PassThrough } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { Output, type OutputFormat } from '../../src/output/output.ts'
import { cut, printable, renderTable } from '../../src/output/table.ts'

const rows = [
  { id: '123e4567-e89b-12d3-a456-426614174000', name: '日本語の受付', note: 'short' },
  {
    id: '123e4567-e89b-12d3-a456-426614174001',
    name: '👩‍👩‍👧 family',
    note: 'a note of many words '.repeat(4),
  },
  { id: '123e4567-e89b-12d3-a456-426614174002', name: 'Café', note: '' },
]

async function list(columns: number, terminal: boolean, format: OutputFormat | null): Promise<string[]> {
  const stdout = new PassThrough()
  const output = new Output(
    {
      stdout,
      stderr: new PassThrough(),
      stdin: new PassThrough(),
      stdoutIsTerminal: terminal,
      stderrIsTerminal: terminal,
      stdinIsTerminal: terminal,
      columns: () => columns,
    },
    { format, jq: null, quiet: false, debug: false, colour: { stdout: false, stderr: false } },
  )
  await output.list(
    rows,
    [
      { heading: 'ID', value: row => row.id },
      { heading: 'NAME', value: row => row.name },
      { heading: 'NOTE', value: row => row.note },
    ],
    row => row.id,
  )
  stdout.end()
  return (await readAll(stdout)).split('\n').slice(0, -1)
}

/** The column at which the note begins. */
const noteAt = (line: string, note: string) => stringWidth(line.slice(0, line.indexOf(note)))

describe('a table', () => {
  it('aligns wide characters', async () => {
    const [heading = '', first = '', second = ''] = await list(200, true, null)
    expect(noteAt(first, 'short')).toBe(noteAt(heading, 'NOTE'))
    expect(noteAt(second, 'a note')).toBe(noteAt(heading, 'NOTE'))
  })

  it('fits the terminal by cutting the widest column, never an id', async () => {
    const lines = await list(80, true, null)
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80)
    expect(lines.filter(line => line.endsWith('…'))).toHaveLength(1)
    for (const { id } of rows) expect(lines.some(line => line.startsWith(`${id}  `))).toBe(true)
  })

  it('cuts no column to nothing, however narrow the terminal', async () => {
    const lines = await list(20, true, null)
    expect(lines[2]).toMatch(/^\S{36} {2}👩‍👩‍👧 family +a note of m…$/u)
  })

  it('leaves out the last columns where there is no room for them, and says which', () => {
    const headings = ['ID', 'NAME', 'MODEL', 'VOICE', 'CREATED']
    const row = ['1'.repeat(36), 'n'.repeat(30), 'gpt-4o-mini', 'Elliot', '2026-01-05 09:30:15']
    const leftOut: string[][] = []
    const draw = (columns: number) =>
      renderTable(headings, [row], { columns, onLeftOut: names => leftOut.push(names) }).split('\n')[1]
    expect(draw(140)).toMatch(/2026-01-05 09:30:15$/)
    // The seconds go first, then the time of day; a name goes no further than 12 columns.
    expect(draw(98)).toMatch(/gpt-4o-mini {2}Elliot {2}2026-01-05 09:30$/)
    expect(draw(83)).toMatch(/^1{36} {2}n{11}… {2}gpt-4o-mini {2}Elliot {2}2026-01-05$/)
    expect(leftOut).toEqual([])
    expect(draw(80)).toMatch(/^1{36} {2}n{20}… {2}gpt-4o-mini {2}Elliot$/)
    expect(leftOut).toEqual([['CREATED']])
  })

  it('cuts neither what a row begins with nor a telephone number', () => {
    const row = ['conversation-update', 'w'.repeat(40), '+442071838750']
    expect(renderTable(['TYPE', 'WHEN', 'NUMBER'], [row], { columns: 60 })).toContain(
      `conversation-update  ${'w'.repeat(23)}…  +442071838750\n`,
    )
  })

  it('leaves a last column that wraps to the terminal', () => {
    const text = 'a long line of a log '.repeat(8).trim()
    const table = renderTable(['TIME', 'TEXT'], [['09:00', text]], { columns: 40, wrapsLast: true })
    expect(table).toBe(`TIME   TEXT\n09:00  ${text}\n`)
  })

  it('is never cut in a pipe', async () => {
    const lines = await list(40, false, 'table')
    expect(lines[2]).toContain(rows[1]?.note.trim())
  })

  it('is tab-separated in a pipe unless asked for', async () => {
    expect((await list(40, false, null))[2]).toBe(`${rows[2]?.id}\tCafé\t`)
  })

  it('lets no cell steer the terminal or turn the text around it', () => {
    const table = renderTable(['A', 'B'], [['x\u001b[2Jy\n', '\u202eevil\u2028']])
    expect(table).toBe('A        B\nx [2Jy    evil\n')
    expect(printable('plain – text')).toBe('plain – text')
  })

  it('never cuts a character that is seen as one', () => {
    expect(cut('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 5, stringWidth)).toBe('👩‍👩‍👧👩‍👩‍👧…')
    expect(cut('日本語', 4, stringWidth)).toBe('日…')
    expect(cut('日本語', 6, stringWidth)).toBe('日本語')
  })
})
