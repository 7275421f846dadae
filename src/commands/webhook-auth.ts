import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { asVapiError, Exit, systemCodeOf, usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { type HmacPlan, hmacAlgorithms, type ServerAuth } from '../messages/sign.ts'
import { loadObject } from './call-options.ts'

/** How a test request proves who it is. The API never gives the secret of a credential, so it has to be said. */
export const authOptions = {
  secret: {
    type: 'string',
    placeholder: 'TEXT',
    summary: 'sent as X-Vapi-Secret; @FILE reads it from a file',
  },
  bearer: {
    type: 'string',
    placeholder: 'TOKEN',
    summary: 'token of a bearer or OAuth2 credential; @FILE reads it from a file',
  },
  hmac: {
    type: 'string',
    also: 'hmac-secret',
    placeholder: 'KEY',
    summary: 'key of an HMAC credential: the request is signed; @FILE reads it from a file',
  },
  'hmac-plan': {
    type: 'string',
    placeholder: 'FILE',
    summary: 'how it is signed (algorithm, signatureHeader, payloadFormat …), JSON or YAML',
  },
  'no-auth': { type: 'boolean', summary: 'send it without the credential of the server' },
} as const satisfies Record<string, OptionDefinition>

export interface AuthChoices {
  secret: string | undefined
  bearer: string | undefined
  hmacSecret: string | undefined
  hmacPlan: string | undefined
  noAuth: boolean
}

/**
 * The authentication of requests to `server`. What its credential says beside its secret (headers, algorithm …) is
 * read from the API where there is a login. Throws a usage error where the secret is needed and was not given.
 */
export async function readAuth(
  choices: AuthChoices,
  server: JsonObject,
  context: Context,
): Promise<ServerAuth> {
  const [ownSecret, token, key] = await Promise.all(
    [choices.secret, choices.bearer, choices.hmacSecret].map(text => readSecret(text, context)),
  )
  if (choices.noAuth && [ownSecret, token, key].some(value => value !== undefined))
    throw usageError('--no-auth and a secret exclude each other')
  if (choices.hmacPlan !== undefined && key === undefined)
    throw usageError('--hmac-plan needs the key', 'add --hmac KEY')
  const legacy = typeof server.secret === 'string' && server.secret !== '' ? server.secret : undefined
  const secret = ownSecret ?? legacy
  if (choices.noAuth) return {}
  const plan = await readPlan(server, context)
  if (token === undefined && key === undefined && ownSecret === undefined) requireSecret(server, plan)
  const hmacPlan =
    choices.hmacPlan === undefined ? planOf(plan, 'hmac') : await readPlanFile(choices.hmacPlan, context)
  return {
    ...(secret !== undefined && { secret }),
    ...(token !== undefined && { bearer: { ...pick(planOf(plan, 'bearer'), bearerFields), token } }),
    ...(key !== undefined && { hmac: { ...pick(hmacPlan, hmacFields), secretKey: key } as HmacPlan }),
  }
}

/** A secret as given, or the content of the file behind @. */
export async function readSecret(text: string | undefined, context: Context): Promise<string | undefined> {
  if (text === undefined || !text.startsWith('@')) return text
  try {
    return (await readFile(resolve(context.workingDirectory, text.slice(1)), 'utf8')).trim()
  } catch (thrown) {
    throw usageError(`${text.slice(1)} cannot be read (${systemCodeOf(thrown) ?? 'unknown error'})`)
  }
}

const bearerFields = ['headerName', 'bearerPrefixEnabled'] as const
const hmacFields = [
  'algorithm',
  'signatureHeader',
  'timestampHeader',
  'signaturePrefix',
  'includeTimestamp',
  'payloadFormat',
  'messageIdHeader',
  'signatureEncoding',
  'secretIsBase64',
] as const

function pick(plan: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.flatMap(name => {
      const value = plan[name]
      return value === undefined || value === null ? [] : [[name, value]]
    }),
  )
}

function planOf(plan: JsonObject | null, type: string): JsonObject {
  return plan?.type === type ? plan : {}
}

async function readPlanFile(file: string, context: Context): Promise<JsonObject> {
  const document = (await loadObject(file, context)) as JsonObject
  const inner = document.authenticationPlan
  const plan = isObject(inner) ? (inner as JsonObject) : document
  if (plan.algorithm !== undefined && !hmacAlgorithms.some(name => name === plan.algorithm))
    throw usageError(`${file}: algorithm is none of ${hmacAlgorithms.join(', ')}`)
  return plan
}

/** The authentication plan of the server's credential; null where there is none, or it cannot be read. */
async function readPlan(server: JsonObject, context: Context): Promise<JsonObject | null> {
  const id = server.credentialId
  if (typeof id !== 'string' || (await context.key()) === null) return null
  try {
    const api = await context.api()
    const credential = await api.request({ method: 'GET', path: `/credential/${encodeURIComponent(id)}` })
    const plan = isObject(credential) ? credential.authenticationPlan : undefined
    return isObject(plan) ? (plan as JsonObject) : null
  } catch (thrown) {
    const error = asVapiError(thrown)
    if (error.exit === Exit.interrupted) throw error
    context.output.note(`the credential ${id} could not be read (${error.message}); the defaults are used`)
    return null
  }
}

/** A credential without its secret is no proof; an `Authorization` of the server's own goes before it. */
function requireSecret(server: JsonObject, plan: JsonObject | null): void {
  if (typeof server.credentialId !== 'string') return
  const headers = isObject(server.headers) ? Object.keys(server.headers) : []
  if (headers.some(name => name.toLowerCase() === 'authorization')) return
  const type = typeof plan?.type === 'string' ? plan.type : null
  const flag = {
    hmac: 'add --hmac KEY',
    bearer: 'add --bearer TOKEN',
    oauth2: 'add --bearer with an access token of its authorization server',
  }[type ?? '']
  throw usageError(
    `the server is protected by the credential ${server.credentialId}, whose secret the API does not give`,
    `${flag ?? 'add --bearer TOKEN, --hmac KEY or --secret TEXT'}, or --no-auth to send it without`,
  )
}
