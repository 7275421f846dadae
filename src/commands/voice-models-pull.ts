import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { type FileLock, takeLock } from '../config/file-lock.ts'
import { asVapiError, usageError, VapiError } from '../errors.ts'
import { formatBytes } from '../output/rate.ts'
import type { LocalModel } from '../providers/local-models/catalogue.ts'
import { onDisk } from '../providers/local-models/fetch-file.ts'
import { hubEndpoint, type ModelSource } from '../providers/local-models/hugging-face.ts'
import { damagedFiles, pullModel, takeApart } from '../providers/local-models/pull.ts'
import {
  findKept,
  type KeptModel,
  modelFolder,
  partBytes,
  partFolder,
} from '../providers/local-models/store.ts'
import { findSherpaPackage } from '../providers/recognisers/sherpa-model.ts'
import { knownModel } from './voice-models-names.ts'

export default defineCommand(
  {
    name: 'voice models pull',
    summary: 'download a model for speech on this machine',
    description:
      'Shows licence, size and source, and asks. Files come from Hugging Face, or a mirror that HF_ENDPOINT names, at a fixed revision, and are checked against their checksums. What broke off goes on where it stopped when the command is run again. A model that is there is checked and mended.',
    args: [{ name: 'name', summary: 'a name of vapi voice models list', required: true }],
    options: { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi voice models pull zipformer-en', does: 'English, for --transcriber local' },
      { command: 'vapi voice models pull kokoro-en-v0_19 --yes', does: 'voices, without asking' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [typed = ''], options }, context) => {
    const { env, signal } = context
    const model = knownModel(env, typed)
    const endpoint = hubEndpoint(env)
    const damaged = await damageOf(model, context)
    if (damaged?.length !== 0) {
      describe(model, endpoint, damaged, context)
      await consent(model, options.yes, context)
      const lock = await lockModel(model, context)
      try {
        await pull(model, { http: await context.http(), endpoint }, context)
      } finally {
        lock.release()
      }
      signal.throwIfAborted()
    }
    const kept = findKept(env, model.name)
    if (kept === null)
      throw new VapiError({ code: 'not-found', message: `${model.name} was removed meanwhile` })
    await report(model, kept, damaged?.length === 0, context)
    return undefined
  },
)

/** Null where the model is not there; else the names of its damaged files. */
async function damageOf(model: LocalModel, { env, output, signal }: Context): Promise<string[] | null> {
  const kept = findKept(env, model.name)
  if (kept === null) return null
  if (kept.files === null)
    throw usageError(
      `${kept.folder} was put there by hand`,
      'move it elsewhere and run it again, or use it as it is',
    )
  // A newer table: the old one stays in use until the new one is there.
  if (kept.revision !== model.revision) return null
  const stop = output.waiting(`checking ${model.name}`)
  try {
    return await damagedFiles(kept, signal)
  } finally {
    stop()
  }
}

function describe(
  model: LocalModel,
  endpoint: string,
  damaged: readonly string[] | null,
  { output, env }: Context,
): void {
  const { name, kind, languages, licence, repository, revision } = model
  const there = partBytes(env, model)
  const whole = model.bytes === 0 ? 'as the source says' : formatBytes(model.bytes)
  const size = `${whole}${there > 0 ? `, of which ${formatBytes(there)} are there` : ''}`
  const lines = [
    `${name}: ${kind === 'voice' ? 'a voice' : 'speech recognition'} for sherpa-onnx (${languages.join(', ')})`,
    `licence: ${licence}`,
    `source:  ${endpoint}/${repository}/tree/${revision.slice(0, 12)}`,
    `size:    ${size}`,
    `goes to: ${modelFolder(env, model)}`,
    ...(damaged ? [`damaged: ${damaged.join(', ')}`] : []),
  ]
  output.note(lines.join('\n'))
}

async function consent({ name }: LocalModel, yes: boolean, context: Context): Promise<void> {
  if (yes) return
  if (!context.interactive)
    throw usageError('will not download a model without asking', 'add --yes to accept its licence')
  const prompt = await context.prompt()
  const sure = await prompt.confirm({ message: `Accept the licence and download ${name}?`, default: true })
  if (!sure) throw new VapiError({ code: 'declined', message: 'nothing was downloaded' })
}

/** Where another vapi works on the model, waits for it. */
async function lockModel(model: LocalModel, { env, output, signal }: Context): Promise<FileLock> {
  const path = partFolder(env, model)
  await onDisk(path, () => mkdir(dirname(path), { recursive: true }))
  try {
    return await takeLock(path, { signal, waitMs: 0 })
  } catch (error) {
    if (asVapiError(error).code !== 'config-locked') throw error
    output.note(`another vapi is pulling ${model.name}; waiting for it`)
    return await takeLock(path, { signal, waitMs: Number.POSITIVE_INFINITY })
  }
}

async function pull(model: LocalModel, source: ModelSource, context: Context): Promise<void> {
  const { env, output, signal } = context
  const damaged = await damageOf(model, context)
  // Whom the lock was waited for brought it.
  if (damaged?.length === 0) return
  const kept = findKept(env, model.name)
  if (damaged !== null && kept !== null) await takeApart(env, model, kept, damaged)
  const line = output.progress(model.name, 'bytes')
  try {
    await pullModel(model, { source, env, signal, progress: line.update })
  } finally {
    line.stop()
  }
}

async function report(
  model: LocalModel,
  kept: KeptModel,
  wasThere: boolean,
  { output, env }: Context,
): Promise<void> {
  const { name, engine, kind, licence, repository, revision } = model
  const { folder, bytes } = kept
  await output.done(
    { id: name, name, engine, kind, folder, bytes, licence, repository, revision, pulled: !wasThere },
    wasThere ? `${name} is there, and whole` : `${name} is in ${folder} (${formatBytes(bytes)})`,
  )
  output.note(
    kind === 'voice'
      ? `it speaks with: vapi call local --voice ${engine}/${name}`
      : `it listens with: vapi call local --transcriber ${engine}/${name} (or local)`,
  )
  try {
    findSherpaPackage(env, process.cwd())
  } catch {
    output.note('its engine is not installed yet: npm install -g sherpa-onnx-node')
  }
}
