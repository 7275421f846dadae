import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Exit, VapiError } from '../errors.ts'
import { isLoopbackHost } from '../loopback-host.ts'
import { type Callback, LONGEST_CALLBACK, type LoginResult, readCallback } from './callback.ts'
import { listenOnLoopback } from './callback-server.ts'
import { endPage, type Outcome, problemPage } from './pages.ts'

/** Calls back once after so many milliseconds, unless the function that it returns is called before. */
export type StartTimer = (afterMs: number, elapsed: () => void) => () => void

export interface BrowserLoginOptions {
  dashboardUrl: string
  signal: AbortSignal
  startTimer?: StartTimer
  /** Told of callbacks that were not taken, without anything out of them but what is wrong. */
  onRefused?: (problem: string) => void
}

/** A login that waits for the browser. */
export interface BrowserLogin {
  /** The dashboard's page, to be opened in a browser. */
  url: string
  port: number
  addresses: readonly string[]
  /**
   * What the first good callback brought. Rejects with VapiError `login-timeout` after 5 minutes, and with the signal's
   * reason.
   */
  result: Promise<LoginResult>
  /** Takes the callback's address from elsewhere (pasted); null, or what is wrong with it. */
  take(address: string): string | null
  /**
   * Tells the browser how it ended and ends the server: at once where no browser waits, else when the page is
   * delivered, after 3 s at the latest.
   */
  finish(outcome: Outcome): Promise<void>
}

const LIMIT_MS = 5 * 60_000
/** How long the server stays for a browser that was redirected and has not asked for the last page. */
const GRACE_MS = 3000
const DONE = '/done'

/**
 * Starts the login of a browser: a server on this machine waits for `GET /callback`, to which the dashboard's page
 * `/auth/cli` redirects with a key. Requests that are not the awaited one are refused and change nothing.
 */
export async function startBrowserLogin(options: BrowserLoginOptions): Promise<BrowserLogin> {
  const { signal, startTimer = realTimer, onRefused = () => {} } = options
  signal.throwIfAborted()
  const dashboard = readDashboardUrl(options.dashboardUrl)
  const state = randomBytes(32).toString('base64url')
  const login = waiting<LoginResult>()
  const ending = waiting<Outcome>()
  const delivered = waiting<void>()
  let taken: LoginResult | null = null
  let browserWaits = false

  const take = (callback: Callback): string | null => {
    if ('problem' in callback) return callback.problem
    if (taken !== null && taken.key !== callback.result.key) return 'this login has its key already'
    taken ??= callback.result
    login.resolve(taken)
    return null
  }

  /** What is answered at once; null where the answer is how the login ends. */
  const replyTo = (request: IncomingMessage): Reply | null => {
    const address = request.url ?? ''
    const url = address.length > LONGEST_CALLBACK ? null : parseOrNull(address)
    if (!isLoopbackHost(request.headers.host, server.port))
      return refusal(400, 'the request was made for another host')
    if (url === null) return refusal(400, 'the address is too long or cannot be read')
    if (url.pathname !== '/callback' && url.pathname !== DONE) return refusal(404, 'there is nothing here')
    if (request.method !== 'GET') return refusal(405, 'only GET is taken here')
    if (url.pathname === DONE) return taken === null ? refusal(404, 'the login is not done') : null
    const problem = take(readCallback(url.searchParams, state))
    if (problem !== null) return refusal(400, problem)
    browserWaits = true
    // The key leaves the address bar before anything is shown.
    return { status: 303, body: '', headers: { location: DONE } }
  }

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const reply = replyTo(request)
    if (reply === null) {
      browserWaits = true
      response.once('close', () => delivered.resolve())
      void ending.promise.then(outcome => send(response, { status: 200, body: endPage(outcome) }))
    } else {
      const isCallback = request.url?.startsWith('/callback') === true
      if (reply.problem !== undefined && isCallback) onRefused(reply.problem)
      send(response, reply)
    }
  }

  const server = await listenOnLoopback(handle)
  const stopTimer = startTimer(LIMIT_MS, () =>
    login.reject(
      new VapiError({
        code: 'login-timeout',
        message: 'no answer came from the browser within 5 minutes',
        exit: Exit.failed,
        hint: 'vapi login, or vapi login --with-token with a key of the dashboard',
      }),
    ),
  )
  const onAbort = () => login.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  // An abort may come before somebody waits for the result.
  login.promise.catch(() => {})

  return {
    url: addressOf(dashboard, server.port, state),
    port: server.port,
    addresses: server.addresses,
    result: login.promise,
    take: address => {
      const url = address.length > LONGEST_CALLBACK ? null : parseOrNull(address.trim())
      if (url === null || url.pathname !== '/callback') {
        return `this is not the address that the browser ended at: it begins with http://localhost:${server.port}/callback?`
      }
      return take(readCallback(url.searchParams, state))
    },
    finish: async outcome => {
      ending.resolve(outcome)
      stopTimer()
      if (browserWaits && !signal.aborted) {
        const stopGrace = startTimer(GRACE_MS, delivered.resolve)
        signal.addEventListener('abort', () => delivered.resolve(), { once: true })
        await delivered.promise
        stopGrace()
      }
      signal.removeEventListener('abort', onAbort)
      server.close()
    },
  }
}

function readDashboardUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new VapiError({
    code: 'invalid-url',
    message: `the dashboard's address "${address}" does not begin with http:// or https://`,
    exit: Exit.usage,
    hint: 'vapi config set dashboard_url https://dashboard.vapi.ai',
  })
}

/** The page of the dashboard that asks the user and redirects to this machine. */
function addressOf(dashboard: URL, port: number, state: string): string {
  const url = new URL(dashboard)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/auth/cli`
  url.search = new URLSearchParams({ redirect_uri: `http://localhost:${port}/callback`, state }).toString()
  url.hash = ''
  return url.href
}

interface Reply {
  status: number
  body: string
  headers?: Record<string, string>
  problem?: string
}

function refusal(status: number, problem: string): Reply {
  const headers: Record<string, string> = status === 405 ? { allow: 'GET' } : {}
  return { status, body: problemPage(problem), headers, problem }
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    connection: 'close',
    ...headers,
  })
  response.end(body)
}

function parseOrNull(address: string): URL | null {
  return URL.canParse(address, 'http://localhost') ? new URL(address, 'http://localhost') : null
}

const realTimer: StartTimer = (afterMs, elapsed) => {
  const timer = setTimeout(elapsed, afterMs)
  return () => clearTimeout(timer)
}

/** A promise with its ends in hand; only the first counts. */
function waiting<Value>() {
  let resolve: (value: Value) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
