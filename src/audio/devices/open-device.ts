import { messageOf } from '../../errors.ts'
import { type DeviceProcess, forkDevice } from './device-process.ts'
import type { Opening } from './protocol.ts'

/** One way to reach a device. */
export interface Engine {
  name: string
  opening: Opening
}

/** All engines were tried; the message says for each why it did not open. */
export class OpenFailure extends Error {}

/** All attempts together may take so long. */
const OPEN_LIMIT_MS = 5000
const WATCH_MS = 1000
/** So many looks in a row without a word from an open device, and it is given up. A sleeping machine does not count. */
const QUIET_LOOKS = 3

/**
 * Opens a device in a child process with the first engine that works, that is, whose child sends anything but
 * `failed`. Throws OpenFailure, also when `signal` aborts. Later, `failed` is called once if the device dies.
 */
export async function openDevice<Sent extends object, Received extends { type: string }>(options: {
  worker: string
  env: NodeJS.ProcessEnv
  engines: Engine[]
  signal: AbortSignal
  message(message: Exclude<Received, { type: 'failed' }>, child: DeviceProcess<Sent>): void
  failed(reason: string): void
}): Promise<DeviceProcess<Sent>> {
  const limit = new AbortController()
  const giveUp = (reason: string) => limit.abort(new Error(reason))
  const timer = setTimeout(giveUp, OPEN_LIMIT_MS, `it did not open within ${OPEN_LIMIT_MS / 1000} s`)
  const closed = () => giveUp('it was closed')
  options.signal.addEventListener('abort', closed)
  if (options.signal.aborted) closed()
  const reasons: string[] = []
  try {
    for (const engine of options.engines) {
      try {
        limit.signal.throwIfAborted()
        return await attempt<Sent, Received>(engine, { ...options, signal: limit.signal })
      } catch (failure) {
        reasons.push(`${engine.name}: ${messageOf(failure)}`)
      }
    }
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', closed)
  }
  throw new OpenFailure(reasons.join('; '))
}

function attempt<Sent extends object, Received extends { type: string }>(
  engine: Engine,
  options: Parameters<typeof openDevice<Sent, Received>>[0],
): Promise<DeviceProcess<Sent>> {
  return new Promise((resolve, reject) => {
    let opened = false
    let quietLooks = 0
    const fail = (reason: string) => {
      clearInterval(watch)
      options.signal.removeEventListener('abort', giveUp)
      const gone = child.close()
      if (opened) options.failed(`${engine.name}: ${reason}`)
      else gone.then(() => reject(new Error(reason)))
    }
    const giveUp = () => fail(messageOf(options.signal.reason))
    const child = forkDevice<Sent | ({ type: 'open' } & Opening), Received>(options.worker, options.env, {
      message(message) {
        quietLooks = 0
        if (message.type === 'failed')
          return fail('message' in message ? String(message.message) : message.type)
        if (!opened) {
          opened = true
          options.signal.removeEventListener('abort', giveUp)
          resolve({ ...child, close })
        }
        options.message(message as Exclude<Received, { type: 'failed' }>, child)
      },
      died: fail,
    })
    const watch = setInterval(() => {
      quietLooks += 1
      if (opened && quietLooks > QUIET_LOOKS) fail('it stopped without a word')
    }, WATCH_MS)
    const close = () => {
      clearInterval(watch)
      return child.close()
    }
    options.signal.addEventListener('abort', giveUp)
    child.send({ type: 'open', ...engine.opening })
  })
}
