import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface Posted {
  path: string
  headers: IncomingHttpHeaders
  json: unknown
}

/** The host of a call's monitor: takes control messages at `controlUrl` and streams at `listenUrl`. */
export interface MonitorServer {
  readonly controlUrl: string
  readonly listenUrl: string
  /** Control messages so far. */
  readonly posted: Posted[]
  /** Headers of every connection to the stream so far. */
  readonly connections: IncomingHttpHeaders[]
  /** Called for each connection, with its number from 0. */
  onConnection(serve: (socket: WebSocket, index: number) => void): void
  /** What a control message is answered with; 200 and nothing unless set. */
  answer: { status: number; body: string }
  /** Statuses that connections are refused with, by their number; taken where there is none. */
  refusals: number[]
  close(): Promise<void>
}

export async function startMonitorServer(): Promise<MonitorServer> {
  const posted: Posted[] = []
  const connections: IncomingHttpHeaders[] = []
  let serve: (socket: WebSocket, index: number) => void = () => {}
  const http = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    posted.push({ path: request.url ?? '', headers: request.headers, json: JSON.parse(body) })
    response.writeHead(server.answer.status, { 'content-type': 'application/json' }).end(server.answer.body)
  })
  const sockets = new WebSocketServer({ noServer: true })
  http.on('upgrade', (request, socket, head) => {
    const index = connections.length
    connections.push(request.headers)
    const refusal = server.refusals[index]
    if (refusal !== undefined && refusal !== 0) {
      socket.end(`HTTP/1.1 ${refusal} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, client => serve(client, index))
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: MonitorServer = {
    controlUrl: `http://${host}/call-1/control`,
    listenUrl: `ws://${host}/call-1/listen`,
    posted,
    connections,
    onConnection: given => {
      serve = given
    },
    answer: { status: 200, body: '' },
    refusals: [],
    async close() {
      for (const client of sockets.clients) client.terminate()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
  }
  return server
}
