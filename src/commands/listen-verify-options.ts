import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { requireVerifiable } from '../listen/verify.ts'
import type { ServerAuth } from '../messages/sign.ts'
import { readAuth } from './webhook-auth.ts'

/** What a sender must prove. */
export const expectationOptions = {
  secret: {
    type: 'string',
    placeholder: 'TEXT',
    summary: 'X-Vapi-Secret must be this; @FILE reads it from a file',
  },
  bearer: {
    type: 'string',
    placeholder: 'TOKEN',
    summary: 'token that must come as Authorization: Bearer; @FILE reads it from a file',
  },
  hmac: {
    type: 'string',
    also: 'hmac-secret',
    placeholder: 'KEY',
    summary: 'key of an HMAC credential: the signature must fit; @FILE reads it from a file',
  },
  'hmac-plan': {
    type: 'string',
    placeholder: 'FILE',
    summary: 'how it is signed (algorithm, signatureHeader, payloadFormat …), JSON or YAML',
  },
  'signed-url': {
    type: 'string',
    placeholder: 'URL',
    summary: 'address that the sender signs, for {url} in payloadFormat (default: by the headers)',
  },
  tolerance: {
    type: 'number',
    placeholder: 'SECONDS',
    minimum: 0,
    summary: 'how old a signed timestamp may be (default 300; 0: any age)',
  },
} as const satisfies Record<string, OptionDefinition>

export interface Expectations {
  auth: ServerAuth
  /** For `verifyRequest`. */
  options: { toleranceMs?: number; url?: string }
}

/** Reads these options; null where nothing is expected. Throws a usage error. */
export async function readExpectations(
  options: {
    secret: string | undefined
    bearer: string | undefined
    hmac: string | undefined
    'hmac-plan': string | undefined
    'signed-url': string | undefined
    tolerance: number | undefined
  },
  context: Context,
): Promise<Expectations | null> {
  const { secret, bearer } = options
  const tolerance = options.tolerance
  const choices = { secret, bearer, hmacSecret: options.hmac, hmacPlan: options['hmac-plan'] }
  const auth = await readAuth({ ...choices, noAuth: false }, {}, context)
  const signing =
    options['signed-url'] !== undefined ? '--signed-url' : tolerance !== undefined ? '--tolerance' : null
  if (signing !== null && auth.hmac === undefined)
    throw usageError(`${signing} is of signatures: they need the key`, 'add --hmac KEY')
  if (Object.keys(auth).length === 0) return null
  requireVerifiable(auth)
  const url = options['signed-url']
  return {
    auth,
    options: {
      ...(tolerance !== undefined && {
        toleranceMs: tolerance === 0 ? Number.POSITIVE_INFINITY : tolerance * 1000,
      }),
      ...(url !== undefined && { url }),
    },
  }
}
