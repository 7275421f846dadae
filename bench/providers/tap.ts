/** The way to a server with a known delay, and what passes on it when. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Bytes from us (`sent`) or to us (`told`; `body` where the first bytes of an HTTP answer's body are among them), or a break. */
export interface Passed {
  kind: 'sent' | 'told' | 'body' | 'broken'
  /** By the clock that all processes have in common: `nowMs`. */
  atMs: number
  bytes: number
  /** The how-maniest connection it was, from 0. */
  connection: number
}

export interface Tap {
  readonly url: string
  /** What has passed since it was last asked for. */
  log(): Passed[]
  /** Breaks all connections without a goodbye. */
  breakOff(): void
  close(): void
}

const HEAD_END = '\r\n\r\n'

/** Milliseconds of the machine's clock. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** `delayMs` is what the server's answers take besides. */
export async function openTap(target: string, delayMs: number): Promise<Tap> {
  const port = Number(new URL(target).port)
  const sockets = new Set<Socket>()
  let connections = 0
  let passed: Passed[] = []
  /** An answer that names the server's address leads here; both are of five digits. */
  const redirected = (data: Buffer): Buffer => {
    const at = data.indexOf(`127.0.0.1:${port}/`)
    if (at >= 0) data.write(new URL(url).host, at, 'latin1')
    return data
  }
  const server = createServer({ noDelay: true }, near => {
    const connection = connections++
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    let answered = false
    let head: string | null = ''
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', data => {
      passed.push({ kind: 'sent', atMs: nowMs(), bytes: data.length, connection })
      if (answered) head = ''
      answered = false
      far.write(data)
    })
    far.on('data', data => {
      answered = true
      let isFirst = false
      if (head === '') head = data.toString('latin1')
      else if (head !== null) head += data.toString('latin1')
      const end = head?.indexOf(HEAD_END) ?? -1
      if (head !== null && end >= 0 && end + HEAD_END.length < head.length) {
        isFirst = true
        head = null
      }
      const told = redirected(data)
      setTimeout(() => {
        passed.push({ kind: isFirst ? 'body' : 'told', atMs: nowMs(), bytes: told.length, connection })
        near.write(told)
      }, delayMs)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    log() {
      const all = passed
      passed = []
      return all
    },
    breakOff() {
      passed.push({ kind: 'broken', atMs: nowMs(), bytes: 0, connection: connections - 1 })
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
