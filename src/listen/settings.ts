import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { messageOf, systemCodeOf, usageError } from '../errors.ts'
import { parseRoute, type Route, routeOf } from './routes.ts'
import { parseTarget } from './target.ts'

/** What `.vapi/listen.yaml` may say; flags go before it. */
const schema = z.strictObject({
  format: z.literal(1).optional(),
  forwardTo: z.union([z.string(), z.number()]).optional(),
  /** Targets by the events that go there. */
  routes: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  port: z.number().int().min(0).max(65_535).optional(),
  host: z.string().min(1).optional(),
  pathMode: z.enum(['append', 'fixed']).optional(),
  events: z.union([z.string(), z.array(z.string())]).optional(),
})

export type ListenFile = z.infer<typeof schema>

/** Reads the project’s file; what is not there says nothing. Throws a usage error for a faulty one. */
export async function readListenFile(path: string): Promise<ListenFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return {}
    throw usageError(`${path} cannot be read: ${messageOf(error)}`)
  }
  const { parse } = await import('yaml')
  let content: unknown
  try {
    content = parse(text)
  } catch (error) {
    throw usageError(`${path} is no YAML: ${messageOf(error)}`)
  }
  const read = schema.safeParse(content ?? {})
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw usageError(
    `${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not right'}`.replace(/ +/g, ' '),
    `known are ${Object.keys(schema.shape).join(', ')}`,
  )
}

/** Where events go: `--forward-to` takes what no `--route` takes. Throws a usage error where nothing is said. */
export function routesOf(
  flags: { forwardTo: string | undefined; routes: readonly string[] },
  file: ListenFile,
): Route[] {
  const given = flags.forwardTo !== undefined || flags.routes.length > 0
  const forwardTo = given ? flags.forwardTo : file.forwardTo
  const routes = given
    ? flags.routes.map(parseRoute)
    : Object.entries(file.routes ?? {}).map(([events, target]) => routeOf(events, String(target)))
  if (forwardTo !== undefined) routes.push({ patterns: ['*'], target: parseTarget(String(forwardTo)) })
  if (routes.length > 0) return routes
  throw usageError('where to is missing', 'vapi listen --forward-to localhost:3000/webhook')
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1000,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  kib: 1024,
  mib: 1_048_576,
  gib: 1_073_741_824,
}

/** A size as people write it: `20MB`, `512k`, `1000000`. Throws a usage error. */
export function parseSize(text: string, option: string): number {
  const [, digits, unit = ''] = /^([\d.]+)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = UNITS[unit.toLowerCase()]
  const bytes = Number(digits) * (factor ?? Number.NaN)
  if (Number.isFinite(bytes) && bytes >= 1) return Math.round(bytes)
  throw usageError(`${option} ${text} is no size`, `${option} 20MB`)
}
