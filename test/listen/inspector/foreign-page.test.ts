import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startTarget } from '../../support/relay.ts'
import { requires } from '../../support/requires.ts'
import { type BrowserPage, openBrowser } from '../../web/browser.ts'
import { bundlePage, event, message, type OpenInspector, openForTest } from './support.ts'

const missing = requires('chromium')

/** Everything a page of elsewhere can try. Gives what each try got. */
const ATTACK = `async (origin, token) => {
  const got = {}
  const attempt = async (name, act) => {
    try { got[name] = await act() } catch (error) { got[name] = error.name }
  }
  const replay = origin + '/api/events/1/replay'
  const json = { 'content-type': 'application/json' }
  const withToken = { 'x-inspector-token': token }
  const ask = async (path, options) => {
    const reply = await fetch(origin + path, options)
    return reply.type === 'opaque' ? 'opaque' : reply.status + ' ' + (await reply.text())
  }
  await attempt('page', () => ask('/', {}))
  await attempt('events', () => ask('/api/events', { credentials: 'include' }))
  await attempt('events with token', () => ask('/api/events', { headers: withToken }))
  await attempt('events unseen', () => ask('/api/events', { mode: 'no-cors' }))
  await attempt('replay', () => ask('/api/events/1/replay', { method: 'POST', headers: json, body: '{}' }))
  await attempt('replay with token', () =>
    ask('/api/events/1/replay', { method: 'POST', headers: { ...json, ...withToken }, body: '{}' }))
  await attempt('replay unseen', () =>
    ask('/api/events/1/replay', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{}' }))
  await attempt('beacon', () => { navigator.sendBeacon(replay, '{}'); return 'sent' })
  await attempt('stream', () => new Promise(resolve => {
    const source = new EventSource(origin + '/api/changes', { withCredentials: true })
    source.onmessage = event => resolve(event.data)
    source.onerror = () => { source.close(); resolve('error') }
  }))
  await attempt('socket', () => new Promise(resolve => {
    const socket = new WebSocket(origin.replace('http', 'ws') + '/api/changes')
    socket.onopen = () => resolve('open')
    socket.onerror = () => resolve('error')
  }))
  await attempt('script', () => new Promise(resolve => {
    const script = document.createElement('script')
    script.src = origin + '/api/events'
    script.onload = () => resolve('loaded')
    script.onerror = () => resolve('error')
    document.head.append(script)
  }))
  const frame = path => new Promise(resolve => {
    const element = document.createElement('iframe')
    element.src = origin + path
    element.onload = () => {
      try { resolve(element.contentDocument.body.innerHTML) } catch (error) { resolve(error.name) }
    }
    document.body.append(element)
  })
  await attempt('frame', () => frame('/'))
  await attempt('frame with token', () => frame('/#token=' + token))
  await attempt('form', () => new Promise(resolve => {
    const element = document.createElement('iframe')
    element.name = 'answer'
    document.body.append(element)
    const form = document.createElement('form')
    Object.assign(form, { method: 'POST', action: replay, target: 'answer', enctype: 'text/plain' })
    const field = document.createElement('input')
    Object.assign(field, { name: '{"body":"', value: '"}' })
    form.append(field)
    document.body.append(form)
    element.onload = () => resolve('sent')
    form.submit()
  }))
  return got
}`

/** What of it may succeed: requests whose answer nobody sees, and that do nothing. */
const HARMLESS: Record<string, string> = {
  'events unseen': 'TypeError',
  'replay unseen': 'TypeError',
  beacon: 'sent',
  form: 'sent',
}

describe.skipIf(missing)(`a page of elsewhere in a real browser${missing ? ` (${missing})` : ''}`, () => {
  let browser: BrowserPage
  let script: string

  beforeAll(async () => {
    script = await bundlePage()
    browser = await openBrowser([
      '--host-resolver-rules=MAP rebound.example 127.0.0.1,MAP evil.example 127.0.0.1',
    ])
  })

  afterAll(() => browser?.close())

  async function openAttacked(): Promise<{ inspector: OpenInspector; targetRequests: () => number }> {
    let requests = 0
    const target = await startTarget((_request, answer) => {
      requests++
      answer.end('{}')
    })
    const inspector = await openForTest(`localhost:${target.port}`, {}, script)
    inspector.memory.event(event('1', message('hang', { note: 'private words' })))
    return { inspector, targetRequests: () => requests }
  }

  /** A server of somebody else, whose page is reached by that name. */
  async function openForeign(name: string): Promise<void> {
    const server = createServer((_request, reply) => {
      reply.setHeader('content-type', 'text/html')
      reply.end('<!DOCTYPE html><title>elsewhere</title><body>')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    await browser.open(`http://${name}:${(server.address() as AddressInfo).port}/`)
  }

  it.each(['evil.example', 'localhost', '127.0.0.1'])(
    'of the name %s reads nothing and sends nothing, even if it knows the token',
    async name => {
      const { inspector, targetRequests } = await openAttacked()
      await openForeign(name)
      const origin = `http://127.0.0.1:${inspector.port}`
      const got = await browser.evaluate<Record<string, string>>(
        `(${ATTACK})('${origin}', '${inspector.token}')`,
      )
      expect(Object.keys(got)).toHaveLength(14)
      expect(JSON.stringify(got)).not.toContain('private words')
      expect(JSON.stringify(got)).not.toContain('noscript')
      for (const [attempt, outcome] of Object.entries(got))
        expect([attempt, outcome]).toEqual([
          attempt,
          expect.stringMatching(
            new RegExp(`^(TypeError|SecurityError|error|opaque|${HARMLESS[attempt] ?? 'error'})$`),
          ),
        ])
      expect(targetRequests()).toBe(0)
      expect(inspector.memory.changes(null).rows).toHaveLength(1)
    },
  )

  it('whose name was pointed to this machine gets nothing from the inspector', async () => {
    const { inspector, targetRequests } = await openAttacked()
    // To the browser this is one origin: that of the page itself.
    await browser.open(`http://rebound.example:${inspector.port}/`)
    const got = await browser.evaluate<
      string[]
    >(`Promise.all(['/', '/api/events', '/api/events/1'].map(async path => {
      const reply = await fetch(path, { headers: { 'x-inspector-token': '${inspector.token}' } })
      return reply.status + ' ' + (await reply.json()).error.message
    }))`)
    const refused = '403 the inspector is reached by the address that the listener shows alone'
    expect(got).toEqual([refused, refused, refused])
    const sent = await browser.evaluate(`fetch('/api/events/1/replay', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-inspector-token': '${inspector.token}' },
      body: '{}',
    }).then(reply => reply.status)`)
    expect(sent).toBe(403)
    expect(targetRequests()).toBe(0)
  })

  it('is no place where markup could run, should one of the page’s parts ever try', async () => {
    const { inspector } = await openAttacked()
    await browser.open(inspector.url)
    const refused = await browser.evaluate<string[]>(`[
      () => { document.body.innerHTML = '<img src=x onerror=alert(1)>' },
      () => { document.createElement('script').text = 'hacked = 1' },
    ].map(act => { try { act(); return 'done' } catch (error) { return error.name } })`)
    expect(refused).toEqual(['TypeError', 'TypeError'])
  })
})
