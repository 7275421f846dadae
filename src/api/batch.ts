import { createHash } from 'node:crypto'
import { appendFile, open, readFile } from 'node:fs/promises'
import { systemCodeOf, usageError } from '../errors.ts'
import type { Contact } from './contacts.ts'
import type { JsonObject } from './types.ts'

/** What became of one contact. `sending` without a later line: the program ended before the answer came. */
export type BatchState = 'sending' | 'done' | 'failed' | 'uncertain'

export interface BatchEntry {
  row: number
  state: BatchState
  number?: string
  callId?: string
  error?: string
}

const FORMAT = 1

/**
 * The results of a batch of calls, one JSON line for each step, on disk before the next one: so that nobody is called
 * twice when the batch is started again after a crash.
 */
export class BatchResults {
  readonly path: string
  private readonly entries: Map<number, BatchEntry>

  private constructor(path: string, entries: Map<number, BatchEntry>) {
    this.path = path
    this.entries = entries
  }

  /** Opens the file, or begins it. Throws a usage error where it belongs to other contacts or cannot be read. */
  static async open(path: string, contacts: readonly Contact[]): Promise<BatchResults> {
    const fingerprint = fingerprintOf(contacts)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT')
        throw usageError(`--results ${path} cannot be read (${systemCodeOf(error)})`)
      await appendLine(path, { format: FORMAT, type: 'batch', contacts: fingerprint })
      return new BatchResults(path, new Map())
    }
    const [head, ...lines] = parseLines(text)
    if (head?.type !== 'batch')
      throw usageError(`${path} is not the result file of a batch`, 'give another --results')
    if (Number(head.format) > FORMAT) throw usageError(`${path} is from a newer version of vapi`)
    if (head.contacts !== fingerprint)
      throw usageError(
        `${path} belongs to other contacts`,
        'give another --results, or the contacts that it began with',
      )
    const entries = new Map<number, BatchEntry>()
    for (const line of lines) entries.set(Number(line.row), line as unknown as BatchEntry)
    return new BatchResults(path, entries)
  }

  /** What the file says of a contact; a step that was begun and never ended is uncertain. */
  stateOf(row: number): BatchState | undefined {
    const state = this.entries.get(row)?.state
    return state === 'sending' ? 'uncertain' : state
  }

  async record(entry: BatchEntry): Promise<void> {
    this.entries.set(entry.row, entry)
    await appendLine(this.path, entry)
  }
}

/**
 * A line that a crash cut short stands for a step that was begun: the step before it says `sending`, or it is that step
 * itself, whose request was not made yet. So it is passed over.
 */
function parseLines(text: string): JsonObject[] {
  return text.split('\n').flatMap(line => {
    try {
      return line === '' ? [] : [JSON.parse(line) as JsonObject]
    } catch {
      return []
    }
  })
}

async function appendLine(path: string, line: object): Promise<void> {
  // A line that a crash cut short is ended first.
  const file = await open(path, 'a+', 0o600)
  try {
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    const begin = size > 0 && last[0] !== 10 ? '\n' : ''
    await appendFile(file, `${begin}${JSON.stringify(line)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

function fingerprintOf(contacts: readonly Contact[]): string {
  return createHash('sha256').update(JSON.stringify(contacts)).digest('hex')
}
