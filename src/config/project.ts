/** `./.vapi-cli.yaml`: what a project chooses. Only the working directory is looked at, and nothing of it is stored. */
import { existsSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { messageOf, systemCodeOf, usageError } from '../errors.ts'
import { loadYaml, parseDocument, type Section, sectionOf } from './document.ts'
import { environments } from './environments.ts'
import { chosenUrl, environmentOf } from './home.ts'
import { readText, realTarget } from './save-file.ts'
import { type EnvironmentName, environmentNames, type ProjectConfig } from './types.ts'

const FILE_NAME = '.vapi-cli.yaml'

/** Limit of the question to git, in milliseconds. */
const GIT_LIMIT_MS = 3000

/**
 * Reads the project's file; null where there is none, or where it is the home file itself. It may choose `account` (or
 * `active_account`), `environment`, `base_url` and `dashboard_url`; whether an address is followed is decided in
 * `resolve.ts`. A key (`api_key`, or that of the chosen one of its own `accounts`) is refused with a warning where others
 * can read the file, where git tracks it, or where that cannot be found out; else it is used. Throws a usage error with
 * line and column for a malformed file.
 */
export async function readProjectConfig(
  workingDirectory: string,
  homePath: string,
): Promise<ProjectConfig | null> {
  const path = join(workingDirectory, FILE_NAME)
  const stats = fileOf(path)
  if (stats === null || realTarget(path) === realTarget(homePath)) return null
  const text = readText(path)?.text ?? ''
  if (text.trim() === '') return null
  const file = parseDocument(await loadYaml(), text, path)
  const root = sectionOf(file, file.root)
  const chosen = root.text('account') ?? root.text('active_account')
  const own = (root.section('accounts')?.sections() ?? []).find(({ name }) => name === chosen)
  const key = (own === undefined ? null : keyOf(own.section)) ?? root.text('api_key')
  const hasKeys = key !== null || hasOtherKeys(root)
  const refusal = hasKeys ? await refuseKey(path, stats) : null
  const project: ProjectConfig = {
    path,
    // A name that only this file knows means the key beside it.
    account: own !== undefined && keyOf(own.section) !== null ? null : chosen,
    environment: environmentOf(root) ?? (own && environmentOf(own.section)) ?? builtInEnvironment(root),
    baseUrl: chosenUrl(root, 'base_url'),
    dashboardUrl: chosenUrl(root, 'dashboard_url'),
    key: refusal === null ? key : null,
    ownedByOther: isOfAnotherUser(stats),
    warnings: refusal === null ? [] : [refusal],
  }
  return project
}

function fileOf(path: string): Stats | null {
  try {
    const stats = statSync(path)
    return stats.isFile() ? stats : null
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw usageError(`${path} cannot be read (${code ?? messageOf(error)})`, 'check its permissions')
  }
}

function keyOf(section: Section): string | null {
  return section.text('apikey') ?? section.text('api_key')
}

function hasOtherKeys(root: Section): boolean {
  return (root.section('accounts')?.sections() ?? []).some(({ section }) => keyOf(section) !== null)
}

/** A built-in address means its environment. */
function builtInEnvironment(root: Section): EnvironmentName | null {
  const url = root.text('base_url')?.trim().replace(/\/+$/, '')
  return environmentNames.find(name => environments[name].apiUrl === url) ?? null
}

function isOfAnotherUser({ uid }: Stats): boolean {
  const self = process.geteuid?.()
  return self !== undefined && uid !== self && uid !== 0
}

/** Why the key of the file is not used; null where it may be. */
async function refuseKey(path: string, stats: Stats): Promise<string | null> {
  const refused = `the key in ${path} is not used:`
  if (isOfAnotherUser(stats)) return `${refused} the file belongs to another user`
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    return `${refused} others can read the file (chmod 600 ${path}, and renew a key that may have been seen)`
  }
  switch (await trackedByGit(path)) {
    case 'yes':
      return `${refused} git tracks the file, so the key is in the project's history (take it out and renew it)`
    case 'unknown':
      return `${refused} git could not tell whether it tracks the file`
    case 'no':
      return null
  }
}

async function trackedByGit(path: string): Promise<'yes' | 'no' | 'unknown'> {
  if (!insideRepository(dirname(resolve(path)))) return 'no'
  const { execFile } = await import('node:child_process')
  // Variables of a hook would point to another repository. The repository's own settings must not start programs.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const args = ['-c', 'core.fsmonitor=false', 'ls-files', '--error-unmatch', '--', FILE_NAME]
  return new Promise(answer => {
    execFile('git', args, { cwd: dirname(path), env, timeout: GIT_LIMIT_MS }, error => {
      if (error === null) answer('yes')
      else answer(error.code === 1 ? 'no' : 'unknown')
    })
  })
}

function insideRepository(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true
  return dirname(folder) !== folder && insideRepository(dirname(folder))
}
