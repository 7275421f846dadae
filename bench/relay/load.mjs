// Sends so many requests over so many connections. node load.mjs PORT BYTES CONNECTIONS REQUESTS
import { Agent, request } from 'node:http'

const [port, bytes, connections, requests] = process.argv.slice(2).map(Number)
const agent = new Agent({ keepAlive: true, maxSockets: connections })
const template = Buffer.from(event(bytes))
const STAMP = '1795394595887'
const stampAt = template.indexOf(STAMP)
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
    await send(next()).catch(() => failed++)
    latencies.push(performance.now() - started)
  }
}

/** No two events are the same. */
function next() {
  const body = Buffer.from(template)
  body.write(String(Number(STAMP) + left), stampAt, 'latin1')
  return body
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

/** A tool call of about so many bytes, as the platform sends it: the history of the call is what makes it long. */
function event(size) {
  const call = { id: '7f6c0c2e-1f0a-4f5e-9a53-0f3f6b7f6c11', type: 'webCall', status: 'in-progress' }
  const toolCall = {
    id: 'call_1',
    type: 'function',
    function: { name: 'book', arguments: { day: 'Monday' } },
  }
  const messages = []
  const make = () =>
    JSON.stringify({
      message: {
        timestamp: 1795394595887,
        type: 'tool-calls',
        toolCallList: [toolCall],
        toolCalls: [toolCall],
        call,
        artifact: { messages },
      },
    })
  while (make().length < size - 400)
    for (let count = 0; count < Math.max(1, size / 4000); count++)
      messages.push({
        role: messages.length % 2 ? 'bot' : 'user',
        message: 'I would like to come on Monday, if there is a place left; “nine o’clock” is best for me.',
        time: 1795394595887,
        secondsFromStart: 12.5,
      })
  return make()
}
