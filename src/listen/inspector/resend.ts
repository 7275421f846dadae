import type { Journal } from '../journal/journal.ts'
import { keepsPath, resend } from '../journal/resend.ts'
import { TargetPools } from '../relay/pools.ts'
import type { RelayedEvent, RelayOptions } from '../relay/types.ts'
import { routesFor } from '../routes.ts'
import { parseTarget, pathFor } from '../target.ts'
import type { KeptOutcome, Resend, ResendRequest } from './types.ts'
import { isSecretHeader } from './views.ts'

/** Tells the target that it may have seen this before: the id of the event that is sent again. */
const REPLAY_HEADER = 'X-Vapi-Replay'
/** Longer nobody waits at a page; the platform itself would have given up. */
const TIMEOUT_MS = 300_000

/**
 * Sends events again as the relay sends them: to the target that answers for their type, or to an address that is given
 * (one without a path takes the path that was asked for). The journal, where there is one, has what is sent before it
 * goes out, and then what came of it. Throws a usage error for an address that is none.
 */
export function createResend(
  options: Pick<RelayOptions, 'routes' | 'pathMode' | 'sessionId' | 'tls'>,
  signal: AbortSignal,
  journal: Pick<Journal, 'replay' | 'reply' | 'problem'> | null = null,
): Resend {
  const pools = new TargetPools(options.tls)
  signal.addEventListener('abort', () => void pools.close(), { once: true })
  return async ({ event, of, to, withSecrets }: ResendRequest): Promise<KeptOutcome> => {
    const target = to === null ? routesFor(options.routes, event.head.type ?? '')[0]?.target : parseTarget(to)
    const sent = withSecrets ? event : { ...event, rawHeaders: withoutSecrets(event.rawHeaders) }
    const mode = to !== null && target !== undefined && !keepsPath(target.url) ? 'fixed' : options.pathMode
    journal?.replay(sent, target === undefined ? [] : [target.url.href], { of, pathMode: mode })
    if (target === undefined) {
      const problem = noRoute(event.id)
      journal?.problem(problem)
      return { problem }
    }
    const outcome = await resend(pools, {
      event: sent,
      target: target.url,
      path: pathFor(target, event.requested, mode),
      answers: true,
      headers: [REPLAY_HEADER, of],
      sessionId: options.sessionId,
      nowMs: Date.now(),
      timeoutMs: TIMEOUT_MS,
      signal,
    })
    if (outcome.type === 'reply') {
      journal?.reply(outcome.reply)
      return { reply: outcome.reply }
    }
    journal?.problem(outcome.problem)
    return { problem: outcome.problem }
  }
}

function noRoute(id: string) {
  const message = 'no route takes an event of this type'
  return { type: 'target', id, url: '', answers: true, code: 'no-route', message, durationMs: 0 } as const
}

function withoutSecrets(rawHeaders: RelayedEvent['rawHeaders']): string[] {
  return rawHeaders.filter((_, place) => !isSecretHeader(rawHeaders[place - (place % 2)] ?? ''))
}
