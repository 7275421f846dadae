import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { Pool } from 'undici'

/** Nobody waits longer for a connection, in milliseconds. */
const CONNECT_LIMIT_MS = 10_000

/** Connections to targets, kept open between events. */
export class TargetPools {
  private readonly tls: { skipVerify: boolean; ca: string | null }
  private readonly pools = new Map<string, Pool>()
  private readonly plain: Agent
  private readonly secure: SecureAgent
  private underWay = 0
  private idle: () => void = () => {}

  /** `ca`: certificates in PEM that are trusted in place of the system’s, or null. */
  constructor(tls: { skipVerify: boolean; ca: string | null }) {
    this.tls = tls
    // The one used last is the one that is least likely to be closed by now.
    const kept = { keepAlive: true, scheduling: 'lifo' } as const
    this.plain = new Agent(kept)
    this.secure = new SecureAgent({ ...kept, ...this.trust() })
  }

  /** For requests whose body is there. */
  whole({ origin }: URL): Pool {
    const known = this.pools.get(origin)
    if (known !== undefined) return known
    const pool = new Pool(origin, {
      connections: null,
      pipelining: 1,
      // A reply may take as long as the sender waits for it, and a stream may be silent.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_LIMIT_MS, ...this.trust() },
    })
    this.pools.set(origin, pool)
    return pool
  }

  /** For requests whose body is still coming. */
  streamed(url: URL): Agent | SecureAgent {
    return url.protocol === 'https:' ? this.secure : this.plain
  }

  /** A forward begins, or with -1 is over. */
  count(change: 1 | -1): void {
    this.underWay += change
    if (this.underWay === 0) this.idle()
  }

  /** Lets what is under way finish, at most for so long, and closes all connections. */
  async drain(limitMs: number): Promise<void> {
    if (this.underWay > 0)
      await new Promise<void>(resolve => {
        const limit = setTimeout(resolve, limitMs)
        this.idle = () => {
          clearTimeout(limit)
          resolve()
        }
      })
    await this.close()
  }

  async close(): Promise<void> {
    this.plain.destroy()
    this.secure.destroy()
    await Promise.all([...this.pools.values()].map(pool => pool.destroy()))
  }

  private trust() {
    const { skipVerify, ca } = this.tls
    return { rejectUnauthorized: !skipVerify, ...(ca !== null && { ca }) }
  }
}
