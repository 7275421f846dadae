import { AGENTS, INSTALL_METADATA, LOCKS } from 'package-manager-detector/constants'
import { resolveAgent } from 'package-manager-detector/detect'
import { isObject } from '../../is-object.ts'
import { joined, LOCK_FILE_LIMIT, type Project, pathFrom } from '../project.ts'
import type { Monorepo, PackageManager, PackageManagerId } from '../types.ts'

type ScriptManager = 'npm' | 'pnpm' | 'yarn' | 'bun' | 'deno'
type Found = Pick<PackageManager, 'agent' | 'version' | 'from'> & { choices: ScriptManager[] }

/** The order in which managers are taken where nothing tells two lock files apart. */
const ORDER: readonly ScriptManager[] = ['pnpm', 'yarn', 'bun', 'npm', 'deno']
/** Lock files that a checkout wrote are as old as each other. */
const SAME_MOMENT_MS = 60_000

/**
 * Which package manager of JavaScript a folder is kept with. In the folder, then in each one above: the field `packageManager`, the
 * field `devEngines`, the lock file. Then a workspace file of pnpm, what called this program, npm. Names, lock files and
 * agents are those of package-manager-detector; what it takes without a word (two lock files, Yarn's age, Deno's lock
 * file beside another) is looked at here.
 */
export function javascriptManager(
  project: Project,
  monorepo: Monorepo | null,
  env: Readonly<Record<string, string | undefined>>,
  warn: (text: string) => void,
): PackageManager {
  const folders = ['', ...parentsThatCount(project, monorepo)]
  const complete = (found: Found, folder: string): PackageManager => ({
    id: found.choices[0] ?? 'npm',
    ...found,
    folder: folder === '' ? '' : pathFrom(project.root, folder),
    workspaceRoot: monorepo !== null && monorepo.root === project.root && hasWorkspaces(project),
  })
  for (const folder of folders) {
    const found = byField(project, folder, warn) ?? byRush(project, folder) ?? byLock(project, folder, warn)
    if (found !== null) return complete(found, folder)
  }
  for (const folder of folders) {
    if (project.isFile(joined(folder, 'pnpm-workspace.yaml')))
      return complete(of('pnpm', null, `pnpm-workspace.yaml${inFolder(project, folder)}`), folder)
  }
  if (!project.isFile('package.json') && project.first('deno.json', 'deno.jsonc') !== null)
    return complete(of('deno', null, project.first('deno.json', 'deno.jsonc') ?? ''), '')
  const caller = /^([\w-]{1,20})\//.exec(env.npm_config_user_agent ?? '')?.[1]
  if (isKnown(caller)) return complete(of(caller, null, 'what called this program'), '')
  return complete(of('npm', null, 'nothing: npm is what comes with Node.js'), '')
}

/** The search goes up to the repository's root; without a repository up to the root of the workspace. */
function parentsThatCount(project: Project, monorepo: Monorepo | null): readonly string[] {
  if (project.inRepository) return project.parents
  if (monorepo === null || monorepo.root === project.root) return []
  return project.parents.slice(0, project.parents.indexOf(monorepo.root) + 1)
}

function hasWorkspaces(project: Project): boolean {
  return project.isFile('pnpm-workspace.yaml') || project.json('package.json')?.workspaces !== undefined
}

function of(id: ScriptManager, version: string | null, from: string): Found {
  return { agent: id, version, from, choices: [id] }
}

function isKnown(name: string | undefined): name is ScriptManager {
  return ORDER.some(id => id === name)
}

function inFolder(project: Project, folder: string): string {
  return folder === '' ? '' : ` in ${pathFrom(project.root, folder)}`
}

/** `packageManager`, then `devEngines.packageManager`, which may be a list. */
function byField(project: Project, folder: string, warn: (text: string) => void): Found | null {
  const manifest = project.json(joined(folder, 'package.json'))
  if (manifest === null) return null
  const engines = isObject(manifest.devEngines) ? manifest.devEngines.packageManager : undefined
  const asked: [unknown, unknown, string][] = []
  if (typeof manifest.packageManager === 'string') {
    const [name, version] = manifest.packageManager.replace(/^\^/, '').split('@')
    asked.push([name, version?.split('+')[0], 'packageManager'])
  }
  for (const engine of Array.isArray(engines) ? engines : [engines])
    if (isObject(engine)) asked.push([engine.name, engine.version, 'devEngines'])
  for (const [name, version, field] of asked) {
    const place = `the field ${field} of ${joined(folder === '' ? '' : pathFrom(project.root, folder), 'package.json')}`
    const known = AGENTS.find(agent => agent === name)
    if (!isKnown(known)) {
      warn(`${place} names a package manager that is not known here: ${String(name).slice(0, 50)}`)
      continue
    }
    const digits = typeof version === 'string' ? (/\d+(\.\d+){0,2}/.exec(version)?.[0] ?? null) : null
    const agent = resolveAgent(known, digits ?? undefined)?.agent ?? known
    const isBerry = known === 'yarn' && digits === null && berryVersion(project, folder) !== null
    return { agent: isBerry ? 'yarn@berry' : agent, version: digits, from: place, choices: [known] }
  }
  return null
}

function byRush(project: Project, folder: string): Found | null {
  const rush = project.json(joined(folder, 'rush.json'), true)
  if (rush === null) return null
  for (const id of ['pnpm', 'npm', 'yarn'] as const) {
    const version = rush[`${id}Version`]
    if (typeof version === 'string')
      return {
        ...of(id, version, `rush.json${inFolder(project, folder)}`),
        agent: id === 'pnpm' ? 'pnpm-rush' : id,
      }
  }
  return { ...of('pnpm', null, `rush.json${inFolder(project, folder)}`), agent: 'pnpm-rush' }
}

function byLock(project: Project, folder: string, warn: (text: string) => void): Found | null {
  const there = Object.entries(LOCKS).flatMap(([file, name]) =>
    isKnown(name) && !file.endsWith('-workspace.yaml') && project.isFile(joined(folder, file))
      ? [{ file, name }]
      : [],
  )
  // Deno writes its lock file beside the one of whichever manager is used.
  const locks = there.some(({ name }) => name !== 'deno')
    ? there.filter(({ name }) => name !== 'deno')
    : there
  const names = new Set(locks.map(({ name }) => name))
  if (names.size === 0) return null
  const changed = (name: ScriptManager) =>
    Math.max(
      ...locks
        .filter(lock => lock.name === name)
        .map(({ file }) => project.changedAtMs(joined(folder, file))),
    )
  const installed = installedBy(project, folder)
  const choices = [...names].sort((one, other) => {
    const age = changed(other) - changed(one)
    if (Math.abs(age) > SAME_MOMENT_MS) return age
    if (installed === one || installed === other) return installed === one ? -1 : 1
    return ORDER.indexOf(one) - ORDER.indexOf(other)
  })
  const [chosen] = choices
  if (chosen === undefined) return null
  const files = locks.map(({ file }) => file).sort()
  if (names.size > 1)
    warn(
      `there are lock files of several package managers${inFolder(project, folder)}: ${files.join(', ')}; ${chosen} is taken (--package-manager names another)`,
    )
  if (chosen !== 'pnpm' && project.isFile(joined(folder, 'pnpm-workspace.yaml')))
    warn(`there is a pnpm-workspace.yaml beside the lock file of ${chosen}${inFolder(project, folder)}`)
  const file = locks.find(({ name }) => name === chosen)?.file ?? ''
  const from = `${file}${inFolder(project, folder)}`
  const berry = chosen === 'yarn' ? berryVersion(project, folder) : null
  return {
    agent: berry === null ? chosen : 'yarn@berry',
    version: berry === '' ? null : berry,
    from,
    choices,
  }
}

/** Which manager filled node_modules, by what it left there. */
function installedBy(project: Project, folder: string): string | null {
  for (const [path, name] of Object.entries(INSTALL_METADATA)) {
    if (!path.startsWith('node_modules/')) continue
    if (project.has(joined(folder, path.replace(/\/$/, '')))) return name
  }
  return null
}

/** The version of a Yarn after the first, '' where only its being one is known, null where it is not. */
function berryVersion(project: Project, folder: string): string | null {
  const settings = project.text(joined(folder, '.yarnrc.yml')) ?? ''
  const path = /^yarnPath:\s*["']?[^\n]*?yarn-(\d+(?:\.\d+){0,2})/m.exec(settings)?.[1]
  if (path !== undefined) return path.startsWith('1.') ? null : path
  const lock = project.text(joined(folder, 'yarn.lock'), LOCK_FILE_LIMIT)
  if (
    lock?.startsWith(
      '# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile v1',
    ) === true
  )
    return null
  const isBerry =
    /^__metadata:/m.test((lock ?? '').slice(0, 2000)) || /^(?:nodeLinker|yarnPath):/m.test(settings)
  return isBerry ? '' : null
}

/** All that may be named by `--package-manager` for a JavaScript project. */
export const SCRIPT_MANAGERS: readonly PackageManagerId[] = ORDER
