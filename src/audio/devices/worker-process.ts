import { constants, setPriority } from 'node:os'
import { messageOf } from '../../errors.ts'

/**
 * The child's side of `forkDevice`: the parent's messages go to `handle`. What `handle` throws, and any other uncaught
 * error, is reported as `failed` and ends the process; so does, silently, the end of the parent. `cleanUp` runs before.
 */
export function serveParent<Received, Sent extends object>(service: {
  handle(message: Received): void | Promise<void>
  cleanUp?(): void
}): { send(message: Sent): void; fail(thrown: unknown): void } {
  const end = () => {
    service.cleanUp?.()
    // At once: the native libraries' own ways of closing wait, lock up (macOS) or crash.
    process.kill(process.pid, 'SIGKILL')
  }
  const send = (message: object, sent: () => void = () => {}) => {
    if (process.connected) process.send?.(message, undefined, undefined, sent)
  }
  const fail = (thrown: unknown) => {
    if (!process.connected) end()
    send({ type: 'failed', message: messageOf(thrown) }, end)
  }
  setUrgent()
  process.on('disconnect', end)
  process.on('SIGTERM', end)
  // Ctrl-C reaches every process of the terminal; the parent decides when the device is closed.
  process.on('SIGINT', () => {})
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  process.on('message', message => {
    Promise.resolve()
      .then(() => service.handle(message as Received))
      .catch(fail)
  })
  return { send: message => send(message), fail }
}

/** Sound must not wait for other work of the machine. Where the system does not allow it, it goes without. */
function setUrgent(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH)
  } catch {
    // Linux and macOS allow it to the superuser only.
  }
}
