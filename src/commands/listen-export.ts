import { once } from 'node:events'
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs'
import { resolve } from 'node:path'
import type { Writable } from 'node:stream'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { messageOf, systemCodeOf, usageError } from '../errors.ts'
import {
  curlCommand,
  type ExportedEvent,
  type ExportFormat,
  type ExportOptions,
  exportFormats,
  harEntries,
  harFrame,
  journalLines,
  rawRequest,
} from '../listen/journal/export.ts'
import type { EventRecord } from '../listen/journal/reader.ts'
import { SecretFiles } from '../listen/journal/secrets.ts'
import { drained } from '../output/row-stream.ts'
import { packageFile } from '../package-root.ts'
import { ID_SUMMARY, loadRecord, nothingFound, selectionOptions, selectRecords } from './listen-recorded.ts'

export default defineCommand(
  {
    name: 'listen export',
    summary: 'write events that vapi listen has kept as JSON Lines, HAR, curl commands or HTTP',
    description:
      'All events of this folder’s journal unless some are named. jsonl: lines of the journal, replies included; har: an HTTP archive, for browsers and other tools; curl: a command for each event; http: the requests as they came, byte for byte. Values of headers that name a secret are replaced unless --with-secrets; bodies are as they came.',
    args: [{ name: 'id', summary: ID_SUMMARY, required: false }],
    options: {
      ...selectionOptions,
      format: {
        type: 'string',
        placeholder: 'FORMAT',
        choices: exportFormats,
        default: 'jsonl',
        summary: 'form of the export',
      },
      out: { type: 'string', placeholder: 'FILE', summary: 'write to a file that only you may read' },
      force: { type: 'boolean', summary: 'write over a file that is there' },
      'with-secrets': { type: 'boolean', summary: 'keep secrets in headers and queries' },
    },
    formats: [],
    examples: [
      {
        command: 'vapi listen export --since 2h --out events.jsonl',
        does: 'the last two hours, with replies',
      },
      { command: 'vapi listen export 12 --format curl', does: 'a command that sends the event' },
      { command: 'vapi listen export --format har --out calls.har', does: 'for the tools of a browser' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [id], options }, context) => {
    const { output } = context
    const records = await selectRecords(id, options, context)
    const format = exportFormats.find(name => name === options.format) ?? 'jsonl'
    const file = options.out === undefined ? null : openFile(options.out, options.force, context)
    const choices = { withSecrets: options['with-secrets'] }
    try {
      await writeAll(records, format, choices, file ?? output.streams.stdout, context)
      if (file !== null) {
        file.end()
        await once(file, 'close')
      }
    } catch (error) {
      if (file === null || systemCodeOf(error) === undefined) throw error
      throw usageError(`${options.out} cannot be written: ${messageOf(error)}`)
    }
    if (records.length === 0) output.note(await nothingFound(context))
    else if (file !== null) output.note(`${records.length} events are in ${options.out}`)
    return undefined
  },
)

function openFile(path: string, force: boolean, { workingDirectory }: Context): WriteStream {
  const file = createWriteStream(resolve(workingDirectory, path), { flags: force ? 'w' : 'wx', mode: 0o600 })
  // Told where it is written to.
  file.on('error', () => {})
  return file
}

async function writeAll(
  records: readonly EventRecord[],
  format: ExportFormat,
  options: ExportOptions,
  stream: Writable,
  { signal }: Context,
): Promise<void> {
  const write = async (piece: string | Buffer) => {
    if (stream.errored !== null) throw stream.errored
    if (piece.length > 0 && !stream.write(piece)) await drained(stream, signal)
  }
  const frame = harFrame(format === 'har' ? programVersion() : '')
  if (format === 'har') await write(frame.before)
  let between = ''
  const secrets = new SecretFiles()
  for (const record of records) {
    const loaded = await loadRecord(record, secrets)
    if (format !== 'har') {
      await write(forms[format](loaded, options))
      continue
    }
    for (const entry of harEntries(loaded, options)) {
      await write(`${between}${JSON.stringify(entry)}`)
      between = ',\n'
    }
  }
  if (format === 'har') await write(frame.after)
}

const forms: Record<
  Exclude<ExportFormat, 'har'>,
  (event: ExportedEvent, options: ExportOptions) => string | Buffer
> = { jsonl: journalLines, curl: curlCommand, http: rawRequest }

function programVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))
  return manifest.version
}
