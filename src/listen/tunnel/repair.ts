import { asVapiError } from '../../errors.ts'
import { isRunning } from './process-identity.ts'
import { isSameOwner, type RestoreEntry, RestoreRecord, type ServerOwner } from './restore-record.ts'
import { nameOwner, type ServerOutcome, type ServerResource, settle } from './settle.ts'

export interface RepairOptions {
  /** `.vapi/listen` of the working directory. */
  folder: string
  /** Gives the resource with the account in use; null where it belongs to another account or server. */
  open(owner: ServerOwner): Promise<Pick<ServerResource, 'read' | 'write'> | null>
  /**
   * Also what belongs to a listener of which nothing is known or that seems to run; and what is not found is forgotten.
   */
  force?: boolean
}

/** True where a listener left servers that are to be set back, and for a record that cannot be read. Cheap. */
export function needsRepair(folder: string): boolean {
  try {
    return new RestoreRecord(folder).read().some(({ by }) => isRunning(by) !== true)
  } catch {
    return true
  }
}

/**
 * Sets back the servers that listeners of this folder left pointed to their tunnels, because they were killed or the API was
 * down at their end. What somebody has changed since is let alone. Entries that cannot be settled stay. Throws
 * `restore-malformed`, `restore-newer` and `restore-not-written`.
 */
export async function repairServers({
  folder,
  open,
  force = false,
}: RepairOptions): Promise<ServerOutcome[]> {
  const record = new RestoreRecord(folder)
  const outcomes: ServerOutcome[] = []
  for (const entry of record.read()) {
    const outcome = await repair(entry, open, force)
    outcomes.push(outcome)
    if (outcome.state !== 'restored' && outcome.state !== 'changed' && outcome.state !== 'gone') continue
    await record.change(entries =>
      entries.filter(each => !(isSameOwner(each, entry) && each.at === entry.at)),
    )
  }
  return outcomes
}

async function repair(
  entry: RestoreEntry,
  open: RepairOptions['open'],
  force: boolean,
): Promise<ServerOutcome> {
  const name = nameOwner(entry)
  const running = isRunning(entry.by)
  if (running === true && !force)
    return {
      owner: entry,
      state: 'busy',
      message: `${name} leads to another vapi listen that runs (process ${entry.by.pid})`,
      hint: null,
    }
  if (running === null && !force)
    return {
      owner: entry,
      state: 'elsewhere',
      message: `${name} was pointed to a tunnel on another machine or in another container, at ${entry.at}`,
      hint: 'if that listener does not run any more: vapi listen repair --force',
    }
  const account = entry.account === null ? '' : ` --account ${entry.account}`
  try {
    const resource = await open(entry)
    if (resource === null)
      return {
        owner: entry,
        state: 'other-account',
        message: `${name} still has a tunnel’s address; it belongs to ${entry.account === null ? 'a key' : `account ${entry.account}`} of ${entry.baseUrl}`,
        hint: `vapi listen repair${account}${entry.account === null ? ` --base-url ${entry.baseUrl}` : ''}`,
      }
    return await settle(entry, resource, { isSure: force })
  } catch (thrown) {
    const { message, hint } = asVapiError(thrown)
    return {
      owner: entry,
      state: 'failed',
      message: `${name} may still have the address of a tunnel that is gone: ${message}`,
      hint: [hint, `then: vapi listen repair${account}`].filter(part => part !== undefined).join('; '),
    }
  }
}
