// Sends so many requests over so many connections. node load.mjs PORT BYTES CONNECTIONS REQUESTS
import { Agent, request } from 'node:http'
import { eventMaker } from './event.mjs'

const [port, bytes, connections, requests] = process.argv.slice(2).map(Number)
const agent = new Agent({ keepAlive: true, maxSockets: connections })
const make = eventMaker(bytes)
const latencies = []
let left = requests
let failed = 0
await Promise.all(Array.from({ length: connections }, worker))
latencies.sort((a, b) => a - b)
console.log(JSON.stringify({ medianMs: latencies[latencies.length >> 1], failed }))
agent.destroy()

async function worker() {
  while (left-- > 0) {
    const started = performance.now()
    await send(make(left)).catch(() => failed++)
    latencies.push(performance.now() - started)
  }
}

function send(body) {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/hook?x=1',
        headers: { 'content-type': 'application/json', 'content-length': body.length },
      },
      answer => {
        answer.resume()
        answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error('status'))))
        answer.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
