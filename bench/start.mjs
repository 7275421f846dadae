// CPU time of --version and --help against a bare Node start, interleaved, medians. Run: node bench/start.mjs
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const RUNS = 25
const program = fileURLToPath(new URL('../bin/vapi.js', import.meta.url))
const cases = [
  { name: 'node -e 0', args: ['-e', '0'], budget: null },
  { name: 'vapi --version', args: [program, '--version'], budget: 1.2 },
  { name: 'vapi --help', args: [program, '--help'], budget: 1.45 },
  { name: 'vapi call local --help', args: [program, 'call', 'local', '--help'], budget: 1.45 },
]

/** User and system time of one run in milliseconds, as the kernel counted it. */
function cpuMs(args) {
  const { NODE_EXTRA_CA_CERTS: _certificates, NODE_COMPILE_CACHE: _cache, ...env } = process.env
  const command = `TIMEFORMAT='%U %S'; time "$0" "$@" >/dev/null 2>/dev/null`
  const { stderr } = spawnSync('bash', ['-c', command, process.execPath, ...args], { env, encoding: 'utf8' })
  const [user, system] = stderr.trim().split(' ').map(Number)
  return (user + system) * 1000
}

const median = values => values.toSorted((a, b) => a - b)[values.length >> 1]
const times = cases.map(() => [])
for (let run = 0; run < RUNS; run++) {
  for (const [place, { args }] of cases.entries()) times[place].push(cpuMs(args))
}
const reference = median(times[0])
for (const [place, { name, budget }] of cases.entries()) {
  const ratio = median(times[place]) / reference
  const limit = budget === null ? '' : `  (budget ${budget.toFixed(2)})`
  console.log(
    `${name.padEnd(24)} ${median(times[place]).toFixed(1).padStart(6)} ms CPU  ${ratio.toFixed(2)}×${limit}`,
  )
}
