import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { type ApiServer, apiError, startApiServer } from '../support/api-server.ts'
import { jsonReply } from '../support/fake-openai.ts'
import {
  type Finished,
  type Running,
  type RunOptions,
  startVapi,
  temporaryFolder,
  vapi,
} from '../support/program.ts'

/** A home folder with its configuration file, for runs of the built program. No keyring answers there. */
export interface Home {
  folder: string
  file: string
  env: NodeJS.ProcessEnv
  /** The file's text; empty where there is none. */
  text(): string
  /** The file, parsed. */
  config(): Record<string, unknown>
  mode(): number
  run(args: readonly string[], options?: RunOptions): Promise<Finished>
  start(args: readonly string[], options?: RunOptions): Running
}

export function makeHome(text?: string): Home {
  const folder = temporaryFolder()
  const file = join(folder, '.vapi-cli.yaml')
  if (text !== undefined) writeFileSync(file, text, { mode: 0o600 })
  const env = { HOME: folder, VAPI_KEYRING: 'off' }
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  const options = (given: RunOptions = {}) => ({ ...given, env: { ...env, ...given.env } })
  return {
    folder,
    file,
    env,
    text: read,
    config: () => parse(read()) ?? {},
    mode: () => statSync(file).mode & 0o777,
    run: (args, given) => vapi(args, options(given)),
    start: (args, given) => startVapi(args, options(given)),
  }
}

/** Keys that the API below takes, and the organisation of each; null has nothing that tells it. */
export type Keys = Record<string, string | null>

/** An API that knows some keys. */
export async function startKeyApi(keys: Keys): Promise<ApiServer> {
  const server = await startApiServer()
  onTestFinished(() => server.close())
  for (const path of ['/assistant', '/phone-number', '/tool', '/call']) {
    server.on(`GET ${path}`, request => {
      const key = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
      if (!Object.hasOwn(keys, key)) return apiError(401, 'Invalid Key')
      return jsonReply(keys[key] === null ? [] : [{ id: 'one', orgId: keys[key] }])
    })
  }
  return server
}

export const KEY_A = 'aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa'
export const KEY_B = 'bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb'
export const KEY_C = 'cccccccc-3333-4333-8333-cccccccccccc'

/** A file of two accounts, as the platform's own command writes it. */
export function twoAccounts(baseUrl: string, more = ''): string {
  return `accounts:
    account-1755500000:
        apikey: ${KEY_A}
        organization: Acme
        orgid: org-a
        environment: production
        logintime: "2025-08-18T10:00:00-07:00"
        email: a@acme.example
    account-1755500001:
        apikey: ${KEY_B}
        organization: Beta
        orgid: org-b
        environment: production
        logintime: "2025-08-19T10:00:00-07:00"
        email: b@beta.example
active_account: account-1755500000
api_key: ${KEY_A}
base_url: ${baseUrl}
dashboard_url: https://dashboard.vapi.ai
disable_analytics: false
environment: production
timeout: 30
${more}`
}

export const FIRST = 'account-1755500000'
export const SECOND = 'account-1755500001'

/** The output of a run, which must have ended well. */
export async function ok(running: Promise<Finished>): Promise<Finished> {
  const finished = await running
  if (finished.code !== 0) throw new Error(`exit ${finished.code}: ${finished.stderr}`)
  return finished
}
