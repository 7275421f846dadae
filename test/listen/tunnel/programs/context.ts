import type { Context } from '../../../../src/cli/context.ts'
import { createHttpClient } from '../../../../src/net/http.ts'

/** As much of a command's context as servers need. */
export function contextOf(
  baseUrl: string,
  account: string | null = 'main',
  key: string | null = 'a-key',
): Context {
  const http = createHttpClient()
  const source = account === null ? { from: 'environment' } : { from: 'account', account, storage: 'file' }
  return {
    connection: async () => ({
      baseUrl,
      timeoutMs: 5000,
      account: account === null ? null : { name: account },
      keySource: source,
    }),
    key: async () => key,
    http: async () => http,
  } as unknown as Context
}
