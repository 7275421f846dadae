/** The way to a server with a known delay, and what passes on it when. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Tap {
  readonly url: string
  /** When the last bytes came from us, and the last ones went to us. */
  readonly sentMs: number
  readonly toldMs: number
  /** When the first bytes of the last HTTP answer's body went to us; NaN before. */
  readonly bodyMs: number
  /** When the last bytes of the last request came. */
  readonly askedMs: number
  /** Told of everything that came from us. */
  onSent: (bytes: number, connection: number) => void
  /** Breaks all connections without a goodbye. */
  breakOff(): void
  close(): void
}

const HEAD_END = '\r\n\r\n'

/** `delayMs` is what the server's answers take besides. */
export async function openTap(target: string, delayMs: number): Promise<Tap> {
  const port = Number(new URL(target).port)
  const sockets = new Set<Socket>()
  let connections = 0
  let sentMs = Number.NaN
  let toldMs = Number.NaN
  let bodyMs = Number.NaN
  let askedMs = Number.NaN
  /** An answer that names the server's address leads here; both are of five digits. */
  const redirected = (data: Buffer): Buffer => {
    const at = data.indexOf(`127.0.0.1:${port}/`)
    if (at >= 0) data.write(new URL(tap.url).host, at, 'latin1')
    return data
  }
  const server = createServer({ noDelay: true }, near => {
    const number = connections++
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
      sentMs = performance.now()
      if (answered) head = ''
      answered = false
      tap.onSent(data.length, number)
      far.write(data)
    })
    far.on('data', data => {
      if (!answered) askedMs = sentMs
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
        toldMs = performance.now()
        if (isFirst) bodyMs = toldMs
        near.write(told)
      }, delayMs)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const tap: Tap = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sentMs() {
      return sentMs
    },
    get toldMs() {
      return toldMs
    },
    get bodyMs() {
      return bodyMs
    },
    get askedMs() {
      return askedMs
    },
    onSent: () => {},
    breakOff() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
  return tap
}
