import { Exit, VapiError } from '../errors.ts'
import type { LocalModel } from '../providers/local-models/catalogue.ts'
import { knownModels } from '../providers/local-models/known.ts'

/** A name as the user types it: with the engine's before it, or without. */
export function plainName(typed: string): string {
  return typed.replace(/^sherpa-onnx\//, '')
}

/** The model of this name. Throws `not-found` (5) with the names that there are. */
export function knownModel(env: Readonly<Record<string, string | undefined>>, typed: string): LocalModel {
  const models = knownModels(env)
  const found = models.find(({ name }) => name === plainName(typed))
  if (found !== undefined) return found
  throw new VapiError({
    code: 'not-found',
    message: `there is no model ${typed}`,
    exit: Exit.notFound,
    hint: `there are ${models.map(({ name }) => name).join(', ')} (vapi voice models list)`,
  })
}
