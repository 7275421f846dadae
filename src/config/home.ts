/** The configuration file's text as a HomeConfig. */
import { usageError } from '../errors.ts'
import { type ConfigDocument, type Section, sectionOf } from './document.ts'
import { environments, isBuiltInUrl, parseEnvironment } from './environments.ts'
import type { Account, EnvironmentName, HomeConfig, Storage } from './types.ts'
import { checkServerUrl, checkTimeoutSeconds } from './values.ts'

/** The format that this program writes. A file without the key is from an older tool; a greater one is refused. */
export const HOME_FORMAT = 1

/** What holds where there is no file. */
export function emptyHome(path: string): HomeConfig {
  return {
    path,
    accounts: [],
    activeAccount: null,
    legacyKey: null,
    providerKeys: new Map(),
    environment: 'production',
    baseUrl: null,
    dashboardUrl: null,
    timeoutSeconds: null,
    analyticsDisabled: false,
    storage: 'keyring',
    compat: false,
  }
}

/**
 * Reads a parsed file. Throws a usage error with key, line and column for a value of a wrong type, an unknown
 * environment or a bad address, and for a file of a newer format. Unknown keys are left alone.
 */
export function interpretHome(file: ConfigDocument): HomeConfig {
  const root = sectionOf(file, file.root)
  checkFormat(root, file.path)
  const environment = environmentOf(root) ?? 'production'
  const baseUrl = chosenUrl(root, 'base_url')
  const accountUrls = urlsOf(root.section('account_urls'))
  const aliases = root.section('aliases')?.texts() ?? []
  const accounts = (root.section('accounts')?.sections() ?? []).map(({ name, section }): Account => {
    const own = environmentOf(section) ?? environment
    return {
      name,
      aliases: aliases.filter(alias => alias.text === name).map(alias => alias.name),
      organization: section.text('organization'),
      organizationId: section.text('orgid') ?? section.text('org_id'),
      email: section.text('email'),
      environment: own,
      baseUrl: accountUrls.get(name) ?? defaultAccountUrl(own, environment, baseUrl),
      loginTime: section.text('logintime'),
      fileKey: section.text('apikey') ?? section.text('api_key'),
    }
  })
  const timeout = root.number('timeout')
  return {
    path: file.path,
    accounts,
    activeAccount: activeOf(accounts, root.text('active_account')),
    legacyKey: root.text('api_key'),
    providerKeys: new Map(
      (root.section('provider_keys')?.texts() ?? []).map(({ name, text }) => [name, text]),
    ),
    environment,
    baseUrl,
    dashboardUrl: chosenUrl(root, 'dashboard_url'),
    timeoutSeconds: timeout === null ? null : root.check('timeout', () => checkTimeoutSeconds(timeout, 'it')),
    analyticsDisabled: root.switch('disable_analytics') ?? false,
    storage: storageOf(root),
    compat: root.switch('compat') ?? false,
  }
}

/**
 * The API of an account that has no entry in `account_urls`: its environment's, except that the file's own `base_url`
 * stands for the file's environment. Older tools know only that one address, so their accounts belong to it.
 */
export function defaultAccountUrl(
  own: EnvironmentName,
  fileEnvironment: EnvironmentName,
  fileBaseUrl: string | null,
): string {
  return (own === fileEnvironment ? fileBaseUrl : null) ?? environments[own].apiUrl
}

/** Older tools lower-case the names of accounts but not the name of the active one. */
function activeOf(accounts: readonly Account[], name: string | null): string | null {
  if (name === null || accounts.some(account => account.name === name)) return name
  return accounts.find(account => account.name === name.toLowerCase())?.name ?? name
}

function checkFormat(root: Section, path: string): void {
  const format = root.number('format')
  if (format === null || format <= HOME_FORMAT) return
  throw usageError(
    `${path} has format ${format}, which a newer vapi wrote; this one knows format ${HOME_FORMAT}`,
    'update vapi, or name another file with --config',
  )
}

/** The environment that a section names; null where it names none. */
export function environmentOf(section: Section): EnvironmentName | null {
  const text = section.text('environment')
  return text === null ? null : section.check('environment', () => parseEnvironment(text))
}

/** An address that somebody chose: older tools also write the built-in ones, without meaning a choice. */
export function chosenUrl(section: Section, key: string): string | null {
  const text = section.text(key)
  if (text === null) return null
  const url = section.check(key, () => checkServerUrl(text, 'it'))
  return isBuiltInUrl(url) ? null : url
}

function urlsOf(section: Section | null): Map<string, string> {
  const urls = new Map<string, string>()
  for (const { name, text } of section?.texts() ?? []) {
    if (text !== null) urls.set(name, section?.check(name, () => checkServerUrl(text, 'it')) ?? text)
  }
  return urls
}

function storageOf(root: Section): Storage {
  const text = root.text('storage') ?? 'keyring'
  if (text === 'keyring' || text === 'file') return text
  throw root.mistake('storage', 'must be keyring or file')
}
