import { usageError, type VapiError } from '../errors.ts'
import { createJqFilter, type JqFilter } from './jq.ts'
import { jsonText, yamlText } from './json.ts'
import { createProgress, type ProgressLine } from './progress.ts'
import { jsonArrayForm, lineForm, writeRows } from './row-stream.ts'
import type { Streams } from './streams.ts'
import { measureFor, printable, printableLines, renderTable, renderTsv } from './table.ts'

export const outputFormats = ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'] as const
export type OutputFormat = (typeof outputFormats)[number]

export interface OutputOptions {
  /** What the user asked for; null: a table on a terminal, tab-separated values in a pipe. */
  format: OutputFormat | null
  /** A jq expression that filters JSON, or null. */
  jq: string | null
  quiet: boolean
  debug: boolean
  colour: { stdout: boolean; stderr: boolean }
  /** Ctrl-C. Nothing waits any longer for a reader of the output that does not go on. */
  signal?: AbortSignal
  /** Runs work that keeps the program from hearing of Ctrl-C, so that Ctrl-C ends it all the same. */
  whileBlocked?<Result>(work: () => Result): Result
}

/** How long the last words are waited for after Ctrl-C. */
const LAST_WORDS_MS = 500

/** A column of a list: its heading and how a row fills it. */
export interface Column<Row> {
  heading: string
  value(row: Row): string
  /** Never cut; the terminal wraps it. For the last column. */
  wraps?: boolean
  /** Never cut: it is worth nothing then. The first column and ids are whole anyway. */
  whole?: boolean
}

/**
 * The only way to the process's streams. Data goes to stdout, everything else to stderr, so that a pipe sees data
 * alone.
 */
export class Output {
  readonly streams: Streams
  readonly options: OutputOptions
  private readonly filter: Promise<JqFilter> | null
  private shownProgress: ProgressLine | null = null

  constructor(streams: Streams, options: OutputOptions) {
    this.streams = streams
    this.options = options
    this.filter = options.jq === null ? null : createJqFilter(options.jq)
  }

  /** True where JSON is wanted: one object a line from commands that stream. */
  get isJson(): boolean {
    return this.options.format === 'json' || this.options.format === 'jsonl' || this.options.jq !== null
  }

  /** Checks the jq expression, if there is one, before any work is done. Throws a usage error. */
  async ready(): Promise<void> {
    await this.filter
  }

  /**
   * Prints a list as its rows come, and gives their number. JSON forms carry the rows whole; `id` prints their ids. Nothing but a
   * table's cells and what a jq filter needs is held.
   */
  async list<Row extends object>(
    rows: Iterable<Row> | AsyncIterable<Row>,
    columns: readonly Column<Row>[],
    id: (row: Row) => string,
  ): Promise<number> {
    const { signal } = this.options
    // Rows without columns can be shown whole alone.
    const format = this.options.format ?? (columns.length === 0 ? 'json' : null)
    const { stdout } = this.streams
    if (format === 'jsonl')
      return writeRows(
        rows,
        lineForm(async row => (this.filter === null ? this.line(row) : this.filtered(row, true))),
        stdout,
        signal,
      )
    if (this.filter !== null) {
      const all = await collect(rows)
      await this.document(all)
      return all.length
    }
    if (format === 'json') return writeRows(rows, jsonArrayForm, stdout, signal)
    if (format === 'yaml') {
      return writeRows(rows, { ...lineForm(row => yamlText([row])), empty: '[]\n' }, stdout, signal)
    }
    if (format === 'id')
      return writeRows(
        rows,
        lineForm(row => `${printable(id(row))}\n`),
        stdout,
        signal,
      )
    const cells = (row: Row) => columns.map(column => column.value(row))
    if (format === 'tsv' || (format === null && !this.streams.stdoutIsTerminal))
      return writeRows(
        rows,
        lineForm(row => renderTsv([cells(row)])),
        stdout,
        signal,
      )
    const table: string[][] = []
    for await (const row of rows) table.push(cells(row))
    if (table.length === 0) return 0
    let leftOut: readonly string[] = []
    const text = renderTable(
      columns.map(column => column.heading),
      table,
      {
        measure: await measureFor(table.flat()),
        wrapsLast: columns.at(-1)?.wraps === true,
        whole: columns.flatMap(({ whole }, place) => (whole === true ? [place] : [])),
        ...(this.streams.stdoutIsTerminal && { columns: this.streams.columns() }),
        onLeftOut: headings => {
          leftOut = headings
        },
      },
    )
    this.text(text)
    if (leftOut.length > 0)
      this.note(`no room for ${leftOut.join(', ')} (a wider terminal or --json shows more)`)
    return table.length
  }

  /** Prints one object: YAML to read on a terminal, JSON in a pipe, its id alone with `--output id`. */
  async one(value: object): Promise<void> {
    const { format } = this.options
    if (format === 'id') return this.text(`${idOf(value)}\n`)
    if (format === null && this.filter === null && this.streams.stdoutIsTerminal) {
      return this.text((await yamlText(value)).replace(/(?!\n)\p{Cc}/gu, ' '))
    }
    return this.document(value)
  }

  /** Says what was done, and prints the id of what it was done to, or all of it in the form that was asked for. */
  async done(value: object, what: string): Promise<void> {
    this.note(printable(what))
    if (this.isJson || this.options.format === 'yaml') return this.document(value)
    if (idOf(value) !== '') this.text(`${idOf(value)}\n`)
  }

  /** Prints a value in the wanted form; JSON where none was asked for. */
  async document(value: unknown): Promise<void> {
    if (this.filter !== null) return this.text(await this.filtered(value, this.options.format === 'jsonl'))
    if (this.options.format === 'yaml') return this.text(await yamlText(value))
    if (this.options.format === 'jsonl' && Array.isArray(value)) {
      return this.text(value.map(item => `${jsonText(item)}\n`).join(''))
    }
    return this.text(`${jsonText(value, 2)}\n`)
  }

  /** Prints one event of a stream as a JSON line. */
  async event(event: object): Promise<void> {
    this.text(await this.line(event))
  }

  private async line(value: object): Promise<string> {
    return this.filter === null ? `${jsonText(value)}\n` : (await this.filter)(value, true)
  }

  /** What the jq filter makes of a value. It may never end; of a running stream, `line` must not be cut off like this. */
  private async filtered(value: unknown, compact = false): Promise<string> {
    const filter = await this.filter
    const { whileBlocked = work => work() } = this.options
    return filter === null ? '' : whileBlocked(() => filter(value, compact))
  }

  /** Prints text as data. */
  text(text: string): void {
    this.streams.stdout.write(text)
  }

  /** Says something about the work; `--quiet` silences it. */
  note(text: string): void {
    if (!this.options.quiet) this.streams.stderr.write(`${printableLines(text)}\n`)
  }

  warning(text: string): void {
    this.streams.stderr.write(`warning: ${printableLines(text)}\n`)
  }

  /** Rewrites the current line on a terminal's stderr; does nothing elsewhere. */
  status(text: string): void {
    const { stderrIsTerminal, canRedraw } = this.streams
    if (stderrIsTerminal && canRedraw !== false && !this.options.quiet)
      this.streams.stderr.write(`\r\u001b[K${printable(text)}`)
  }

  /**
   * Shows on a terminal's stderr that something is going on, once it takes longer than 0.4 s; a bar once the line's
   * `update` tells how far it is. Stop it when the work is over, also when it failed. One at a time: a new one takes
   * the place of the one before.
   */
  progress(text: string, unit: 'bytes' | 'items' = 'items'): ProgressLine {
    this.shownProgress?.stop()
    const { quiet, colour } = this.options
    this.shownProgress = createProgress(this.streams, { text, unit, shown: !quiet, colour: colour.stderr })
    return this.shownProgress
  }

  /** Shows that an answer is waited for, unless something else is shown; take it away with the function it gives. */
  waiting(text: string): () => void {
    if (this.shownProgress?.isOpen === true) return () => {}
    const line = this.progress(text)
    return () => line.stop()
  }

  /** One line of the `--debug` trace. */
  trace(text: string): void {
    if (this.options.debug) this.streams.stderr.write(`${printableLines(text)}\n`)
  }

  error(error: VapiError): void {
    this.shownProgress?.stop()
    const { code, message, status, hint } = error
    if (this.isJson) {
      const body = {
        error: {
          code,
          message,
          ...(status !== undefined && { status }),
          ...(hint !== undefined && { hint }),
        },
      }
      this.streams.stderr.write(`${jsonText(body)}\n`)
    } else {
      const text = `error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`
      this.streams.stderr.write(printableLines(text))
    }
    if (this.options.debug && error.stack !== undefined)
      this.streams.stderr.write(`${printableLines(error.stack)}\n`)
  }

  /** Refuses formats that a command cannot give. */
  requireFormat(...formats: readonly OutputFormat[]): void {
    const { format } = this.options
    if (format === null || formats.includes(format)) return
    const hint = formats.length === 0 ? 'leave --output out' : `use --output ${formats.join(' or ')}`
    throw usageError(`this command cannot print ${format}`, hint)
  }

  /** Resolves when everything that was written has left the program; a while after Ctrl-C in any case. */
  async flush(): Promise<void> {
    this.shownProgress?.stop()
    const { stdout, stderr } = this.streams
    const written = [stdout, stderr].map(
      stream => new Promise<void>(resolve => stream.write('', () => resolve())),
    )
    await Promise.race([Promise.all(written), giveUpAfter(this.options.signal)])
  }
}

async function collect<Row>(rows: Iterable<Row> | AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

function giveUpAfter(signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const begin = () => setTimeout(resolve, LAST_WORDS_MS)
    if (signal?.aborted) begin()
    else signal?.addEventListener('abort', begin, { once: true })
  })
}

function idOf(value: object): string {
  return 'id' in value ? String(value.id) : ''
}
