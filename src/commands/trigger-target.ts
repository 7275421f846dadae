import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { usageError, VapiError } from '../errors.ts'
import { DEFAULT_PORT, findRunningListener } from '../listen/running.ts'
import { parseTarget } from '../listen/target.ts'
import type { ServerAuth } from '../messages/sign.ts'
import { authOptions, readAuth } from './webhook-auth.ts'

/** Where made-up messages go, and how they prove who sent them. */
export const targetOptions = {
  to: {
    type: 'string',
    short: 't',
    placeholder: 'TARGET',
    summary:
      'a port, host:port, with a path, or a URL (default: the listener that runs in this folder, else port 4242)',
  },
  secret: authOptions.secret,
  bearer: authOptions.bearer,
  hmac: authOptions.hmac,
  'hmac-plan': authOptions['hmac-plan'],
} as const satisfies Record<string, OptionDefinition>

export interface TriggerTarget {
  url: string
  auth: ServerAuth
  /** Nobody said where to: it is the listener that should be there. */
  isListener: boolean
}

/** Reads these options. Throws a usage error. */
export async function readTriggerTarget(
  options: {
    to: string | undefined
    secret: string | undefined
    bearer: string | undefined
    hmac: string | undefined
    'hmac-plan': string | undefined
  },
  context: Context,
): Promise<TriggerTarget> {
  const { to, secret, bearer } = options
  const choices = { secret, bearer, hmacSecret: options.hmac, hmacPlan: options['hmac-plan'] }
  if ([secret, bearer, choices.hmacSecret].includes(''))
    throw usageError('an empty secret proves nothing', '@FILE reads one from a file')
  const auth = await readAuth({ ...choices, noAuth: false }, {}, context)
  if (to !== undefined) return { url: parseTarget(to).url.href, auth, isListener: false }
  const running = await findRunningListener(context.workingDirectory)
  return { url: running ?? `http://127.0.0.1:${DEFAULT_PORT}`, auth, isListener: true }
}

/** What to start where nothing answers at an address that nobody gave. */
export function explainNoListener(thrown: unknown, { url, isListener }: TriggerTarget): unknown {
  if (!isListener || !(thrown instanceof VapiError) || thrown.code !== 'connection-refused') return thrown
  return new VapiError({
    code: 'no-listener',
    message: `no listener runs at ${url}`,
    retryable: true,
    hint: 'start one with vapi listen --forward-to localhost:3000/webhook, or send it to your server: --to localhost:3000/webhook',
    cause: thrown,
  })
}
