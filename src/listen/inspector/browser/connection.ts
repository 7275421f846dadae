import { createEventParser } from '../../../net/sse.ts'
import type { Changes } from '../wire.ts'

export type ConnectionState = 'connecting' | 'live' | 'lost' | 'refused'

export class RequestError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Larger than any batch of rows. */
const MAXIMUM_EVENT_LENGTH = 64_000_000
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 4000

/** Asks the inspector’s server, with the token of the page’s address. */
export class Connection {
  private readonly token: string

  constructor(token: string) {
    this.token = token
  }

  get<Value>(path: string, signal?: AbortSignal): Promise<Value> {
    return this.ask(path, { signal: signal ?? null })
  }

  post<Value>(path: string, value: unknown): Promise<Value> {
    return this.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(value),
    })
  }

  /** Follows what changes for good, and comes back after what it has seen. */
  async follow(
    changed: (changes: Changes) => void,
    became: (state: ConnectionState) => void,
  ): Promise<never> {
    let cursor: string | null = null
    let waitMs = FIRST_WAIT_MS
    for (;;) {
      try {
        const after: string = cursor === null ? '' : `?after=${encodeURIComponent(cursor)}`
        const reply = await this.request(`/api/changes${after}`, {})
        became('live')
        waitMs = FIRST_WAIT_MS
        for await (const changes of changesOf(reply)) {
          cursor = changes.cursor
          changed(changes)
        }
        became('lost')
      } catch (error) {
        became(error instanceof RequestError && error.status === 401 ? 'refused' : 'lost')
      }
      const wait = waitMs
      await new Promise(resolve => setTimeout(resolve, wait))
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)
    }
  }

  private async ask<Value>(path: string, options: RequestInit): Promise<Value> {
    const reply = await this.request(path, options)
    return (await reply.json()) as Value
  }

  private async request(path: string, options: RequestInit): Promise<Response> {
    const headers = { ...options.headers, 'x-inspector-token': this.token }
    const reply = await fetch(path, { ...options, headers, cache: 'no-store', credentials: 'omit' })
    if (reply.ok) return reply
    const content: unknown = await reply.json().catch(() => null)
    throw new RequestError(reply.status, messageOf(content) ?? `the inspector answered ${reply.status}`)
  }
}

async function* changesOf(reply: Response): AsyncGenerator<Changes> {
  const parser = createEventParser(MAXIMUM_EVENT_LENGTH)
  const reader = reply.body?.getReader()
  if (reader === undefined) return
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    for (const { data } of parser.push(value)) yield JSON.parse(data) as Changes
  }
}

function messageOf(content: unknown): string | null {
  if (typeof content !== 'object' || content === null || !('error' in content)) return null
  const { error } = content
  if (typeof error !== 'object' || error === null || !('message' in error)) return null
  const hint = 'hint' in error ? ` (${String(error.hint)})` : ''
  return `${String(error.message)}${hint}`
}
