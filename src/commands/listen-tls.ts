import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { systemCodeOf, usageError } from '../errors.ts'

/** Whom an https target has to be. */
export const tlsOptions = {
  'skip-verify': { type: 'boolean', summary: 'trust any certificate of an https target' },
  ca: { type: 'string', placeholder: 'FILE', summary: 'certificate (PEM) to trust of an https target' },
} as const satisfies Record<string, OptionDefinition>

/** The text of `--ca`, or null. Throws a usage error where it is no certificate. */
export async function readCertificate(
  path: string | undefined,
  { workingDirectory }: Context,
): Promise<string | null> {
  if (path === undefined) return null
  let text: string
  try {
    text = await readFile(resolve(workingDirectory, path), 'utf8')
  } catch (error) {
    throw usageError(`--ca ${path} cannot be read (${systemCodeOf(error) ?? 'unknown error'})`)
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw usageError(`--ca ${path} holds no certificate in PEM`)
  return text
}
