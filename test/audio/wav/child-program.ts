import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** A new folder and what removes it. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'vapi-wav-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Bundles `writing.child.ts` for Node, which cannot run TypeScript in all its versions. */
export async function buildWritingChild(folder: string): Promise<string> {
  const input = fileURLToPath(new URL('writing.child.ts', import.meta.url))
  const file = join(folder, 'writing.cjs')
  const build = await rolldown({ input, platform: 'node' })
  await build.write({ file, format: 'cjs' })
  await build.close()
  return file
}

/** Runs a command to its end; gives what it printed and how it ended. */
export async function run(command: string, args: string[]): Promise<{ output: string; code: number | null }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', piece => {
    output += piece
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { output, code }
}
