import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

type Json = Record<string, unknown>
interface Reply {
  id?: number
  method?: string
  params?: Json
  result?: Json
  error?: { message: string }
}

/** One page of a real Chromium, driven over the DevTools pipe. */
export interface BrowserPage {
  /** Everything that the browser complained about: exceptions, console errors, refused policies, failed loads. */
  complaints: string[]
  open(url: string): Promise<void>
  /** The value of a JavaScript expression in the page; promises are awaited. */
  evaluate<Value>(expression: string): Promise<Value>
  /** Presses and releases a key as a person does. */
  press(key: 'Tab' | 'Enter'): Promise<void>
  send(method: string, params?: Json): Promise<Json>
  close(): Promise<void>
}

const KEYS = {
  Tab: { code: 'Tab', windowsVirtualKeyCode: 9 },
  Enter: { code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
} as const

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--mute-audio',
  '--remote-debugging-pipe',
]

/** Starts Chromium with a profile of its own, and further flags, and opens an empty page. */
export async function openBrowser(flags: readonly string[] = []): Promise<BrowserPage> {
  const profile = await mkdtemp(join(tmpdir(), 'vapi-chromium-'))
  const browser = spawn('chromium', [...FLAGS, ...flags, `--user-data-dir=${profile}`], {
    // Chromium leaves its sockets' folder behind; in the profile it goes with it.
    env: { ...process.env, TMPDIR: profile },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const commands = browser.stdio[3] as Writable
  const replies = browser.stdio[4] as Readable
  const waiting = new Map<number, { resolve: (result: Json) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, (params: Json) => void>()
  const complaints: string[] = []
  let sessionId: string | undefined
  let lastId = 0

  const gone = new Promise<void>(resolve => browser.once('close', () => resolve()))
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  browser.once('error', fail)
  commands.on('error', fail)
  void gone.then(() => fail(new Error('the browser has ended')))

  let rest = ''
  replies.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0')
    rest = messages.pop() ?? ''
    for (const message of messages) take(JSON.parse(message))
  })

  function take({ id, method, params = {}, result = {}, error }: Reply): void {
    if (id !== undefined) {
      const call = waiting.get(id)
      waiting.delete(id)
      if (error === undefined) call?.resolve(result)
      else call?.reject(new Error(error.message))
    } else if (method !== undefined) {
      if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params.exceptionDetails))
      if (method === 'Log.entryAdded') complaints.push(JSON.stringify(params.entry))
      if (method === 'Audits.issueAdded') complaints.push(JSON.stringify(params.issue))
      listeners.get(method)?.(params)
    }
  }

  function send(method: string, params: Json = {}): Promise<Json> {
    const id = ++lastId
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
  }

  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const attached = await send('Target.attachToTarget', { targetId, flatten: true })
  sessionId = String(attached.sessionId)
  for (const domain of ['Page', 'Runtime', 'Log', 'Audits']) await send(`${domain}.enable`)

  return {
    complaints,
    send,
    open: async url => {
      const loaded = new Promise<void>(resolve => listeners.set('Page.loadEventFired', () => resolve()))
      await send('Page.navigate', { url })
      await loaded
    },
    evaluate: async <Value>(expression: string) => {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
        userGesture: true,
      })
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return (result as { value: Value }).value
    },
    press: async key => {
      await send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...KEYS[key] })
      await send('Input.dispatchKeyEvent', { type: 'keyUp', key, ...KEYS[key] })
    },
    close: async () => {
      browser.kill('SIGKILL')
      await gone
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
