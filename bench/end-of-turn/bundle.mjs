import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

/** Node 20 cannot run TypeScript: bundles a file of this folder, imports it and hands it to `use`. */
export async function withModule(name, use) {
  const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'end-of-turn-'))
  try {
    const input = fileURLToPath(new URL(name, import.meta.url))
    const build = await rolldown({ input, platform: 'node', external: [/^node:/, /^@echogarden\//] })
    await build.write({ file: join(folder, 'main.mjs'), format: 'esm', codeSplitting: false })
    await build.close()
    return await use(await import(pathToFileURL(join(folder, 'main.mjs')).href))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
