/**
 * Runs a custom transcriber of files (`server.js` and what it requires) as a program of its own. What the files require beside
 * Node is there: ws, express and Deepgram's library of version 3, with its address redirected; a logger and dotenv that do
 * nothing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../program.ts'

const modules = new URL('../../../node_modules', import.meta.url).pathname

const SUPPLIED: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "commonjs" }',
  'fileLogger.js': `
    module.exports = class {
      static createNamedLogger() { return new this() }
      logDetailed() {}
      warn(...told) { console.error(...told) }
      error(...told) { console.error(...told) }
    }`,
  'node_modules/dotenv/index.js': 'exports.config = () => ({})',
  'node_modules/@deepgram/sdk/index.js': `
    const sdk = require(${JSON.stringify(join(modules, 'deepgram-sdk-3'))})
    const { DEEPGRAM_TEST_URL: url } = process.env
    const createClient = key => sdk.createClient(key, { global: { websocket: { options: { url } } } })
    module.exports = { ...sdk, createClient }`,
}

/** Resolves with its address, when it says that it runs. */
export async function startExample(
  files: Readonly<Record<string, string>>,
  deepgram: { url: string; key: string },
): Promise<string> {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries({ ...SUPPLIED, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  for (const name of ['ws', 'express']) symlinkSync(join(modules, name), join(folder, 'node_modules', name))
  const port = await freePort()
  const { PATH } = process.env
  const program = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env: { PATH, PORT: String(port), DEEPGRAM_API_KEY: deepgram.key, DEEPGRAM_TEST_URL: deepgram.url },
  })
  const gone = once(program, 'exit')
  onTestFinished(async () => {
    program.kill('SIGKILL')
    await gone
  })
  let said = ''
  program.stderr.on('data', text => {
    said += text
  })
  const runs = (async () => {
    for await (const line of createInterface({ input: program.stdout })) if (/running/.test(line)) return
  })()
  await Promise.race([runs, gone])
  if (program.exitCode !== null) throw new Error(`the example ended: ${said}`)
  return `ws://127.0.0.1:${port}/api/custom-transcriber`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The listing of this name on a page: the fenced block after its name in bold, without its indentation. */
export function listingOf(page: string, name: string): string {
  const from = page.indexOf(`**${name}**`)
  const block = /```js\n([\s\S]*?)\n[ \t]*```/.exec(page.slice(from))?.[1]
  if (from === -1 || block === undefined) throw new Error(`the page has no listing ${name}`)
  return block
}
