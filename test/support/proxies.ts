/**
 * Real proxies on 127.0.0.1 that send every host to `port` of this machine: an HTTP proxy (CONNECT and plain requests)
 * and a SOCKS proxy (5 with and without a password, 4 and 4a). They record what they were asked for.
 */
import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface TestProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** `CONNECT api.test:443`, `GET http://api.test/x`, `SOCKS5 api.test:443`. */
  readonly asked: string[]
  /** The users who named themselves, as `user:password`. */
  readonly users: string[]
  readonly openConnections: number
  close(): Promise<void>
}

export interface HttpProxyOptions {
  port: number
  /** Answers so in place of connecting; `silence`: takes the connection and never answers. */
  instead?: number | 'silence'
}

export async function startHttpProxy({ port, instead }: HttpProxyOptions): Promise<TestProxy> {
  const asked: string[] = []
  const users: string[] = []
  const note = (line: string, authorization: string | undefined): void => {
    asked.push(line)
    const [, encoded] = authorization?.split(' ') ?? []
    if (encoded !== undefined) users.push(Buffer.from(encoded, 'base64').toString())
  }
  const server = createHttpServer((incoming, outgoing) => {
    note(`${incoming.method} ${incoming.url}`, incoming.headers['proxy-authorization'])
    if (instead === 'silence') return
    if (instead !== undefined) return void outgoing.writeHead(instead).end('the proxy says no')
    const { pathname, search } = new URL(incoming.url ?? '')
    const { method, headers } = incoming
    const onward = httpRequest(
      { port, host: '127.0.0.1', path: pathname + search, method, headers },
      reply => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
        reply.pipe(outgoing)
      },
    )
    incoming.pipe(onward)
  })
  server.on('connect', (incoming, client: Socket) => {
    note(`CONNECT ${incoming.url}`, incoming.headers['proxy-authorization'])
    if (instead === 'silence') return void client.on('end', () => client.destroy()).resume()
    if (instead !== undefined) return void client.end(`HTTP/1.1 ${instead} No\r\ncontent-length: 2\r\n\r\nno`)
    client.write('HTTP/1.1 200 OK\r\n\r\n')
    join(client, connect(port, '127.0.0.1'))
  })
  return started(server, asked, users)
}

export interface SocksProxyOptions {
  port: number
  /** SOCKS 5: asks for a user and a password. */
  asksPassword?: boolean
  /** Refuses with this SOCKS 5 code (5: connection refused). */
  refuses?: number
}

export async function startSocksProxy(options: SocksProxyOptions): Promise<TestProxy> {
  const asked: string[] = []
  const users: string[] = []
  const server = createServer(async client => {
    const read = reader(client)
    try {
      if ((await read(1))[0] === 5) await greetVersion5(client, read, options, asked, users)
      else await greetVersion4(client, read, asked)
      join(client, connect(options.port, '127.0.0.1'))
    } catch {
      client.destroy()
    }
  })
  return started(server, asked, users)
}

type Read = (count: number) => Promise<Buffer>

async function greetVersion5(
  client: Socket,
  read: Read,
  { asksPassword = false, refuses }: SocksProxyOptions,
  asked: string[],
  users: string[],
): Promise<void> {
  const methods = await read((await read(1))[0])
  const method = asksPassword ? 2 : 0
  client.write(Buffer.from([5, methods.includes(method) ? method : 0xff]))
  if (!methods.includes(method)) throw new Error('no common method')
  if (asksPassword) {
    await read(1)
    const user = await read((await read(1))[0])
    const password = await read((await read(1))[0])
    users.push(`${user}:${password}`)
    client.write(Buffer.from([1, 0]))
  }
  const [, , , type] = await read(4)
  const host = type === 1 ? [...(await read(4))].join('.') : String(await read((await read(1))[0]))
  asked.push(`SOCKS5 ${host}:${(await read(2)).readUInt16BE()}`)
  client.write(Buffer.from([5, refuses ?? 0, 0, 1, 0, 0, 0, 0, 0, 0]))
  if (refuses !== undefined) throw new Error('refused')
}

async function greetVersion4(client: Socket, read: Read, asked: string[]): Promise<void> {
  await read(1)
  const port = (await read(2)).readUInt16BE()
  const address = await read(4)
  const text = async (): Promise<string> => {
    let letters = ''
    for (let letter = await read(1); letter[0] !== 0; letter = await read(1)) letters += letter
    return letters
  }
  await text()
  const isName = address.readUInt32BE() < 256
  asked.push(`SOCKS4 ${isName ? await text() : [...address].join('.')}:${port}`)
  client.write(Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]))
}

/** Reads exactly so many bytes; what comes beyond stays for the one who comes after. */
function reader(socket: Socket): Read {
  return async count => {
    for (;;) {
      const bytes: Buffer | null = count === 0 ? Buffer.alloc(0) : socket.read(count)
      if (bytes !== null) return bytes
      if (socket.readableEnded || socket.destroyed) throw new Error('closed')
      await new Promise<void>(resolve => {
        socket.once('readable', resolve)
        socket.once('close', resolve)
      })
    }
  }
}

function join(one: Socket, other: Socket): void {
  other.on('error', () => {})
  one.on('close', () => other.destroy())
  other.on('close', () => one.destroy())
  one.pipe(other)
  other.pipe(one)
}

async function started(server: Server, asked: string[], users: string[]): Promise<TestProxy> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    users,
    get openConnections() {
      return sockets.size
    },
    async close() {
      const ended = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await ended
    },
  }
}
