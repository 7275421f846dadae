// The offline demo: from process start to the assistant's first sound, and its CPU share. Run: node bench/demo.mjs
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const RUNS = 5
const program = fileURLToPath(new URL('../bin/vapi.js', import.meta.url))
const { OPENAI_API_KEY: _key, ...env } = process.env
const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
const times = []
for (let run = 0; run < RUNS; run++) times.push(await firstSound())
await rm(folder, { recursive: true })
const sorted = times.toSorted((a, b) => a - b)
console.log(
  `first sound of the demo   median ${sorted[RUNS >> 1]} ms, worst ${sorted.at(-1)} ms  (budget 1500)`,
)

function firstSound() {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(process.execPath, [program, 'call', 'demo', '--json'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let heardMs = null
    child.stdout.setEncoding('utf8').on('data', text => {
      if (heardMs !== null || !text.includes('"assistant.speech.started"')) return
      heardMs = Math.round(performance.now() - started)
      child.kill('SIGINT')
    })
    child.on('close', () =>
      heardMs === null ? reject(new Error('the demo made no sound')) : resolve(heardMs),
    )
  })
}
