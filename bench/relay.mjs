// The relay of `vapi listen` beside two relays of thirty lines without any feature: CPU a request and requests a second
// with 50 connections, and the latency that it adds one request at a time. Run: node bench/relay.mjs (Linux)
// How it stands 200 events a second for so long: node bench/relay.mjs --soak SECONDS (relay/soak.mjs)
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuOf, memoryOf, start, stop } from './relay/processes.mjs'
import { soak } from './relay/soak.mjs'

const at = name => fileURLToPath(new URL(name, import.meta.url))
/** Odd, so that there is one in the middle. */
const ROUNDS = 9
/** Before it is measured each gets so many times as many requests: the compiler works in the background for long. */
const WARM = 5
const program = at('../bin/vapi.js')

const [option, seconds] = process.argv.slice(2)
if (existsSync('/proc/self/schedstat')) await (option === '--soak' ? soak(Number(seconds)) : run())
else console.log('skipped: the CPU of another process is read from /proc')

async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
  const target = await start(at('relay/target.mjs'), [])
  try {
    const listen = extra => ['listen', '--forward-to', `${target.port}`, '--port', '0', '--json', ...extra]
    const relays = {
      'node:http': () => start(at('relay/reference-http.mjs'), [target.port]),
      undici: () => start(at('relay/reference-undici.mjs'), [target.port]),
      listen: () => start(program, listen(['--no-journal']), { cwd: folder }),
      'listen with journal': () => start(program, listen([]), { cwd: folder }),
    }
    await compare(relays, 2000, 3000)
    await compare(relays, 200_000, 800)
    const alone = await load(target.port, 2000, 1, 2000)
    for (const name of Object.keys(relays)) {
      const relay = await relays[name]()
      await load(relay.port, 2000, 1, 500)
      const { medianMs } = await load(relay.port, 2000, 1, 2000)
      const memory = memoryOf(relay.child.pid)
      console.log(
        `one at a time  ${name.padEnd(20)} adds ${(medianMs - alone.medianMs).toFixed(2)} ms (median); ${Math.round(memory)} MB after 2,500 requests`,
      )
      await stop(relay)
    }
  } finally {
    await stop(target)
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * All run at once and get their load one after the other, round by round: what else goes on on the machine meets all of them.
 * The ratio is the middle one of those within the rounds.
 */
async function compare(relays, bytes, requests) {
  const running = {}
  const results = {}
  for (const [name, open] of Object.entries(relays)) {
    running[name] = await open()
    results[name] = []
    await load(running[name].port, bytes, 50, WARM * requests)
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, { child, port }] of Object.entries(running)) {
      const before = cpuOf(child.pid)
      const started = performance.now()
      const { failed } = await load(port, bytes, 50, requests)
      const seconds = (performance.now() - started) / 1000
      const cpu = ((cpuOf(child.pid) - before) / requests) * 1e6
      results[name].push({ cpu, rate: requests / seconds, failed })
    }
  for (const relay of Object.values(running)) await stop(relay)
  const references = ['node:http', 'undici'].map(name => results[name])
  const [best] = references.toSorted((one, other) => median(one, 'cpu') - median(other, 'cpu'))
  for (const [name, rows] of Object.entries(results)) {
    const ratio = median(
      rows.map(({ cpu }, round) => ({ ratio: cpu / best[round].cpu })),
      'ratio',
    )
    const failed = rows.reduce((sum, row) => sum + row.failed, 0)
    console.log(
      `${String(bytes).padStart(7)} bytes  ${name.padEnd(20)} ${median(rows, 'cpu').toFixed(0).padStart(5)} µs CPU a request, ${Math.round(median(rows, 'rate'))} a second, ${ratio.toFixed(2)} of the better reference${failed ? `, ${failed} FAILED` : ''}`,
    )
  }
}

function load(...args) {
  const child = spawn(process.execPath, [at('relay/load.mjs'), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', piece => {
    text += piece
  })
  return new Promise((resolve, reject) =>
    child.once('close', code =>
      code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`load: ${code}`)),
    ),
  )
}

function median(rows, key) {
  const sorted = rows.map(row => row[key]).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
