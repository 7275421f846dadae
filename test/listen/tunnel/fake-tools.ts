import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { endLeftovers } from '../../../src/listen/tunnel/leftovers.ts'
import { startTunnel, type TunnelOptions } from '../../../src/listen/tunnel/tunnel.ts'
import type { TunnelEvent } from '../../../src/listen/tunnel/types.ts'
import { temporaryFolder } from '../../support/program.ts'

export interface FakeTools {
  /** Where the programs are, and what they write. */
  bin: string
  /** `.vapi/listen` of a project. */
  folder: string
  env: Record<string, string>
  /** Text of a file that a program wrote; empty where there is none. */
  written(name: string): string
}

/** Programs of the shell under the names of real ones. `$BIN` is their folder; each is in its own process group's hands. */
export function fakeTools(scripts: Readonly<Record<string, string>>): FakeTools {
  const bin = temporaryFolder()
  const folder = join(temporaryFolder(), '.vapi', 'listen')
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\nBIN='${bin}'\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const path = [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
  return {
    bin,
    folder,
    env: { PATH: path, HOME: bin },
    written: name => (existsSync(join(bin, name)) ? readFileSync(join(bin, name), 'utf8') : ''),
  }
}

/** ngrok's record of a tunnel that stands, as a line of shell. */
export function standsAt(url: string): string {
  return `echo '{"addr":"http://127.0.0.1:4242","lvl":"info","msg":"started tunnel","name":"command_line","obj":"tunnels","url":"${url}"}'`
}

/** Starts a tunnel that ends with the test, and keeps what it tells. */
export async function open(tools: FakeTools, options: Partial<TunnelOptions> = {}) {
  const told: TunnelEvent[] = []
  onTestFinished(async () => {
    await endLeftovers(tools.folder)
  })
  const tunnel = await startTunnel({
    tool: 'ngrok',
    port: 4242,
    folder: tools.folder,
    env: tools.env,
    signal: new AbortController().signal,
    tell: event => told.push(event),
    ...options,
    times: { firstPauseMs: 1, ...options.times },
  })
  onTestFinished(() => tunnel.close())
  return { tunnel, told }
}

/** True for a process that does something: neither gone nor only waiting for its parent. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

/** Waits until something is so. */
export function until(check: () => boolean): Promise<void> {
  return vi.waitFor(
    () => {
      if (!check()) throw new Error('it did not come to it')
    },
    { timeout: 5000, interval: 10 },
  )
}
