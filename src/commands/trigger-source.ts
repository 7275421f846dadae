import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { loadDocument } from '../assistant/load.ts'
import type { Context } from '../cli/context.ts'
import { closest } from '../closest.ts'
import { Exit, systemCodeOf, usageError, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { type ParsedLine, parseLine } from '../listen/journal/lines.ts'
import { listSegments } from '../listen/journal/segments.ts'
import { packageFile } from '../package-root.ts'
import { scriptOfMessages } from '../trigger/kept-messages.ts'
import { isCallRecord, scriptOfRecord } from '../trigger/record.ts'
import type { CallScript, JsonObject, ReplayOptions } from '../trigger/script.ts'
import { scriptOfStory } from '../trigger/story.ts'
import { keptMessagesOf } from './trigger-kept.ts'
import { readStory } from './trigger-story.ts'

export const DEFAULT_STORY = 'appointment'

/** Where a call that is to be played comes from. */
export interface CallSource {
  /** In words: `the story appointment`. */
  name: string
  script(options: ReplayOptions): Promise<CallScript>
}

/**
 * Finds the call that a name or path means: a built-in story, a simulation file, a folder of `vapi call local`, its
 * artifact or events, a call as the API gives it, or what a listener exported. `url`: where it is played to. Throws
 * VapiError (exit 5 where there is nothing of that name).
 */
export async function findCallSource(given: string, url: string, context: Context): Promise<CallSource> {
  const path = resolve(context.workingDirectory, given)
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory()) return recordIn(path, given)
  if (found === null) {
    const story = join(storiesFolder(), `${given}.yaml`)
    if (!/^[\w-]+$/.test(given) || !(await isFile(story))) throw await noSuchCall(given)
    return storySource(await loadDocument(story), story, `the story ${given}`, url, context)
  }
  const name = basename(given)
  if (extname(path) === '.vapicall')
    throw usageError(
      `${given} is for vapi call replay`,
      'give the folder of the call in .vapi/calls, or its artifact.json',
    )
  if (/\.(jsonl|ndjson)$/.test(path)) return linesSource(await readLines(path, given), given)
  const document = await loadDocument(path)
  if (isCallRecord(document)) return recordSource(document, name)
  if (isObject(document) && Array.isArray(document.messages) && !('assistant' in document))
    return recordSource({ artifact: document }, name)
  return storySource(document, path, name, url, context)
}

/** The names of the built-in stories. */
async function storyNames(): Promise<string[]> {
  const files = await readdir(storiesFolder())
  return files.filter(file => file.endsWith('.yaml')).map(file => basename(file, '.yaml'))
}

function storiesFolder(): string {
  return packageFile('templates', 'stories')
}

async function noSuchCall(given: string): Promise<VapiError> {
  const names = await storyNames()
  const near = closest(given, names)
  return new VapiError({
    code: 'not-found',
    message: `there is no story and no file ${given}`,
    exit: Exit.notFound,
    hint: near === null ? `built in: ${names.join(', ')}` : `did you mean ${near}?`,
  })
}

function storySource(
  document: unknown,
  path: string,
  name: string,
  url: string,
  context: Context,
): CallSource {
  const { simulate, call } = readStory(document, path, url, context)
  return { name, script: options => scriptOfStory(simulate, { ...options, call }) }
}

function recordSource(record: JsonObject, name: string): CallSource {
  return { name, script: async options => scriptOfRecord(record, options) }
}

/** The folder of a call: its artifact, or, where the call was cut off, its events; or the journal of a listener. */
async function recordIn(folder: string, given: string): Promise<CallSource> {
  const segments = listSegments(folder)
  if (segments.length > 0) {
    const lines = await Promise.all(segments.map(({ path }) => readLines(path, basename(path), true)))
    return linesSource(lines.flat(), given)
  }
  const artifact = join(folder, 'artifact.json')
  if (await isFile(artifact)) {
    const document = await loadDocument(artifact)
    if (isCallRecord(document)) return recordSource(document, given)
  }
  const events = join(folder, 'events.jsonl')
  if (await isFile(events)) return linesSource(await readLines(events, given), given)
  throw new VapiError({
    code: 'not-found',
    message: `${given} is no folder of a call: it has no artifact.json and no events.jsonl`,
    exit: Exit.notFound,
    hint: 'vapi call local leaves one in .vapi/calls for each call, vapi listen its journal in .vapi/listen',
  })
}

/** Events of a call, or what a listener kept or exported. */
function linesSource(lines: readonly ParsedLine[], name: string): CallSource {
  const fields = lines.map(line => line.fields)
  const end = fields.find(({ type, artifact }) => type === 'call.ended' && isObject(artifact))
  if (end !== undefined) {
    const { type: _type, ...report } = fields.find(({ type }) => type === 'call.report') ?? {}
    const { endedReason, artifact } = end
    return recordSource({ ...report, endedReason, artifact }, name)
  }
  if (fields.some(({ type }) => type === 'call.started'))
    throw usageError(`${name} has no end of the call: it was cut off`, 'play a call that was over')
  const kept = keptMessagesOf(lines)
  if (kept.length === 0)
    throw usageError(
      `${name} has neither messages nor events of a call`,
      'vapi listen export makes such a file',
    )
  return { name, script: async options => scriptOfMessages(kept, options) }
}

/** `passesOver`: lines that are damaged, as where a listener was killed. Throws usage errors. */
async function readLines(path: string, given: string, passesOver = false): Promise<ParsedLine[]> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw usageError(`${given} cannot be read (${systemCodeOf(error) ?? 'unknown error'})`)
  }
  const lines: ParsedLine[] = []
  for (let from = 0, number = 1; from < bytes.length; number++) {
    const found = bytes.indexOf('\n', from)
    const end = found === -1 ? bytes.length : found
    const parsed = parseLine(bytes.subarray(from, end))
    // Whoever wrote the last line may have been stopped in the middle of it.
    if (parsed === null && end > from && found !== -1 && !passesOver)
      throw usageError(`${given}, line ${number} is no JSON object`)
    if (parsed !== null) lines.push(parsed)
    from = end + 1
  }
  return lines
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isFile(),
    () => false,
  )
}
