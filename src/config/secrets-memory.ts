import type { SecretStore } from './types.ts'

/** The keyring's twin in memory, for tests. `secrets` is what it has at the beginning, and shows what it got. */
export function createMemorySecrets(secrets: Map<string, string> = new Map()): SecretStore {
  return {
    get: async account => secrets.get(account) ?? null,
    set: async (account, secret) => {
      secrets.set(account, secret)
    },
    delete: async account => {
      secrets.delete(account)
    },
  }
}
