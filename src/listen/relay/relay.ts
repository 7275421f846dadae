import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, usageError, VapiError } from '../../errors.ts'
import { Exchange } from './exchange.ts'
import { TargetPools } from './pools.ts'
import type { RelayListener, RelayOptions } from './types.ts'

export interface Relay {
  /** `http://127.0.0.1:4242` */
  url: string
  port: number
  /** Takes no new events, and resolves when those under way are through. */
  drain(): Promise<void>
  /** Cuts off what is left. */
  close(): void
}

/** Senders like to keep their connections; a tunnel’s are reused for about a minute. */
const KEEP_ALIVE_MS = 75_000

/** At the end copies are waited for so long, in milliseconds: nobody gets what is answered to them. */
const COPIES_MS = 5000

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
    reply.once('close', () => {
      underWay--
      if (underWay === 0) idle?.()
    })
    const id = `${run}-${String(++count).padStart(6, '0')}`
    new Exchange(id, request, reply, options, listener, pools).start()
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  // An upload may take as long as it takes; headers may not.
  server.requestTimeout = 0
  await listen(server, host, port)
  const address = server.address() as AddressInfo
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${shown}:${address.port}`,
    port: address.port,
    drain: async () => {
      server.close()
      server.closeIdleConnections()
      if (underWay > 0)
        await new Promise<void>(resolve => {
          idle = resolve
        })
      await pools.drain(COPIES_MS)
    },
    close: () => {
      server.close()
      server.closeAllConnections()
      void pools.close()
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
