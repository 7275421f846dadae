// Prints quality and cost of the voice activity detector on real speech: node bench/vad.mjs
// Figures only: nothing is asserted, the exit code is 0. The test of the same code is test/audio/vad/quality.test.ts.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { writeData } from '../scripts/data.mjs'

if (existsSync('/usr/share/sounds/alsa/Front_Center.wav')) await run()
else console.log('skipped: the speech of the package alsa-utils is not in /usr/share/sounds/alsa')

/** Node 20 cannot run TypeScript: the bench is bundled first, beside a link to the packages it loads. */
async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
  try {
    await symlink(
      fileURLToPath(new URL('../node_modules', import.meta.url)),
      join(folder, 'node_modules'),
      'junction',
    )
    const input = fileURLToPath(new URL('vad/main.ts', import.meta.url))
    const build = await rolldown({ input, platform: 'node', external: [/^node:/, /^@echogarden\//] })
    await build.write({ file: join(folder, 'main.mjs'), format: 'esm', codeSplitting: false })
    await build.close()
    await writeData(folder)
    const bench = await import(pathToFileURL(join(folder, 'main.mjs')).href)
    await bench.run(await readFile(join(folder, 'silero-v6.bin')))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
