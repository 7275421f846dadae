import { Connection } from './connection.ts'

/**
 * A connection that lay idle for longer is not used again, in milliseconds, unless the target says how long it keeps it:
 * servers close theirs after five seconds and more.
 */
const IDLE_MS = 4000
/** So much before the time that the target says. */
const EARLIER_MS = 1000

/** Connections to targets, kept open between events. */
export class TargetPools {
  private readonly tls: { rejectUnauthorized: boolean; ca?: string }
  /** By address; the one used last is at the end. */
  private readonly idle = new Map<string, Connection[]>()
  private readonly origins = new WeakMap<URL, string>()
  private readonly all = new Set<Connection>()
  private underWay = 0
  private whenIdle: () => void = () => {}

  /** `ca`: certificates in PEM that are trusted in place of the system’s, or null. */
  constructor({ skipVerify, ca }: { skipVerify: boolean; ca: string | null }) {
    this.tls = { rejectUnauthorized: !skipVerify, ...(ca !== null && { ca }) }
  }

  /** A connection that nobody uses. `isFresh`: none that was kept. */
  take(url: URL, isFresh = false): Connection {
    const origin = this.originOf(url)
    const kept = this.idle.get(origin) ?? []
    const now = performance.now()
    // The one used last is the one that is least likely to be closed by now.
    for (let found = kept.pop(); found !== undefined; found = kept.pop()) {
      const limitMs = found.keptMs === null ? IDLE_MS : found.keptMs - EARLIER_MS
      if (!isFresh && now - found.idleSinceMs < limitMs) return found
      found.destroy()
    }
    const connection = new Connection(url, this.tls, closed => this.forget(origin, closed))
    this.all.add(connection)
    return connection
  }

  /** The request on it is through. */
  giveBack(url: URL, connection: Connection): void {
    const origin = this.originOf(url)
    if (!connection.release()) {
      connection.destroy()
      return
    }
    const kept = this.idle.get(origin)
    if (kept === undefined) this.idle.set(origin, [connection])
    else kept.push(connection)
  }

  /** A forward begins, or with -1 is over. */
  count(change: 1 | -1): void {
    this.underWay += change
    if (this.underWay === 0) this.whenIdle()
  }

  /** Lets what is under way finish, at most for so long, and closes all connections. */
  async drain(limitMs: number): Promise<void> {
    if (this.underWay > 0)
      await new Promise<void>(resolve => {
        const limit = setTimeout(resolve, limitMs)
        this.whenIdle = () => {
          clearTimeout(limit)
          resolve()
        }
      })
    this.close()
  }

  close(): void {
    for (const connection of [...this.all]) connection.cut()
    this.idle.clear()
  }

  /** It is put together each time that a URL is asked. */
  private originOf(url: URL): string {
    const known = this.origins.get(url)
    if (known !== undefined) return known
    this.origins.set(url, url.origin)
    return url.origin
  }

  private forget(origin: string, connection: Connection): void {
    this.all.delete(connection)
    const kept = this.idle.get(origin)
    const place = kept?.indexOf(connection) ?? -1
    if (place !== -1) kept?.splice(place, 1)
  }
}
