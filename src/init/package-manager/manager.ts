import { usageError } from '../../errors.ts'
import { readJvm } from '../frameworks/facts/jvm.ts'
import type { Project } from '../project.ts'
import type { Language, Monorepo, PackageManager, PackageManagerId } from '../types.ts'
import { javascriptManager, SCRIPT_MANAGERS } from './javascript.ts'
import { PYTHON_MANAGERS, pythonManager } from './python.ts'

/** What dependencies of a language can be kept with, the customary one first. */
export function managersOf(language: Language): readonly PackageManagerId[] {
  const by: Readonly<Record<Language, readonly PackageManagerId[]>> = {
    typescript: SCRIPT_MANAGERS,
    javascript: SCRIPT_MANAGERS,
    python: PYTHON_MANAGERS,
    go: ['go'],
    ruby: ['bundler'],
    java: ['maven', 'gradle'],
    kotlin: ['gradle', 'maven'],
    csharp: ['dotnet'],
    dart: ['pub'],
    php: ['composer'],
    rust: ['cargo'],
    elixir: ['mix'],
    swift: ['swiftpm'],
  }
  return by[language]
}

export interface ManagerOptions {
  /** What `--package-manager` names. */
  packageManager?: string | undefined
  /** The environment: npm and its like tell in `npm_config_user_agent` that they called. */
  env?: Readonly<Record<string, string | undefined>>
}

/** How dependencies are added in a project of this language. Throws a usage error for a manager that does not fit. */
export function packageManagerOf(
  project: Project,
  language: Language,
  monorepo: Monorepo | null,
  options: ManagerOptions,
  warn: (text: string) => void,
): PackageManager {
  const managers = managersOf(language)
  const named = options.packageManager
  const found = foundManager(
    project,
    language,
    monorepo,
    options.env ?? {},
    named === undefined ? warn : () => {},
  )
  if (named === undefined) return found
  const id = managers.find(manager => manager === named)
  if (id === undefined)
    throw usageError(
      `${named} is no package manager of ${language} projects`,
      `--package-manager takes one of: ${managers.join(', ')}`,
    )
  if (found.id === id) return { ...found, choices: [id] }
  return { ...found, id, agent: id, version: null, from: '--package-manager', choices: [id] }
}

function foundManager(
  project: Project,
  language: Language,
  monorepo: Monorepo | null,
  env: Readonly<Record<string, string | undefined>>,
  warn: (text: string) => void,
): PackageManager {
  if (language === 'typescript' || language === 'javascript')
    return javascriptManager(project, monorepo, env, warn)
  if (language === 'python') return pythonManager(project, warn)
  const choices =
    language === 'java' || language === 'kotlin' ? jvmManagers(project, language) : managersOf(language)
  if (choices.length > 1 && project.fact(readJvm).maven !== null)
    warn('there are a pom.xml and a Gradle build; maven is taken (--package-manager names the other)')
  const id = choices[0] ?? 'gradle'
  return {
    id,
    agent: id,
    version: null,
    from: language,
    folder: '',
    choices: [...choices],
    workspaceRoot: false,
  }
}

function jvmManagers(project: Project, language: Language): readonly PackageManagerId[] {
  const { maven, gradleFile } = project.fact(readJvm)
  const found: PackageManagerId[] = []
  if (maven !== null) found.push('maven')
  if (gradleFile !== null || project.first('settings.gradle', 'settings.gradle.kts') !== null)
    found.push('gradle')
  return found.length > 0 ? found : managersOf(language).slice(0, 1)
}
