import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Says why a test cannot run here, or false. For `describe.skipIf`/`it.skipIf` and the test's name.
 * With VAPI_TEST_STRICT=1 (CI, which installs every package first) a missing system package is a failure instead.
 */
export function requires(...programs: string[]): string | false {
  const missing = programs.filter(program => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  return missingReason(missing.map(program => `the program ${program}`))
}

/** Like `requires`, for files that a system package brings. */
export function requiresFiles(...paths: string[]): string | false {
  return missingReason(paths.filter(path => !existsSync(path)))
}

/** The shared folder of test data beside the project; absent outside the founders' workplace, never required. */
export function sharedFolder(): string | false {
  const folder = new URL('../../../shared', import.meta.url).pathname
  return existsSync(`${folder}/design.md`) && folder
}

function missingReason(missing: string[]): string | false {
  if (missing.length === 0) return false
  const reason = `not installed here: ${missing.join(', ')}`
  if (process.env.VAPI_TEST_STRICT === '1') throw new Error(reason)
  return reason
}
