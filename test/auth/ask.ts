import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import {
  type BrowserLogin,
  type BrowserLoginOptions,
  type StartTimer,
  startBrowserLogin,
} from '../../src/auth/browser-login.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Sends one request over a connection of its own. */
export function ask(
  port: number,
  path: string,
  options: { method?: string; host?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: options.host ?? '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host: `localhost:${port}`, ...options.headers },
        agent: false,
      },
      reply => {
        let body = ''
        reply.setEncoding('utf8').on('data', text => {
          body += text
        })
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }))
        reply.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

/** Timers that the test lets elapse. */
export function handTimers() {
  const timers = new Set<{ afterMs: number; elapsed: () => void }>()
  const startTimer: StartTimer = (afterMs, elapsed) => {
    const timer = { afterMs, elapsed }
    timers.add(timer)
    return () => timers.delete(timer)
  }
  return {
    startTimer,
    /** Milliseconds of the timers that run. */
    running: () => [...timers].map(timer => timer.afterMs),
    elapse: (afterMs: number) => {
      for (const timer of timers) if (timer.afterMs === afterMs) timer.elapsed()
    },
  }
}

export const KEY = '3f9c1f64-9c1e-4b7e-9d55-0c6a2f7e41d8'

/** A login that ends with the test, with the state that it gave away. */
export async function startLogin(
  options: Partial<BrowserLoginOptions> = {},
): Promise<BrowserLogin & { state: string }> {
  const abort = new AbortController()
  const login = await startBrowserLogin({
    dashboardUrl: 'http://dashboard.test',
    signal: abort.signal,
    ...options,
  })
  onTestFinished(() => {
    abort.abort(new Error('the test is over'))
    return login.finish('failed')
  })
  return { ...login, state: new URL(login.url).searchParams.get('state') ?? '' }
}

/** The path that the dashboard redirects to. */
export function callback(state: string, parameters: Record<string, string> = { api_key: KEY }): string {
  return `/callback?${new URLSearchParams({ state, ...parameters })}`
}
