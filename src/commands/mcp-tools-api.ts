import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { findOne } from '../api/lookup.ts'
import { readObject } from '../api/read-object.ts'
import type { Filter, Resource } from '../api/resources/types.ts'
import { pathOf, resourceOf } from '../api/resources.ts'
import { listRows } from '../api/rows.ts'
import type { Api, ApiRequest, JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { asVapiError, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { defineTool, type ServerTool } from '../mcp/server/tool.ts'
import { fitJson, jsonText, valueAt } from './mcp-json.ts'
import { readFilters } from './resource/options.ts'

type AccountVerb = 'list' | 'get' | 'create' | 'update'

/** Resources of the account and what may be done with them. Nothing is ever deleted; keys of providers are not shown. */
const offered: readonly (readonly [words: string, verbs: readonly AccountVerb[]])[] = [
  ['assistant', ['list', 'get', 'create', 'update']],
  ['call', ['list', 'get', 'create']],
  ['phone', ['list', 'get', 'create', 'update']],
  ['tool', ['list', 'get', 'create', 'update']],
  ['squad', ['list', 'get', 'create', 'update']],
  ['file', ['list', 'get']],
  ['knowledge-base', ['list', 'get', 'create', 'update']],
  ['structured-output', ['list', 'get', 'create', 'update']],
  ['campaign', ['list', 'get', 'create', 'update']],
  ['chat', ['list', 'get', 'create']],
  ['session', ['list', 'get']],
  ['eval', ['list', 'get', 'create', 'update']],
]

/** What creating them does in the world. */
const effects: Readonly<Record<string, string>> = {
  call: ' This telephones a person, or starts a call, at once, and costs money: do it only when the user has asked for this very call.',
  campaign: ' It telephones many people and costs money: do it only when the user has asked for it.',
  phone: ' It may cost money.',
  chat: ' The assistant’s model answers, which costs money.',
}

const REPLY_CHARACTERS = 22_000
const ROW_CHARACTERS = 6000

const READS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
}
const CREATES: ToolAnnotations = { ...READS, readOnlyHint: false, idempotentHint: false }
const CHANGES: ToolAnnotations = { ...READS, readOnlyHint: false, destructiveHint: true }

/** The tools that act on the account of this run. `readOnly`: those alone that change nothing. */
export function apiTools(context: Context, { readOnly }: { readOnly: boolean }): ServerTool[] {
  const make = { list: listTool, get: getTool, create: createTool, update: updateTool }
  return offered.flatMap(([words, verbs]) =>
    verbs
      .filter(verb => !readOnly || verb === 'list' || verb === 'get')
      .map(verb => make[verb](resourceOf(words), () => apiOf(context))),
  )
}

type OpenApi = () => Promise<Api>

async function apiOf(context: Context): Promise<Api> {
  try {
    return await context.api()
  } catch (thrown) {
    const { code, message, exit } = asVapiError(thrown)
    if (code !== 'not-logged-in') throw thrown
    const hint = 'ask the user to run vapi auth login (or to set VAPI_API_KEY) and to start this server again'
    throw new VapiError({ code, message, exit, hint })
  }
}

/** The API with a signal of its own in each request. */
function until(api: Api, signal: AbortSignal): Api {
  const withSignal = (request: ApiRequest) => ({ ...request, signal })
  return {
    baseUrl: api.baseUrl,
    request: request => api.request(withSignal(request)),
    open: request => api.open(withSignal(request)),
  }
}

const snake = (text: string) => text.replace(/[\s-]+/g, '_')
const article = (noun: string) => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`)
const titled = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const oneOutput = z.object({
  value: z.unknown().describe('as the API gave it'),
  leftOut: z.array(z.string()).describe('paths of parts that were too large for a reply'),
})

function listTool(resource: Resource, open: OpenApi): ServerTool {
  const filters = resource.filters.filter(({ flag }) => !/-at-(gt|lt)$|^updated-at-/.test(flag))
  const shape = Object.fromEntries(filters.map(filter => [filter.parameter, filterSchema(filter)]))
  return defineTool({
    name: `list_${snake(resource.plural)}`,
    title: `List ${resource.plural}`,
    description: `The ${resource.plural} of the user's Vapi account, the newest first, as the API gives them.`,
    input: z.strictObject({
      ...shape,
      limit: z.number().int().min(1).max(100).default(20).describe('at most so many'),
    }),
    output: z.object({
      items: z.array(z.unknown()),
      more: z.boolean().describe('true where there are more'),
      leftOut: z.array(z.string()),
    }),
    annotations: READS,
    async run(input, { signal }) {
      const { limit, ...given } = input as { limit: number } & Record<string, never>
      const api = until(await open(), signal)
      const options = Object.fromEntries(filters.map(({ flag, parameter }) => [flag, given[parameter]]))
      const query = await readFilters(api, filters, options, Date.now())
      let more = false
      const rows: unknown[] = []
      const leftOut: string[] = []
      const onCut = () => {
        more = true
      }
      for await (const row of listRows(api, resource, { query, limit, onCut })) {
        signal.throwIfAborted()
        const fitted = fitJson(row, ROW_CHARACTERS, `[${rows.length}]`)
        rows.push(fitted.value)
        leftOut.push(...fitted.leftOut)
      }
      const { value, leftOut: rest } = fitJson(rows, REPLY_CHARACTERS)
      const items = value as unknown[]
      const shown = leftOut.filter(path => Number(/\d+/.exec(path)?.[0]) < items.length)
      const data = { items, more: more || rest.length > 0, leftOut: [...shown, ...rest] }
      const note = data.more ? `\n\nThere are more ${resource.plural}.` : ''
      return {
        text:
          items.length === 0
            ? `There are no such ${resource.plural}.`
            : `${jsonText(items, data.leftOut)}${note}`,
        data,
      }
    },
  })
}

function filterSchema({ summary, kind, choices }: Filter): z.ZodType {
  const base =
    kind === 'number'
      ? z.number()
      : kind === 'boolean'
        ? z.boolean()
        : kind === 'list'
          ? z.array(z.string())
          : choices === undefined
            ? z.string().max(500)
            : z.enum(choices as [string, ...string[]])
  return base.optional().describe(summary)
}

function getTool(resource: Resource, open: OpenApi): ServerTool {
  return defineTool({
    name: `get_${snake(resource.noun)}`,
    title: `Get ${article(resource.noun)}`,
    description: `${titled(article(resource.noun))} of the user's Vapi account, whole, as the API gives it. What is too large for a reply is left out and named; path gives a part of it.`,
    input: z.strictObject({
      id: idSchema(resource),
      path: z.string().max(500).optional().describe('only this part: "artifact.messages[3]"'),
    }),
    output: oneOutput,
    annotations: READS,
    async run({ id, path }, { signal }) {
      const found = await findOne(until(await open(), signal), resource.words, id)
      const value = path === undefined || path === '' ? found : valueAt(found, path)
      if (value === undefined)
        throw new VapiError({
          code: 'not-found',
          message: `the ${resource.noun} has nothing at ${path}`,
          hint: `its fields are ${Object.keys(found).join(', ')}`,
        })
      return replyWith(fitJson(value, REPLY_CHARACTERS, path ?? ''))
    },
  })
}

function createTool(resource: Resource, open: OpenApi): ServerTool {
  return defineTool({
    name: `create_${snake(resource.noun)}`,
    title: `Create ${article(resource.noun)}`,
    description: `Creates ${article(resource.noun)} in the user's Vapi account. The body goes to the API as it is: get_api_reference with endpoint "POST ${resource.path}" tells its fields${resource.words === 'assistant' || resource.words === 'squad' ? ', and validate_assistant checks it first' : ''}.${effects[resource.words] ?? ''}`,
    input: z.strictObject({ body: bodySchema(`the body of POST ${resource.path}`) }),
    output: oneOutput,
    annotations: CREATES,
    async run({ body }, { signal }) {
      const path = pathOf(resource)
      const reply = await until(await open(), signal).request({ method: 'POST', path, body })
      // A call for several customers at once gives a list.
      const value = isObject(reply) || Array.isArray(reply) ? reply : readObject(reply, `POST ${path}`)
      return replyWith(fitJson(value, REPLY_CHARACTERS))
    },
  })
}

function updateTool(resource: Resource, open: OpenApi): ServerTool {
  return defineTool({
    name: `update_${snake(resource.noun)}`,
    title: `Change ${article(resource.noun)}`,
    description: `Changes ${article(resource.noun)} of the user's Vapi account. Give only the top-level fields that change: each replaces the whole field, so take what is in it from get_${snake(resource.noun)} first.`,
    input: z.strictObject({
      id: idSchema(resource),
      body: bodySchema(`the body of PATCH ${resource.path}/{id}`),
    }),
    output: oneOutput,
    annotations: CHANGES,
    async run({ id, body }, { signal }) {
      const api = until(await open(), signal)
      const current = await findOne(api, resource.words, id)
      signal.throwIfAborted()
      const path = pathOf(resource, {}, String(current.id))
      const reply = await api.request({
        method: 'PATCH',
        path,
        body: { ...demanded(resource, current), ...body },
        ...(resource.updateQuery !== undefined && { query: resource.updateQuery }),
      })
      return replyWith(fitJson(readObject(reply, `PATCH ${path}`), REPLY_CHARACTERS))
    },
  })
}

/** What the API demands in every update: the field that tells variants apart, and others of the table. */
function demanded({ variants, sentAlways = [] }: Resource, current: JsonObject): JsonObject {
  const names = variants === undefined ? sentAlways : [variants.field, ...sentAlways]
  return Object.fromEntries(Object.entries(current).filter(([name]) => names.includes(name)))
}

function idSchema({ nameFields }: Resource) {
  const name = nameFields.length === 0 ? '' : `, or ${nameFields.join(' or ')} where no other has it`
  return z.string().trim().min(1).max(500).describe(`id${name}`)
}

function bodySchema(what: string) {
  return z
    .record(z.string(), z.unknown())
    .refine(body => Object.keys(body).length > 0, { message: 'it is empty' })
    .describe(what)
}

function replyWith({ value, leftOut }: { value: unknown; leftOut: string[] }) {
  return { text: jsonText(value, leftOut), data: { value, leftOut } }
}
