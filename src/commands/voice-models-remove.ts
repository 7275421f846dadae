import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { defineCommand } from '../cli/definition.ts'
import { takeLock } from '../config/file-lock.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
import { formatBytes } from '../output/rate.ts'
import { knownModels } from '../providers/local-models/known.ts'
import { findKept, partBytes, partFolder, removeModel } from '../providers/local-models/store.ts'
import { plainName } from './voice-models-names.ts'

export default defineCommand(
  {
    name: 'voice models remove',
    summary: 'delete a model for speech from this machine',
    description: 'Also deletes what is there of a model whose download was not finished.',
    args: [{ name: 'name', summary: 'a name of vapi voice models list --here', required: true }],
    options: { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi voice models remove zipformer-en', does: 'after asking' },
      { command: 'vapi voice models remove zipformer-en --yes', does: 'without asking' },
    ],
    needsLogin: false,
    destructive: true,
  },
  async ({ args: [typed = ''], options }, context) => {
    const { output, env, signal } = context
    const name = plainName(typed)
    const kept = findKept(env, name)
    const known = knownModels(env).find(model => model.name === name)
    const bytes = (kept?.bytes ?? 0) + (known === undefined ? 0 : partBytes(env, known))
    if (kept === null && bytes === 0)
      throw new VapiError({
        code: 'not-found',
        message: `there is no model ${name} on this machine`,
        exit: Exit.notFound,
        hint: 'vapi voice models list --here',
      })
    if (!options.yes && !context.interactive)
      throw usageError('will not delete a model without asking', 'add --yes')
    if (!options.yes) {
      const prompt = await context.prompt()
      const where = kept?.files === null ? ` (put there by hand: ${kept.folder})` : ''
      const message = `Delete ${name}, ${formatBytes(bytes)}${where}?`
      if (!(await prompt.confirm({ message, default: false })))
        throw new VapiError({ code: 'declined', message: 'nothing was deleted' })
    }
    const removed = await withLock(known && partFolder(env, known), signal, () => removeModel(env, name))
    await output.done(
      { id: name, name, bytes: removed, removed: true },
      `${name} is deleted, ${formatBytes(removed)} are free again`,
    )
    return undefined
  },
)

/** Nothing is taken from under a pull. */
async function withLock<T>(
  path: string | undefined,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  if (path === undefined) return work()
  await mkdir(dirname(path), { recursive: true })
  const lock = await takeLock(path, { signal, waitMs: 2000 })
  try {
    return await work()
  } finally {
    lock.release()
  }
}
