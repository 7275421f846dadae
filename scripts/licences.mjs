// Collects the licences of the libraries whose code is bundled into dist/. The build knows which those are.
import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Packages whose archive has no licence file, and the one of the same repository and author whose file holds for it. */
const sharedLicences = { 'proxy-agent-negotiate': 'https-proxy-agent' }

/** Writes one text with the licence of every package that the module paths belong to. */
export async function writeLicences(modulePaths, file) {
  const folders = new Set(modulePaths.map(packageFolder).filter(Boolean))
  const texts = []
  for (const folder of [...folders].sort()) {
    const { name, version, license, repository } = await readPackage(folder)
    const shared = sharedLicences[name]
    const source = shared === undefined ? folder : join('node_modules', shared)
    if (shared !== undefined && (await readPackage(source)).repository.url !== repository.url)
      throw new Error(`${name} and ${shared} are not of the same repository any more`)
    const licence = readdirSync(source).find(entry => /^(licen[cs]e|copying)(\.|-|$)/i.test(entry))
    if (licence === undefined) throw new Error(`${name} is bundled and has no licence file`)
    texts.push(
      `${name} ${version} (${license})\n\n${(await readFile(join(source, licence), 'utf8')).trim()}\n`,
    )
  }
  await writeFile(file, `Libraries that are part of this program\n\n${texts.join(`\n${'-'.repeat(78)}\n\n`)}`)
}

async function readPackage(folder) {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
}

/** The folder of the innermost package that a module belongs to; undefined for our own. */
function packageFolder(path) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path.replaceAll('\\', '/'))?.[0]
}
