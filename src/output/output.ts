import { usageError, type VapiError } from '../errors.ts'
import { createJqFilter, type JqFilter } from './jq.ts'
import type { Streams } from './streams.ts'
import { renderTable, renderTsv } from './table.ts'

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
}

/** A column of a list: its heading and how a row fills it. */
export interface Column<Row> {
  heading: string
  value(row: Row): string
}

/**
 * The only way to the process's streams. Data goes to stdout, everything else to stderr, so that a pipe sees data
 * alone.
 */
export class Output {
  readonly streams: Streams
  readonly options: OutputOptions
  private readonly filter: Promise<JqFilter> | null

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

  /** Prints a list. JSON forms carry the rows whole; `id` prints their ids. */
  async list<Row extends object>(
    rows: readonly Row[],
    columns: readonly Column<Row>[],
    id: (row: Row) => string,
  ): Promise<void> {
    const { format } = this.options
    if (this.isJson || format === 'yaml') return this.document(rows)
    if (format === 'id') return this.text(rows.map(row => `${id(row)}\n`).join(''))
    const cells = rows.map(row => columns.map(column => column.value(row)))
    const plain = format === 'tsv' || (format === null && !this.streams.stdoutIsTerminal)
    return this.text(
      plain
        ? renderTsv(cells)
        : renderTable(
            columns.map(column => column.heading),
            cells,
          ),
    )
  }

  /** Prints a value in the wanted form; JSON where none was asked for. */
  async document(value: unknown): Promise<void> {
    if (this.filter !== null) return this.text((await this.filter)(value))
    if (this.options.format === 'yaml') {
      const { stringify } = await import('yaml')
      return this.text(stringify(value))
    }
    if (this.options.format === 'jsonl' && Array.isArray(value)) {
      return this.text(value.map(item => `${JSON.stringify(item)}\n`).join(''))
    }
    return this.text(`${JSON.stringify(value, null, 2)}\n`)
  }

  /** Prints one event of a stream as a JSON line. */
  async event(event: object): Promise<void> {
    this.text(this.filter === null ? `${JSON.stringify(event)}\n` : (await this.filter)(event))
  }

  /** Prints text as data. */
  text(text: string): void {
    this.streams.stdout.write(text)
  }

  /** Says something about the work; `--quiet` silences it. */
  note(text: string): void {
    if (!this.options.quiet) this.streams.stderr.write(`${text}\n`)
  }

  warning(text: string): void {
    this.streams.stderr.write(`warning: ${text}\n`)
  }

  /** Rewrites the current line on a terminal's stderr; does nothing elsewhere. */
  status(text: string): void {
    if (this.streams.stderrIsTerminal && !this.options.quiet) this.streams.stderr.write(`\r\u001b[K${text}`)
  }

  error(error: VapiError): void {
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
      this.streams.stderr.write(`${JSON.stringify(body)}\n`)
    } else {
      this.streams.stderr.write(`error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`)
    }
    if (this.options.debug && error.stack !== undefined) this.streams.stderr.write(`${error.stack}\n`)
  }

  /** Refuses formats that a command cannot give. */
  requireFormat(...formats: readonly OutputFormat[]): void {
    const { format } = this.options
    if (format === null || formats.includes(format)) return
    throw usageError(`this command cannot print ${format}`, `use --output ${formats.join(' or ')}`)
  }

  /** Resolves when everything that was written has left the program. */
  async flush(): Promise<void> {
    for (const stream of [this.streams.stdout, this.streams.stderr]) {
      await new Promise<void>(resolve => stream.write('', () => resolve()))
    }
  }
}
