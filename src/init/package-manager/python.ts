import { isObject } from '../../is-object.ts'
import { readPython } from '../frameworks/facts/python.ts'
import { joined, type Project, pathFrom } from '../project.ts'
import type { PackageManager } from '../types.ts'

export type PythonManager = 'uv' | 'poetry' | 'pdm' | 'pipenv' | 'pip'

export const PYTHON_MANAGERS: readonly PythonManager[] = ['uv', 'poetry', 'pdm', 'pipenv', 'pip']

const LOCK_FILES: readonly [string, PythonManager][] = [
  ['uv.lock', 'uv'],
  ['poetry.lock', 'poetry'],
  ['pdm.lock', 'pdm'],
  ['Pipfile.lock', 'pipenv'],
]
const BACKENDS: readonly [RegExp, PythonManager][] = [
  [/^poetry\b/, 'poetry'],
  [/^pdm\b/, 'pdm'],
  [/^uv_build\b/, 'uv'],
]
const SAME_MOMENT_MS = 60_000

/**
 * Which manager of Python packages a folder is kept with: its lock file, its table in pyproject.toml or its Pipfile, the
 * lock file of a uv workspace above, the build back end; else pip.
 */
export function pythonManager(project: Project, warn: (text: string) => void): PackageManager {
  const made = (choices: PythonManager[], from: string, folder = ''): PackageManager => ({
    id: choices[0] ?? 'pip',
    agent: choices[0] ?? 'pip',
    version: null,
    from,
    folder: folder === '' ? '' : pathFrom(project.root, folder),
    choices,
    workspaceRoot: false,
  })
  const locks = LOCK_FILES.filter(([file]) => project.isFile(file)).sort(([one], [other]) => {
    const age = project.changedAtMs(other) - project.changedAtMs(one)
    return Math.abs(age) > SAME_MOMENT_MS ? age : 0
  })
  const [first] = locks
  if (first !== undefined) {
    const names = locks.map(([file]) => file).sort()
    if (locks.length > 1)
      warn(
        `there are lock files of several package managers: ${names.join(', ')}; ${first[1]} is taken (--package-manager names another)`,
      )
    return made(
      locks.map(([, id]) => id),
      first[0],
    )
  }
  const { pyproject } = project.fact(readPython)
  const tool = isObject(pyproject?.tool) ? pyproject.tool : {}
  for (const id of ['uv', 'poetry', 'pdm'] as const)
    if (isObject(tool[id])) return made([id], `[tool.${id}] in pyproject.toml`)
  if (project.isFile('Pipfile')) return made(['pipenv'], 'Pipfile')
  if (project.inRepository && pyproject !== null) {
    const above = project.parents.find(parent => project.isFile(joined(parent, 'uv.lock')))
    if (above !== undefined) return made(['uv'], `uv.lock in ${pathFrom(project.root, above)}`, above)
  }
  const build = isObject(pyproject?.['build-system']) ? pyproject['build-system']['build-backend'] : null
  const backend = BACKENDS.find(([pattern]) => typeof build === 'string' && pattern.test(build))
  if (backend !== undefined) return made([backend[1]], 'the build back end in pyproject.toml')
  return made(
    ['pip'],
    project.first('requirements.txt', 'pyproject.toml', 'setup.py') ?? 'nothing: pip comes with Python',
  )
}
