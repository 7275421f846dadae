// Renders the help of every command into dist/help.json, so that --help loads nothing else.
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

export async function writeManifest(folder) {
  const require = createRequire(import.meta.url)
  const { commands, renderHelp } = require(resolve(folder, 'build', 'help.cjs'))
  const definitions = []
  for (const load of Object.values(commands)) definitions.push((await load()).definition)
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  await writeFile(`${folder}/help.json`, JSON.stringify(renderHelp(definitions, version)))
}
