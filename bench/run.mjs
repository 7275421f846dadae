// Runs every benchmark, one after the other. They print figures beside their budgets and judge nothing.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

for (const name of [
  'start',
  'api',
  'size',
  'init',
  'engine',
  'demo',
  'formatter',
  'vad',
  'denoise',
  'end-of-turn',
  'voices',
  'mcp',
]) {
  console.log(`\n## ${name}`)
  spawnSync(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url))], { stdio: 'inherit' })
}
