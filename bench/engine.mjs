// The engine on a simulated ten-minute call of 40 turns: time of the whole call warm and cold, time of a single step,
// and the program's own CPU for it against a bare Node start. Run: node bench/engine.mjs
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const TURNS = 40
const CALLS = 200
const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
try {
  const build = await rolldown({
    input: fileURLToPath(new URL('engine/main.ts', import.meta.url)),
    platform: 'node',
    external: /^node:/,
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'silent',
  })
  await build.write({ file: join(folder, 'engine.mjs'), format: 'esm', codeSplitting: false })
  const { simulateOnce, stepTimes, inputsPerSecond, commandDelays, calibrate, scenario } = await import(
    pathToFileURL(join(folder, 'engine.mjs')).href
  )

  const cold = await timed(() => simulateOnce(TURNS))
  for (let call = 0; call < 20; call++) await simulateOnce(TURNS)
  const warm = await timed(async () => {
    for (let call = 0; call < CALLS; call++) await simulateOnce(TURNS)
  })
  const { durationMs } = await simulateOnce(TURNS)
  console.log(`simulated call            ${(durationMs / 60_000).toFixed(1)} minutes, ${TURNS} turns`)
  console.log(`  first in a process      ${cold.toFixed(1)} ms  (budget 500)`)
  console.log(`  warm, mean of ${CALLS}       ${(warm / CALLS).toFixed(2)} ms  (budget 60)`)

  const times = (await stepTimes(TURNS, 50)).toSorted((a, b) => a - b)
  const at = share => times[Math.floor(times.length * share)]
  const perSecond = await inputsPerSecond(TURNS, 200)
  console.log(
    `engine step               p50 ${at(0.5).toFixed(4)} ms, p99 ${at(0.99).toFixed(4)} ms, max ${times.at(-1).toFixed(2)} ms  (budget p99 5)`,
  )
  console.log(
    `  inputs taken            ${Math.round(perSecond).toLocaleString('en')}  a second of CPU, ${(perSecond / calibrate()).toFixed(2)} JSON round trips of a configuration  (budget 200,000)`,
  )

  const delays = (await commandDelays(10)).toSorted((a, b) => a - b)
  console.log(
    `input to its commands     p50 ${delays[delays.length >> 1].toFixed(2)} ms, p99 ${delays[Math.floor(delays.length * 0.99)].toFixed(2)} ms of ${delays.length} on the wall clock  (budget p99 5)`,
  )

  const many = run(`for (let call = 0; call < 1000; call++) await m.simulateOnce(${TURNS})`)
  console.log(`1,000 calls               ${many.seconds.toFixed(1)} s  (budget 60)`)
  const atOnce = run(`await Promise.all(Array.from({ length: 100 }, () => m.simulateOnce(${TURNS})))`)
  console.log(`100 calls at once         ${atOnce.megabytes} MB at most  (budget 300)`)

  const file = join(folder, 'call.json')
  await writeFile(file, JSON.stringify(scenario(TURNS)))
  const started = performance.now()
  const { status } = spawnSync(process.execPath, [
    fileURLToPath(new URL('../bin/vapi.js', import.meta.url)),
    'call',
    'simulate',
    file,
    '--quiet',
  ])
  console.log(
    `vapi call simulate        ${Math.round(performance.now() - started)} ms from start to end, exit ${status}  (budget 500)`,
  )
} finally {
  await rm(folder, { recursive: true })
}

/** Runs code in a process of its own that has the bench as `m`. */
function run(code) {
  const script = `const m = await import(${JSON.stringify(pathToFileURL(join(folder, 'engine.mjs')).href)}); ${code}; console.log(process.resourceUsage().maxRSS)`
  const started = performance.now()
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  if (status !== 0) throw new Error(String(stderr))
  return { seconds: (performance.now() - started) / 1000, megabytes: Math.round(Number(stdout) / 1024) }
}

async function timed(work) {
  const started = performance.now()
  await work()
  return performance.now() - started
}
