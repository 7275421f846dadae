import { existsSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Transcriber } from '../../engine/ports/transcriber.ts'
import { usageError, VapiError } from '../../errors.ts'
import { knownModels } from '../local-models/known.ts'
import { findKept, type KeptModel, keptModels } from '../local-models/store.ts'
import { createPocketSphinx, type PocketSphinxProgram } from './pocketsphinx.ts'
import { createSherpa } from './sherpa.ts'
import { findSherpaModel, findSherpaPackage } from './sherpa-model.ts'

/** A recogniser of this machine that can be started. */
export interface LocalRecogniser {
  /** `provider/model`, the name of its transcriber. */
  name: string
  create(): Transcriber
}

interface Kind {
  /** What the user types. */
  name: string
  /** Null where it is not installed. Throws VapiError where the user set it up and it cannot work. */
  find(
    env: NodeJS.ProcessEnv,
    model: string | undefined,
    language: string | null,
  ): Promise<LocalRecogniser | null>
}

/** In the order of preference: what the user set up by hand goes first. */
const KINDS: readonly Kind[] = [
  { name: 'sherpa-onnx', find: findSherpa },
  { name: 'pocketsphinx', find: findPocketSphinx },
]

/**
 * Finds a recogniser that needs no network.
 * @param preferred `pocketsphinx`, `sherpa-onnx`, or `sherpa-onnx/NAME` for a pulled model or a folder; without it the
 * first that is there: the model of `VAPI_SHERPA_MODEL`, a pulled one of the language, PocketSphinx.
 * @param language What is spoken (BCP 47), where it is known; without it the first pulled model goes.
 * @returns null where there is none; `recogniserAdvice` says what to install.
 * @throws VapiError where the user named a model (`sherpa-onnx/NAME`, `VAPI_SHERPA_MODEL`) that cannot be used, and
 * a usage error for an unknown name.
 */
export async function findLocalRecogniser(
  env: NodeJS.ProcessEnv,
  preferred?: string,
  language: string | null = null,
): Promise<LocalRecogniser | null> {
  if (preferred === undefined) {
    for (const kind of KINDS) {
      const found = await kind.find(env, undefined, language)
      if (found) return found
    }
    return null
  }
  const [name, ...rest] = preferred.split('/')
  const kind = KINDS.find(candidate => candidate.name === name)
  if (!kind) {
    const known = KINDS.map(candidate => candidate.name).join(', ')
    throw usageError(
      `there is no local recogniser named ${name}`,
      `known: ${known}, sherpa-onnx/NAME or FOLDER`,
    )
  }
  return kind.find(env, rest.join('/') || undefined, language)
}

/** What to type to get a recogniser on this platform (`process.platform`), or to do without. */
export function recogniserAdvice(platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}): string {
  const [pulled] = transcribersOf(keptModels(env))
  if (pulled !== undefined && !isSherpaInstalled(env))
    return `npm install -g sherpa-onnx-node (its model ${pulled.name} is here); or type instead: --in text`
  const sherpa = 'npm install -g sherpa-onnx-node and vapi voice models pull zipformer-en'
  const ways: Partial<Record<NodeJS.Platform, string>> = {
    linux: 'sudo apt-get install pocketsphinx pocketsphinx-en-us (Debian, Ubuntu)',
    darwin: 'brew install cmu-pocketsphinx',
  }
  const better = ways[platform] ? `${ways[platform]}; or, better: ${sherpa}` : sherpa
  return `${better}; or type instead: --in text`
}

async function findSherpa(
  env: NodeJS.ProcessEnv,
  model: string | undefined,
  language: string | null,
): Promise<LocalRecogniser | null> {
  const cwd = process.cwd()
  const chosen = model ?? env.VAPI_SHERPA_MODEL
  if (chosen) {
    const kept = model === undefined ? null : findKept(env, model)
    const modelFolder = kept?.folder ?? chosen
    await findSherpaModel(modelFolder).catch(error => {
      if (model !== undefined && kept === null && knownModels(env).some(known => known.name === model))
        throw notPulled(model)
      if (model !== undefined && kept === null && isUnknownName(model)) throw noSuchModel(model, env)
      throw error
    })
    findSherpaPackage(env, cwd)
    return named(() => createSherpa({ modelFolder, env, cwd, languages: kept?.known?.languages }))
  }
  const spoken = language === null || language === 'multi' ? null : language.split('-')[0].toLowerCase()
  const pulled = transcribersOf(keptModels(env)).find(
    ({ known }) => spoken === null || known?.languages.includes(spoken),
  )
  if (pulled === undefined || !isSherpaInstalled(env)) return null
  await findSherpaModel(pulled.folder)
  return named(() =>
    createSherpa({ modelFolder: pulled.folder, env, cwd, languages: pulled.known?.languages }),
  )
}

/** Of folders that were put there by hand nothing is known: they are taken by their names alone. */
function transcribersOf(models: readonly KeptModel[]): KeptModel[] {
  return models.filter(({ known }) => known?.kind === 'transcriber')
}

function isSherpaInstalled(env: NodeJS.ProcessEnv): boolean {
  try {
    findSherpaPackage(env, process.cwd())
    return true
  } catch {
    return false
  }
}

/** A name, and not the path of a folder. */
function isUnknownName(model: string): boolean {
  return !/[/\\]/.test(model) && !existsSync(model)
}

function noSuchModel(name: string, env: NodeJS.ProcessEnv): VapiError {
  const known = knownModels(env).filter(({ kind }) => kind === 'transcriber')
  const names = [...new Set([...transcribersOf(keptModels(env)), ...known].map(model => model.name))]
  return usageError(
    `there is no speech model ${name} of sherpa-onnx, and no such folder`,
    `known: ${names.join(', ')} (vapi voice models list), or the folder of a model; local takes what is on this machine`,
  )
}

function notPulled(name: string): VapiError {
  return new VapiError({
    code: 'recogniser-model-not-found',
    message: `the speech model ${name} is not on this machine`,
    endedReason: 'call.in-progress.error-vapifault-vapi-transcriber-failed',
    hint: `vapi voice models pull ${name}`,
  })
}

async function findPocketSphinx(env: NodeJS.ProcessEnv): Promise<LocalRecogniser | null> {
  // It is fed through `sh`, and no package of Windows brings its program.
  if (process.platform === 'win32') return null
  const programs: [string, PocketSphinxProgram['kind']][] = [
    ['pocketsphinx_continuous', 'continuous'],
    ['pocketsphinx', 'live'],
  ]
  for (const [program, kind] of programs) {
    const path = await findProgram(env, program)
    if (path) return named(() => createPocketSphinx({ kind, path }))
  }
  return null
}

function named(create: () => Transcriber): LocalRecogniser {
  return { name: create().name, create }
}

async function findProgram(env: NodeJS.ProcessEnv, name: string): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name)
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return path
  }
  return undefined
}
