import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../support/requires.ts'
import { type BrowserPage, openBrowser } from '../web/browser.ts'
import { callback, handTimers, KEY, startLogin } from './ask.ts'

const missing = requires('chromium')

describe.skipIf(missing)(`a login in a real browser${missing ? ` (${missing})` : ''}`, () => {
  let browser: BrowserPage
  let dashboard: Server
  let dashboardUrl: string
  /** Where the dashboard redirects to with the state; null shows a page that waits for the user. */
  let answerWith: (state: string) => string | null

  beforeAll(async () => {
    browser = await openBrowser()
    dashboard = createServer((request, response) => {
      const url = new URL(request.url ?? '', dashboardUrl)
      if (url.pathname !== '/auth/cli') return void response.writeHead(404).end()
      const target = new URL(url.searchParams.get('redirect_uri') ?? '')
      const path = answerWith(url.searchParams.get('state') ?? '')
      if (path === null) return void response.end('<title>Vapi</title>Which organisation?')
      response.writeHead(302, { location: target.origin + path }).end()
    })
    await new Promise<void>(resolve => dashboard.listen(0, '127.0.0.1', resolve))
    dashboardUrl = `http://127.0.0.1:${(dashboard.address() as AddressInfo).port}`
  })

  afterAll(async () => {
    await browser?.close()
    dashboard?.close()
  })

  const visible = () => browser.evaluate<string>('document.title + location.href + document.body.innerText')

  async function historyText(): Promise<string> {
    return JSON.stringify(await browser.send('Page.getNavigationHistory'))
  }

  it('ends on a page that says so, without the key in title, address or history', async () => {
    answerWith = state => callback(state, { api_key: KEY, org_name: 'Acme' })
    const login = await startLogin({ dashboardUrl })
    browser.complaints.length = 0
    const opened = browser.open(login.url)
    expect(await login.result).toMatchObject({ key: KEY, organization: 'Acme' })
    await login.finish('saved')
    await opened
    expect(await browser.evaluate('document.title')).toBe('Logged in')
    expect(await browser.evaluate('location.href')).toBe(`http://localhost:${login.port}/done`)
    expect(await browser.evaluate('document.referrer')).toBe('')
    expect(await browser.evaluate('document.body.innerText')).toContain('You can close this tab')
    expect(await visible()).not.toContain(KEY)
    expect(await historyText()).not.toContain(KEY)
    expect(browser.complaints).toEqual([])
  })

  it.each([
    ['a wrong state', () => callback('wrong'), 'another login'],
    ['no key', (state: string) => callback(state, { org_name: 'Acme' }), 'no key'],
  ])('says what is wrong with %s, hides the address, and still waits', async (_, answer, words) => {
    answerWith = answer
    const login = await startLogin({ dashboardUrl })
    await browser.open(login.url)
    expect(await browser.evaluate('document.title')).toBe('Not logged in')
    expect(await browser.evaluate('document.body.innerText')).toContain(words)
    expect(await browser.evaluate('location.href')).toBe(`http://localhost:${login.port}/callback`)
    expect(await visible()).not.toContain(KEY)
    expect(await historyText()).not.toContain(KEY)
    answerWith = state => callback(state)
    const opened = browser.open(login.url)
    await login.result
    await login.finish('saved')
    await opened
    expect(await browser.evaluate('document.title')).toBe('Logged in')
  })

  it('whose tab is closed waits for its five minutes', async () => {
    answerWith = () => null
    const timers = handTimers()
    const login = await startLogin({ dashboardUrl, startTimer: timers.startTimer })
    await browser.open(login.url)
    expect(await visible()).toContain('Which organisation?')
    await browser.open('about:blank')
    expect(timers.running()).toEqual([300_000])
    timers.elapse(300_000)
    await expect(login.result).rejects.toMatchObject({ code: 'login-timeout' })
    await login.finish('failed')
    answerWith = state => callback(state)
    await browser.open(login.url)
    expect(await browser.evaluate('location.href')).toContain('chrome-error')
  })
})
