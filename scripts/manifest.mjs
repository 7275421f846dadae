// Renders the help of every command into dist/help.txt, with an index in dist/help.json, so that --help loads nothing
// else; and describes every command as data in dist/commands.json.
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

export async function writeManifest(folder) {
  const require = createRequire(import.meta.url)
  const { commands, renderHelp, describeProgram, globalOptions } = require(
    resolve(folder, 'build', 'help.cjs'),
  )
  const definitions = []
  for (const load of Object.values(commands)) definitions.push((await load()).definition)
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))

  const { pages, topics } = renderHelp(definitions, version)
  const texts = []
  let end = 0
  const place = text => {
    const bytes = Buffer.from(text)
    texts.push(bytes)
    end += bytes.length
    return [end - bytes.length, bytes.length]
  }
  const placeAll = all => Object.fromEntries(Object.entries(all).map(([name, text]) => [name, place(text)]))
  const index = {
    valueOptions: Object.entries(globalOptions)
      .filter(([, { type }]) => type !== 'boolean')
      .flatMap(([name, { short }]) => (short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`])),
    commands: definitions.map(({ name }) => name),
    pages: placeAll(pages),
    topics: placeAll(topics),
  }
  await writeFile(`${folder}/help.txt`, Buffer.concat(texts))
  await writeFile(`${folder}/help.json`, JSON.stringify(index))
  await writeFile(`${folder}/commands.json`, JSON.stringify(describeProgram(definitions, version)))
}
