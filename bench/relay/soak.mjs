import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventMaker } from './event.mjs'
import { memoryOf, start, stop } from './processes.mjs'

const at = name => fileURLToPath(new URL(name, import.meta.url))
const RATE = 200
/** One in so many is large. */
const LARGE = 100
const FLAT_MB = 20

/**
 * `vapi listen` with its journal under 200 events a second (2 kB, one in a hundred 200 kB). Prints its memory each minute as
 * JSON lines, then what became of the events. The process ends with 1 where one was lost or the memory was not flat: after
 * the first minute it stays within 20 MB of its middle (it is looked at each second).
 */
export async function soak(seconds) {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-soak-'))
  const target = await start(at('target.mjs'), [])
  let told = 0
  const arguments_ = ['listen', '--forward-to', target.port, '--port', 0, '--json']
  const onLine = line => {
    if (line.startsWith('{"type":"reply"') && line.includes('"status":200')) told++
  }
  const relay = await start(at('../../bin/vapi.js'), arguments_, { cwd: folder, onLine })
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const small = eventMaker(2000)
  const large = eventMaker(200_000)
  const counts = { sent: 0, answered: 0, failed: 0 }
  const range = { least: Number.POSITIVE_INFINITY, most: 0 }
  const send = number => {
    counts.sent++
    const body = number % LARGE === 0 ? large(number) : small(number)
    const options = { agent, host: '127.0.0.1', port: relay.port, method: 'POST', path: '/hook' }
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const sent = request({ ...options, headers }, answer => {
      answer.resume()
      answer.on('end', () => counts[answer.statusCode === 200 ? 'answered' : 'failed']++)
      answer.on('error', () => counts.failed++)
    })
    sent.on('error', () => counts.failed++)
    sent.end(body)
  }
  try {
    const startedMs = performance.now()
    const elapsed = () => (performance.now() - startedMs) / 1000
    for (let second = 1, number = 0; elapsed() < seconds; ) {
      await new Promise(resolve => setTimeout(resolve, 5))
      for (; number < Math.min(elapsed(), seconds) * RATE; number++) send(number)
      if (elapsed() < second) continue
      const rssMb = round(memoryOf(relay.child.pid))
      if (second >= 60) {
        range.least = Math.min(range.least, rssMb)
        range.most = Math.max(range.most, rssMb)
      }
      if (second % 60 === 0) console.log(JSON.stringify({ type: 'memory', second, rssMb, ...counts }))
      second++
    }
    // What is under way comes to its end.
    while (counts.answered + counts.failed < counts.sent && elapsed() < seconds + 30)
      await new Promise(resolve => setTimeout(resolve, 50))
    const received = Number(await (await fetch(`http://127.0.0.1:${target.port}/`)).text())
    await stop(relay)
    const lost = counts.sent - received
    const middleMb = round((range.least + range.most) / 2)
    const memory = seconds < 60 ? {} : { middleMb, plusMinusMb: round((range.most - range.least) / 2) }
    console.log(JSON.stringify({ type: 'soak', seconds, ...counts, received, told, lost, ...memory }))
    const isGood = lost === 0 && counts.failed === 0 && told === counts.sent
    if (!isGood || (memory.plusMinusMb ?? 0) > FLAT_MB) process.exitCode = 1
  } finally {
    agent.destroy()
    relay.child.kill('SIGKILL')
    await stop(target)
    await rm(folder, { recursive: true, force: true })
  }
}

function round(value) {
  return Math.round(value * 10) / 10
}
