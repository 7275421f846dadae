import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import {
  type ArtifactKind,
  callArtifacts,
  extensionOf,
  firstBytesOf,
  recordingKinds,
} from '../api/call-artifacts.ts'
import { download } from '../api/download.ts'
import { isOver, readCall } from '../api/live-call.ts'
import type { Api } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { asVapiError, Exit, messageOf, usageError, VapiError } from '../errors.ts'

/** What became of one artifact. */
interface Outcome {
  kind: ArtifactKind
  path?: string
  bytes?: number
  contentType?: string
  error?: { code: string; message: string; status?: number }
}

export default defineCommand(
  {
    name: 'call download',
    summary: 'download recordings, log and packet capture of a call',
    description:
      'Files are named after the call and what they are: ID-mono.wav, ID-logs.jsonl.gz. What fails does not stop the rest; a download that broke off goes on where it stopped when the command is run again.',
    args: [{ name: 'id', summary: 'the call’s id', required: true }],
    options: {
      recording: {
        type: 'list',
        placeholder: 'KIND',
        summary: `${recordingKinds.join(', ')}; may be repeated (default: mono, if nothing else is asked for)`,
      },
      logs: { type: 'boolean', summary: 'the call’s log, gzipped JSON Lines (vapi logs calls ID shows it)' },
      pcap: { type: 'boolean', summary: 'the packet capture of a SIP call' },
      all: { type: 'boolean', summary: 'everything that there is' },
      directory: { type: 'string', placeholder: 'FOLDER', default: '.', summary: 'where the files go' },
      force: { type: 'boolean', summary: 'write over files that are there' },
    },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv'],
    examples: [
      { command: 'vapi call download 0199a3d2-…', does: 'the recording' },
      {
        command: 'vapi call download 0199a3d2-… --recording stereo --logs',
        does: 'two channels, and the log',
      },
      {
        command: 'vapi call download 0199a3d2-… --all --directory calls --json',
        does: 'everything; a list of the files',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args: [id = ''], options }, context) => {
    const { output } = context
    const unknown = options.recording.find(kind => !recordingKinds.some(known => known === kind))
    if (unknown !== undefined)
      throw usageError(`there is no recording ${unknown}`, `use --recording ${recordingKinds.join(', ')}`)
    const kinds = kindsOf(options)
    const api = await context.api()
    const call = await readCall(api, id)
    if (!isOver(call))
      output.note(`call ${id} is not over (${call.status ?? 'no status'}); most files appear after it`)
    const folder = resolve(context.workingDirectory, options.directory)
    await mkdir(folder, { recursive: true }).catch(cause => {
      throw new VapiError({
        code: 'cannot-write',
        message: `cannot make ${folder}: ${messageOf(cause)}`,
        cause,
      })
    })
    const outcomes: Outcome[] = []
    for (const kind of kinds) {
      context.signal.throwIfAborted()
      outcomes.push(await fetchOne(api, id, kind, { folder, force: options.force, context }))
    }
    // "Everything" is what there is; what was not kept is no failure.
    const shown = options.all ? outcomes.filter(({ error }) => error?.status !== 404) : outcomes
    await output.list(
      shown.filter(({ error }) => error === undefined || output.isJson || output.options.format === 'yaml'),
      [
        { heading: 'KIND', value: ({ kind }) => kind },
        { heading: 'BYTES', value: ({ bytes }) => String(bytes ?? '') },
        { heading: 'FILE', value: ({ path = '' }) => shortest(context.workingDirectory, path) },
      ],
      ({ path }) => path ?? '',
    )
    throwFailures(id, shown, context)
    return undefined
  },
)

function kindsOf(options: {
  recording: string[]
  logs: boolean
  pcap: boolean
  all: boolean
}): ArtifactKind[] {
  const all = Object.keys(callArtifacts) as ArtifactKind[]
  if (options.all) return all
  const asked = new Set<string>(options.recording)
  if (options.logs) asked.add('logs')
  if (options.pcap) asked.add('pcap')
  if (asked.size === 0) asked.add('mono')
  return all.filter(kind => asked.has(kind))
}

async function fetchOne(
  api: Api,
  id: string,
  kind: ArtifactKind,
  { folder, force, context }: { folder: string; force: boolean; context: Context },
): Promise<Outcome> {
  const { path: place, extensions, what } = callArtifacts[kind]
  // Without an ending: what the file is shows when it is there.
  const bare = join(folder, `${id.replace(/[^\w.-]/g, '_')}-${kind}`)
  const there = extensions.map(extension => `${bare}.${extension}`).find(path => existsSync(path))
  if (there !== undefined && !force)
    return failed(
      kind,
      new VapiError({
        code: 'file-exists',
        message: `${shortest(context.workingDirectory, there)} is there already`,
      }),
    )
  const progress = context.output.progress(`the ${what} of ${id}`, 'bytes')
  try {
    const { bytes, contentType } = await download(api, `/call/${encodeURIComponent(id)}/${place}`, bare, {
      progress: progress.update,
      signal: context.signal,
    })
    const path = `${bare}.${extensionOf(kind, await firstBytesOf(bare))}`
    await rename(bare, path)
    return { kind, path, bytes, ...(contentType !== undefined && { contentType }) }
  } catch (thrown) {
    context.signal.throwIfAborted()
    return failed(kind, asVapiError(thrown))
  } finally {
    progress.stop()
  }
}

function failed(kind: ArtifactKind, { code, message, status }: VapiError): Outcome {
  const text = status === 404 ? `there is no ${callArtifacts[kind].what} of this call` : message
  return { kind, error: { code, message: text, ...(status !== undefined && { status }) } }
}

function throwFailures(id: string, outcomes: readonly Outcome[], { output }: Context): void {
  const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]))
  if (outcomes.length === 0)
    throw new VapiError({
      code: 'not-found',
      message: `nothing is kept of call ${id}`,
      exit: Exit.notFound,
      status: 404,
      hint: 'artifactPlan of the assistant says what is kept',
    })
  const [first] = errors
  if (first === undefined) return
  const missing = errors.every(({ status }) => status === 404)
  if (outcomes.length > 1 && !output.isJson) for (const { message } of errors) output.warning(message)
  throw new VapiError({
    code: errors.length === 1 ? first.code : missing ? 'not-found' : 'download-failed',
    message:
      outcomes.length === 1
        ? first.message
        : `${errors.length} of ${outcomes.length} files were not downloaded`,
    exit: missing ? Exit.notFound : Exit.failed,
    ...(errors.length === 1 && first.status !== undefined && { status: first.status }),
    hint: missing
      ? 'artifactPlan of the assistant says what is kept; files appear some time after the call'
      : errors.every(({ code }) => code === 'file-exists')
        ? '--force writes over what is there; --directory FOLDER puts it elsewhere'
        : 'run it again: what is there already stays, what broke off goes on',
  })
}

function shortest(from: string, path: string): string {
  const near = relative(from, path)
  return near.startsWith('..') ? path : near
}
