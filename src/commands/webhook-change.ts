import { isRow } from '../api/paging-reply.ts'
import type { JsonObject } from '../api/types.ts'
import {
  isAnswered,
  paths,
  type ServerChanges,
  serverPatch,
  type Webhook,
  webhooksOf,
} from '../api/webhooks.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { closest } from '../closest.ts'
import { usageError, VapiError } from '../errors.ts'
import { selectableServerMessages } from '../messages/events.ts'
import { readSecret } from './webhook-auth.ts'
import { describeOwner, type Owner } from './webhook-owners.ts'

/** What can be said about a server, when it is set and when it is changed. */
export const serverOptions = {
  'timeout-seconds': {
    type: 'number',
    placeholder: 'SECONDS',
    summary: 'how long the platform waits for a reply, 1 to 300 (20 unless set)',
  },
  header: { type: 'list', placeholder: 'NAME:VALUE', summary: 'static header of every request' },
  credential: { type: 'string', placeholder: 'ID', summary: 'credential that authenticates the requests' },
  secret: {
    type: 'string',
    placeholder: 'TEXT',
    summary: 'sent as header X-Vapi-Secret; @FILE reads it from a file',
  },
  retries: {
    type: 'number',
    placeholder: 'N',
    summary: 'how often a failed request is sent again, 0 to 10 (never unless set)',
  },
  messages: {
    type: 'string',
    placeholder: 'TYPES',
    summary: 'messages that the assistant sends, separated by commas (vapi webhook events)',
  },
} as const satisfies Record<string, OptionDefinition>

export interface ServerChoices {
  timeoutSeconds: number | undefined
  header: readonly string[]
  credential: string | undefined
  secret: string | undefined
  retries: number | undefined
}

/** Reads and checks the options. Throws a usage error. */
export async function readChanges(choices: ServerChoices, context: Context): Promise<ServerChanges> {
  const { timeoutSeconds, credential, retries } = choices
  if (timeoutSeconds !== undefined && !(timeoutSeconds >= 1 && timeoutSeconds <= 300))
    throw usageError(`--timeout-seconds ${timeoutSeconds} is not from 1 to 300`)
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= 10))
    throw usageError(`--retries ${retries} is not from 0 to 10`)
  const secret = await readSecret(choices.secret, context)
  const headers = {
    ...Object.fromEntries(choices.header.map(readHeader)),
    ...(secret !== undefined && { 'X-Vapi-Secret': secret }),
  }
  return {
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(credential !== undefined && { credentialId: credential }),
    ...(retries !== undefined && { retries }),
  }
}

function readHeader(text: string): [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*[:=]\s*(.*)$/s.exec(text)
  if (match === null || /[\r\n]/.test(text))
    throw usageError('--header is not of the form NAME:VALUE', 'for example --header "X-Team: voice"')
  return [match[1] ?? '', (match[2] ?? '').trim()]
}

/** `--messages` as a list. Only assistants choose their messages. */
export function readMessages(text: string | undefined, { kind }: Pick<Owner, 'kind'>): string[] | null {
  if (text === undefined) return null
  if (kind !== 'assistant')
    throw usageError(
      `--messages is for assistants: a ${kind === 'phone' ? 'phone number' : kind} has no such choice`,
    )
  const types = text
    .split(',')
    .map(type => type.trim())
    .filter(type => type !== '')
  for (const type of types) {
    if (selectableServerMessages.includes(type)) continue
    const near = closest(type, selectableServerMessages)
    throw usageError(
      `serverMessages cannot hold ${type}`,
      near === null ? 'vapi webhook events' : `did you mean ${near}?`,
    )
  }
  return types
}

/** Stores the server (null: none) and gives it back as it is then; null where there is none. */
export async function storeServer(
  owner: Owner,
  server: JsonObject | null,
  more: JsonObject,
  context: Context,
): Promise<Webhook | null> {
  const { kind, object } = owner
  const api = await context.api()
  const reply = await api.request({
    method: 'PATCH',
    path: `${paths[kind]}/${encodeURIComponent(String(object.id))}`,
    body: { ...serverPatch(kind, object, server), ...more },
  })
  const stored = isRow(reply) ? reply : { ...object, server }
  return webhooksOf(kind, stored).find(({ inline }) => inline !== true) ?? null
}

/** Prints what was stored, and what one may not expect of it. */
export async function showStored(owner: Owner, webhook: Webhook | null, context: Context): Promise<void> {
  const { output } = context
  if (webhook === null)
    throw new VapiError({
      code: 'not-stored',
      message: `the API took the change, but ${describeOwner(owner)} still has no server`,
    })
  await output.done(webhook, `${describeOwner(owner)} sends its messages to ${webhook.url}`)
  if (isLocal(webhook.url))
    output.warning(
      `the platform cannot reach ${webhook.url}: it is an address of this machine or network alone`,
    )
  if (owner.kind === 'phone' && isAnswered(owner.object))
    output.note(
      `an assistant or squad takes the calls of this number, so it sends no assistant-request; vapi phone update ${String(owner.object.id)} --server-url URL sets the server and takes them away`,
    )
}

function isLocal(address: string): boolean {
  const host = URL.canParse(address) ? new URL(address).hostname : ''
  return /^(localhost|127\.|0\.0\.0\.0$|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\])|\.local$/.test(
    host,
  )
}
