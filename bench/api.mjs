// CPU time of `vapi assistant list` against a local server, beside a bare Node script that makes the same request with
// global fetch: pair by pair in one run, medians. Run: node bench/api.mjs
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const RUNS = 20
const program = fileURLToPath(new URL('../bin/vapi.js', import.meta.url))

/** Answers every request with ten assistants. It has a thread of its own, because the runs below block this one. */
const SERVER = `
const { createServer } = require('node:http')
const assistants = Array.from({ length: 10 }, (_, place) => ({
  id: '00000000-0000-4000-8000-00000000000' + place, orgId: 'org', name: 'Assistant ' + place,
  createdAt: new Date(1767225600000 - place * 1000).toISOString(), updatedAt: '2026-01-01T00:00:00.000Z',
  model: { provider: 'openai', model: 'gpt-4o', messages: [{ role: 'system', content: 'Be kind. '.repeat(60) }] },
  voice: { provider: 'vapi', voiceId: 'Elliot' }, transcriber: { provider: 'deepgram', model: 'nova-3' },
}))
const body = JSON.stringify(assistants)
const server = createServer((request, response) => {
  response.writeHead(request.url.startsWith('/assistant') ? 200 : 404, { 'content-type': 'application/json' }).end(body)
})
server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port))
`

const worker = new Worker(SERVER, { eval: true })
const [port] = await once(worker, 'message')
const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
const url = `http://127.0.0.1:${port}`
const bare = join(folder, 'fetch.mjs')
await writeFile(
  bare,
  `const reply = await fetch('${url}/assistant?limit=100', { headers: { authorization: 'Bearer x' } })
if (!reply.ok) throw new Error(String(reply.status))
process.stdout.write(JSON.stringify(await reply.json(), null, 2))
`,
)
const plain = join(folder, 'http.cjs')
await writeFile(
  plain,
  `require('node:http').get('${url}/assistant?limit=100', { headers: { authorization: 'Bearer x' } }, async reply => {
  let text = ''
  for await (const piece of reply) text += piece
  process.stdout.write(JSON.stringify(JSON.parse(text), null, 2))
})
`,
)
const cases = {
  'node -e 0': ['-e', '0'],
  'bare fetch script': [bare],
  'bare node:http script': [plain],
  'vapi assistant list': [program, 'assistant', 'list', '--base-url', url, '--api-key', 'x', '--json'],
}

try {
  const times = Object.fromEntries(Object.keys(cases).map(name => [name, []]))
  for (let run = 0; run < RUNS; run++) {
    for (const [name, args] of Object.entries(cases)) times[name].push(cpuMs(name, args))
  }
  for (const [name, values] of Object.entries(times)) {
    const over = median(values.map((value, run) => value / times['node -e 0'][run]))
    console.log(
      `${name.padEnd(24)} ${median(values).toFixed(1).padStart(6)} ms CPU  ${over.toFixed(2)}× node -e 0`,
    )
  }
  const pairs = times['vapi assistant list'].map((value, run) => value / times['bare fetch script'][run])
  console.log(
    `vapi / bare fetch        ${median(pairs).toFixed(2)} of its CPU time  (budget 1.00, aim 0.80; median of ${RUNS} pairs)`,
  )
} catch (error) {
  console.log(error.message)
} finally {
  await rm(folder, { recursive: true })
  await worker.terminate()
}

/** User and system time of one run in milliseconds, as the kernel counted it. */
function cpuMs(name, args) {
  const { PATH, LANG } = process.env
  const command = `TIMEFORMAT='%U %S'; { time "$0" "$@" >/dev/null 2>"$ERRORS"; } 2>&1; exit $?`
  const errors = join(folder, 'errors.txt')
  const env = { PATH, LANG, HOME: folder, ERRORS: errors }
  const { stdout, status } = spawnSync('bash', ['-c', command, process.execPath, ...args], {
    env,
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0)
    throw new Error(`${name} ended with ${status}: build it first, or see what it says by itself`)
  const [user, system] = stdout.trim().split(' ').map(Number)
  return (user + system) * 1000
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}
