import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { type RunOptions, startVapi } from './program.ts'

export type Line = Record<string, unknown> & { type: string }

/** The built `vapi listen --json` on a free port; `next` waits for the next line of that type. */
export async function listen(args: readonly string[], options: RunOptions = {}) {
  const running = startVapi(['listen', '--port', '0', '--json', ...args], { stdin: null, ...options })
  const lines: Line[] = []
  const waiting: { fits: (line: Line) => boolean; resolve: (line: Line) => void }[] = []
  const { stdout } = running.child
  if (stdout === null) throw new Error('no output')
  createInterface({ input: stdout }).on('line', text => {
    const line = JSON.parse(text) as Line
    lines.push(line)
    for (const waiter of waiting.filter(({ fits }) => fits(line))) {
      waiting.splice(waiting.indexOf(waiter), 1)
      waiter.resolve(line)
    }
  })
  const next = (fits: (line: Line) => boolean) =>
    Promise.race([
      new Promise<Line>(resolve => {
        const there = lines.find(fits)
        if (there !== undefined) resolve(there)
        else waiting.push({ fits, resolve })
      }),
      running.finished.then(({ stderr, code }): never => {
        throw new Error(`listen ended with ${code}: ${stderr}`)
      }),
    ])
  onTestFinished(async () => {
    if (running.child.exitCode === null) running.child.kill('SIGKILL')
    await running.finished
  })
  const ready = await next(({ type }) => type === 'ready')
  const stop = async () => {
    running.child.kill('SIGINT')
    return running.finished
  }
  return { port: Number(ready.port), url: String(ready.url), ready, lines, next, stop }
}
