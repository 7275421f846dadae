import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { messageOf } from '../../errors.ts'
import { workerFile } from '../../package-root.ts'
import { keepLastLine } from './program-process.ts'

/** A child process that owns a device. */
export interface DeviceProcess<Sent> {
  /** Sends a message; silently nothing when the child is gone (`died` tells). */
  send(message: Sent): void
  /** Ends it and resolves when it is gone; no handler is called from then on. */
  close(): Promise<void>
}

/** How long a child may take to leave by itself when it is told so. */
const LEAVE_MS = 300

/**
 * Starts the child of `workerFile(worker)`. It ends itself when its parent is gone. Its stderr, where sound libraries
 * print pages, shows up only as the last line in the reason of its death.
 */
export function forkDevice<Sent extends object, Received>(
  worker: string,
  env: NodeJS.ProcessEnv,
  handlers: { message(message: Received): void; died(reason: string): void },
): DeviceProcess<Sent> {
  const file = workerFile(worker)
  if (!existsSync(file)) throw new Error(`${file} is missing: the program is not built`)
  let open = true
  const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const
  const child = fork(file, { env, execArgv: [], serialization: 'advanced', stdio: [...stdio] })
  const lastLine = keepLastLine(child.stderr)
  child.on('message', message => open && handlers.message(message as Received))
  const died = (reason: string) => {
    if (open) handlers.died(reason)
    open = false
  }
  // Its last messages can come after its end, so the channel must have been read to its end, too.
  let endings = 0
  const ended = () => {
    endings += 1
    if (endings === 2) died(reasonOfDeath(child, lastLine()))
  }
  child.on('close', ended).on('disconnect', ended)
  const exited = new Promise<void>(resolve => {
    child.on('exit', () => resolve())
    child.on('error', error => {
      if (child.pid === undefined) resolve()
      died(messageOf(error))
    })
  })
  return {
    send(message) {
      if (child.connected) child.send(message, () => {})
    },
    async close() {
      open = false
      child.kill()
      const killer = setTimeout(() => child.kill('SIGKILL'), LEAVE_MS)
      await exited
      clearTimeout(killer)
    },
  }
}

function reasonOfDeath({ signalCode, exitCode }: ChildProcess, lastLine: string): string {
  const end = signalCode ? `it was ended by ${signalCode}` : `it ended with code ${exitCode}`
  return lastLine ? `${end}: ${lastLine}` : end
}
