import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Context } from '../cli/context.ts'
import { usageError } from '../errors.ts'
import { clients, rowsNamed } from '../mcp/setup/clients.ts'
import type { Running } from '../mcp/setup/launch.ts'
import { isDetected } from '../mcp/setup/plan.ts'
import type { ClientRow, Place } from '../mcp/setup/types.ts'
import { packageFile } from '../package-root.ts'

/** This machine, as the commands about editors see it. */
export function placeOf({ env, workingDirectory }: Context): Place {
  const home = process.platform === 'win32' ? env.USERPROFILE : env.HOME
  return {
    platform: process.platform,
    env,
    home: home || homedir(),
    project: workingDirectory,
    exists: path => existsSync(path),
    names: folder => namesIn(folder),
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The program that is running. */
export function runningProgram(): Running {
  return { node: process.execPath, program: packageFile('bin', 'vapi.js') }
}

/** The clients that are named, else those that are used on this machine. Throws a usage error where there is none. */
export function chosenRows(ids: readonly string[], place: Place): ClientRow[] {
  if (ids.length > 0) return rowsNamed(ids)
  const detected = clients.filter(row => isDetected(row, place))
  if (detected.length > 0) return detected
  throw usageError(
    'no client was found on this machine',
    `name one: ${clients.map(({ id }) => id).join(', ')}`,
  )
}
