import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Transcriber } from '../../engine/ports/transcriber.ts'
import { usageError } from '../../errors.ts'
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
  find(env: NodeJS.ProcessEnv, model: string | undefined): Promise<LocalRecogniser | null>
}

/** In the order of preference: what the user set up by hand goes first. */
const KINDS: readonly Kind[] = [
  { name: 'sherpa-onnx', find: findSherpa },
  { name: 'pocketsphinx', find: findPocketSphinx },
]

/**
 * Finds a recogniser that needs no network.
 * @param preferred `pocketsphinx`, `sherpa-onnx` or `sherpa-onnx/DIR`; without it the first that is there.
 * @returns null where there is none; `recogniserAdvice` says what to install.
 * @throws VapiError where the user named a model (`sherpa-onnx/DIR`, `VAPI_SHERPA_MODEL`) that cannot be used, and
 * a usage error for an unknown name.
 */
export async function findLocalRecogniser(
  env: NodeJS.ProcessEnv,
  preferred?: string,
): Promise<LocalRecogniser | null> {
  if (preferred === undefined) {
    for (const kind of KINDS) {
      const found = await kind.find(env, undefined)
      if (found) return found
    }
    return null
  }
  const [name, ...rest] = preferred.split('/')
  const kind = KINDS.find(candidate => candidate.name === name)
  if (!kind) {
    const known = KINDS.map(candidate => candidate.name).join(', ')
    throw usageError(`there is no local recogniser named ${name}`, `known: ${known}, sherpa-onnx/DIR`)
  }
  return kind.find(env, rest.join('/') || undefined)
}

/** What to type to get a recogniser on this platform (`process.platform`), or to do without. */
export function recogniserAdvice(platform: NodeJS.Platform): string {
  const sherpa =
    'npm install -g sherpa-onnx-node, unpack a streaming transducer model of sherpa-onnx and set VAPI_SHERPA_MODEL to its folder'
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
): Promise<LocalRecogniser | null> {
  const modelFolder = model ?? env.VAPI_SHERPA_MODEL
  if (!modelFolder) return null
  const cwd = process.cwd()
  await findSherpaModel(modelFolder)
  findSherpaPackage(env, cwd)
  return named(() => createSherpa({ modelFolder, env, cwd }))
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
