import { Pool } from 'undici'

/** Connections to targets, kept open between events. */
export class TargetPools {
  private readonly pools = new Map<string, Pool>()
  private readonly tls: { skipVerify: boolean; ca: string | null }

  /** `ca`: certificates in PEM that are trusted in place of the system’s, or null. */
  constructor(tls: { skipVerify: boolean; ca: string | null }) {
    this.tls = tls
  }

  for({ origin }: URL): Pool {
    const known = this.pools.get(origin)
    if (known !== undefined) return known
    const { skipVerify, ca } = this.tls
    const pool = new Pool(origin, {
      connections: null,
      pipelining: 1,
      // A reply may take as long as the sender waits for it, and a stream may be silent.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 10_000, rejectUnauthorized: !skipVerify, ...(ca !== null && { ca }) },
    })
    this.pools.set(origin, pool)
    return pool
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map(pool => pool.destroy()))
  }
}
