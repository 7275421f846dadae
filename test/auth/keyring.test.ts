import { describe, expect, it } from 'vitest'
import { requires } from '../support/requires.ts'
import { FIRST, KEY_A, KEY_B, KEY_C, makeHome, ok, SECOND, startKeyApi, twoAccounts } from './home.ts'
import { startKeyringSession } from './keyring-session.ts'

const missing = requires('dbus-run-session', 'gnome-keyring-daemon')

describe.skipIf(missing)(`accounts with a real keyring${missing ? ` (${missing})` : ''}`, () => {
  it('keep their keys out of the file, from login to logout', { timeout: 60_000 }, async () => {
    const env = await startKeyringSession()
    const api = await startKeyApi({ [KEY_A]: 'org-a', [KEY_B]: 'org-b' })
    const home = makeHome()
    const login = (key: string, org: string) =>
      ok(home.run(['login', '--with-token', '--org', org, '--base-url', api.url], { env, stdin: key }))
    const { stderr } = await login(KEY_A, 'Acme')
    expect(stderr).toContain('its key is in the keyring')
    await login(KEY_B, 'Beta')
    for (const key of [KEY_A, KEY_B]) expect(home.text()).not.toContain(key)
    const status = await ok(home.run(['auth', 'status', '--json'], { env }))
    expect(JSON.parse(status.stdout)).toMatchObject({
      authenticated: true,
      active: 'beta',
      accounts: [
        { name: 'acme', key: 'aaaa********aa', storage: 'keyring' },
        { name: 'beta', key: 'bbbb********bb', storage: 'keyring' },
      ],
    })
    await ok(home.run(['auth', 'switch', 'acme'], { env }))
    await ok(home.run(['auth', 'whoami'], { env }))
    expect(api.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY_A}`)
    await ok(home.run(['auth', 'logout'], { env }))
    const token = await ok(home.run(['auth', 'token', '--show'], { env }))
    expect(token.stdout).toBe(`${KEY_B}\n`)
    // The name is free again, and its key is really gone.
    await ok(home.run(['config', 'set', 'storage', 'file'], { env }))
    expect(home.text()).toContain(KEY_B)
    expect(home.text()).not.toContain(KEY_A)
  })

  it('are moved into it and back, with the copy for older tools', { timeout: 60_000 }, async () => {
    const env = await startKeyringSession()
    const home = makeHome(twoAccounts('https://api.vapi.ai', 'storage: file\n'))
    const moved = await ok(home.run(['config', 'set', 'storage', 'keyring'], { env }))
    expect(moved.stderr).toContain(`moved to the keyring: ${FIRST}, ${SECOND}`)
    for (const key of [KEY_A, KEY_B]) expect(home.text()).not.toContain(key)
    await ok(home.run(['config', 'set', 'compat', 'on'], { env }))
    expect(home.config()).toMatchObject({ api_key: KEY_A })
    await ok(home.run(['auth', 'switch', SECOND], { env }))
    expect(home.config()).toMatchObject({ api_key: KEY_B })
    await ok(home.run(['config', 'set', 'storage', 'file'], { env }))
    expect(home.config()).toMatchObject({
      accounts: { [FIRST]: { apikey: KEY_A }, [SECOND]: { apikey: KEY_B } },
    })
    expect(home.text()).not.toContain(KEY_C)
  })

  it('fall back to the file within 3 s where the bus does not answer', { timeout: 60_000 }, async () => {
    const { createServer } = await import('node:net')
    const { join } = await import('node:path')
    const api = await startKeyApi({ [KEY_A]: 'org-a' })
    const home = makeHome()
    const silent = createServer(() => {})
    const socket = join(home.folder, 'bus')
    await new Promise<void>(resolve => silent.listen(socket, resolve))
    const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}`, VAPI_KEYRING: undefined }
    const { stderr } = await ok(
      home.run(['login', '--with-token', '--base-url', api.url], { env, stdin: KEY_A }),
    )
    silent.close()
    expect(stderr).toContain('did not answer within 3 s')
    expect(home.config()).toMatchObject({ accounts: { account: { apikey: KEY_A } } })
  })
})
