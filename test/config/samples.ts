import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createMemorySecrets } from '../../src/config/secrets-memory.ts'
import { type ConfigStore, createConfigStore } from '../../src/config/store.ts'

/** A file as the platform's own command writes it (cli-surface.md 3.3), with two accounts. */
export const goFile = `accounts:
    account-1755500000:
        apikey: 00000000-0000-0000-0000-000000000001
        organization: Example Org
        orgid: 11111111-1111-1111-1111-111111111111
        environment: production
        logintime: "2025-08-18T10:00:00-07:00"
        email: dev@example.com
    account-1755600000:
        apikey: 00000000-0000-0000-0000-000000000002
        organization: Other Org
        orgid: ""
        environment: staging
        logintime: "2025-08-19T14:00:00-07:00"
        email: ""
active_account: account-1755500000
api_key: 00000000-0000-0000-0000-000000000001
base_url: https://api.vapi.ai
dashboard_url: https://dashboard.vapi.ai
disable_analytics: false
environment: production
timeout: 30
`

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vapi-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A store on a file of its own, with what was in it. */
export function storeOf(text: string | null, secrets: Map<string, string> = new Map()) {
  const path = join(temporaryFolder(), '.vapi-cli.yaml')
  if (text !== null) writeFileSync(path, text, { mode: 0o600 })
  const store: ConfigStore = createConfigStore({ path, secrets: async () => createMemorySecrets(secrets) })
  return { store, path, text: () => readFileSync(path, 'utf8') }
}
