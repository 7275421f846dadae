// The MCP server: from the start of the process to the first answer of a tool, memory, and how long searches take. Beside
// it, run in turns, a server of the SDK that does nothing. Run: npm run build && node bench/mcp.mjs
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const RUNS = 15
const ROUNDS = 3
const file = path => fileURLToPath(new URL(path, import.meta.url))
const program = file('../bin/vapi.js')
const docs = file('../../shared/data/vapi-docs')
const home = mkdtempSync(join(tmpdir(), 'vapi-bench-'))
const questions = parse(readFileSync(file('../test/mcp/questions.yaml'), 'utf8')).map(({ ask }) => ask)

/** Starts a server, greets it and asks it once. */
async function connect(args) {
  const { PATH } = process.env
  const env = {
    PATH,
    HOME: home,
    USERPROFILE: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    VAPI_KEYRING: 'off',
  }
  const started = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map()
  createInterface({ input: child.stdout }).on('line', line => {
    const message = JSON.parse(line)
    waiting.get(message.id)?.(message)
  })
  let id = 0
  const send = message => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const ask = (method, params) =>
    new Promise(resolve => {
      waiting.set(++id, resolve)
      send({ id, method, params })
    })
  const search = query => ask('tools/call', { name: 'search_documentation', arguments: { query } })
  const clientInfo = { name: 'bench', version: '1' }
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
  const greetedMs = performance.now() - started
  send({ method: 'notifications/initialized' })
  const { result } = await search('agent talks over the caller')
  if (result === undefined || result.isError) throw new Error(`no answer: ${JSON.stringify(result)}`)
  const answeredMs = performance.now() - started
  const end = () => {
    const ended = new Promise(resolve => child.on('close', resolve))
    child.stdin.end()
    return ended
  }
  const cpuMs = cpuMsOf(child.pid)
  return { greetedMs, answeredMs, cpuMs, search, end, memory: () => memoryOf(child.pid) }
}

/** User and system time of a process so far, as the kernel counts it (in hundredths of a second). */
function cpuMsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return Number.NaN
  }
}

function memoryOf(pid) {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) / 1024
  } catch {
    return Number.NaN
  }
}

const at = (values, share) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]
const median = values => at(values, 0.5)

const cases = [
  { name: 'bare SDK server', args: [file('./mcp-bare.mjs')] },
  { name: 'vapi mcp serve', args: [program, 'mcp', 'serve'] },
  ...(existsSync(docs)
    ? [{ name: '  with all official pages', args: [program, 'mcp', 'serve', '--docs-dir', docs] }]
    : []),
].map(each => ({ ...each, greeted: [], answered: [], cpu: [], memory: [] }))

try {
  // The first run with the documentation makes and keeps its index.
  for (const { name, args } of cases) {
    const first = await connect(args)
    await first.end()
    if (args.includes('--docs-dir'))
      console.log(`${name}: ${first.answeredMs.toFixed(0)} ms when the index has to be made\n`)
  }
  for (let run = 0; run < RUNS; run++)
    for (const { args, greeted, answered, cpu, memory } of cases) {
      const server = await connect(args)
      greeted.push(server.greetedMs)
      answered.push(server.answeredMs)
      cpu.push(server.cpuMs)
      memory.push(server.memory())
      await server.end()
    }
  const bare = median(cases[0].answered)
  console.log('from the start of the process, medians (budget 400 ms, 150 MB)')
  for (const { name, greeted, answered, cpu, memory } of cases)
    console.log(
      `${name.padEnd(28)} greeted ${median(greeted).toFixed(0).padStart(4)} ms   first answer ${median(answered).toFixed(0).padStart(4)} ms (${at(answered, 0).toFixed(0)} to ${at(answered, 1).toFixed(0)})   ${(median(answered) / bare).toFixed(2)}×   CPU ${median(cpu).toFixed(0)} ms   ${median(memory).toFixed(0)} MB`,
    )
  console.log(
    `\nsearches through the protocol, ${questions.length} questions ${ROUNDS} times (budget p99 15 ms)`,
  )
  for (const { name, args } of cases) {
    const server = await connect(args)
    const times = []
    for (let round = 0; round < ROUNDS; round++)
      for (const question of questions) {
        const started = performance.now()
        await server.search(question)
        times.push(performance.now() - started)
      }
    console.log(
      `${name.padEnd(28)} p50 ${median(times).toFixed(2)} ms   p99 ${at(times, 0.99).toFixed(2)} ms   max ${at(times, 1).toFixed(2)} ms   ${server.memory().toFixed(0)} MB`,
    )
    await server.end()
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}
