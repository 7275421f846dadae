import { describe, expect, it } from 'vitest'
import { startInTerminal } from '../support/terminal.ts'
import { ask, callback } from './ask.ts'
import { FIRST, KEY_A, makeHome, SECOND, startKeyApi, twoAccounts } from './home.ts'

describe('questions of accounts in a terminal', () => {
  it('switches to the account that is chosen', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1'))
    const run = startInTerminal(['auth', 'switch'], { env: home.env })
    await run.waitFor('Which account?')
    await run.waitFor(SECOND)
    run.press('down', 'enter')
    expect((await run.finished).code).toBe(0)
    expect(home.config()).toMatchObject({ active_account: SECOND })
  })

  it.each([
    [['auth', 'switch'], 'Which account?'],
    [['auth', 'logout', '--all'], 'Forget every account'],
    [['login', '--with-token'], 'Private key of the dashboard'],
    [['login', '--no-browser'], 'Waiting for the browser'],
  ])('%j ends with 130 on Ctrl-C and changes nothing', async (args, question) => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1'))
    const before = home.text()
    const run = startInTerminal(args, { env: { ...home.env, VAPI_DASHBOARD_URL: 'http://dashboard.test' } })
    await run.waitFor(question)
    run.press('ctrl-c')
    expect((await run.finished).code).toBe(130)
    expect(home.text()).toBe(before)
  })

  it('keeps every account on a no, and forgets them on a yes', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1'))
    const no = startInTerminal(['auth', 'logout', '--all'], { env: home.env })
    await no.waitFor(`${FIRST}, ${SECOND}`)
    no.press('enter')
    expect((await no.finished).code).toBe(1)
    expect(home.text()).toContain(KEY_A)
    const yes = startInTerminal(['auth', 'logout', '--all'], { env: home.env })
    await yes.waitFor('Forget every account')
    yes.type('y')
    yes.press('enter')
    expect((await yes.finished).code).toBe(0)
    expect(home.text()).not.toContain(KEY_A)
  })

  it('takes a typed key unseen', async () => {
    const api = await startKeyApi({ [KEY_A]: 'org-a' })
    const home = makeHome('storage: file\n')
    const run = startInTerminal(['login', '--with-token', '--base-url', api.url], { env: home.env })
    await run.waitFor('Private key of the dashboard')
    run.type(KEY_A)
    run.press('enter')
    expect((await run.finished).code).toBe(0)
    expect(run.raw()).not.toContain(KEY_A)
    expect(home.text()).toContain(KEY_A)
  })

  async function waitingLogin() {
    const api = await startKeyApi({ [KEY_A]: 'org-a' })
    const home = makeHome('storage: file\n')
    const run = startInTerminal(['login', '--no-browser', '--base-url', api.url], {
      env: { ...home.env, VAPI_DASHBOARD_URL: 'http://dashboard.test' },
      columns: 400,
    })
    await run.waitFor('Waiting for the browser')
    const url = new URL(/http:\S+\/auth\/cli\?\S+/.exec(run.text())?.[0] ?? '')
    const back = url.searchParams.get('redirect_uri') ?? ''
    return { home, run, back, state: url.searchParams.get('state') ?? '' }
  }

  it('takes the pasted address of a browser elsewhere, and asks again for a wrong one', async () => {
    const { home, run, back, state } = await waitingLogin()
    run.type('https://dashboard.test/whatever')
    run.press('enter')
    await run.waitFor('is not the address')
    await run.waitFor('Waiting for the browser')
    run.type(`${new URL(back).origin}${callback(state, { api_key: KEY_A, org: 'Acme' })}`)
    run.press('enter')
    expect((await run.finished).code).toBe(0)
    expect(run.raw()).not.toContain(KEY_A)
    expect(home.config()).toMatchObject({ accounts: { acme: { apikey: KEY_A } } })
  })

  it('goes on by itself when the browser answers while it asks', async () => {
    const { home, run, back, state } = await waitingLogin()
    await ask(Number(new URL(back).port), callback(state, { api_key: KEY_A, org: 'Acme' }))
    expect((await run.finished).code).toBe(0)
    expect(run.text()).toContain('logged in: new account acme')
    expect(home.config()).toMatchObject({ active_account: 'acme' })
  })
})
