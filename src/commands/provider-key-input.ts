import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LONGEST_KEY } from '../auth/key.ts'
import type { Context } from '../cli/context.ts'
import { checkKey } from '../config/values.ts'
import { fileFaultOf, usageError, VapiError } from '../errors.ts'
import type { Vendor } from '../providers/vendors.ts'
import { readPipedKey } from './account-key-input.ts'

/** More than this is no key; in bytes. */
const LONGEST_FILE = 64 * 1024

export interface KeyOrigin {
  /** A file, - for standard input. */
  file: string | undefined
  /** A variable of the environment. */
  variable: string | undefined
}

/**
 * The key that is to be kept: of a file, of a variable, else typed unseen. Never of an argument: everybody on the machine
 * can read those of a running program, and shells keep them. Throws a usage error that never shows the key.
 */
export async function readProviderKey(
  { label }: Vendor,
  { file, variable }: KeyOrigin,
  context: Context,
): Promise<string> {
  if (file !== undefined && variable !== undefined)
    throw usageError('--file and --key-env exclude each other')
  if (variable !== undefined) {
    const text = context.env[variable] ?? ''
    if (text.trim() === '')
      throw usageError(`${shown(variable)} is not set`, '--key-env takes the name of a variable')
    return check(text, `the key in ${variable}`, label)
  }
  const typed = file === undefined || (file === '-' && context.output.streams.stdinIsTerminal)
  if (!typed) {
    const text =
      file === '-' ? await readPipedKey(context) : await readKeyFile(resolve(context.workingDirectory, file))
    return check(text, file === '-' ? 'the key on standard input' : `the key in ${file}`, label)
  }
  if (!context.interactive)
    throw usageError(
      'the key is missing',
      'pipe it with --file - < key.txt, or name its variable with --key-env',
    )
  const prompt = await context.prompt()
  return check(await prompt.secret({ message: `Key of ${label}:` }), 'the key', label)
}

function check(text: string, source: string, label: string): string {
  try {
    const key = checkKey(text, source)
    if (key.length <= LONGEST_KEY) return key
  } catch (error) {
    const message = error instanceof VapiError ? error.message : `${source} cannot be read`
    throw usageError(message, `give the key of ${label} alone, as one line`)
  }
  throw usageError(`${source} has more than ${LONGEST_KEY} characters`, `give the key of ${label} alone`)
}

/** A name of a variable; what cannot be one may be a key, and is not repeated. */
function shown(variable: string): string {
  return /^[A-Z][A-Z0-9_]{0,63}$/.test(variable) ? variable : 'that variable'
}

async function readKeyFile(path: string): Promise<string> {
  try {
    const handle = await open(path)
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(LONGEST_FILE), 0, LONGEST_FILE, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw usageError(`${path} cannot be read: ${fileFaultOf(error)}`)
  }
}
