/** Clients' own commands. */
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { messageOf } from '../../errors.ts'
import { timeLimit } from '../../time-limit.ts'
import { findProgram } from './launch.ts'
import type { OwnCommand, Place } from './types.ts'

/** Longer than a slow start of an Electron program takes. */
const LIMIT_MS = 30_000
const KEPT_CHARACTERS = 2000

/**
 * Where a client's command is; null where there is none to be asked. On Windows only programs: a script (`code.cmd`) would be started
 * through a shell, whose quoting of JSON cannot be relied on, and there the file is edited.
 */
export function findOwnCommand({ program, impostor }: OwnCommand, place: Place): string | null {
  const path = findProgram(program, place)
  if (path === null || (place.platform === 'win32' && !/\.exe$/i.test(path))) return null
  try {
    return impostor?.test(realpathSync(path)) === true ? null : path
  } catch {
    return null
  }
}

/** Runs it. Null where it succeeded, else why not. */
export async function runOwnCommand(
  path: string,
  args: readonly string[],
  { env, project }: Place,
  signal: AbortSignal,
): Promise<string | null> {
  const limit = timeLimit(signal, LIMIT_MS)
  try {
    return await new Promise<string | null>(resolve => {
      const child = spawn(path, [...args], {
        cwd: project,
        env: { ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        signal: limit.signal,
        windowsHide: true,
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-KEPT_CHARACTERS)
        })
      child.on('error', error =>
        resolve(limit.signal.aborted ? `it took more than ${LIMIT_MS / 1000} s` : messageOf(error)),
      )
      child.on('close', code => resolve(code === 0 ? null : lastLine(said) || `it ended with ${code}`))
    })
  } finally {
    limit.release()
    signal.throwIfAborted()
  }
}

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1)?.trim() ?? ''
}
