/** What every client has of ours, and whether it works. */
import { isDeepStrictEqual } from 'node:util'
import { asVapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { commandOf, editorOf, isOurs, withoutSecrets } from './entry.ts'
import { readConfigFile } from './file.ts'
import { type Handshake, shakeHands } from './handshake.ts'
import { launchOf, type Running } from './launch.ts'
import { filesOf } from './plan.ts'
import { type ClientRow, type Launch, type Place, SCOPES, type Scope } from './types.ts'

export interface StatusRow {
  client: string
  label: string
  scope: Scope
  /** Null where the client has no file that is documented. */
  file: string | null
  /** `other`: an entry of that name that starts something else. `unreadable`: see `why`. `manual`: only the client itself knows. */
  entry: 'absent' | 'ours' | 'other' | 'unreadable' | 'manual'
  command: readonly string[] | null
  /** Null where it was not started. */
  works: boolean | null
  server: Handshake['server']
  tools: number | null
  tookMs: number | null
  why: string | null
}

export interface StatusOptions {
  running: Running
  signal: AbortSignal
  limitMs?: number
}

/** The user's files of these clients, and those of the project that are there. */
export async function statusOf(
  rows: readonly ClientRow[],
  place: Place,
  options: StatusOptions,
): Promise<StatusRow[]> {
  const shaken = new Map<string, Promise<Handshake>>()
  const results: StatusRow[] = []
  for (const row of rows)
    for (const scope of SCOPES) {
      const files = filesOf(row, scope, place).filter(path => scope === 'user' || place.exists(path))
      for (const path of files) results.push(await statusOfFile(row, scope, path, place, options, shaken))
      if (scope === 'user' && row.manual !== undefined)
        results.push({ ...empty(row, scope, null, 'manual'), why: `look in ${row.manual({}).where}` })
    }
  return results
}

async function statusOfFile(
  row: ClientRow,
  scope: Scope,
  path: string,
  place: Place,
  options: StatusOptions,
  shaken: Map<string, Promise<Handshake>>,
): Promise<StatusRow> {
  let present: unknown
  try {
    present = (await editorOf(row)).read(readConfigFile(path).text ?? '')
  } catch (error) {
    return { ...empty(row, scope, path, 'unreadable'), why: asVapiError(error).message }
  }
  if (present === undefined) return empty(row, scope, path, 'absent')
  const launch = commandOf(present)
  if (launch === null || !isOurs(present) || !isObject(present))
    return { ...empty(row, scope, path, 'other'), command: launch === null ? null : [launch.command] }
  const found = {
    ...empty(row, scope, path, 'ours'),
    command: withoutSecrets([launch.command, ...launch.args]),
  }
  if (present.disabled === true || present.enabled === false)
    return { ...found, why: 'the client has it switched off' }
  if (scope === 'project' && !isSafe(present, launch, place, options.running))
    return { ...found, why: 'not started: it comes with the project and is not what vapi mcp setup writes' }
  const env = textsOf(present.env)
  const key = JSON.stringify([launch, env, present.cwd])
  const known = shaken.get(key)
  const handshake =
    known ??
    shakeHands(launch, {
      env: { ...place.env, ...env },
      cwd: typeof present.cwd === 'string' && place.exists(present.cwd) ? present.cwd : place.home,
      signal: options.signal,
      ...(options.limitMs !== undefined && { limitMs: options.limitMs }),
    })
  shaken.set(key, handshake)
  return { ...found, ...(await handshake) }
}

/** A project's files may be anybody's: only what this program writes is started, and nothing that changes how it starts. */
function isSafe(present: object, launch: Launch, place: Place, running: Running): boolean {
  if (['env', 'envFile', 'cwd'].some(key => key in present)) return false
  return SCOPES.some(scope => {
    const { launch: own } = launchOf(scope, running, place, { absolute: false })
    const head = { command: launch.command, args: launch.args.slice(0, own.args.length) }
    return isDeepStrictEqual(head, { command: own.command, args: [...own.args] })
  })
}

function textsOf(env: unknown): Record<string, string> {
  if (!isObject(env)) return {}
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}

function empty(row: ClientRow, scope: Scope, file: string | null, entry: StatusRow['entry']): StatusRow {
  return {
    client: row.id,
    label: row.label,
    scope,
    file,
    entry,
    command: null,
    works: null,
    server: null,
    tools: null,
    tookMs: null,
    why: null,
  }
}
