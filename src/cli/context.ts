import type { Api } from '../api/types.ts'
import type { ConfigStore } from '../config/store.ts'
import type { Connection, ConnectionFlags, SecretStore } from '../config/types.ts'
import type { HttpClient } from '../net/http.ts'
import type { Output } from '../output/output.ts'
import type { Prompt } from '../output/prompt.ts'

/** What every command may use; tests pass twins. What costs to make is made when first asked for. */
export interface Context {
  output: Output
  env: Readonly<Record<string, string | undefined>>
  workingDirectory: string
  /** False where nothing may be asked. */
  interactive: boolean
  /** Aborts on Ctrl-C and SIGTERM. A command then winds up; a second Ctrl-C ends the process at once. */
  signal: AbortSignal
  flags: ConnectionFlags
  /** Questions to the user; only where `interactive`. */
  prompt(): Promise<Prompt>
  /** The configuration file. */
  config(): Promise<ConfigStore>
  /** The system's keyring. */
  secrets(): Promise<SecretStore>
  /** The account and server of this run. Warns once of what was refused. */
  connection(): Promise<Connection>
  /** The key of this run, or null. */
  key(): Promise<string | null>
  /** The HTTP client of this run: proxies of the environment, `--debug` trace. */
  http(): Promise<HttpClient>
  /** The API with the account's key. Throws `not-logged-in` (exit 4) without one. */
  api(): Promise<Api>
}
