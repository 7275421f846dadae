import { asVapiError, VapiError } from '../../errors.ts'
import { identityOf, isRunning } from './process-identity.ts'
import { isSameOwner, type RestoreEntry, RestoreRecord, type ServerOwner } from './restore-record.ts'
import { nameOwner, type ServerOutcome, type ServerResource, settle, shownUrl } from './settle.ts'

export interface PointOptions {
  /** `.vapi/listen` of the working directory. */
  folder: string
  /** Public address of the listener. */
  url: string
  resources: readonly ServerResource[]
  /** Looked at between the resources: what was changed by then is set back. A change under way is finished. */
  signal?: AbortSignal
  /** Epoch milliseconds; the clock's unless given. */
  now?: () => number
}

/** Servers of the platform that lead to this listener. */
export interface PointedServers {
  /** After the tunnel's address has changed. Whose server somebody else has changed is let alone from then on, and told. */
  update(url: string): Promise<ServerOutcome[]>
  /** Sets them back, each as far as it can be; never throws. Later calls do nothing. */
  restore(): Promise<ServerOutcome[]>
}

/**
 * Points the servers of resources to an address and keeps all else of them. Before each change it is written down what
 * was there, so that a crash at any moment leaves enough to set it back (`repairServers`). Where one cannot be pointed, the
 * ones before are set back and the error is thrown: of the API, `restore-taken` where another listener of this folder has it,
 * `restore-not-written`, the signal's reason.
 */
export async function pointServers(options: PointOptions): Promise<PointedServers> {
  const servers = new Servers(options)
  await servers.pointAll(options)
  return servers
}

class Servers implements PointedServers {
  private readonly record: RestoreRecord
  private readonly now: () => number
  private pointed: { resource: ServerResource; entry: RestoreEntry }[] = []
  private queue: Promise<unknown> = Promise.resolve()

  constructor({ folder, now = Date.now }: PointOptions) {
    this.record = new RestoreRecord(folder)
    this.now = now
  }

  async pointAll({ resources, url, signal }: PointOptions): Promise<void> {
    try {
      for (const resource of resources) {
        signal?.throwIfAborted()
        if (!this.pointed.some(({ entry }) => isSameOwner(entry, resource))) await this.point(resource, url)
      }
      signal?.throwIfAborted()
    } catch (error) {
      const left = (await this.restore()).filter(({ state }) => state === 'failed')
      if (left.length === 0) throw error
      const { code, message, exit, status } = asVapiError(error)
      throw new VapiError({
        code,
        message: `${message}; and ${left.map(outcome => outcome.message).join('; ')}`,
        exit,
        ...(status !== undefined && { status }),
        hint: 'vapi listen repair',
        cause: error,
      })
    }
  }

  update(url: string): Promise<ServerOutcome[]> {
    return this.serially(async () => {
      const outcomes: ServerOutcome[] = []
      for (const { resource, entry } of [...this.pointed]) {
        try {
          const server = await resource.read()
          const present = typeof server?.url === 'string' ? server.url : null
          if (present === null || !entry.ours.includes(present)) {
            await this.forget(entry)
            outcomes.push(changed(entry, present))
            continue
          }
          entry.ours = [...entry.ours.filter(each => each !== url), url]
          await this.save(entry)
          if (present !== url) await resource.write({ ...server, url })
        } catch (error) {
          const { message } = asVapiError(error)
          outcomes.push({
            owner: entry,
            state: 'failed',
            message: `${nameOwner(entry)} could not be pointed to ${url}: ${message}`,
            hint: 'its messages go to the old address until it is set',
          })
        }
      }
      return outcomes
    })
  }

  restore(): Promise<ServerOutcome[]> {
    return this.serially(async () => {
      const outcomes: ServerOutcome[] = []
      for (const { resource, entry } of [...this.pointed].reverse()) {
        const outcome = await settle(entry, resource, { isSure: true })
        if (outcome.state !== 'failed') await this.forget(entry).catch(() => {})
        outcomes.push(outcome)
      }
      this.pointed = []
      return outcomes
    })
  }

  private async point(resource: ServerResource, url: string): Promise<void> {
    const server = await resource.read()
    const present = typeof server?.url === 'string' ? server.url : null
    const entry: RestoreEntry = {
      kind: resource.kind,
      id: resource.id,
      name: resource.name,
      baseUrl: resource.baseUrl,
      account: resource.account,
      before: { hadServer: server !== null, url: present },
      ours: [url],
      at: new Date(this.now()).toISOString(),
      by: identityOf(process.pid),
    }
    let isNeeded = true
    await this.record.change(entries => {
      const other = entries.find(each => isSameOwner(each, entry))
      // It is there already, and nobody is to take it away at the end.
      isNeeded = other !== undefined || present !== url
      if (!isNeeded) return entries
      if (other !== undefined && isRunning(other.by) !== false) throw taken(other)
      // One that a killed listener left: what was there before it counts, if nobody has touched it since.
      if (other !== undefined && present !== null && other.ours.includes(present)) entry.before = other.before
      return [...entries.filter(each => each !== other), entry]
    })
    if (!isNeeded) return
    this.pointed.push({ resource, entry })
    if (present !== url) await resource.write({ ...server, url })
  }

  /** What is called while something is under way waits for it. */
  private serially<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.queue.then(work)
    this.queue = result.catch(() => {})
    return result
  }

  private async save(entry: RestoreEntry): Promise<void> {
    await this.record.change(entries => [...entries.filter(each => !isSameOwner(each, entry)), entry])
  }

  private async forget(entry: RestoreEntry): Promise<void> {
    this.pointed = this.pointed.filter(pointed => pointed.entry !== entry)
    await this.record.change(entries => entries.filter(each => !isSameOwner(each, entry)))
  }
}

function changed(entry: ServerOwner, url: string | null): ServerOutcome {
  return {
    owner: entry,
    state: 'changed',
    message: `somebody has changed the server of ${nameOwner(entry)}${url === null ? '' : ` to ${shownUrl(url)}`}: it is let alone`,
    hint: null,
  }
}

function taken(other: RestoreEntry): VapiError {
  return new VapiError({
    code: 'restore-taken',
    message: `another vapi listen of this folder has the server of ${nameOwner(other)} (process ${other.by.pid})`,
    hint: 'end that one first; if it does not run any more: vapi listen repair --force',
  })
}
