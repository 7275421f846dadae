import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf, usageError, VapiError } from '../../errors.ts'
import { Exchange } from './exchange.ts'
import { TargetPools } from './pools.ts'
import type { RelayListener, RelayOptions } from './types.ts'

export interface Relay {
  /** `http://127.0.0.1:4242` */
  url: string
  port: number
  /**
   * Takes no new events, and resolves when those under way are through, or after so many milliseconds (`DRAIN_MS`); cuts off
   * what is left then, and gives the number of it.
   */
  drain(limitMs?: number): Promise<number>
  /** Cuts off what is left. */
  close(): void
}

/** Senders like to keep their connections; a tunnel’s are reused for about a minute. */
const KEEP_ALIVE_MS = 75_000

/** At the end what is under way is waited for so long, in milliseconds: a stream of events has no end of its own. */
export const DRAIN_MS = 10_000

/** At the end copies are waited for so long, in milliseconds: nobody gets what is answered to them. */
const COPIES_MS = 5000

/** What a connection carries, for when its sender closes it. A map of them would cost a tenth of all work. */
const carried = Symbol('carried')

type SenderSocket = Socket & { [carried]?: Exchange | null }

/** Opens the relay. Throws a usage error where the port is taken or not allowed. */
export async function startRelay(
  { host, port }: { host: string; port: number },
  options: RelayOptions,
  listener: RelayListener,
): Promise<Relay> {
  const pools = new TargetPools(options.tls)
  const run = randomBytes(4).toString('hex')
  let count = 0
  let underWay = 0
  let idle: (() => void) | null = null
  const server = createServer((request, reply) => {
    underWay++
    const id = `${run}-${String(++count).padStart(6, '0')}`
    const socket: SenderSocket = request.socket
    const exchange = new Exchange(id, request, reply, options, listener, pools, () => {
      if (socket[carried] === exchange) socket[carried] = null
      underWay--
      if (underWay === 0) idle?.()
    })
    socket[carried] = exchange
    exchange.start()
  })
  // A sender may close its side and wait for the reply.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('connection', (socket: SenderSocket) => socket.on('end', () => socket[carried]?.senderEnded()))
  server.keepAliveTimeout = KEEP_ALIVE_MS
  // An upload may take as long as it takes; headers may not.
  server.requestTimeout = 0
  await listen(server, host, port)
  const address = server.address() as AddressInfo
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${shown}:${address.port}`,
    port: address.port,
    drain: async (limitMs = DRAIN_MS) => {
      server.close()
      server.closeIdleConnections()
      const drained = new Promise<void>(resolve => {
        idle = resolve
      })
      if (underWay > 0) await Promise.race([drained, wait(limitMs, undefined, { ref: false })])
      const left = underWay
      if (left > 0) {
        server.closeAllConnections()
        await drained
      }
      await pools.drain(COPIES_MS)
      return left
    },
    close: () => {
      server.close()
      server.closeAllConnections()
      pools.close()
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      const code = 'code' in error ? error.code : ''
      if (code === 'EADDRINUSE')
        reject(
          usageError(
            `port ${port} of ${host} is in use`,
            'stop what listens there, or choose another: --port 4243',
          ),
        )
      else if (code === 'EACCES')
        reject(usageError(`port ${port} may not be opened by you`, 'choose one above 1023: --port 4242'))
      else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
        reject(usageError(`${host} is no address of this machine`, '--host 127.0.0.1 is this machine alone'))
      else
        reject(
          new VapiError({ code: 'not-listening', message: `the listener cannot start: ${messageOf(error)}` }),
        )
    })
    server.listen(port, host, resolve)
  })
}
