import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyring } from '../../src/config/keyring.ts'
import { requires } from '../support/requires.ts'
import { temporaryFolder } from './samples.ts'

const missing = requires('dbus-daemon', 'dbus-send', 'gnome-keyring-daemon')
const reason = missing === false ? '' : ` (${missing})`

/** An environment in which nothing of the person at the machine can be reached. */
function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folder = temporaryFolder()
  return { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder, ...more }
}

describe.skipIf(missing !== false)(`a Secret Service${reason}`, () => {
  const processes: ChildProcess[] = []
  let env: NodeJS.ProcessEnv = {}

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vapi-keyring-'))
    const base = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder, XDG_DATA_HOME: folder }
    const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
      env: base,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    processes.push(bus)
    const [address] = await once(bus.stdout, 'data')
    env = { ...base, DBUS_SESSION_BUS_ADDRESS: String(address).trim() }
    const daemon = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    processes.push(daemon)
    daemon.stdin.end('\n')
    // It says nothing when it is ready; the bus knows its name then.
    const question = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus']
    const name = ['org.freedesktop.DBus.GetNameOwner', 'string:org.freedesktop.secrets']
    while (daemon.exitCode === null) {
      const [code] = await once(spawn('dbus-send', [...question, ...name], { env, stdio: 'ignore' }), 'close')
      if (code === 0) return
    }
    throw new Error('gnome-keyring-daemon ended')
  })
  afterAll(async () => {
    const closed = processes.filter(child => child.exitCode === null).map(child => once(child, 'close'))
    for (const child of processes) child.kill('SIGKILL')
    await Promise.all(closed)
    if (env.HOME) rmSync(env.HOME, { recursive: true, force: true })
  })

  it('keeps secrets by account, replaces and forgets them', async () => {
    const keyring = createKeyring({ env })
    expect(await keyring.get('work')).toBeNull()
    await keyring.set('work', 'first')
    await keyring.set('work', 'second $"\\ é')
    await keyring.set('other', 'x')
    expect(await createKeyring({ env }).get('work')).toBe('second $"\\ é')
    await keyring.delete('work')
    expect(await keyring.get('work')).toBeNull()
    expect(await keyring.get('other')).toBe('x')
    await keyring.delete('never-there')
  })

  it('answers many questions at once', async () => {
    const keyring = createKeyring({ env, limitMs: 20_000 })
    const names = Array.from({ length: 6 }, (_, number) => `account-${number}`)
    await Promise.all(names.map(name => keyring.set(name, `key of ${name}`)))
    expect(await Promise.all(names.map(name => keyring.get(name)))).toEqual(
      names.map(name => `key of ${name}`),
    )
  })
})

describe('a keyring that is not there', () => {
  const unavailable = (message: RegExp) => ({
    code: 'keyring-unavailable',
    exit: 1,
    message: expect.stringMatching(message),
    hint: expect.stringContaining('vapi config set storage file'),
  })

  it.skipIf(process.platform !== 'linux')('is an error at once where no bus is', async () => {
    const keyring = createKeyring({ env: environment({}), limitMs: 20_000 })
    const calls = [() => keyring.get('a'), () => keyring.set('a', 'never-shown'), () => keyring.delete('a')]
    for (const call of calls) {
      const error = await call().catch(thrown => thrown)
      expect(error).toMatchObject(unavailable(/the system keyring cannot be used/))
      expect(error.message).not.toContain('never-shown')
      expect(error.message).not.toContain('did not answer')
    }
  })

  it.skipIf(process.platform !== 'linux')(
    'is given up when the bus takes the call and never answers',
    async () => {
      const env = environment({})
      const path = join(env.HOME ?? '', 'bus')
      const sockets = new Set<Socket>()
      const server = createServer(socket => sockets.add(socket.on('error', () => {}).resume())).listen(path)
      await once(server, 'listening')
      const keyring = createKeyring({
        env: { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` },
        limitMs: 1500,
      })
      const before = performance.now()
      await expect(keyring.get('a')).rejects.toMatchObject(unavailable(/did not answer within 1.5 s/))
      expect(performance.now() - before).toBeLessThan(4000)
      expect(sockets.size).toBeGreaterThan(0)
      // Its process is gone: nothing holds the connection, and nothing keeps ours from ending.
      for (const socket of sockets) if (!socket.destroyed) await once(socket, 'close')
      server.close()
    },
  )

  it('is an error without any process where it is switched off', async () => {
    await expect(createKeyring({ env: { VAPI_KEYRING: 'off' } }).get('a')).rejects.toMatchObject(
      unavailable(/switched off by VAPI_KEYRING/),
    )
  })
})
