import { join, resolve } from 'node:path'
import { usageError } from '../../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** `VAPI_MODELS_DIR`, or `.vapi/models` in the home folder; null where there is neither. */
export function findModelsFolder(env: Environment): string | null {
  if (env.VAPI_MODELS_DIR) return resolve(env.VAPI_MODELS_DIR)
  const home = env.HOME || env.USERPROFILE
  return home ? join(home, '.vapi', 'models') : null
}

/** The same. Throws a usage error where there is none. */
export function modelsFolder(env: Environment): string {
  const folder = findModelsFolder(env)
  if (folder !== null) return folder
  throw usageError('there is no home folder to keep models in', 'name a folder with VAPI_MODELS_DIR')
}
