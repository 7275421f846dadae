// A relay without any feature on an undici pool, bodies buffered. node reference-undici.mjs TARGET_PORT
import { createServer } from 'node:http'
import { Pool } from 'undici'

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, { connections: 50 })
const server = createServer((incoming, reply) => {
  const pieces = []
  incoming.on('data', piece => pieces.push(piece))
  incoming.on('end', async () => {
    try {
      const { host: _host, connection: _connection, ...headers } = incoming.headers
      const body = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
      const answer = await pool.request({ method: incoming.method, path: incoming.url, headers, body })
      const content = Buffer.from(await answer.body.arrayBuffer())
      reply.writeHead(answer.statusCode, answer.headers).end(content)
    } catch {
      reply.writeHead(502).end()
    }
  })
})
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ type: 'ready', port: server.address().port })),
)
