import { stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { type CallBody, readBody, readDocument } from './call-body.ts'
import { loadSource } from './load.ts'
import type { LoadStored, Origin } from './sources.ts'

/** What somebody named: a file, or something stored. */
export interface Target {
  body: CallBody
  origin: Origin
}

/**
 * Reads what a person names as the speaker of a call: a file (an assistant, a squad, the body of a call; `-` is standard
 * input), else a stored assistant or squad by its id or name. Throws VapiError.
 */
export async function readTarget(
  target: string,
  directory: string,
  loadStored: LoadStored,
  stdin?: AsyncIterable<Uint8Array>,
): Promise<Target> {
  if (await isFile(target, directory)) return readFileTarget(target, directory, stdin)
  return readStored(target, loadStored)
}

/** The same of a file alone. */
async function readFileTarget(
  target: string,
  directory: string,
  stdin?: AsyncIterable<Uint8Array>,
): Promise<Target> {
  const path = target === '-' ? target : resolve(directory, target)
  const source = await loadSource(path, stdin)
  return { body: readDocument(source.document, target), origin: { name: target, source } }
}

/** What looks like a path is one, and so is whatever lies there. */
export async function isFile(target: string, directory: string): Promise<boolean> {
  if (target === '-' || /[\\/]|^\.\.?$/.test(target)) return true
  if (['.json', '.yaml', '.yml'].includes(extname(target).toLowerCase())) return true
  return stat(resolve(directory, target)).then(
    found => found.isFile(),
    () => false,
  )
}

async function readStored(name: string, loadStored: LoadStored): Promise<Target> {
  try {
    const configuration = await loadStored('assistant', name)
    const origin = `the stored assistant ${name}`
    return { body: readBody({ assistant: configuration }, origin), origin: { name: origin } }
  } catch (error) {
    if (!(error instanceof VapiError) || error.code !== 'not-found') throw withoutFile(error, name)
    const configuration = await loadStored('squad', name).catch(() => null)
    if (!isObject(configuration)) throw withoutFile(error, name)
    const origin = `the stored squad ${name}`
    return { body: readBody({ squad: configuration }, origin), origin: { name: origin } }
  }
}

/** Says that there is no file of the name either. */
function withoutFile(error: unknown, name: string): unknown {
  if (!(error instanceof VapiError) || (error.code !== 'not-found' && error.code !== 'not-logged-in'))
    return error
  const { code, exit, hint } = error
  return new VapiError({
    code,
    message: `there is no file ${name}; as the name of something stored: ${error.message}`,
    exit,
    ...(hint !== undefined && { hint }),
    cause: error,
  })
}
