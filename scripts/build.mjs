// Builds dist/: the program as lazily loaded CommonJS chunks (they start faster than ES modules), its workers and
// child programs, and the data files that are made rather than committed.
import { readdirSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'
import { writeData } from './data.mjs'
import { writeDocs } from './docs.mjs'
import { writeLicences } from './licences.mjs'
import { writeManifest } from './manifest.mjs'
import { writePages } from './pages.mjs'
import { writeSchema } from './schema.mjs'
import { writeTemplates } from './templates.mjs'

const external = [
  /^node:/,
  /^@echogarden\//,
  /^@picovoice\//,
  /^@napi-rs\//,
  'jq-web',
  'sherpa-onnx-node',
  './cli.cjs',
]

const bundledModules = []

async function bundle(input, output) {
  const build = await rolldown({
    input,
    external,
    platform: 'node',
    // jsonc-parser's other entry is UMD, which no bundler can follow.
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'warn',
  })
  const written = await build.write({ format: 'cjs', minify: true, exports: 'named', ...output })
  for (const chunk of written.output) bundledModules.push(...(chunk.moduleIds ?? []))
  await build.close()
}

await rm('dist', { recursive: true, force: true })
await mkdir('dist/data', { recursive: true })
await bundle({ launch: 'src/cli/launch.ts' }, { dir: 'dist', entryFileNames: '[name].cjs' })
await bundle(
  { cli: 'src/cli/main.ts' },
  { dir: 'dist', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
)
const workers = readdirSync('src', { recursive: true }).filter(file => file.endsWith('.worker.ts'))
for (const file of workers) {
  await bundle(
    { [basename(file, '.worker.ts')]: join('src', file) },
    { dir: 'dist/workers', entryFileNames: '[name].cjs', codeSplitting: false },
  )
}
await writePages('dist/pages')
await writeLicences(bundledModules, 'dist/licences.txt')
await writeData('dist/data')
await writeSchema('dist/data')
await writeTemplates('dist/templates')
await bundle(
  { help: 'src/cli/build-entry.ts', docs: 'src/mcp/content/build-entry.ts' },
  { dir: 'dist/build', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' },
)
await writeManifest('dist')
await writeDocs('dist')
await rm('dist/build', { recursive: true })
