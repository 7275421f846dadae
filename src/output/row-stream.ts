import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { jsonText } from './json.ts'

/** How rows become text one by one: what is before the first, between two and after the last. */
export interface RowForm<Row> {
  /** Written before the first row; with none, `empty` is written. */
  before: string
  between: string
  after: string
  empty: string
  row(row: Row): string | Promise<string>
}

/**
 * Writes rows as they come, at the reader's pace, and gives their number. Holds one row at a time. Where the rows end in an
 * error, the text stays open, so that no reader takes it for whole. Rejects with the signal's reason, also where the
 * reader of the stream does not go on.
 */
export async function writeRows<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  form: RowForm<Row>,
  stream: Writable,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0
  for await (const row of rows) {
    const text = `${count === 0 ? form.before : form.between}${await form.row(row)}`
    count++
    if (!stream.write(text)) await drained(stream, signal)
  }
  stream.write(count === 0 ? form.empty : form.after)
  return count
}

/** Resolves when more can be written. Rejects with the signal's reason, and with the stream's error. */
export async function drained(stream: Writable, signal?: AbortSignal): Promise<void> {
  try {
    await once(stream, 'drain', signal === undefined ? {} : { signal })
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  }
}

/** A JSON array that reads like `JSON.stringify(rows, null, 2)`. */
export const jsonArrayForm: RowForm<unknown> = {
  before: '[\n',
  between: ',\n',
  after: '\n]\n',
  empty: '[]\n',
  row: row => jsonText(row, 2).replace(/^/gm, '  '),
}

/** One line, or several, a row. */
export function lineForm<Row>(row: (row: Row) => string | Promise<string>): RowForm<Row> {
  return { before: '', between: '', after: '', empty: '', row }
}
