/**
 * The models that can be pulled: those of the table, and the user's own in `models.json` of the models' folder, a list of
 *
 *     {"name": "my-english", "kind": "transcriber", "languages": ["en"], "licence": "MIT",
 *      "repository": "me/my-english", "revision": "<commit>", "files": ["encoder.onnx", {"path": "exp/tokens.txt", "name": "tokens.txt"}]}
 *
 * A file may have `bytes` and `sha256`; what is missing is asked of the source. `folders` and `speakers` as in the table.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, systemCodeOf, usageError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { LOCAL_MODELS, type LocalModel, type ModelFile } from './catalogue.ts'
import { findModelsFolder } from './folder.ts'

const OWN_MODELS = 'models.json'
const HINT = 'look at an entry of vapi voice models list --json; a revision is a commit of 40 digits'

/** In the order in which `--transcriber local` prefers them. Throws a usage error for a wrong `models.json`. */
export function knownModels(env: Readonly<Record<string, string | undefined>>): LocalModel[] {
  const folder = findModelsFolder(env)
  if (folder === null) return [...LOCAL_MODELS]
  const file = join(folder, OWN_MODELS)
  return [...ownModels(file), ...LOCAL_MODELS]
}

function ownModels(file: string): LocalModel[] {
  let rows: unknown
  try {
    rows = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return []
    throw usageError(`${file}: ${messageOf(error)}`)
  }
  if (!Array.isArray(rows)) throw usageError(`${file} is not a list of models`, HINT)
  return rows.map((row, place) => ownModel(row, `${file}: entry ${place + 1}`))
}

function ownModel(row: unknown, where: string): LocalModel {
  if (!isObject(row)) throw usageError(`${where} is not an object`, HINT)
  const text = (key: string, pattern: RegExp) => {
    const value = row[key]
    if (typeof value === 'string' && pattern.test(value)) return value
    throw usageError(`${where}: ${key} is missing or wrong`, HINT)
  }
  const name = text('name', /^[\w][\w.-]{0,99}$/)
  if (LOCAL_MODELS.some(model => model.name === name))
    throw usageError(`${where}: ${name} is the name of a model of vapi’s own`, 'give it another name')
  const files = listOf(row.files, where, 'files').map(file => ownFile(file, where))
  return {
    engine: 'sherpa-onnx',
    name,
    kind: text('kind', /^(transcriber|voice)$/) as LocalModel['kind'],
    languages: texts(row.languages, where, 'languages'),
    bytes: files.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    licence: text('licence', /\S/),
    repository: text('repository', /^[\w.-]+\/[\w.-]+$/),
    revision: text('revision', /^[0-9a-f]{40}$/),
    files,
    folders: texts(row.folders ?? [], where, 'folders'),
    ...(row.speakers !== undefined && { speakers: texts(row.speakers, where, 'speakers') }),
  }
}

function ownFile(file: unknown, where: string): ModelFile {
  const { path, name = path, bytes, sha256 } = isObject(file) ? file : { path: file }
  const isPlain = (value: unknown) =>
    typeof value === 'string' && value.split('/').every(step => /^[\w,+-][\w.,+-]*$/.test(step))
  if (typeof path !== 'string' || typeof name !== 'string' || !isPlain(path) || !isPlain(name))
    throw usageError(`${where}: files has a path or a name that is none`, HINT)
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && Number(bytes) >= 0))
    throw usageError(`${where}: ${path}: bytes is no size`, HINT)
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(String(sha256)))
    throw usageError(`${where}: ${path}: sha256 is not 64 hexadecimal digits in small letters`, HINT)
  return {
    ...{ path, name },
    ...(bytes !== undefined && { bytes: Number(bytes) }),
    ...(sha256 !== undefined && { sha256: String(sha256) }),
  }
}

function texts(value: unknown, where: string, key: string): string[] {
  const list = listOf(value, where, key)
  if (list.every(entry => typeof entry === 'string')) return list
  throw usageError(`${where}: ${key} is not a list of texts`, HINT)
}

function listOf(value: unknown, where: string, key: string): unknown[] {
  if (Array.isArray(value)) return value
  throw usageError(`${where}: ${key} is not a list`, HINT)
}
