// Makes the documentation that the program brings, and its index: the knowledge base (src/mcp/knowledge), a page for each
// command, and the API reference of the official SDK's types.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { parse } from 'yaml'
import { apiDescription } from './api-description.mjs'

const knowledge = 'src/mcp/knowledge'

/** Writes docs.bin.br, its hash, and the keywords of official pages into `folder`/data. Needs `folder`/commands.json. */
export async function writeDocs(folder) {
  const require = createRequire(import.meta.url)
  const made = require(resolve(folder, 'build', 'docs.cjs'))
  const commands = JSON.parse(readFileSync(join(folder, 'commands.json'), 'utf8'))
  const files = readdirSync(knowledge).filter(name => name.endsWith('.md') && name !== 'README.md')
  const known = parse(readFileSync('src/mcp/content/keywords.yaml', 'utf8'))
  const hasOfficial = slug => slug in known
  const pages = [
    ...files.map(name => made.knowledgePage(name, readFileSync(join(knowledge, name), 'utf8'), hasOfficial)),
    ...made.commandPages(commands),
    ...made.referencePages(await apiDescription()),
  ]
  const index = made.encodeIndex(made.buildIndex(pages))
  const keywords = JSON.stringify(known)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 }
  const data = join(folder, 'data')
  await writeFile(join(data, 'docs.bin.br'), brotliCompressSync(index, { params }))
  await writeFile(join(data, 'docs-keywords.json'), keywords)
  await writeFile(join(data, 'docs.hash'), createHash('sha256').update(index).update(keywords).digest('hex'))
}
