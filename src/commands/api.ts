import { resolve } from 'node:path'
import { assign, parseAssignment } from '../api/body.ts'
import { listPages } from '../api/paging.ts'
import type { ApiRequest, JsonObject, Query } from '../api/types.ts'
import { loadDocument } from '../assistant/load.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'

const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const

export default defineCommand(
  {
    name: 'api',
    summary: 'send any request to the API with the account’s key',
    description:
      'Fields (-f) go into the query of GET and DELETE and into the body of the others; --file is the body of all but GET. A DELETE is sent as it is, without asking.',
    args: [
      { name: 'method', summary: `${methods.join(', ')}; GET unless given`, required: true },
      {
        name: 'path',
        summary: 'path below the base URL, with its query: /assistant?limit=5',
        required: false,
      },
    ],
    options: {
      field: {
        type: 'list',
        short: 'f',
        placeholder: 'KEY=VALUE',
        summary: 'field of the query or body; the value is JSON where it reads as JSON',
      },
      file: { type: 'string', placeholder: 'FILE', summary: 'body as JSON or YAML; - is stdin' },
      query: { type: 'list', placeholder: 'KEY=VALUE', summary: 'field of the query, whatever the method' },
      paginate: { type: 'boolean', summary: 'GET a list to its end, page by page' },
    },
    formats: ['json', 'yaml', 'jsonl'],
    examples: [
      { command: 'vapi api GET /assistant -f limit=5 --jq ".[].name"', does: 'a list, filtered' },
      { command: 'vapi api POST /assistant --file assistant.json', does: 'a body from a file' },
      { command: 'vapi api GET /call --paginate --output jsonl', does: 'every call, one line each' },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args, options }, context) => {
    const [first = '', second] = args
    const isPath = second === undefined && first.startsWith('/')
    const method = readMethod(isPath ? 'GET' : first)
    if (!isPath && second === undefined)
      throw usageError('the path is missing', `for example vapi api ${method} /assistant`)
    const inQuery = method === 'GET' || method === 'DELETE'
    const { path, query } = readPath(second ?? first, [...options.query, ...(inQuery ? options.field : [])])
    if (method === 'GET' && options.file !== undefined)
      throw usageError('a GET has no body: --file goes with POST, PATCH, PUT and DELETE')
    const api = await context.api()
    if (options.paginate) {
      if (method !== 'GET') throw usageError('--paginate goes with GET alone')
      const { limit, ...filters } = query
      const pageSize = limit === undefined ? undefined : Number(limit)
      if (pageSize !== undefined && !(Number.isInteger(pageSize) && pageSize > 0))
        throw usageError(`limit=${limit} is not a number of rows`)
      const rows = listPages(api, {
        path,
        paging: 'page' in query || path.startsWith('/v2/') ? 'pages' : 'created',
        query: filters,
        limit: null,
        ...(pageSize !== undefined && { pageSize }),
      })
      await context.output.list(rows, [], row => String(row.id ?? ''))
      return undefined
    }
    const body = await readBody({ file: options.file, field: inQuery ? [] : options.field }, context)
    const request: ApiRequest = { method, path, query, ...(body !== undefined && { body }) }
    const reply = await api.request(request)
    if (reply !== undefined) await context.output.document(reply)
    return undefined
  },
)

function readMethod(text: string): (typeof methods)[number] {
  const method = methods.find(candidate => candidate === text.toUpperCase())
  if (method === undefined) throw usageError(`${text} is not a method`, `one of ${methods.join(', ')}`)
  return method
}

function readPath(text: string, fields: readonly string[]): { path: string; query: Query } {
  if (/^[a-z]+:/i.test(text)) throw usageError('give the path alone; --base-url changes the server')
  const [, path = '', search = ''] = /^([^?]*)\??(.*)$/s.exec(text) ?? []
  const query: Record<string, string[]> = {}
  const add = (name: string, value: string) => {
    query[name] = [...(query[name] ?? []), value]
  }
  for (const [name, value] of new URLSearchParams(search)) add(name, value)
  for (const field of fields) {
    const equals = field.indexOf('=')
    if (equals < 1) throw usageError(`${field} is not key=value`)
    add(field.slice(0, equals), field.slice(equals + 1))
  }
  return { path: path.startsWith('/') ? path : `/${path}`, query }
}

async function readBody(
  { file, field }: { file: string | undefined; field: string[] },
  context: Context,
): Promise<unknown> {
  if (file === undefined && field.length === 0) return undefined
  const document =
    file === undefined
      ? {}
      : await loadDocument(
          file === '-' ? file : resolve(context.workingDirectory, file),
          context.output.streams.stdin,
        )
  if (field.length === 0) return document
  return assign(
    document as JsonObject,
    field.map(text => parseAssignment(text)),
  )
}
