import { resolve } from 'node:path'
import { loadDocument } from '../assistant/load.ts'
import { isObject, type Json, setPath } from '../assistant/overrides.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { usageError } from '../errors.ts'

/** Options that every command has that runs an assistant. */
export const callOptions = {
  semantics: {
    type: 'string',
    placeholder: 'SOURCE',
    choices: ['documentation', 'openapi'],
    default: 'documentation',
    summary: 'whose reading counts where the documentation and the API document differ',
  },
  var: {
    type: 'list',
    placeholder: 'NAME=VALUE',
    summary: 'value of a variable in the assistant (customer.name=Ann)',
  },
} as const satisfies Record<string, OptionDefinition>

/** `--var name=value` pairs as an object; dots make nested objects. Throws a usage error for anything else. */
export function variablesOf(pairs: readonly string[]): Json {
  const variables: Json = {}
  for (const pair of pairs) {
    const place = pair.indexOf('=')
    if (place <= 0) throw usageError(`--var ${pair} is not of the form name=value`)
    setPath(variables, pair.slice(0, place), pair.slice(place + 1))
  }
  return variables
}

/** A JSON or YAML file (`-`: standard input) that must hold an object. */
export async function loadObject(path: string, { output, workingDirectory }: Context): Promise<Json> {
  const place = path === '-' ? path : resolve(workingDirectory, path)
  const document = await loadDocument(place, output.streams.stdin)
  if (!isObject(document)) throw usageError(`${path} does not hold an object`)
  return document
}

export function asSemantics(value: string): 'documentation' | 'openapi' {
  return value === 'openapi' ? 'openapi' : 'documentation'
}
