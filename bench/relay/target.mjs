// The server behind the relay: reads the body and answers a tool call; GET tells how many came. node target.mjs
import { createServer } from 'node:http'

const reply = JSON.stringify({ results: [{ toolCallId: 'call_1', result: 'Booked for nine.' }] })
let count = 0
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(count))
    return
  }
  request.resume()
  request.on('end', () => {
    count++
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': reply.length })
    response.end(reply)
  })
})
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ type: 'ready', port: server.address().port })),
)
