import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { loadDocument, parseDocument } from '../../assistant/load.ts'
import { mergeOverrides } from '../../assistant/overrides.ts'
import { parseWith } from '../../assistant/schema.ts'
import { systemCodeOf } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { packageFile } from '../../package-root.ts'

const amount = z.number().min(0)
const perMinute = z.strictObject({ perMinute: amount })
const tokens = { input: amount, cachedInput: amount.optional(), output: amount }

const schema = z.strictObject({
  format: z.literal(1),
  /** Since when, and where from: in words. */
  date: z.string(),
  sources: z.string(),
  currency: z.literal('USD'),
  vapi: perMinute,
  /** By provider, or provider/model. */
  transcribers: z.record(z.string(), perMinute),
  transports: z.record(z.string(), perMinute),
  /** US dollars for a million tokens. */
  models: z.record(
    z.string(),
    z.strictObject({
      ...tokens,
      /** Of sound, where it has a price of its own. */
      audio: z.strictObject(tokens).optional(),
    }),
  ),
  /** US dollars for a thousand characters; by provider, or provider/voice. */
  voices: z.record(z.string(), z.strictObject({ perThousandCharacters: amount })),
})

/** What providers charge, in US dollars. */
export type PriceTable = z.infer<typeof schema>

/** Where the user's own prices stand unless told otherwise; null without a home folder. */
export function ownPricesPath(env: NodeJS.ProcessEnv): string | null {
  const home = env.HOME ?? env.USERPROFILE
  return home === undefined ? null : join(home, '.vapi', 'prices.yaml')
}

/**
 * The prices that come with the program, with the user's own laid over them: those of `path`, else those of
 * `~/.vapi/prices.yaml` where it is there. Throws a usage error that names the fault.
 */
export async function loadPrices(path: string | null, env: NodeJS.ProcessEnv): Promise<PriceTable> {
  const shipped = packageFile('templates', 'prices.yaml')
  const table = await parseDocument(await readFile(shipped, 'utf8'), shipped)
  const ownPath = path ?? ownPricesPath(env)
  const own = path === null ? await readOwn(ownPath) : await loadDocument(path)
  const merged = isObject(table) && isObject(own) ? mergeOverrides(table, own) : table
  return parseWith(schema, merged, own === null ? shipped : (ownPath ?? shipped))
}

async function readOwn(path: string | null): Promise<unknown> {
  if (path === null) return null
  try {
    return await parseDocument(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null
    throw error
  }
}

/**
 * The row of a table for `provider/name`: its own, else that of the longest name which it begins with
 * (`gpt-4o-2024-08-06` has the price of `gpt-4o`), else its provider's; undefined where there is none.
 */
export function priceOf<Price>(table: Readonly<Record<string, Price>>, name: string): Price | undefined {
  if (Object.hasOwn(table, name)) return table[name]
  const prefixes = Object.keys(table).filter(key => name.startsWith(`${key}-`) || name.startsWith(`${key}/`))
  const longest = prefixes.reduce((best, key) => (key.length > best.length ? key : best), '')
  return longest === '' ? undefined : table[longest]
}
