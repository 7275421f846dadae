// A relay without any feature on node:http, bodies piped. node reference-http.mjs TARGET_PORT
import { Agent, createServer, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const server = createServer((incoming, reply) => {
  const { host: _host, connection: _connection, ...headers } = incoming.headers
  const forward = request(
    { agent, port: process.argv[2], host: '127.0.0.1', method: incoming.method, path: incoming.url, headers },
    answer => {
      reply.writeHead(answer.statusCode, answer.headers)
      answer.pipe(reply)
    },
  )
  forward.on('error', () => {
    if (reply.headersSent) reply.destroy()
    else reply.writeHead(502).end()
  })
  incoming.pipe(forward)
})
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ type: 'ready', port: server.address().port })),
)
