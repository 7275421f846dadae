import type { ReadOne } from '../auth/check-key.ts'
import type { Context } from '../cli/context.ts'

/** Reads one object of a resource with a key that is not that of the run. */
export async function readOneWith(
  context: Context,
  server: { baseUrl: string; timeoutMs: number },
  key: string,
  keyLabel: string,
): Promise<ReadOne> {
  const { createApi } = await import('../api/client.ts')
  const api = createApi({
    http: await context.http(),
    baseUrl: server.baseUrl,
    key,
    keyLabel,
    timeoutMs: server.timeoutMs,
    signal: context.signal,
  })
  return path => api.request({ method: 'GET', path, query: { limit: 1 } })
}
