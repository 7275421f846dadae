import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ApiServer, startApiServer } from '../support/api-server.ts'
import { jsonReply } from '../support/fake-openai.ts'
import { type MonitorServer, startMonitorServer } from '../support/monitor-server.ts'
import { startVapi, temporaryFolder, vapi } from '../support/program.ts'

describe('the built program and a running call', () => {
  let api: ApiServer
  let monitor: MonitorServer
  let folder: string
  let call: Record<string, unknown>
  beforeEach(async () => {
    api = await startApiServer()
    monitor = await startMonitorServer()
    folder = temporaryFolder()
    const { controlUrl, listenUrl } = monitor
    call = { id: 'call-1', status: 'in-progress', monitor: { controlUrl, listenUrl } }
    api.on('GET /call/call-1', () => jsonReply(call))
  })
  afterEach(() => Promise.all([api.close(), monitor.close()]))

  const options = () => ({
    cwd: folder,
    env: { HOME: folder, VAPI_API_KEY: 'private-key', VAPI_API_BASE_URL: api.url },
  })

  it('watches it until Ctrl-C, which ends at once with 130', async () => {
    monitor.onConnection(socket =>
      socket.send('{"type":"transcript","role":"user","transcriptType":"final","transcript":"Hello"}'),
    )
    const run = startVapi(['call', 'watch', 'call-1', '--interval', '600'], options())
    await run.prints('Hello')
    run.child.kill('SIGINT')
    expect(await run.finished).toMatchObject({ code: 130, stderr: '' })
  })

  it('goes through the environment’s proxy to neither of two servers on this machine', async () => {
    const { env, cwd } = options()
    const proxy = 'http://127.0.0.1:1'
    const run = await vapi(['call', 'end', 'call-1', '--json'], {
      cwd,
      env: { ...env, HTTPS_PROXY: proxy, HTTP_PROXY: proxy, VAPI_PUBLIC_KEY: 'public-key' },
    })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(run.stdout)).toEqual({ callId: 'call-1', sent: { type: 'end-call' } })
    expect(monitor.posted[0]?.headers.authorization).toBe('Bearer public-key')
  })

  it('records it into a file that is whole when the program is killed', async () => {
    const second = Buffer.alloc(64_000, 1)
    let sent = 0
    monitor.onConnection(socket => {
      const timer = setInterval(() => {
        socket.send(second)
        sent++
      }, 20)
      socket.on('close', () => clearInterval(timer))
    })
    const run = startVapi(['call', 'listen', 'call-1', '--out', 'call.wav'], options())
    const path = join(folder, 'call.wav')
    await run.prints('listening')
    while (readSize(path) < 10 * second.length) await new Promise(resolve => setTimeout(resolve, 20))
    run.child.kill('SIGKILL')
    await run.finished
    const file = readFileSync(path)
    const said = file.readUInt32LE(40)
    expect(said).toBeGreaterThanOrEqual(9 * second.length)
    expect(said).toBeLessThanOrEqual(file.length - 44)
    expect(sent).toBeGreaterThanOrEqual(10)
  })

  it('needs a login (4)', async () => {
    for (const words of [
      ['call', 'watch', 'x'],
      ['call', 'end', 'x'],
      ['logs', 'list'],
      ['call', 'download', 'x'],
    ])
      expect((await vapi(words, { cwd: folder, env: { HOME: folder } })).code, words.join(' ')).toBe(4)
  })

  it('says in the help of call end that call delete is something else', async () => {
    expect((await vapi(['call', 'end', '--help'])).stdout).toMatch(/vapi call delete is something else/)
  })
})

function readSize(path: string): number {
  try {
    return readFileSync(path).length
  } catch {
    return 0
  }
}
