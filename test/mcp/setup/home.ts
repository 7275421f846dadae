import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Applied } from '../../../src/mcp/setup/apply.ts'
import { applyChange } from '../../../src/mcp/setup/apply.ts'
import { rowsNamed } from '../../../src/mcp/setup/clients.ts'
import { planRemoval, planSetup } from '../../../src/mcp/setup/plan.ts'
import { type Item, type Place, SCOPES, type Scope } from '../../../src/mcp/setup/types.ts'
import { temporaryFolder } from '../../support/program.ts'

export const running = { node: '/opt/node/bin/node', program: '/opt/vapi/bin/vapi.js' }
export const ourEntry = { command: running.node, args: [running.program, 'mcp', 'serve'] }

/** A temporary home in the layout of a system, with real files. */
export function homeOf(platform: NodeJS.Platform, env: Record<string, string> = {}): Place {
  const home = temporaryFolder()
  const windows = { APPDATA: join(home, 'AppData', 'Roaming'), LOCALAPPDATA: join(home, 'AppData', 'Local') }
  return {
    platform,
    env: { ...(platform === 'win32' && windows), PATH: '', ...env },
    home,
    project: join(home, 'project'),
    exists: path => existsSync(path),
    names: folder => (existsSync(folder) ? readdirSync(folder) : []),
  }
}

/** Writes a file, its folders made. */
export function put(path: string, text: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

type Result = Item & { applied: Applied | null }

/** Plans and does it, as `vapi mcp setup` does. */
export async function setUp(
  place: Place,
  ids: readonly string[],
  { scope = 'user', force = false }: { scope?: Scope; force?: boolean } = {},
): Promise<Result[]> {
  return doAll(await planSetup(rowsNamed(ids), scope, place, { running, force }), place)
}

/** As `vapi mcp remove` does. */
export async function takeOut(place: Place, ids: readonly string[]): Promise<Result[]> {
  return doAll(await planRemoval(rowsNamed(ids), SCOPES, place), place)
}

async function doAll(items: readonly Item[], place: Place): Promise<Result[]> {
  const results: Result[] = []
  for (const item of items) {
    const { row, scope, change } = item
    const isDue = change !== null && change.action !== 'none'
    const applied = isDue
      ? await applyChange({ row, scope, change }, place, new AbortController().signal)
      : null
    results.push({ ...item, applied })
  }
  return results
}
