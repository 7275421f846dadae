import { chmodSync, existsSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Launch, openBrowser } from '../../src/auth/open-browser.ts'
import { temporaryFolder } from '../support/program.ts'

const URL_ = 'http://dashboard.test/auth/cli?a=1&b=2'

function launches(failing: readonly string[] = []) {
  const started: unknown[] = []
  const launch: Launch = async (url, program) => {
    started.push(program ?? url)
    if (failing.includes(program?.name ?? 'system')) throw new Error('no')
  }
  return { started, launch }
}

describe('openBrowser', () => {
  it.each([
    ['darwin', {}],
    ['win32', {}],
    ['linux', { DISPLAY: ':0' }],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }],
    ['linux', { WSL_DISTRO_NAME: 'Debian' }],
  ] as const)('uses the system’s own way on %s with %j', async (platform, env) => {
    const { started, launch } = launches()
    expect(await openBrowser(URL_, env, launch, platform)).toBeNull()
    expect(started).toEqual([URL_])
  })

  it.each([
    ['linux', {}, 'there is no desktop here'],
    ['linux', { DISPLAY: ':0', SSH_CONNECTION: '1 2 3 4' }, 'this is a session over SSH'],
    ['darwin', { SSH_TTY: '/dev/pts/1' }, 'this is a session over SSH'],
    ['darwin', { BROWSER: 'none' }, 'BROWSER says none'],
  ] as const)('opens nothing on %s with %j', async (platform, env, reason) => {
    const { started, launch } = launches()
    expect(await openBrowser(URL_, env, launch, platform)).toBe(reason)
    expect(started).toEqual([])
  })

  it('tries the commands of BROWSER in their order', async () => {
    const { started, launch } = launches(['gone'])
    const env = { BROWSER: 'gone:firefox --new-tab %s:other', SSH_CONNECTION: 'x' }
    expect(await openBrowser(URL_, env, launch, 'linux')).toBeNull()
    expect(started).toEqual([
      { name: 'gone', arguments: [URL_] },
      { name: 'firefox', arguments: ['--new-tab', URL_] },
    ])
  })

  it('says that nothing could be started', async () => {
    const { launch } = launches(['system', 'a', 'b'])
    expect(await openBrowser(URL_, {}, launch, 'darwin')).toBe('no browser could be started')
    expect(await openBrowser(URL_, { BROWSER: 'a:b' }, launch)).toBe('no command of BROWSER could be started')
    expect(await openBrowser(URL_, { BROWSER: '/no/such/program' })).toContain('BROWSER')
  })

  it('really starts the program, with the address as one word', async () => {
    const folder = temporaryFolder()
    const program = join(folder, 'browser.sh')
    writeFileSync(
      program,
      `#!/bin/sh\nprintf '%s' "$1" > "${folder}/x" && mv "${folder}/x" "${folder}/url"\n`,
    )
    chmodSync(program, 0o700)
    const written = new Promise<void>(resolve => {
      const watcher = watch(folder, () => {
        if (!existsSync(join(folder, 'url'))) return
        watcher.close()
        resolve()
      })
    })
    expect(await openBrowser(URL_, { BROWSER: program })).toBeNull()
    await written
    expect(readFileSync(join(folder, 'url'), 'utf8')).toBe(URL_)
  })
})
