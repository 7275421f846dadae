import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Exit, messageOf, systemCodeOf, usageError, VapiError } from '../../errors.ts'

/** A record of a call, ready to be read. */
export interface OpenRecord {
  /** As it is told to people. */
  name: string
  pieces: AsyncIterable<Uint8Array | string>
}

/** Where local calls leave their folders, below the working directory. */
const CALLS = join('.vapi', 'calls')
const EVENTS = 'events.jsonl'

/**
 * Finds what a person names: a file of events or a saved call, the folder of a local call, or the id of one in
 * `.vapi/calls`; `-` is standard input. Without a name it is the last local call. Throws VapiError: `not-found`, or a
 * usage error.
 */
export async function openRecord(
  target: string | undefined,
  workingDirectory: string,
  stdin: AsyncIterable<Uint8Array>,
): Promise<OpenRecord> {
  if (target === '-') return { name: 'standard input', pieces: stdin }
  const path = target === undefined ? await lastCall(workingDirectory) : await find(target, workingDirectory)
  const file = (await stat(path)).isDirectory() ? await eventsOf(path, target ?? path) : path
  return { name: target ?? file, pieces: readable(file) }
}

async function find(target: string, workingDirectory: string): Promise<string> {
  for (const path of [resolve(workingDirectory, target), join(workingDirectory, CALLS, target)]) {
    if (await exists(path)) return path
  }
  throw new VapiError({
    code: 'not-found',
    message: `there is no file, folder or local call ${target}`,
    exit: Exit.notFound,
    hint: `name a file of events, or a call below ${CALLS}; calls of the platform have no such record (vapi call get ID)`,
  })
}

/** Ids of local calls begin with their time. */
async function lastCall(workingDirectory: string): Promise<string> {
  const calls = join(workingDirectory, CALLS)
  const entries = await readdir(calls, { withFileTypes: true }).catch(() => [])
  const last = entries
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
    .at(-1)
  if (last !== undefined) return join(calls, last)
  throw usageError(
    'which call shall be explained?',
    `name a file of events or a folder of a call; without a name it is the last one below ${CALLS}, and there is none`,
  )
}

async function eventsOf(folder: string, target: string): Promise<string> {
  const events = join(folder, EVENTS)
  if (await exists(events)) return events
  throw new VapiError({
    code: 'not-found',
    message: `${target} holds no ${EVENTS}`,
    exit: Exit.notFound,
    hint: 'where call local --events wrote them elsewhere, name that file',
  })
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(systemCodeOf(error) ?? ''))
      return false
    throw new VapiError({ code: 'file-not-read', message: messageOf(error) })
  }
}

async function* readable(path: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path)
  } catch (error) {
    throw new VapiError({ code: 'file-not-read', message: `${path} cannot be read: ${messageOf(error)}` })
  }
}
