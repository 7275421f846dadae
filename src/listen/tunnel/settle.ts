import { asVapiError, Exit } from '../../errors.ts'
import { maskUrl } from '../../net/trace.ts'
import type { RestoreEntry, ServerOwner } from './restore-record.ts'

/** A server as the API has it: everything in it is kept but the address. */
export type Server = Readonly<Record<string, unknown>>

/** Somebody whose server can be set. */
export interface ServerResource extends ServerOwner {
  /** As it is now; null where there is none. Throws VapiErrors; a missing resource has exit code 5. */
  read(): Promise<Server | null>
  /** Null takes it away. */
  write(server: Server | null): Promise<void>
}

export interface ServerOutcome {
  owner: ServerOwner
  /**
   * `restored`: as it was before. `changed`: somebody else has set it since; let alone. `gone`: there is no such resource any
   * more. `busy`: its listener runs still. `elsewhere`: its listener ran on another machine or in another container.
   * `other-account`: not of the account in use. `failed`: it still leads to the tunnel, as far as is known, and stays written down.
   */
  state: 'restored' | 'changed' | 'gone' | 'busy' | 'elsewhere' | 'other-account' | 'failed'
  /** A sentence for people. */
  message: string
  /** What to type next. */
  hint: string | null
}

export function nameOwner({ kind, name, id }: ServerOwner): string {
  return `${kind === 'phone' ? 'phone number' : kind} ${name || id}`
}

/** An address without user and password. */
export function shownUrl(url: string): string {
  const masked = URL.canParse(url) ? maskUrl(url) : url
  return masked === `${url}/` ? url : masked
}

/**
 * Sets one server back if it still has an address of ours. Never throws. `isSure`: the account is surely the one that the
 * server was set with, so that a missing resource is gone.
 */
export async function settle(
  entry: RestoreEntry,
  resource: Pick<ServerResource, 'read' | 'write'>,
  { isSure }: { isSure: boolean },
): Promise<ServerOutcome> {
  const { before } = entry
  const owner: ServerOwner = entry
  const name = nameOwner(entry)
  const place = before.url === null ? 'no server' : shownUrl(before.url)
  const restored = { owner, state: 'restored', message: `${name} has ${place} again`, hint: null } as const
  try {
    const server = await resource.read()
    const url = typeof server?.url === 'string' ? server.url : null
    if (url === before.url) return restored
    if (url === null || !entry.ours.includes(url)) {
      const now = url === null ? 'has no server any more' : `was set to ${shownUrl(url)} meanwhile`
      const message = `${name} ${now}: let alone (it was ${place} before)`
      return { owner, state: 'changed', message, hint: null }
    }
    await resource.write(before.hadServer ? withAddress(server, before.url) : null)
    return restored
  } catch (thrown) {
    const error = asVapiError(thrown)
    const isMissing = error.exit === Exit.notFound
    if (isSure && isMissing)
      return { owner, state: 'gone', message: `${name} does not exist any more`, hint: null }
    const last = entry.ours.at(-1) ?? ''
    return {
      owner,
      state: 'failed',
      message: `${name} may still have the tunnel’s address ${last} (it was ${place} before): ${error.message}`,
      hint: `vapi listen repair${entry.account === null ? '' : ` --account ${entry.account}`}${isMissing ? '; if it was deleted: vapi listen repair --force' : ''}`,
    }
  }
}

function withAddress(server: Server | null, url: string | null): Server {
  const { url: _, ...rest } = server ?? {}
  return url === null ? rest : { ...rest, url }
}
