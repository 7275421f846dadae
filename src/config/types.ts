export const environmentNames = ['production', 'staging', 'development'] as const
export type EnvironmentName = (typeof environmentNames)[number]

/** Where secrets are kept: the operating system's keyring, or the configuration file (mode 0600). */
export type Storage = 'keyring' | 'file'

/** A stored login, as `~/.vapi-cli.yaml` has it. Absent values are null; the file's `""` is absent too. */
export interface Account {
  /** `[a-z0-9_-]+`: only such names survive a round trip through the Go tool. */
  name: string
  aliases: readonly string[]
  organization: string | null
  organizationId: string | null
  email: string | null
  environment: EnvironmentName
  /** The API that it was made for. */
  baseUrl: string
  /** As written: ISO 8601 with an offset, or whatever the file has. */
  loginTime: string | null
  /** The key where it stands in the file; null where the keyring has it. */
  fileKey: string | null
}

/** The configuration file, read and checked. */
export interface HomeConfig {
  path: string
  accounts: readonly Account[]
  activeAccount: string | null
  /** The single key of older tools (top-level `api_key`). */
  legacyKey: string | null
  /** Keys of providers that are kept, by name; null where the keyring has it. */
  providerKeys: ReadonlyMap<string, string | null>
  environment: EnvironmentName
  /** What the file says, where it differs from its environment's own address; else null. */
  baseUrl: string | null
  dashboardUrl: string | null
  timeoutSeconds: number | null
  analyticsDisabled: boolean
  storage: Storage
  /** Keep the top-level `api_key` equal to the active account's key, for tools that read only that. */
  compat: boolean
}

/** `./.vapi-cli.yaml` of a project: it may choose, never hold secrets that others can read. */
export interface ProjectConfig {
  path: string
  account: string | null
  environment: EnvironmentName | null
  baseUrl: string | null
  dashboardUrl: string | null
  key: string | null
  /** The file belongs to another user of this machine (not to root): `/tmp/.vapi-cli.yaml` of somebody. */
  ownedByOther: boolean
  /** Things that were refused, in words: a key in a file that is tracked by git, unknown account … */
  warnings: readonly string[]
}

/** What the command line says about the account and the server; undefined where it says nothing. */
export interface ConnectionFlags {
  account: string | undefined
  apiKey: string | undefined
  baseUrl: string | undefined
  config: string | undefined
  timeoutSeconds: number | undefined
}

export type KeySource =
  | { from: 'flag' }
  | { from: 'environment' }
  | { from: 'account'; account: string; storage: Storage }
  | { from: 'project'; path: string }
  | { from: 'legacy' }

/** The server and the account that a command works with. */
export interface Connection {
  baseUrl: string
  dashboardUrl: string
  environment: EnvironmentName
  /** Limit of one request, in milliseconds. */
  timeoutMs: number
  /** The account in use, also where the key comes from somewhere else by its name; null without one. */
  account: Account | null
  /** Where the key comes from; null where there is none. */
  keySource: KeySource | null
}

/** Secrets by the account's name. The keyring and its twin in memory implement it. */
export interface SecretStore {
  /** Null where it has none. Throws VapiError `keyring-unavailable` where it does not answer within 3 s. */
  get(account: string): Promise<string | null>
  set(account: string, secret: string): Promise<void>
  delete(account: string): Promise<void>
}
