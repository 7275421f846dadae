import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderReport } from '../../../src/call/report/report.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { requires } from '../../support/requires.ts'
import type { SimulatedCall } from '../../support/simulation.ts'
import { type BrowserPage, openBrowser } from '../../web/browser.ts'
import { reported, runSampleCall } from './sample.ts'

const missing = requires('chromium')
const HOSTILE = `</script><script>hacked = 1</script><img src=x onerror="hacked = 2"> \u202egpj.exe '"`

describe.skipIf(missing)(`a report in a real browser${missing ? ` (${missing})` : ''}`, () => {
  let folder: string
  let browser: BrowserPage
  let call: SimulatedCall

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vapi-report-'))
    call = await runSampleCall()
    await writeFile(join(folder, 'call.wav'), silence(45))
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Opens the report of a call from disk, as its reader does. */
  async function openReport(
    observations: readonly Observation[],
    recording: string | null = null,
    over: Parameters<typeof reported>[1] = {},
  ): Promise<void> {
    const file = join(folder, 'report.html')
    await writeFile(file, renderReport(reported(observations, over, recording)))
    browser.complaints.length = 0
    await browser.open(pathToFileURL(file).href)
  }

  it('loads the recording and runs its script without a complaint', async () => {
    await openReport(call.observations, 'call.wav')
    await browser.evaluate(`new Promise((resolve, reject) => {
      const audio = document.querySelector('audio')
      audio.addEventListener('error', () => reject(new Error('not loaded')))
      if (audio.readyState > 0) resolve()
      audio.addEventListener('loadedmetadata', resolve)
    })`)
    expect(await browser.evaluate(`document.querySelector('audio').duration`)).toBeCloseTo(45, 0)
    expect(await browser.evaluate(`document.querySelector('.lost').hidden`)).toBe(true)
    expect(browser.complaints).toEqual([])
  })

  it('reaches every turn of the timeline by Tab, and plays the recording from there on Enter', async () => {
    await openReport(call.observations, 'call.wav')
    const reached: string[] = []
    for (let presses = 0; presses < 60 && !reached.includes('#turn-4'); presses++) {
      await browser.press('Tab')
      const link = await browser.evaluate<string>(
        `document.activeElement.closest('.timeline') ? document.activeElement.getAttribute('href') : ''`,
      )
      if (link !== '') reached.push(link)
    }
    expect(reached).toEqual(['#turn-0', '#turn-1', '#turn-2', '#turn-3', '#turn-4'])
    const seconds = Number(await browser.evaluate(`document.activeElement.dataset.seek`))
    expect(seconds).toBe(27.5)
    const sought = browser.evaluate(`new Promise(resolve =>
      document.querySelector('audio').addEventListener('seeked', event => resolve(event.target.currentTime)))`)
    await browser.press('Enter')
    expect(await sought).toBeGreaterThanOrEqual(seconds)
    expect(await browser.evaluate('location.hash')).toBe('')
    const heads = await browser.evaluate<string[]>(
      `[...document.querySelectorAll('.playhead')].map(head => head.getAttribute('visibility'))`,
    )
    expect(heads).toEqual(['hidden', 'visible'])
    expect(browser.complaints).toEqual([])
  })

  it('plays from a moment of the conversation that is clicked', async () => {
    await openReport(call.observations, 'call.wav')
    const seconds = await browser.evaluate<number>(`new Promise(resolve => {
      document.querySelector('audio').addEventListener('seeked', event => resolve(event.target.currentTime))
      document.querySelector('#turn-1 .assistant .time').click()
    })`)
    expect(seconds).toBeGreaterThan(call.all('assistant.speech.started')[1]!.atMs / 1000 - 0.01)
  })

  it('says that a recording is lost, and leads to the turns all the same', async () => {
    await openReport(call.observations, 'gone.wav')
    await browser.evaluate(`new Promise(resolve => {
      const lost = document.querySelector('.lost')
      if (!lost.hidden) resolve()
      new MutationObserver(resolve).observe(lost, { attributes: true })
    })`)
    await browser.evaluate(`document.querySelector('.timeline a[href="#turn-3"] rect').dispatchEvent(
      new MouseEvent('click', { bubbles: true, cancelable: true }))`)
    expect(await browser.evaluate('location.hash')).toBe('#turn-3')
  })

  it('shows hostile texts as texts', async () => {
    const observations = call.observations.map(seen => hostile(seen))
    await openReport(observations, 'call.wav', { id: HOSTILE, assistant: { name: HOSTILE } })
    await browser.evaluate(`document.querySelectorAll('details').forEach(details => { details.open = true })`)
    expect(await browser.evaluate('typeof hacked')).toBe('undefined')
    expect(await browser.evaluate(`document.querySelectorAll('img, script, iframe, [onerror]').length`)).toBe(
      1,
    )
    const shown = HOSTILE.replace('\u202e', '[U+202E]')
    expect(await browser.evaluate(`document.querySelector('h1').textContent`)).toBe(shown)
    expect(await browser.evaluate(`document.querySelector('#turn-1 .said').textContent`)).toBe(shown)
    expect(await browser.evaluate(`document.querySelector('pre').textContent`)).toBe(
      JSON.stringify({ [HOSTILE]: HOSTILE }, null, 2).replaceAll('\u202e', '[U+202E]'),
    )
    expect(browser.complaints).toEqual([])
  })

  it('keeps even endless words within a phone', async () => {
    await browser.send('Emulation.setDeviceMetricsOverride', {
      width: 360,
      height: 780,
      deviceScaleFactor: 1,
      mobile: true,
    })
    const endless = call.observations.map(seen => hostile(seen, 'endless'.repeat(3000)))
    await openReport(endless, 'call.wav', { assistant: { name: 'endless'.repeat(30) } })
    await browser.evaluate(`document.querySelectorAll('details').forEach(details => { details.open = true })`)
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await browser.send('Emulation.clearDeviceMetricsOverride')
  })
})

function hostile(observation: Observation, text = HOSTILE): Observation {
  const changed: Record<string, unknown> = { ...observation }
  for (const key of ['text', 'transcript', 'spokenText', 'message', 'detail', 'name', 'result']) {
    if (key in changed) changed[key] = text
  }
  if ('arguments' in changed) changed.arguments = { [text]: text }
  return changed as unknown as Observation
}

/** A WAV file of 8-bit mono silence. */
function silence(seconds: number): Buffer {
  const rate = 8000
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + rate * seconds, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  header.writeUInt32LE(rate * seconds, 40)
  return Buffer.concat([header, Buffer.alloc(rate * seconds, 128)])
}
