// The server behind the relay: reads the body and answers a tool call. node target.mjs
import { createServer } from 'node:http'

const reply = JSON.stringify({ results: [{ toolCallId: 'call_1', result: 'Booked for nine.' }] })
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': reply.length })
    response.end(reply)
  })
})
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ type: 'ready', port: server.address().port })),
)
