import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTarget } from '../../support/relay.ts'
import { requires } from '../../support/requires.ts'
import { type BrowserPage, openBrowser } from '../../web/browser.ts'
import { type InspectorPage, inspectorPage } from './page.ts'
import { FIRST_CALL, tellStory } from './story.ts'
import { BEGAN_MS, bundlePage, event, message, type OpenInspector, openForTest, reply } from './support.ts'

const missing = requires('chromium')
const WRONG = '0a1b2c3d-000010'

describe.skipIf(missing)(`the inspector’s page in a real browser${missing ? ` (${missing})` : ''}`, () => {
  let browser: BrowserPage
  let page: InspectorPage
  let script: string

  beforeAll(async () => {
    script = await bundlePage()
    browser = await openBrowser()
    page = inspectorPage(browser)
  })

  beforeEach(async () => {
    await browser.open('about:blank')
    browser.complaints.length = 0
    await browser.send('Emulation.setDeviceMetricsOverride', {
      width: 1440,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    })
  })

  afterEach(() => expect(browser.complaints).toEqual([]))
  afterAll(() => browser?.close())

  async function openStory(target?: string): Promise<OpenInspector> {
    const inspector = await openForTest(target, {}, script)
    tellStory(inspector.memory)
    await browser.open(inspector.url)
    await page.until(`document.querySelectorAll('.row').length > 5`)
    return inspector
  }

  const openEvent = async (id: string) => {
    await browser.evaluate(`void (location.hash = 'event=${id}')`)
    await page.until(`document.querySelector('.event-head code')?.textContent === '${id}'`)
  }

  it('takes the token out of the address, lists what was before, and shows what comes', async () => {
    const { memory } = await openStory()
    expect(await browser.evaluate('location.href')).not.toContain('token')
    expect((await page.types()).slice(0, 3)).toEqual(['speech-update', 'request', 'POST /webhook'])
    expect(await page.text('.count')).toBe('21 events')
    const told = event('live-1', message('hang'), { receivedMs: BEGAN_MS + 60_000 })
    memory.event(told)
    await page.until(`document.querySelector('#row-live-1 .outcome')?.textContent === 'waiting'`)
    memory.reply(reply('live-1', {}), told)
    await page.until(`document.querySelector('#row-live-1 .outcome')?.textContent === '200 · 13 ms'`)
    expect((await page.types())[0]).toBe('hang')
  })

  it('searches summaries and bodies, and filters by type, call and failure', async () => {
    await openStory()
    await page.choose('#type', 'tool-calls')
    expect(await page.text('.count')).toBe('3 of 21 events')
    await page.choose('#call', FIRST_CALL)
    expect(await page.text('.count')).toBe('2 of 21 events')
    await page.click('#clear')
    await page.click('#failed')
    expect(await page.types()).toEqual(['request', 'status-update', 'tool-calls', 'tool-calls'])
    await page.click('#failed')
    await page.type('#search', 'NINE THIRTY is free. shall')
    await page.until(`/^\\d of 21 events|^\\d\\d of 21/.test(document.querySelector('.count').textContent)`)
    await page.type('#search', '09:30 and 11:00 are free')
    await page.until(`document.querySelector('.count').textContent === '1 of 21 events'`)
    expect(await page.types()).toEqual(['tool-calls'])
    await page.type('#search', 'nowhere at all')
    await page.until(`document.querySelector('.count').textContent === '0 of 21 events'`)
    expect(await browser.evaluate(`document.querySelector('.rows').dataset.empty`)).toBe(
      'No event fits the filters.',
    )
  })

  it('shows an event: time against the limit, findings, request and reply beside each other', async () => {
    await openStory()
    await openEvent(WRONG)
    expect(await page.text('.timing')).toContain('Answered 200 after 21.48 s of 20 s')
    expect(await page.text('.findings')).toContain('results[0].toolCallId it is missing')
    const places = await browser.evaluate<{ top: number; left: number }[]>(
      `[...document.querySelectorAll('.pane')].map(pane => pane.getBoundingClientRect().toJSON())`,
    )
    expect(places).toHaveLength(2)
    expect(places[0]?.top).toBe(places[1]?.top)
    const limit = await browser.evaluate<number>(
      `document.querySelector('.limit').offsetLeft / document.querySelector('.bar').offsetWidth`,
    )
    expect(limit).toBeCloseTo(20 / 21.48, 1)
    expect(await page.text('[data-pane=reply]')).toContain('booked\\nsee you on Friday')
  })

  it('goes through the list by keys, and opens what is gone to', async () => {
    await openStory()
    await browser.evaluate(`document.querySelector('.rows').focus()`)
    await page.press('ArrowDown')
    await page.until(`document.querySelector('.event-head h2')?.textContent === 'speech-update'`)
    await page.press('ArrowDown')
    await page.press('ArrowDown')
    await page.until(`document.querySelector('.event-head h2')?.textContent === 'POST /webhook'`)
    expect(await browser.evaluate(`document.activeElement.getAttribute('aria-activedescendant')`)).toBe(
      'row-0a1b2c3d-000099',
    )
    await page.press('End')
    await page.until(`document.querySelector('.event-head h2')?.textContent === 'assistant-request'`)
    await page.press('/')
    expect(await browser.evaluate(`document.activeElement.id`)).toBe('search')
  })

  it('folds and opens JSON by click and by keys, and makes only what is open', async () => {
    await openStory()
    await openEvent(WRONG)
    const focused = `document.activeElement.querySelector('.name')?.textContent`
    const inside = `document.querySelectorAll('[data-pane=request] [role=treeitem]').length`
    const before = await browser.evaluate<number>(inside)
    await browser.evaluate(`document.querySelector('[data-pane=request] [role=treeitem]').focus()`)
    await page.press('ArrowDown')
    await page.press('ArrowDown')
    expect(await browser.evaluate(focused)).toBe('call')
    await page.press('ArrowRight')
    expect(await browser.evaluate(`document.activeElement.getAttribute('aria-expanded')`)).toBe('true')
    expect(await browser.evaluate<number>(inside)).toBeGreaterThan(before)
    await page.press('ArrowRight')
    expect(await browser.evaluate(focused)).toBe('id')
    await page.press('ArrowLeft')
    await page.press('ArrowLeft')
    expect(await browser.evaluate<number>(inside)).toBe(before)
    await page.press('End')
    await page.press('Home')
    expect(await browser.evaluate(focused)).toBe('message')
    await page.click('[data-pane=request] [role=treeitem] > .line')
    expect(await browser.evaluate<number>(inside)).toBe(1)
    await page.click('[data-pane=request] [role=treeitem] > .line')
    expect(await browser.evaluate<number>(inside)).toBe(before)
  })

  it('shows raw bodies and headers, with secrets hidden', async () => {
    await openStory()
    await openEvent(WRONG)
    await page.click('#request-raw')
    expect((await page.text('[data-pane=request] pre')).startsWith('{"message":{"timestamp"')).toBe(true)
    await browser.evaluate(`document.querySelector('#request-raw').focus()`)
    await page.press('ArrowRight')
    expect(await page.text('[data-pane=request] .headers')).toContain('X-Vapi-Secret\t***')
    expect(await browser.evaluate('document.activeElement.id')).toBe('request-headers')
  })

  it('asks for large bodies when they are wanted, and shows lists and texts in parts', async () => {
    const { memory } = await openStory()
    const list = Array.from({ length: 5000 }, (_, at) => `entry ${at}`)
    const large = event('large', { type: 'hang', text: 'word '.repeat(40_000), list })
    memory.event(large)
    await openEvent('large')
    const load = `document.querySelector('[data-pane=request] .load')`
    expect(await browser.evaluate(`${load}.textContent`)).toMatch(/^Show 2\d\d(\.\d)? kB$/)
    await browser.evaluate(`${load}.click()`)
    await page.until(`document.querySelectorAll('[data-pane=request] [role=treeitem]').length > 2`)
    const named = (name: string) =>
      `[...document.querySelectorAll('.tree .name')].find(one => one.textContent === '${name}').parentElement`
    await browser.evaluate(`${named('list')}.click()`)
    const shown = `document.querySelectorAll('.tree [aria-level="3"]').length`
    expect(await browser.evaluate(shown)).toBe(101)
    await page.click('.tree .more .line')
    expect(await browser.evaluate(shown)).toBe(201)
    memory.reply(reply('large', {}), large)
    await page.until(`document.querySelector('[data-pane=reply] .facts').textContent.startsWith('200')`)
    await browser.evaluate(`${named('text')}.click()`)
    expect(await page.text('.tree')).toContain('180,000 more characters in the raw body')
  })

  it('sends an event again and shows what came of it', async () => {
    const bodies: string[] = []
    const target = await startTarget((_request, answer, body) => {
      bodies.push(body.toString())
      answer.end('{"results": [{"toolCallId": "call_2", "result": "booked"}]}')
    })
    await openStory(`localhost:${target.port}/hook`)
    await openEvent(WRONG)
    await page.click('#send-again')
    await page.until(`document.querySelector('.mark')?.textContent === 'sent again from ${WRONG}'`)
    expect(bodies).toHaveLength(1)
    expect(await browser.evaluate(`document.querySelector('.findings') === null`)).toBe(true)
    await page.until(`document.querySelector('[data-place="0"] .tag')?.textContent === 'sent again'`)
    await page.click('.mark .link')
    await page.until(`document.querySelector('.event-head code')?.textContent === '${WRONG}'`)
  })

  it('edits an event, checks the JSON at each stroke, and sends it to another address', async () => {
    const seen: [string | undefined, unknown, string][] = []
    const target = await startTarget((request, answer, body) => {
      seen.push([request.url, request.headers['x-vapi-secret'], body.toString()])
      answer.end('{"results": []}')
    })
    await openStory()
    await openEvent(WRONG)
    await page.click('#edit')
    expect(await page.text('#edit-check')).toMatch(/^JSON, /)
    await page.type('#edit-body', '{"message": {"type": "hang"')
    expect(await page.text('#edit-check')).toMatch(/^No JSON: /)
    expect(await page.text('dialog [type=submit]')).toBe('Send all the same')
    await page.type('#edit-body', '{"message": {"type": "hang"}}')
    await page.click('#edit-other')
    await page.click('dialog [type=submit]')
    expect(await page.text('dialog [role=alert]')).toBe('The address is missing.')
    await page.type('#edit-to', 'ftp://x')
    await page.click('dialog [type=submit]')
    await page.until(
      `document.querySelector('dialog [role=alert]').textContent.includes('no http or https URL')`,
    )
    browser.complaints.length = 0
    await page.type('#edit-to', `localhost:${target.port}/elsewhere`)
    expect(await browser.evaluate(`document.querySelector('#edit-secrets').checked`)).toBe(false)
    await page.click('dialog [type=submit]')
    await page.until(`document.querySelector('.event-head h2')?.textContent === 'hang'`)
    expect(seen).toEqual([['/elsewhere', undefined, '{"message": {"type": "hang"}}']])
    expect(await browser.evaluate(`document.querySelector('dialog') === null`)).toBe(true)
  })

  it('shows a call as it unfolds, and leads from it to its events and back', async () => {
    const { memory } = await openStory()
    await page.click('[data-list=calls]')
    expect(await page.types()).toEqual(['b7e1c2d3', FIRST_CALL.slice(0, 8)])
    await page.click(`#row-${FIRST_CALL}`)
    await page.until(`document.querySelectorAll('.said').length === 5`)
    expect(await page.text('.items')).toContain('The customer booked an appointment on Friday at 9:30.')
    const say = (id: string, transcript: string, transcriptType: string) =>
      memory.event(
        event(id, message('transcript', { role: 'user', transcript, transcriptType }, FIRST_CALL), {
          receivedMs: BEGAN_MS + 90_000,
        }),
      )
    say('late-1', 'One more', 'partial')
    await page.until(`document.querySelector('.partial .words')?.textContent === 'One more …'`)
    say('late-2', 'One more thing.', 'final')
    await page.until(`[...document.querySelectorAll('.words')].at(-1).textContent === 'One more thing.'`)
    expect(await browser.evaluate(`document.querySelectorAll('.partial').length`)).toBe(0)
    await page.click('.tool .at')
    await page.until(`document.querySelector('.event-head h2')?.textContent === 'tool-calls'`)
    await browser.evaluate('history.back()')
    await page.until(`document.querySelectorAll('.said').length === 6`)
  })

  it('is the same after a reload: list, filters, what is open and how', async () => {
    await openStory()
    await page.choose('#type', 'tool-calls')
    await page.click('#failed')
    await openEventKeeping(WRONG)
    await page.click('#reply-raw')
    const address = await browser.evaluate<string>('location.href')
    await browser.open('about:blank')
    await browser.open(address)
    await page.until(`document.querySelector('.event-head code')?.textContent === '${WRONG}'`)
    expect(await page.types()).toEqual(['tool-calls', 'tool-calls'])
    expect(await browser.evaluate(`document.querySelector('#type').value`)).toBe('tool-calls')
    expect(await browser.evaluate(`document.querySelector('#failed').checked`)).toBe(true)
    expect(await browser.evaluate(`document.querySelector('#reply-raw').ariaSelected`)).toBe('true')
    expect(await browser.evaluate(`document.querySelector('[aria-selected=true].row').id`)).toBe(
      `row-${WRONG}`,
    )
  })

  const openEventKeeping = async (id: string) => {
    await page.click(`#row-${id}`)
    await page.until(`document.querySelector('.event-head code')?.textContent === '${id}'`)
  }

  it('stays light with 10,000 events, and where one looks while more come', async () => {
    const inspector = await openForTest('localhost:9', { maximumEvents: 20_000 }, script)
    for (let at = 0; at < 10_000; at++)
      inspector.memory.event(event(`e-${at}`, { type: 'speech-update', status: 'started', role: 'user' }))
    await browser.open(inspector.url)
    await page.until(`document.querySelector('.count')?.textContent === '500 events'`)
    for (let pages = 2; pages <= 20; pages++) {
      await browser.evaluate(
        `{ const rows = document.querySelector('.rows'); rows.scrollTop = rows.scrollHeight }`,
      )
      await page.until(
        `document.querySelector('.count').textContent === '${(500 * pages).toLocaleString('en')} events'`,
      )
    }
    expect(await browser.evaluate(`document.querySelectorAll('.row').length`)).toBeLessThan(60)
    await browser.evaluate(`document.querySelector('.rows').scrollTop = 52 * 4000`)
    await page.until(`document.querySelector('#row-e-5999') !== null`)
    const top = `document.querySelector('#row-e-5999').getBoundingClientRect().top`
    const before = await browser.evaluate<number>(top)
    for (let at = 0; at < 50; at++) inspector.memory.event(event(`new-${at}`, message('hang')))
    await page.until(`document.querySelector('.fresh')?.textContent === '50 new events ↑'`)
    expect(await browser.evaluate<number>(top)).toBe(before)
    const tookMs = await browser.evaluate<number>(`new Promise(resolve => {
      const began = performance.now()
      const search = document.querySelector('#search')
      search.value = 'nothing like it'
      search.dispatchEvent(new Event('input', { bubbles: true }))
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - began)))
    })`)
    expect(tookMs).toBeLessThan(1000)
    await page.type('#search', '')
    await page.click('.fresh')
    expect((await page.types())[0]).toBe('hang')
  })

  it('shows hostile texts as texts', async () => {
    const hostile = `</script><script>hacked = 1</script><img src=x onerror="hacked = 2"> \u202egpj.exe '"`
    const inspector = await openForTest('localhost:9', {}, script)
    const call = { id: 't', function: { name: hostile, arguments: { [hostile]: hostile } } }
    const fields = { toolCallList: [call], [hostile]: [hostile] }
    const bad = event('h"1', message('tool-calls', fields, hostile), { requested: `/${hostile}` })
    inspector.memory.event({ ...bad, rawHeaders: ['X-Any', hostile] })
    inspector.memory.reply(reply('h"1', hostile, { rawHeaders: ['X-Any', hostile], status: 500 }), bad)
    inspector.memory.event(event('h2', message('transcript', { role: 'user', transcript: hostile }, hostile)))
    inspector.memory.event(event('h3', message(`hang`, { type: hostile }, hostile)))
    await browser.open(inspector.url)
    await page.until(`document.querySelectorAll('.row').length === 3`)
    const views: [Record<string, string>, string][] = [
      [{ event: 'h"1' }, '.tree'],
      [{ event: 'h"1', requestTab: 'raw', replyTab: 'headers' }, '.headers'],
      [{ list: 'calls', talk: hostile }, '.said'],
    ]
    for (const [view, selector] of views) {
      const hash = JSON.stringify(new URLSearchParams(view).toString())
      await browser.evaluate(`void (location.hash = ${hash})`)
      await page.until(`document.querySelector('${selector}') !== null`)
    }
    await page.until(`document.querySelector('.words')?.textContent.includes('[U+202E]gpj.exe')`)
    expect(await browser.evaluate('typeof hacked')).toBe('undefined')
    expect(await browser.evaluate(`document.querySelectorAll('img, iframe, [onerror]').length`)).toBe(0)
  })

  it('says that the connection is lost, and goes on when the listener is there again', async () => {
    const { memory, port, ...inspector } = await openStory()
    inspector.close()
    await page.until(`document.querySelector('.connection').classList.contains('lost')`)
    const { startInspector } = await import('../../../src/listen/inspector/server.ts')
    const listener = { url: 'http://127.0.0.1:4242', routes: [], mask: false }
    const again = await startInspector({ source: memory, port, listener, script })
    await page.until(`document.querySelector('.connection').classList.contains('refused')`)
    again.close()
    browser.complaints.length = 0
  })

  it('says what is missing without a token, and with one of an earlier run', async () => {
    const inspector = await openForTest('localhost:9', {}, script)
    await browser.open(`http://127.0.0.1:${inspector.port}/`)
    expect(await page.text('main')).toContain('This address lacks its token.')
    await browser.open('about:blank')
    await browser.open(`http://127.0.0.1:${inspector.port}/#token=old`)
    await page.until(`document.querySelector('main')?.innerText.includes('of an earlier run')`)
    browser.complaints.length = 0
  })

  it('has enough contrast in dark and light, landmarks and names', async () => {
    await openStory()
    await openEvent(WRONG)
    for (const value of ['light', 'dark'] as const) {
      await page.scheme(value)
      await openEvent(WRONG)
      expect(await browser.evaluate(LOW_CONTRAST)).toEqual([])
      await browser.evaluate(`void (location.hash = 'list=calls&talk=${FIRST_CALL}')`)
      await page.until(`document.querySelectorAll('.said').length === 5`)
      expect(await browser.evaluate(LOW_CONTRAST)).toEqual([])
      const paper = await browser.evaluate(`getComputedStyle(document.body).backgroundColor`)
      expect(paper).toBe(value === 'dark' ? 'rgb(20, 23, 27)' : 'rgb(255, 255, 255)')
    }
    await page.scheme('light')
    await openEvent(WRONG)
    expect(
      await browser.evaluate(
        `['header', 'main', 'search', '[role=status]', 'h1', 'h2'].filter(one => !document.querySelector(one))`,
      ),
    ).toEqual([])
    expect(
      await browser.evaluate(`[...document.querySelectorAll('button, select, input, [role=tree], [role=listbox]')]
        .filter(one => !(one.ariaLabel || one.innerText || one.labels?.length) && one.checkVisibility()).length`),
    ).toBe(0)
  })

  it('fits a phone, one thing at a time', async () => {
    await openStory()
    await browser.send('Emulation.setDeviceMetricsOverride', {
      width: 360,
      height: 780,
      deviceScaleFactor: 1,
      mobile: true,
    })
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await openEvent(WRONG)
    expect(await browser.evaluate(`document.querySelector('.side').checkVisibility()`)).toBe(false)
    expect(await browser.evaluate('document.querySelector(".open").scrollWidth')).toBeLessThanOrEqual(360)
    await page.click('.back')
    await page.until(`document.querySelector('.side').checkVisibility()`)
  })
})

/** Texts with less than 4.5 to 1 between them and what is behind them. */
const LOW_CONTRAST = `(() => {
  const channels = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number)
  const light = ([r, g, b]) => [r, g, b].map(value => value / 255)
    .map(value => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0)
  const behind = element => {
    for (let at = element; at !== null; at = at.parentElement) {
      const [r, g, b, alpha = 1] = channels(getComputedStyle(at).backgroundColor)
      if (alpha === 1) return [r, g, b]
    }
    return [255, 255, 255]
  }
  return [...document.querySelectorAll('#app *')].filter(element => {
    const hasText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== '')
    if (!hasText || !element.checkVisibility({ visibilityProperty: true }) || element.closest('.unseen, .skip')) return false
    const [one, other] = [light(channels(getComputedStyle(element).color)), light(behind(element))]
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) < 4.5
  }).map(element => element.className + ' ' + element.textContent.slice(0, 40))
})()`
