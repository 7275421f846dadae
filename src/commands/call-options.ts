import { resolve } from 'node:path'
import { checkNumber } from '../api/contacts.ts'
import { loadDocument } from '../assistant/load.ts'
import { type Json, setPath } from '../assistant/overrides.ts'
import type { LoadStored, StoredKind } from '../assistant/sources.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'

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
  'customer-number': {
    type: 'string',
    placeholder: 'NUMBER',
    summary: 'number of the customer (+15551234567): customer.number in the assistant',
  },
  'customer-name': { type: 'string', placeholder: 'NAME', summary: 'name of the customer: customer.name' },
  'customer-email': {
    type: 'string',
    placeholder: 'ADDRESS',
    summary: 'e-mail address of the customer: customer.email',
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

/** What the options say of the customer, as the body of a call has it. Throws a usage error for a number of another form. */
export function customerOf(options: {
  'customer-number': string | undefined
  'customer-name': string | undefined
  'customer-email': string | undefined
}): Json {
  const number = options['customer-number']
  const name = options['customer-name']
  const email = options['customer-email']
  return {
    ...(number !== undefined && { number: checkNumber(number, '--customer-number') }),
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
  }
}

const stored: Readonly<Record<StoredKind, string>> = {
  assistant: 'assistant',
  squad: 'squad',
  tool: 'tool',
  'phone number': 'phone',
}

/** Fetches what is stored, with the account of this run; the account is asked for only then. `offline`: never. */
export function storedLoader(context: Context, offline = false): LoadStored {
  return async (kind, idOrName) => {
    if (offline)
      throw new VapiError({
        code: 'offline',
        message: `offline: the stored ${kind} ${idOrName} is not fetched`,
        exit: Exit.usage,
        hint: `vapi ${stored[kind]} get ${idOrName} --json > ${stored[kind]}.json fetches it once`,
      })
    const { findOne } = await import('../api/lookup.ts')
    return findOne(await context.api(), stored[kind], idOrName)
  }
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
