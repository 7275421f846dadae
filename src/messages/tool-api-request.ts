/** Runs `apiRequest` tools: makes their request, again where its backoff plan says so (vapi-api.md 4.10). */

import type { ToolOutcome, ToolRequest } from '../engine/ports/tool-runner.ts'
import { messageOf } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { HttpClient } from '../net/http.ts'
import { excerpt } from '../net/reply.ts'
import { buildRequest, type MakeRender, type OutgoingRequest } from './api-request.ts'
import { type Delivered, deliver } from './deliver.ts'

/** The time for one try where the tool does not say it. */
const DEFAULT_TIMEOUT_SECONDS = 20

export interface ApiRequestOptions {
  http: HttpClient
  makeRender: MakeRender
  /** Why an address may not be called, or null. */
  refusal: (url: string) => string | null
  now: () => number
  /** Waits between two tries, in milliseconds; ends early when the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What a tool's `backoffPlan` says; no plan is no second try. Delays in milliseconds. */
interface Backoff {
  tries: number
  delayMs: (retry: number) => number
  excluded: ReadonlySet<number>
}

export async function runApiRequest(
  { call, definition, variables = {} }: ToolRequest,
  options: ApiRequestOptions,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const request = await buildRequest({ ...definition }, call.arguments, { ...variables }, options.makeRender)
  const warnings = credentialWarnings(definition)
  const more = warnings.length === 0 ? {} : { warnings }
  const refusal = URL.canParse(request.url)
    ? options.refusal(request.url)
    : `${JSON.stringify(request.url)} is not the address of a server`
  if (refusal !== null) return { type: 'error', error: refusal, ...more }
  const limitSeconds =
    typeof definition.timeoutSeconds === 'number' ? definition.timeoutSeconds : DEFAULT_TIMEOUT_SECONDS
  const backoff = backoffOf(definition.backoffPlan)
  for (let tried = 1; ; tried++) {
    const outcome = await attempt(request, limitSeconds * 1000, options, signal)
    const status = 'status' in outcome ? outcome.status : null
    if (status !== null && status >= 200 && status < 300 && 'body' in outcome) {
      const body = outcome.body.toString('utf8')
      return { type: 'result', result: body, reply: { body, headers: outcome.headers }, ...more }
    }
    const isExcluded = status !== null && backoff.excluded.has(status)
    if (tried >= backoff.tries || isExcluded || signal.aborted)
      return { type: 'error', error: errorOf(request.url, outcome), ...more }
    await options.sleep(backoff.delayMs(tried), signal)
    signal.throwIfAborted()
  }
}

async function attempt(
  request: OutgoingRequest,
  timeoutMs: number,
  { http, now }: ApiRequestOptions,
  signal: AbortSignal,
): Promise<Delivered | { failure: string }> {
  try {
    return await deliver(http, {
      ...request,
      auth: {},
      timeoutMs,
      nowMs: now(),
      messageId: '',
      signal,
    })
  } catch (thrown) {
    signal.throwIfAborted()
    return { failure: messageOf(thrown) }
  }
}

function errorOf(address: string, outcome: Delivered | { failure: string }): string {
  if ('failure' in outcome) return outcome.failure
  const url = new URL(address)
  const said = outcome.body.toString('utf8').trim()
  return `${url.origin}${url.pathname} answered ${outcome.statusText}${said === '' ? '' : `: ${excerpt(said)}`}`
}

function backoffOf(plan: unknown): Backoff {
  if (!isObject(plan)) return { tries: 1, delayMs: () => 0, excluded: new Set() }
  const baseMs = number(plan.baseDelaySeconds, 0, 10, 1) * 1000
  const excluded = Array.isArray(plan.excludedStatusCodes) ? plan.excludedStatusCodes : []
  return {
    tries: 1 + number(plan.maxRetries, 0, 10, 0),
    delayMs: plan.type === 'exponential' ? retry => baseMs * 2 ** (retry - 1) : () => baseMs,
    excluded: new Set(excluded.map(Number)),
  }
}

function number(value: unknown, minimum: number, maximum: number, otherwise: number): number {
  return typeof value === 'number' ? Math.min(maximum, Math.max(minimum, value)) : otherwise
}

function credentialWarnings(definition: Readonly<Record<string, unknown>>): string[] {
  const given = ['credentialId', 'encryptedPaths'].filter(
    name => definition[name] !== undefined && `${definition[name]}` !== '',
  )
  return given.map(name => `${name} has no effect in a local call: credentials are stored with the account`)
}
