import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConfigStore } from '../../src/config/store.ts'
import { packageFile } from '../../src/package-root.ts'
import { bundleProgram } from '../support/bundle.ts'
import { goFile, storeOf } from './samples.ts'

/** Real processes that change one file: `change-config.program.ts`. */
let program: Awaited<ReturnType<typeof bundleProgram>>
beforeAll(async () => {
  program = await bundleProgram(packageFile('test', 'config', 'change-config.program.ts'))
})
afterAll(() => program.remove())

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [program.file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = ''
  child.stderr?.on('data', text => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  return { code, stderr }
}

const leftovers = (path: string) => readdirSync(dirname(path)).filter(name => name !== '.vapi-cli.yaml')

describe('many processes', () => {
  it('change one file, 100 at once, and lose nothing', { timeout: 120_000 }, async () => {
    const { store, path, text } = storeOf(`# kept\n${goFile}unknown: [1, 2] # kept, too\n`)
    const ends = await Promise.all(
      Array.from({ length: 100 }, (_, number) => endOf(start('once', path, String(number)))),
    )
    expect(ends.filter(({ code }) => code !== 0)).toEqual([])
    const home = await store.read()
    expect(home.accounts).toHaveLength(102)
    for (let number = 0; number < 100; number++) {
      expect(home.accounts.find(({ name }) => name === `account-${number}`)).toMatchObject({
        organization: `Org ${number}`,
        organizationId: `id-${number}`,
        fileKey: `key-${number}`,
        aliases: [`alias-${number}`],
      })
    }
    expect(home.accounts.some(({ name }) => name === home.activeAccount)).toBe(true)
    expect(text()).toMatch(/^# kept\n/)
    expect(text()).toContain('unknown: [1, 2] # kept, too\n')
    expect(leftovers(path)).toEqual([])
  })

  // Alone nearly every moment is inside a save; beside others a process mostly waits.
  it.each([
    [1, 25],
    [3, 6],
  ])(
    'may be killed at any moment: the file is whole and no saved change is lost (%d at once)',
    {
      timeout: 180_000,
    },
    async (count, lives) => {
      const { store, path } = storeOf(`${goFile}unknown: ${'x'.repeat(20_000)}\n`)
      const random = generator(20_250_818 + count)
      const liveAndDie = async (number: number) => {
        for (let life = 0; life < lives; life++) {
          const child = start('forever', path, String(number))
          const ended = endOf(child)
          let output = ''
          const saves = 1 + Math.floor(random() * 3)
          const delayMs = random() * 25
          child.stdout?.on('data', text => {
            output += text
            if (output.split('\n').length > saves) setTimeout(() => child.kill('SIGKILL'), delayMs)
          })
          expect((await ended).stderr).toBe('')
          const home = await store.read()
          expect(home.activeAccount).toBe('account-1755500000')
          const mine = home.accounts.find(({ name }) => name === `worker-${number}`)
          const change = Number(mine?.organization?.split(' ')[1])
          expect(change).toBeGreaterThanOrEqual(Number(output.trimEnd().split('\n').at(-1)))
        }
      }
      await Promise.all(Array.from({ length: count }, (_, number) => liveAndDie(number)))
      const before = performance.now()
      await store.change(draft => draft.set('timeout', 77))
      expect(performance.now() - before).toBeLessThan(3000)
      expect(await store.read()).toMatchObject({ timeoutSeconds: 77, activeAccount: 'account-1755500000' })
      expect(leftovers(path)).toEqual([])
    },
  )
})

describe('the lock', () => {
  it('of a process that was killed is taken over at once, with what it left behind', async () => {
    const { store, path } = storeOf(goFile)
    const child = start('stand', path)
    await once(child.stdout!, 'data')
    const owner = readlinkSync(`${path}.lock`)
    writeFileSync(`${path}.${owner.split('|')[0]}.new`, 'half')
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(leftovers(path)).toHaveLength(2)
    const before = performance.now()
    await store.change(draft => draft.set('timeout', 4))
    expect(performance.now() - before).toBeLessThan(1000)
    expect((await store.read()).timeoutSeconds).toBe(4)
    expect(leftovers(path)).toEqual([])
  })

  it('of a living process is respected, however long it takes', async () => {
    const { path } = storeOf(goFile)
    const child = start('stand', path)
    await once(child.stdout!, 'data')
    const store = createConfigStore({ path, secrets: notAsked, waitMs: 2600, patienceMs: 1500 })
    await expect(store.change(draft => draft.set('timeout', 4))).rejects.toMatchObject({
      code: 'config-locked',
      exit: 1,
      retryable: true,
    })
    child.kill('SIGKILL')
    await once(child, 'close')
    await store.change(draft => draft.set('timeout', 5))
  })

  it('of a machine or container that shows no life is taken after a while', async () => {
    const { path } = storeOf(goFile)
    symlinkSync('other|1|abc|elsewhere', `${path}.lock`)
    const store = createConfigStore({ path, secrets: notAsked, patienceMs: 300 })
    const before = performance.now()
    await store.change(draft => draft.set('timeout', 6))
    expect(performance.now() - before).toBeGreaterThanOrEqual(300)
    expect((await store.read()).timeoutSeconds).toBe(6)
    expect(leftovers(path)).toEqual([])
  })

  it('of an earlier process with our own number is taken over', async () => {
    const { store, path } = storeOf(goFile)
    const namespace = process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : ''
    symlinkSync(`other|${process.pid}|abc|${hostname()}${namespace}`, `${path}.lock`)
    await store.change(draft => draft.set('timeout', 6))
    expect((await store.read()).timeoutSeconds).toBe(6)
  })

  it('that was lost to another process saves nothing', async () => {
    const { store, path, text } = storeOf(goFile)
    const { rmSync } = await import('node:fs')
    const failing = store.change(draft => {
      draft.set('timeout', 1)
      rmSync(`${path}.lock`)
      symlinkSync('other|1|abc|elsewhere', `${path}.lock`)
    })
    await expect(failing).rejects.toMatchObject({ code: 'config-locked' })
    expect(text()).toBe(goFile)
    expect(leftovers(path)).toEqual(['.vapi-cli.yaml.lock'])
  })

  it('is waited for only until the signal', async () => {
    const { path } = storeOf(goFile)
    symlinkSync('other|1|abc|elsewhere', `${path}.lock`)
    const interrupt = new AbortController()
    const store = createConfigStore({ path, secrets: notAsked, signal: interrupt.signal })
    const waiting = store.change(draft => draft.set('timeout', 6))
    interrupt.abort(new Error('interrupted'))
    await expect(waiting).rejects.toThrow()
  })
})

describe('a disk without room', () => {
  // A limit of the file size (blocks of 512 or 1024 bytes) gives a short write and then an error, as a full disk does.
  it.skipIf(process.platform === 'win32')('leaves the old file whole and says so', async () => {
    const { path, text } = storeOf(goFile.replace('timeout: 30', `timeout: 30\nunknown: ${'x'.repeat(4000)}`))
    const before = text()
    const child = spawn('sh', [
      '-c',
      'ulimit -f 1; exec "$0" "$@"',
      process.execPath,
      program.file,
      'once',
      path,
      '1',
    ])
    const { code, stderr } = await endOf(child)
    expect(code).not.toBe(0)
    expect(stderr).toContain('was not saved: the file would be larger than allowed')
    expect(text()).toBe(before)
    expect(leftovers(path)).toEqual([])
  })
})

async function notAsked(): Promise<never> {
  throw new Error('the keyring was asked')
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
