// Prints what the denoisers gain, keep and cost: node bench/denoise.mjs
// Figures only: nothing is asserted, the exit code is 0. The rules are held by test/conformance/denoising.test.ts.
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { writeData } from '../scripts/data.mjs'

const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
try {
  const packages = fileURLToPath(new URL('../node_modules', import.meta.url))
  await symlink(packages, join(folder, 'node_modules'), 'junction')
  // Node 20 cannot run TypeScript: the bench is bundled first, beside a link to the packages it loads.
  const input = fileURLToPath(new URL('denoise/main.ts', import.meta.url))
  const build = await rolldown({ input, platform: 'node', external: [/^node:/, /^@echogarden\//] })
  await build.write({ file: join(folder, 'main.mjs'), format: 'esm', codeSplitting: false })
  await build.close()
  await writeData(folder)
  const bench = await import(pathToFileURL(join(folder, 'main.mjs')).href)
  await bench.run(folder, await readFile(join(folder, 'silero-v6.bin')), import.meta.url)
} finally {
  await rm(folder, { recursive: true, force: true })
}
