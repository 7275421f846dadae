// The relay of `vapi listen` beside two relays of thirty lines without any feature: CPU a request and requests a second
// with 50 connections, and the latency that it adds one request at a time. Run: node bench/relay.mjs (Linux)
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const at = name => fileURLToPath(new URL(name, import.meta.url))
/** Clock ticks a second of /proc. */
const TICKS = 100
const ROUNDS = 3
const program = at('../bin/vapi.js')

if (existsSync('/proc/self/stat')) await run()
else console.log('skipped: the CPU of another process is read from /proc')

async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
  const target = await start(at('relay/target.mjs'), [])
  try {
    const listen = extra => [
      program,
      'listen',
      '--forward-to',
      `${target.port}`,
      '--port',
      '0',
      '--json',
      ...extra,
    ]
    const relays = {
      'node:http': () => start(at('relay/reference-http.mjs'), [target.port]),
      undici: () => start(at('relay/reference-undici.mjs'), [target.port]),
      listen: () => start(...split(listen(['--no-journal'])), folder),
      'listen with journal': () => start(...split(listen([])), folder),
    }
    for (const [bytes, requests] of [
      [2000, 12_000],
      [200_000, 2500],
    ]) {
      const results = Object.fromEntries(Object.keys(relays).map(name => [name, []]))
      for (let round = 0; round < ROUNDS; round++)
        for (const [name, open] of Object.entries(relays)) {
          const relay = await open()
          // Long enough that the compiler has done its work.
          await load(relay.port, bytes, 50, requests)
          const before = cpuOf(relay.child.pid)
          const started = performance.now()
          const { failed } = await load(relay.port, bytes, 50, requests)
          const seconds = (performance.now() - started) / 1000
          results[name].push({
            cpu: ((cpuOf(relay.child.pid) - before) / requests) * 1e6,
            rate: requests / seconds,
            failed,
          })
          await stop(relay)
        }
      const best = Math.min(median(results['node:http'], 'cpu'), median(results.undici, 'cpu'))
      for (const [name, rows] of Object.entries(results)) {
        const cpu = median(rows, 'cpu')
        const failed = rows.reduce((sum, row) => sum + row.failed, 0)
        console.log(
          `${String(bytes).padStart(7)} bytes  ${name.padEnd(20)} ${cpu.toFixed(0).padStart(5)} µs CPU a request, ${Math.round(median(rows, 'rate'))} a second, ${(cpu / best).toFixed(2)} of the better reference${failed ? `, ${failed} FAILED` : ''}`,
        )
      }
    }
    const alone = await load(target.port, 2000, 1, 2000)
    for (const name of Object.keys(relays)) {
      const relay = await relays[name]()
      await load(relay.port, 2000, 1, 500)
      const { medianMs } = await load(relay.port, 2000, 1, 2000)
      const memory =
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${relay.child.pid}/status`, 'utf8'))[1]) / 1024
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

function split([file, ...args]) {
  return [file, args]
}

/** Starts a program that tells its port in a first JSON line; the rest of what it prints is read and dropped. */
function start(file, args, cwd) {
  const child = spawn(process.execPath, [file, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(cwd !== undefined && { cwd }),
  })
  return new Promise((resolve, reject) => {
    child.once('exit', code => reject(new Error(`${file} ended with ${code}`)))
    createInterface({ input: child.stdout }).once('line', line => {
      child.stdout.resume()
      resolve({ child, port: JSON.parse(line).port })
    })
  })
}

function stop({ child }) {
  child.removeAllListeners('exit')
  return new Promise(resolve => {
    child.once('exit', resolve)
    child.kill('SIGTERM')
  })
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

/** CPU seconds of a process so far. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

function median(rows, key) {
  const sorted = rows.map(row => row[key]).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
