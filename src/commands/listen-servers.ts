/** The servers of assistants and phone numbers, as `vapi listen --set-server` reads and writes them. */
import { createApi } from '../api/client.ts'
import { findOne } from '../api/lookup.ts'
import type { Api, JsonObject } from '../api/types.ts'
import { changedServer, nameOf, paths, serverOf, serverPatch } from '../api/webhooks.ts'
import type { Context } from '../cli/context.ts'
import { requireKey } from '../cli/create-context.ts'
import { usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { ServerOwner } from '../listen/tunnel/restore-record.ts'
import type { Server, ServerResource } from '../listen/tunnel/settle.ts'

type Kind = ServerOwner['kind']

/** What `--set-server assistant:NAME|phone:NAME` names, each once. Throws usage errors, `not-logged-in` and `not-found`. */
export async function findServerResources(
  references: readonly string[],
  context: Context,
): Promise<ServerResource[]> {
  const wanted = references.map(parseReference)
  await requireKey(context)
  const { api, owner } = await openApi(context)
  const found = new Map<string, ServerResource>()
  for (const { kind, name } of wanted) {
    const object = await findOne(api, kind, name)
    const resource = resourceOf(api, { ...owner, kind, id: String(object.id), name: nameOf(object) })
    found.set(`${kind}/${resource.id}`, resource)
  }
  return [...found.values()]
}

/** For `repairServers`: the owner of a server by its id, with the account in use; null where it is of another one. */
export async function openServer(
  wanted: ServerOwner,
  context: Context,
): Promise<Pick<ServerResource, 'read' | 'write'> | null> {
  await requireKey(context)
  const { api, owner } = await openApi(context)
  if (owner.baseUrl !== wanted.baseUrl) return null
  // A key without an account may be of any.
  if (owner.account !== null && wanted.account !== null && owner.account !== wanted.account) return null
  return resourceOf(api, wanted)
}

function parseReference(text: string): { kind: Kind; name: string } {
  const match = /^(assistant|phone|phone-number)[:/](.+)$/s.exec(text)
  if (match === null)
    throw usageError(
      `--set-server ${text} is not of the form assistant:NAME or phone:NAME`,
      'for example --set-server assistant:Reception or --set-server phone:+15551234567',
    )
  return { kind: match[1] === 'assistant' ? 'assistant' : 'phone', name: match[2] ?? '' }
}

/** An API of its own: that of the context ends with Ctrl-C, which is when servers are set back. */
async function openApi(
  context: Context,
): Promise<{ api: Api; owner: Pick<ServerOwner, 'baseUrl' | 'account'> }> {
  const [connection, key, http] = await Promise.all([context.connection(), context.key(), context.http()])
  const { baseUrl, account, timeoutMs, keySource } = connection
  const api = createApi({ http, baseUrl, key: key ?? '', timeoutMs })
  // With a key from elsewhere the active account says nothing about whose it is.
  return { api, owner: { baseUrl, account: keySource?.from === 'account' ? (account?.name ?? null) : null } }
}

function resourceOf(api: Api, owner: ServerOwner): ServerResource {
  const path = `${paths[owner.kind]}/${encodeURIComponent(owner.id)}`
  // A PATCH says of what sort a phone number is.
  let object: JsonObject = {}
  return {
    ...owner,
    async read() {
      const reply = await api.request({ method: 'GET', path })
      object = isObject(reply) ? (reply as JsonObject) : {}
      return serverOf(object) ?? (isObject(object.server) ? object.server : null)
    },
    async write(server: Server | null) {
      const wanted = server === null ? null : changedServer(server as JsonObject, {})
      await api.request({ method: 'PATCH', path, body: serverPatch(owner.kind, object, wanted) })
    },
  }
}
