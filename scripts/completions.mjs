// Writes the completions of bash, zsh, fish and PowerShell into completions/, from the definitions of the commands.
//   node scripts/completions.mjs           writes them
//   node scripts/completions.mjs --check   exit 1 when they are stale
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { renderBash } from './completions/bash.mjs'
import { renderFish } from './completions/fish.mjs'
import { createModel } from './completions/model.mjs'
import { renderPowerShell } from './completions/powershell.mjs'
import { renderZsh } from './completions/zsh.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The scripts by file name. */
export function renderCompletions(program) {
  const model = createModel(program)
  return {
    'vapi.bash': renderBash(model),
    _vapi: renderZsh(model),
    'vapi.fish': renderFish(model),
    'vapi.ps1': renderPowerShell(model),
  }
}

/** The definitions, from a bundle that stands inside the package, so that it finds the libraries. */
async function loadProgram() {
  const parent = join(root, 'node_modules', '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'vapi-completions-'))
  try {
    const build = await rolldown({
      input: { entry: join(root, 'src/cli/build-entry.ts') },
      platform: 'node',
      external: [/^node:/, /^[@a-z]/],
      resolve: { mainFields: ['module', 'main'] },
      logLevel: 'silent',
    })
    await build.write({ dir: folder, format: 'cjs', entryFileNames: '[name].cjs', exports: 'named' })
    await build.close()
    const { commands, ...rest } = createRequire(import.meta.url)(join(folder, 'entry.cjs'))
    const definitions = []
    for (const load of Object.values(commands)) definitions.push((await load()).definition)
    return { definitions, ...rest }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const scripts = renderCompletions(await loadProgram())
  const stale = []
  for (const [name, text] of Object.entries(scripts)) {
    const file = join(root, 'completions', name)
    if (process.argv.includes('--check')) {
      if (read(file) !== text) stale.push(name)
    } else writeFileSync(file, text)
  }
  if (stale.length > 0) {
    console.error(`stale in completions/: ${stale.join(', ')}; write them with: node scripts/completions.mjs`)
    process.exitCode = 1
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
