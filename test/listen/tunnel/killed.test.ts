import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openServer } from '../../../src/commands/listen-servers.ts'
import { endLeftovers } from '../../../src/listen/tunnel/leftovers.ts'
import { repairServers } from '../../../src/listen/tunnel/repair.ts'
import { bundleProgram } from '../../support/bundle.ts'
import { temporaryFolder } from '../../support/program.ts'
import { startResourceServer } from '../../support/resource-server.ts'
import { fakeTools, lives, standsAt } from './fake-tools.ts'
import { contextOf } from './programs/context.ts'

const OLD = { url: 'https://example.com/hook', timeoutSeconds: 45 }

describe.skipIf(process.platform === 'win32')('a listener that is killed with a server pointed to it', () => {
  let program: { file: string; remove(): void }
  beforeAll(async () => {
    program = await bundleProgram(new URL('./programs/hold.ts', import.meta.url).pathname)
  })
  afterAll(() => program.remove())

  it.each([
    ['in peace', 'ready'],
    ['in the middle of the change', 'PATCH'],
  ])('%s leaves enough to set it back', async (_, moment) => {
    const api = await startResourceServer(temporaryFolder())
    const row = api.put('/assistant', { name: 'Reception', server: OLD })
    const tools = fakeTools({
      ngrok: `echo $$ > $BIN/pid; ${standsAt('https://a.ngrok-free.app')}; exec sleep 1000`,
    })
    const { folder } = tools
    const given = JSON.stringify({ folder, baseUrl: api.url, references: ['assistant:Reception'] })
    const child = spawn(process.execPath, [program.file, given], {
      env: tools.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const gone = new Promise(resolve => child.once('exit', resolve))
    api.before = ({ method }) => {
      if (method === 'PATCH' && moment === 'PATCH') child.kill('SIGKILL')
      return undefined
    }
    child.stdout.on(
      'data',
      text => `${text}`.includes('ready') && moment === 'ready' && child.kill('SIGKILL'),
    )
    await gone
    expect(row.server).toEqual({ ...OLD, url: 'https://a.ngrok-free.app' })
    expect(existsSync(join(folder, 'restore.json'))).toBe(true)
    expect(await endLeftovers(folder)).toMatchObject([{ tool: 'ngrok', ended: true }])
    expect(lives(Number(tools.written('pid')))).toBe(false)
    const outcomes = await repairServers({ folder, open: owner => openServer(owner, contextOf(api.url)) })
    expect(outcomes).toMatchObject([{ state: 'restored' }])
    expect(row.server).toEqual(OLD)
    expect(existsSync(join(folder, 'restore.json'))).toBe(false)
  })
})
