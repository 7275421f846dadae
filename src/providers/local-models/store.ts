/**
 * Models that were pulled: `MODELS/ENGINE/NAME/`, each with `vapi-model.json`, which says where its files are from. What is
 * under way is in `MODELS/ENGINE/.NAME-REVISION.part/`, and takes its name when it is whole.
 */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from '../../is-object.ts'
import type { LocalModel } from './catalogue.ts'
import { findModelsFolder, modelsFolder } from './folder.ts'
import type { Digest } from './hugging-face.ts'
import { knownModels } from './known.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A file as it was pulled. */
export interface KeptFile {
  name: string
  bytes: number
  digest: Digest
}

/** A model that is on this machine. */
export interface KeptModel {
  engine: string
  name: string
  folder: string
  /** Of all its files, also of those that somebody put beside them. */
  bytes: number
  /** Its row, where it is (still) known. */
  known: LocalModel | null
  /** What was pulled; null for a folder that somebody put there by hand. */
  files: readonly KeptFile[] | null
  revision: string | null
}

export const MANIFEST = 'vapi-model.json'

export function modelFolder(env: Environment, { engine, name }: LocalModel): string {
  return join(modelsFolder(env), engine, name)
}

/** Where a model is put together. */
export function partFolder(env: Environment, { engine, name, revision }: LocalModel): string {
  return join(modelsFolder(env), engine, `.${name}-${revision.slice(0, 12)}.part`)
}

/** What is there of an engine, in the order of the table, then by name. */
export function keptModels(env: Environment, engine = 'sherpa-onnx'): KeptModel[] {
  const models = findModelsFolder(env)
  if (models === null) return []
  const root = join(models, engine)
  const table = knownModels(env)
  const place = (name: string) => {
    const found = table.findIndex(model => model.name === name)
    return found === -1 ? table.length : found
  }
  return foldersIn(root)
    .filter(name => !name.startsWith('.'))
    .map(name => keptModel(root, engine, name, table))
    .sort((one, other) => place(one.name) - place(other.name) || one.name.localeCompare(other.name))
}

/** One of them, or null. A path is no name. */
export function findKept(env: Environment, name: string, engine = 'sherpa-onnx'): KeptModel | null {
  return keptModels(env, engine).find(model => model.name === name) ?? null
}

/** How much of a model is there that was not pulled to its end. */
export function partBytes(env: Environment, model: LocalModel): number {
  return bytesUnder(partFolder(env, model))
}

/** Takes a model and what is left of its pulls from the disk; gives the bytes that it took. */
export async function removeModel(env: Environment, name: string, engine = 'sherpa-onnx'): Promise<number> {
  const root = join(modelsFolder(env), engine)
  const isLeftOver = (folder: string) =>
    folder.startsWith(`.${name}-`) && /-[0-9a-f]{12}\.(part|old)$/.test(folder)
  const folders = foldersIn(root).filter(folder => folder === name || isLeftOver(folder))
  let bytes = 0
  for (const folder of folders) {
    bytes += bytesUnder(join(root, folder))
    await rm(join(root, folder), { recursive: true, force: true })
  }
  return bytes
}

function keptModel(root: string, engine: string, name: string, table: readonly LocalModel[]): KeptModel {
  const folder = join(root, name)
  const manifest = readManifest(folder)
  return {
    engine,
    name,
    folder,
    bytes: bytesUnder(folder),
    known: table.find(model => model.engine === engine && model.name === name) ?? null,
    files: manifest?.files ?? null,
    revision: manifest?.revision ?? null,
  }
}

function readManifest(folder: string): { files: KeptFile[]; revision: string } | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'))
    if (!isObject(manifest) || !Array.isArray(manifest.files)) return null
    return { files: manifest.files as KeptFile[], revision: String(manifest.revision) }
  } catch {
    return null
  }
}

function foldersIn(root: string): string[] {
  try {
    return readdirSync(root).filter(name =>
      statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory(),
    )
  } catch {
    return []
  }
}

function bytesUnder(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
      const stats = lstatSync(join(folder, name), { throwIfNoEntry: false })
      return sum + (stats?.isFile() ? stats.size : 0)
    }, 0)
  } catch {
    return 0
  }
}
