import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { usageError, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { DEFAULT_PORT, findRunningListener } from '../listen/running.ts'
import { assumedAddress, parseTarget } from '../listen/target.ts'
import type { Delivered } from '../messages/deliver.ts'
import type { ServerAuth } from '../messages/sign.ts'
import type { ServerTrust } from '../net/http.ts'
import { readCertificate, tlsOptions } from './listen-tls.ts'
import { authOptions, readAuth } from './webhook-auth.ts'

/** Where made-up messages go, and how they prove who sent them. */
export const targetOptions = {
  to: {
    type: 'string',
    short: 't',
    placeholder: 'TARGET',
    summary:
      'a port, a path (of localhost:3000), host:port, with a path, or a URL (default: the listener that runs in this folder, else port 4242)',
  },
  secret: authOptions.secret,
  bearer: authOptions.bearer,
  hmac: authOptions.hmac,
  'hmac-plan': authOptions['hmac-plan'],
  ...tlsOptions,
} as const satisfies Record<string, OptionDefinition>

export interface TriggerTarget {
  url: string
  auth: ServerAuth
  trust: ServerTrust
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
    'skip-verify': boolean
    ca: string | undefined
  },
  context: Context,
): Promise<TriggerTarget> {
  const { to, secret, bearer, ca } = options
  const choices = { secret, bearer, hmacSecret: options.hmac, hmacPlan: options['hmac-plan'] }
  if ([secret, bearer, choices.hmacSecret].includes(''))
    throw usageError('an empty secret proves nothing', '@FILE reads one from a file')
  const auth = await readAuth({ ...choices, noAuth: false }, {}, context)
  const trust = { ca: await readCertificate(ca, context), skipVerify: options['skip-verify'] }
  if (to === undefined) {
    const running = await findRunningListener(context.workingDirectory)
    return { url: running ?? `http://127.0.0.1:${DEFAULT_PORT}`, auth, trust, isListener: true }
  }
  const target = parseTarget(to)
  const assumed = assumedAddress(target)
  if (assumed !== null) context.output.note(assumed)
  return { url: target.url.href, auth, trust, isListener: false }
}

/** Why a listener passed a message on to nobody, in its words; null where it, or a server, took it. */
export function leftOutReason({ status, body }: Pick<Delivered, 'status' | 'body'>): string | null {
  if (status !== 200 || body.length > 1000) return null
  try {
    const reply: unknown = JSON.parse(body.toString('utf8'))
    if (!isObject(reply) || Object.keys(reply).length !== 1) return null
    return typeof reply.ignored === 'string' ? reply.ignored : null
  } catch {
    return null
  }
}

/** An id that was given for the call, or undefined. Throws a usage error for an empty one. */
export function readCallId(callId: string | undefined): string | undefined {
  if (callId !== '') return callId
  throw usageError('--call-id is empty', 'leave it out for a new one')
}

/** What to start where nothing answers at an address that nobody gave, and how a certificate is trusted. */
export function explainUnreached(thrown: unknown, { url, isListener }: TriggerTarget): unknown {
  if (!(thrown instanceof VapiError)) return thrown
  if (thrown.code === 'tls-failed' && thrown.message.includes('not trusted'))
    return new VapiError({
      code: thrown.code,
      message: thrown.message,
      hint: 'give its certificate with --ca FILE, or trust any with --skip-verify',
      cause: thrown,
    })
  if (!isListener || thrown.code !== 'connection-refused') return thrown
  return new VapiError({
    code: 'no-listener',
    message: `no listener runs at ${url}`,
    retryable: true,
    hint: 'start one with vapi listen --forward-to localhost:3000/webhook, or send it to your server: --to localhost:3000/webhook',
    cause: thrown,
  })
}
