// Providers over the network, at local servers of their protocols (in a process of their own) with known delays: our own share of
// the time to a voice's first sound, to a model's first word and to a transcript; what a broken connection costs a transcriber; how
// late frames are while others take nine tenths of the CPU.
// Run: node bench/providers.mjs [voices|models|transcribers|reconnect|frames …] (four minutes for all)
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const RUNS = 250
const LOAD = 0.9
const FRAMES_SECONDS = 60
const parts = process.argv.slice(2)
const wants = part => parts.length === 0 || parts.includes(part)
// The sources look for the package's data from where they are: the bundle lies inside it.
const folder = await mkdtemp(join(fileURLToPath(new URL('../node_modules/', import.meta.url)), '.bench-'))
try {
  const build = await rolldown({
    input: fileURLToPath(new URL('providers/main.ts', import.meta.url)),
    platform: 'node',
    external: [/^node:/, 'ws', /^@echogarden\//],
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'silent',
  })
  await build.write({ file: join(folder, 'providers.mjs'), format: 'esm', codeSplitting: false })
  const program = join(folder, 'providers.mjs')
  const bench = await import(pathToFileURL(program).href)
  const peers = bench.startPeers(program)
  if (wants('voices')) for await (const row of bench.voiceShares(peers, RUNS)) tell('voice', ...row)
  if (wants('models')) for await (const row of bench.modelShares(peers, RUNS)) tell('model', ...row)
  if (wants('transcribers')) for await (const row of bench.transcriberShares(peers, 4, 30)) tellTimes(...row)
  if (wants('reconnect'))
    for (const { name, timesMs, said, lost, doubled } of await bench.reconnects(peers, 4, 24))
      console.log(
        `${`reconnect, ${name}`.padEnd(36)} p50 ${at(timesMs, 0.5)} ms, worst ${at(timesMs, 1)} ms of ${timesMs.length}, ${lost} lost and ${doubled} doubled of ${said} words  (budget 500 ms, none)`,
      )
  if (wants('frames'))
    for (const load of [0, LOAD]) {
      const { heard, played } = await bench.lateness(peers, FRAMES_SECONDS, load)
      for (const [name, { count, late, worstMs }] of [
        ['to the transcriber', heard],
        ['to the device', played],
      ])
        console.log(
          `${`frames ${name}, ${load * 100} % burnt`.padEnd(36)} ${late} of ${count} over 10 ms late (${((late / count) * 100).toFixed(3)} %), worst ${worstMs.toFixed(1)} ms  (budget ${load > 0 ? '0.1 %' : 'none'})`,
        )
    }
  peers.close()
} finally {
  await rm(folder, { recursive: true })
}
process.exit(0)

function tell(kind, id, { wallMs, cpuMs }) {
  console.log(
    `${`own share, ${kind} ${id}`.padEnd(36)} p50 ${at(wallMs, 0.5)} ms, p99 ${at(wallMs, 0.99)} ms of ${wallMs.length}  (budget p99 5; CPU of the whole answer p50 ${at(cpuMs, 0.5)}, p99 ${at(cpuMs, 0.99)})`,
  )
}

function tellTimes(id, times) {
  console.log(
    `${`own share, transcriber ${id}`.padEnd(36)} p50 ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms of ${times.length}  (budget p99 5)`,
  )
}

function at(times, share) {
  const sorted = times.toSorted((one, other) => one - other)
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1)
}
