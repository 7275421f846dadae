/**
 * Which account, key and server a command works with: pure, from what the command line, the variables and the files say.
 *
 * An address always belongs to a key, and a key must not go to a server that it was not meant for. Therefore:
 * - An account gives its address only where its key is used, or where the user named it (`--account`, `VAPI_ACCOUNT`). A
 *   key from a flag or variable has nothing to do with the account that merely is the active one.
 * - `VAPI_ENV` does not move the active account's key to another environment: it would be refused there, or, if the
 *   variable were passed over, the command would work (and delete) in an environment that the user did not mean. A
 *   contradiction is a usage error. `--account` is nearer to the command than a variable and goes without it.
 * - A project file may come from a stranger. Its address receives a key only if it is one of Vapi's own, the account's
 *   own, one on this machine, or if the key is the project's own; otherwise it is a usage error that says how to trust
 *   it, because a warning would come after the key had been sent.
 */
import { usageError } from '../errors.ts'
import { environments, isBuiltInUrl, parseEnvironment } from './environments.ts'
import { findAccount } from './lookup.ts'
import type {
  Account,
  Connection,
  ConnectionFlags,
  EnvironmentName,
  HomeConfig,
  KeySource,
  ProjectConfig,
  SecretStore,
} from './types.ts'
import { checkKey, checkServerUrl, checkTimeoutSeconds } from './values.ts'

/** Limit of a request where nothing says another. */
const DEFAULT_TIMEOUT_SECONDS = 30

export type Variables = Readonly<Record<string, string | undefined>>

export interface ConnectionSources {
  flags: ConnectionFlags
  env: Variables
  home: HomeConfig
  project: ProjectConfig | null
}

/**
 * The connection of a command. Key: `--api-key`, `VAPI_API_KEY`, `--account`, `VAPI_ACCOUNT`, the project's account, its
 * key, the active account, the file's single key. Address: `--base-url`, `VAPI_API_BASE_URL`, `VAPI_BASE_URL`, the
 * project, the account's own, `VAPI_ENV`, `VAPI_ENVIRONMENT`, the file, production; the dashboard's likewise.
 * Throws usage errors for unknown accounts and environments, bad values and the contradictions above.
 */
export function resolveConnection(sources: ConnectionSources): {
  connection: Connection
  warnings: string[]
} {
  const warnings = [...(sources.project?.warnings ?? [])]
  const { account, keySource, named } = chooseKey(sources, warnings)
  return { connection: connect(sources, { account, keySource, named }, warnings), warnings }
}

/** The server for a new login: as `resolveConnection`, but no account that is there already has a say. */
export function resolveLoginServer(sources: ConnectionSources): {
  connection: Connection
  warnings: string[]
} {
  const warnings = [...(sources.project?.warnings ?? [])]
  return {
    connection: connect(sources, { account: null, keySource: null, named: false }, warnings),
    warnings,
  }
}

/**
 * The key of a connection, or null where there is none. The keyring is asked only for the key of an account that has
 * none in the file. Throws a usage error for a key that cannot be one, and `keyring-unavailable`.
 */
export async function readKey({
  connection: { keySource, account },
  flags,
  env,
  home,
  project,
  secrets,
}: ConnectionSources & {
  connection: Connection
  secrets: () => Promise<SecretStore>
}): Promise<string | null> {
  switch (keySource?.from) {
    case 'flag':
      return checkKey(flags.apiKey ?? '', '--api-key')
    case 'environment':
      return checkKey(env.VAPI_API_KEY ?? '', 'VAPI_API_KEY')
    case 'project':
      return checkKey(project?.key ?? '', `the key in ${keySource.path}`)
    case 'legacy':
      return checkKey(home.legacyKey ?? '', `api_key in ${home.path}`)
    case 'account': {
      const key = account?.fileKey ?? (await (await secrets()).get(keySource.account))
      return key === null ? null : checkKey(key, `the key of account ${keySource.account}`)
    }
    case undefined:
      return null
  }
}

interface Choice {
  account: Account | null
  keySource: KeySource | null
  /** The user named the account on the command line. */
  named: boolean
}

function chooseKey({ flags, env, home, project }: ConnectionSources, warnings: string[]): Choice {
  const variable = (name: string) => env[name]?.trim() || undefined
  const wanted = flags.account ?? variable('VAPI_ACCOUNT')
  const chosen =
    wanted === undefined
      ? null
      : findAccount(home, wanted, flags.account === undefined ? 'VAPI_ACCOUNT' : '--account')
  const named = flags.account !== undefined
  if (flags.apiKey !== undefined) return { account: chosen, keySource: { from: 'flag' }, named }
  if (variable('VAPI_API_KEY') !== undefined)
    return { account: chosen, keySource: { from: 'environment' }, named }
  if (chosen !== null) return fromAccount(chosen, home, named)
  if (project?.account) return fromAccount(findAccount(home, project.account, project.path), home, false)
  if (project?.key) return { account: null, keySource: { from: 'project', path: project.path }, named }
  const active = home.accounts.find(account => account.name === home.activeAccount)
  if (active !== undefined) return fromAccount(active, home, false)
  if (home.activeAccount !== null) {
    warnings.push(
      `the active account ${home.activeAccount} is not in ${home.path}; choose one with vapi auth switch`,
    )
  }
  return { account: null, keySource: home.legacyKey === null ? null : { from: 'legacy' }, named }
}

function fromAccount(account: Account, home: HomeConfig, named: boolean): Choice {
  const storage = account.fileKey === null ? home.storage : 'file'
  // With storage in the file there is nowhere else to look: an account without a key there has none.
  const keyless = account.fileKey === null && storage === 'file'
  return { account, keySource: keyless ? null : { from: 'account', account: account.name, storage }, named }
}

function connect(sources: ConnectionSources, choice: Choice, warnings: string[]): Connection {
  const { flags, env, home, project } = sources
  const { account } = choice
  const asked = environmentAsked(env)
  const given = givenUrl(sources)
  const ownEnvironment = account?.environment ?? asked?.name ?? home.environment
  const own = account?.baseUrl ?? (asked && environments[asked.name].apiUrl) ?? home.baseUrl
  const baseUrl = given ?? projectUrl(project, choice, own) ?? own ?? environments[ownEnvironment].apiUrl
  const environment =
    environmentOfUrl(baseUrl) ?? account?.environment ?? project?.environment ?? ownEnvironment
  if (given === null && account !== null) refuseContradiction(account, choice.named, asked, project)

  return {
    baseUrl,
    dashboardUrl: dashboardOf(sources, environment, account, warnings),
    environment,
    timeoutMs: timeoutSeconds(flags, env, home) * 1000,
    account,
    keySource: choice.keySource,
  }
}

/** What the command line or a variable says about the address. */
function givenUrl({ flags, env }: ConnectionSources): string | null {
  if (flags.baseUrl !== undefined) return checkServerUrl(flags.baseUrl, '--base-url')
  for (const name of ['VAPI_API_BASE_URL', 'VAPI_BASE_URL']) {
    const text = env[name]?.trim()
    if (text) return checkServerUrl(text, name)
  }
  return null
}

interface AskedEnvironment {
  name: EnvironmentName
  by: string
}

function environmentAsked(env: Variables): AskedEnvironment | null {
  for (const by of ['VAPI_ENV', 'VAPI_ENVIRONMENT']) {
    const text = env[by]?.trim()
    if (text) return { name: parseEnvironment(text, by), by }
  }
  return null
}

/** The address that a project file may set for this key; null where it sets none. */
function projectUrl(
  project: ProjectConfig | null,
  { keySource, account }: Choice,
  own: string | null,
): string | null {
  if (project === null) return null
  // An environment of its own an account has already; `refuseContradiction` compares them.
  const environment = account === null ? project.environment : null
  const url = project.baseUrl ?? (environment === null ? null : environments[environment].apiUrl)
  if (url === null || url === own || keySource?.from === 'project') return url
  if (isBuiltInUrl(url) && !isLoopback(url)) return url
  if (isLoopback(url) && !project.ownedByOther) return url
  const whose = account === null ? 'your key' : `the key of account ${account.name}`
  throw usageError(
    `${project.path} names the server ${new URL(url).host}, which ${whose} was not made for; nothing was sent`,
    `if you trust that server: --base-url ${url}, or vapi login --base-url ${url}`,
  )
}

/** Only this machine answers there. */
function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** An account of one environment and a request for another: nobody can tell which was meant. */
function refuseContradiction(
  account: Account,
  named: boolean,
  asked: AskedEnvironment | null,
  project: ProjectConfig | null,
): void {
  if (named || project?.baseUrl) return
  const other = project?.environment ? { name: project.environment, by: project.path } : asked
  if (other === null || other.name === account.environment) return
  throw usageError(
    `${other.by} asks for ${other.name}, but account ${account.name} belongs to ${account.environment}`,
    `name the account with --account, or the server with --base-url ${environments[other.name].apiUrl}`,
  )
}

function environmentOfUrl(url: string): EnvironmentName | null {
  const names = Object.keys(environments) as EnvironmentName[]
  return names.find(name => environments[name].apiUrl === url) ?? null
}

/** Only for links and the login page: a project's unknown one is left out with a warning, as it could collect passwords. */
function dashboardOf(
  { env, home, project }: ConnectionSources,
  environment: EnvironmentName,
  account: Account | null,
  warnings: string[],
): string {
  const variable = env.VAPI_DASHBOARD_URL?.trim()
  if (variable) return checkServerUrl(variable, 'VAPI_DASHBOARD_URL')
  const url = project?.dashboardUrl ?? null
  if (project !== null && url !== null) {
    const trusted = url === home.dashboardUrl || isBuiltInUrl(url) || isLoopback(url)
    if (trusted && !(project.ownedByOther && isLoopback(url))) return url
    warnings.push(
      `${project.path}: dashboard_url ${new URL(url).host} is not used; set VAPI_DASHBOARD_URL if you trust it`,
    )
  }
  // The file's own dashboard belongs to the file's environment.
  const isFiles =
    environment === home.environment && (account === null || account.environment === home.environment)
  return (isFiles ? home.dashboardUrl : null) ?? environments[environment].dashboardUrl
}

function timeoutSeconds(flags: ConnectionFlags, env: Variables, home: HomeConfig): number {
  if (flags.timeoutSeconds !== undefined) return checkTimeoutSeconds(flags.timeoutSeconds, '--timeout')
  const variable = env.VAPI_TIMEOUT?.trim()
  if (variable) return checkTimeoutSeconds(Number(variable), 'VAPI_TIMEOUT')
  return home.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS
}
