import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { endLeftovers } from '../../../src/listen/tunnel/leftovers.ts'
import { bundleProgram } from '../../support/bundle.ts'
import { type FakeTools, fakeTools, lives, open, standsAt, until } from './fake-tools.ts'

const notes = (folder: string) => readdirSync(folder).filter(name => name.startsWith('tunnel-'))
const A = 'https://a.ngrok-free.app'
const B = 'https://b.ngrok-free.app'

describe('a tunnel', () => {
  it('gives the address, and is gone with all that the tool started when it is closed', async () => {
    const tools = fakeTools({
      ngrok: `echo "$@" > $BIN/args; env > $BIN/env; sleep 1000 & echo $! > $BIN/child; echo $$ > $BIN/pid; ${standsAt(A)}; wait`,
    })
    const env = { ...tools.env, VAPI_API_KEY: 'secret-key', NGROK_AUTHTOKEN: 'kept' }
    const { tunnel } = await open(tools, { port: 4711, host: '0.0.0.0', env })
    expect(tunnel.url).toBe(A)
    expect(tools.written('args').trim()).toBe('http http://127.0.0.1:4711 --log=stdout --log-format=json')
    expect(tools.written('env')).toContain('NGROK_AUTHTOKEN=kept')
    expect(tools.written('env')).not.toContain('secret-key')
    expect(readFileSync(join(tools.folder, '.gitignore'), 'utf8')).toBe('*\n')
    const [note = ''] = notes(tools.folder)
    expect(statSync(join(tools.folder, note)).mode & 0o777).toBe(0o600)
    await tunnel.close()
    expect(tunnel.url).toBeNull()
    expect(lives(Number(tools.written('pid')))).toBe(false)
    await until(() => !lives(Number(tools.written('child'))))
    expect(notes(tools.folder)).toEqual([])
  })

  it('ends a tool that does not listen', async () => {
    const tools = fakeTools({
      ngrok: `trap '' TERM; echo $$ > $BIN/pid; ${standsAt(A)}; while :; do sleep 1; done`,
    })
    const { tunnel } = await open(tools, { times: { graceMs: 50 } })
    await tunnel.close()
    expect(lives(Number(tools.written('pid')))).toBe(false)
  })

  it('comes back when its tool dies, and tells the new address', async () => {
    const tools = fakeTools({
      ngrok: `if [ -e $BIN/died ]; then ${standsAt(B)}; exec sleep 1000; fi; ${standsAt(A)}; touch $BIN/died; echo 'out of memory' >&2; exit 3`,
    })
    const { tunnel, told } = await open(tools)
    await until(() => told.length === 2)
    expect(told).toEqual([
      {
        type: 'lost',
        message: 'ngrok went away: it ended with code 3; its last words: out of memory',
        retryMs: 1,
      },
      { type: 'url', url: B, previous: A },
    ])
    expect(tunnel.url).toBe(B)
  })

  it('waits longer each time, up to a limit', async () => {
    const tools = fakeTools({ ngrok: `${standsAt(A)}; exit 1` })
    const { told } = await open(tools, { times: { firstPauseMs: 1, longestPauseMs: 4 } })
    const pauses = () => told.flatMap(event => (event.type === 'lost' ? [event.retryMs] : []))
    await until(() => pauses().length >= 5)
    expect(pauses().slice(0, 5)).toEqual([1, 2, 4, 4, 4])
  })

  it('forgets the failures before a time that it stood', async () => {
    const tools = fakeTools({ ngrok: `${standsAt(A)}; exit 1` })
    const { told } = await open(tools, { times: { firstPauseMs: 1, steadyMs: 0 } })
    await until(() => told.filter(({ type }) => type === 'lost').length >= 4)
    const pauses = told.flatMap(event => (event.type === 'lost' ? [event.retryMs] : []))
    expect(new Set(pauses.slice(0, 4))).toEqual(new Set([1]))
  })

  it('gives up later when its tool is not let in any more', async () => {
    const tools = fakeTools({
      ngrok: `[ -e $BIN/died ] && { echo 'ERROR:  ERR_NGROK_4018'; exit 1; }; ${standsAt(A)}; touch $BIN/died; exit 1`,
    })
    const { told } = await open(tools)
    await until(() => told.some(({ type }) => type === 'failed'))
    expect(told.at(-1)).toMatchObject({ type: 'failed', error: { code: 'tunnel-login' } })
  })

  it('starts a new one when its service has forgotten it', async () => {
    const frame = (name: string) =>
      `echo '2026 INF |  https://${name}.trycloudflare.com  |' >&2; echo '2026 INF Registered tunnel connection connIndex=0' >&2`
    const refused = `echo 'ERR Register tunnel error from server side error="Unauthorized: Tunnel not found"' >&2`
    const tools = fakeTools({
      cloudflared: `if [ -e $BIN/died ]; then ${frame('b')}; else ${frame('a')}; touch $BIN/died; ${refused}; ${refused}; ${refused}; ${refused}; fi; exec sleep 1000`,
    })
    const { told } = await open(tools, { tool: 'cloudflared' })
    await until(() => told.length === 2)
    expect(told).toMatchObject([
      { type: 'lost', message: 'Cloudflare does not know the tunnel any more' },
      { type: 'url', url: 'https://b.trycloudflare.com', previous: 'https://a.trycloudflare.com' },
    ])
    expect(readFileSync(join(tools.folder, 'cloudflared.yml'), 'utf8')).toContain('{}')
  })
})

describe('a tunnel that does not come up', () => {
  it.each([
    [
      'wants a login',
      {
        ngrok: `echo '{"err":"authentication failed: Usage of ngrok requires a verified account and authtoken. ERR_NGROK_4018","lvl":"eror","msg":"failed to reconnect session"}'; exec sleep 1000`,
      },
      { code: 'tunnel-login', hint: expect.stringContaining('ngrok config add-authtoken TOKEN') },
    ],
    [
      'has no network',
      {
        ngrok: `echo '{"err":"failed to dial ngrok server: dial tcp: lookup connect.ngrok-agent.com: no such host","lvl":"eror","msg":"failed to reconnect session"}'; exec sleep 1000`,
      },
      { code: 'tunnel-network', message: 'ngrok does not reach its service: its name is not found' },
    ],
    ['says nothing', { ngrok: 'exec sleep 1000' }, { code: 'tunnel-silent' }],
    [
      'is another program',
      { ngrok: 'echo "unknown flag: --log" >&2; exit 2' },
      {
        code: 'tunnel-died',
        message: 'ngrok went away: it ended with code 2; its last words: unknown flag: --log',
      },
    ],
  ])('because its tool %s, says so and leaves nothing behind', async (_, scripts, expected) => {
    const tools = fakeTools(scripts)
    const times = { startMs: 400, troubleMs: 100 }
    await expect(open(tools, { times })).rejects.toMatchObject(expected)
    expect(notes(tools.folder)).toEqual([])
  })

  it('because its tool is not installed says how to install it', async () => {
    const tools = fakeTools({})
    await expect(open(tools, { env: { PATH: tools.bin } })).rejects.toMatchObject({
      code: 'tunnel-missing',
      message: 'ngrok is not installed here',
      hint: 'install it from https://ngrok.com/download',
    })
  })

  it('ends with Ctrl-C', async () => {
    const tools = fakeTools({ ngrok: 'echo $$ > $BIN/pid.new; mv $BIN/pid.new $BIN/pid; exec sleep 1000' })
    const interrupt = new AbortController()
    const opening = open(tools, { signal: interrupt.signal })
    await until(() => tools.written('pid') !== '')
    interrupt.abort(new Error('interrupted'))
    await expect(opening).rejects.toThrow('interrupted')
    expect(lives(Number(tools.written('pid')))).toBe(false)
  })
})

describe.skipIf(process.platform === 'win32')('a tool whose listener was killed', () => {
  let program: { file: string; remove(): void }
  beforeAll(async () => {
    program = await bundleProgram(new URL('./programs/hold.ts', import.meta.url).pathname)
  })
  afterAll(() => program.remove())

  async function hold(tools: FakeTools): Promise<ChildProcess> {
    const given = JSON.stringify({ folder: tools.folder, baseUrl: null, references: [] })
    const child = spawn(process.execPath, [program.file, given], {
      env: tools.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await new Promise<void>(resolve =>
      child.stdout?.on('data', text => `${text}`.includes('ready') && resolve()),
    )
    return child
  }

  async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const gone = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }

  const stubborn = () => fakeTools({ ngrok: `echo $$ > $BIN/pid; ${standsAt(A)}; exec sleep 1000` })

  it('is ended by the next one, not before', async () => {
    const tools = stubborn()
    const child = await hold(tools)
    const pid = Number(tools.written('pid'))
    expect(await endLeftovers(tools.folder)).toEqual([])
    expect(lives(pid)).toBe(true)
    await kill(child, 'SIGKILL')
    expect(lives(pid)).toBe(true)
    expect(await endLeftovers(tools.folder)).toEqual([{ tool: 'ngrok', pid, ended: true }])
    expect(lives(pid)).toBe(false)
    expect(await endLeftovers(tools.folder)).toEqual([])
    expect(notes(tools.folder)).toEqual([])
  })

  it('is let alone where it is not surely ours', async () => {
    const tools = stubborn()
    const child = await hold(tools)
    const pid = Number(tools.written('pid'))
    onTestFinished(() => void process.kill(pid, 'SIGKILL'))
    await kill(child, 'SIGKILL')
    const [name = ''] = notes(tools.folder)
    const path = join(tools.folder, name)
    const note = JSON.parse(readFileSync(path, 'utf8'))
    // The same number, but a process that was started at another time and without our word.
    writeFileSync(
      path,
      JSON.stringify({ ...note, mark: 'another', process: { ...note.process, started: 'then' } }),
    )
    expect(await endLeftovers(tools.folder)).toEqual([])
    expect(lives(pid)).toBe(true)
  })

  it('goes with a listener that ends in a hurry', async () => {
    const tools = stubborn()
    const child = await hold(tools)
    await kill(child, 'SIGTERM')
    await until(() => !lives(Number(tools.written('pid'))))
  })
})
