import { createServer, type RequestListener, type Server } from 'node:http'
import { systemCodeOf, VapiError } from '../errors.ts'

/** A server on the loopback addresses of this machine. */
export interface LoopbackServer {
  port: number
  /** The addresses that it listens on: IPv4, and IPv6 where there is one. */
  addresses: readonly string[]
  /** Ends it with all its connections. */
  close(): void
}

/** How often another port is tried where the one that IPv4 got is taken on IPv6. */
const ATTEMPTS = 20
const WITHOUT_IPV6 = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'EPROTONOSUPPORT']

/**
 * Listens on 127.0.0.1 and on ::1 with one port that the system chooses: `localhost` may mean either. Where the machine
 * has no IPv6 it listens on IPv4 alone.
 */
export async function listenOnLoopback(handler: RequestListener): Promise<LoopbackServer> {
  for (let attempt = 1; ; attempt++) {
    const first = makeServer(handler)
    const port = await listen(first, '127.0.0.1', 0).catch((error: unknown) => {
      throw cannotListen(error)
    })
    const second = makeServer(handler)
    try {
      await listen(second, '::1', port)
      return serving([first, second], port, ['127.0.0.1', '::1'])
    } catch (error) {
      const code = systemCodeOf(error) ?? ''
      if (WITHOUT_IPV6.includes(code)) return serving([first], port, ['127.0.0.1'])
      // Another program has the port on IPv6: it must not get the key.
      first.close()
      if (code !== 'EADDRINUSE' || attempt === ATTEMPTS) throw cannotListen(error)
    }
  }
}

function cannotListen(cause: unknown): VapiError {
  return new VapiError({
    code: 'login-port',
    message: 'the login cannot listen on this machine for the answer of the browser',
    hint: 'use a key of the dashboard: vapi login --with-token < key.txt',
    cause,
  })
}

function makeServer(handler: RequestListener): Server {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000, keepAlive: false }, handler)
  server.maxConnections = 64
  return server
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true, ipv6Only: host === '::1' }, () => {
      server.off('error', reject)
      // Without a listener a failing accept would end the program.
      server.on('error', () => {})
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function serving(servers: readonly Server[], port: number, addresses: readonly string[]): LoopbackServer {
  return {
    port,
    addresses,
    close: () => {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}
