/** What an `apiRequest` tool sends, and what it takes out of the reply (vapi-api.md 4.10). */

import { asVapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { error, type Finding, type JsonObject, warning } from './reply-findings.ts'

/** Renders a Liquid template; `path` names the field in errors. */
type Render = (text: string, path: string) => string
/** Makes a renderer for templates with these variables. */
export type MakeRender = (texts: readonly string[], variables: JsonObject) => Promise<Render>

export interface OutgoingRequest {
  method: string
  url: string
  headers: Record<string, string>
  /** Absent for GET: its arguments are meant for the address alone. */
  body?: string
}

/** The request of a tool with these arguments; `variables` are the call's, arguments go before them. */
export async function buildRequest(
  tool: JsonObject,
  values: JsonObject,
  variables: JsonObject,
  makeRender: MakeRender,
): Promise<OutgoingRequest> {
  const render = await makeRender([JSON.stringify(tool)], { ...variables, ...values })
  const method = typeof tool.method === 'string' ? tool.method.toUpperCase() : 'POST'
  const url = render(String(tool.url ?? ''), 'url')
  const headers = Object.fromEntries(
    Object.entries(fixedValues(tool.headers, render, 'headers')).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  if (method === 'GET') return { method, url, headers }
  const body = {
    ...fixedValues(tool.body, render, 'body'),
    ...values,
    ...staticParameters(tool, render),
  }
  return { method, url, headers, body: JSON.stringify(body) }
}

/** The tool's top-level `parameters`: values that the model never sees and that go before its arguments. */
export function staticParameters(tool: JsonObject, render: Render): JsonObject {
  if (!Array.isArray(tool.parameters)) return {}
  return Object.fromEntries(
    tool.parameters
      .filter(isObject)
      .map(({ key, value }, place) => [String(key), renderAll(value, render, `parameters[${place}].value`)]),
  )
}

/** Values that a JSON Schema fixes for its properties: `properties.name.value`. Also a plain object of texts. */
function fixedValues(schema: unknown, render: Render, path: string): JsonObject {
  if (!isObject(schema)) return {}
  if (!isObject(schema.properties)) {
    const plain = Object.entries(schema).every(([, value]) => typeof value === 'string')
    return plain && schema.type !== 'object' ? (renderAll(schema, render, path) as JsonObject) : {}
  }
  return Object.fromEntries(
    Object.entries(schema.properties).flatMap(([name, property]) =>
      isObject(property) && property.value !== undefined
        ? [[name, renderAll(property.value, render, `${path}.properties.${name}.value`)]]
        : [],
    ),
  )
}

function renderAll(value: unknown, render: Render, path: string): unknown {
  if (typeof value === 'string') return render(value, path)
  if (Array.isArray(value)) return value.map((item, place) => renderAll(item, render, `${path}[${place}]`))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, renderAll(inner, render, `${path}.${name}`)]),
  )
}

export interface Extraction {
  /** By the variable's name. */
  variables: Record<string, unknown>
  findings: Finding[]
}

/** What the tool's `variableExtractionPlan` takes out of a reply; null where it has no plan. */
export async function extractVariables(
  plan: unknown,
  reply: { body: string; headers: Readonly<Record<string, string | undefined>> },
  makeRender: MakeRender,
): Promise<Extraction | null> {
  if (!isObject(plan)) return null
  const aliases = Array.isArray(plan.aliases) ? plan.aliases.filter(isObject) : []
  if (aliases.length === 0 && !isObject(plan.schema)) return null
  let body: unknown
  try {
    body = JSON.parse(reply.body)
  } catch {
    const finding = error('', 'the reply is not JSON, so nothing can be taken out of it', 'answer with JSON')
    return { variables: {}, findings: [finding] }
  }
  const { variables, findings } = bySchema(plan.schema, body)
  const scope: JsonObject = {
    ...(isObject(body) ? body : {}),
    ...variables,
    [BODY]: body,
    tool: { response: { body, headers: reply.headers } },
  }
  for (const { key, value } of aliases) {
    const name = String(key)
    const path = `aliases.${name}`
    try {
      const render = await makeRender([String(value)], scope)
      variables[name] = render(withBodyName(String(value)), path)
    } catch (thrown) {
      findings.push(error(path, asVapiError(thrown).message, 'mend the template'))
      continue
    }
    if (variables[name] === '')
      findings.push(
        warning(path, `${String(value)} gives nothing from this reply`, 'compare it with the reply'),
      )
  }
  return { variables, findings }
}

const BODY = 'vapi_response_body'

/** `$` stands for the reply's body, which LiquidJS does not take for a name. Quoted texts stay as they are. */
function withBodyName(template: string): string {
  return template.replace(/\{\{.*?\}\}|\{%.*?%\}/gs, tag =>
    tag.replace(/"[^"]*"|'[^']*'|\$(?![\w-])/g, part => (part === '$' ? BODY : part)),
  )
}

/** Properties of an object become variables of their own; a list becomes one, named by the schema's title. */
function bySchema(schema: unknown, body: unknown): Extraction {
  const variables: Record<string, unknown> = {}
  const findings: Finding[] = []
  if (!isObject(schema)) return { variables, findings }
  if (schema.type === 'array') {
    const name = schema.title ?? schema.name
    if (typeof name !== 'string')
      findings.push(
        error('schema', 'a list has no name', 'give the schema a title, the name of the variable'),
      )
    else if (!Array.isArray(body))
      findings.push(warning('schema', 'the reply is no list', 'compare it with the reply'))
    else variables[name] = body
    return { variables, findings }
  }
  const properties = isObject(schema.properties) ? schema.properties : {}
  for (const name of Object.keys(properties)) {
    if (isObject(body) && name in body) variables[name] = body[name]
    else findings.push(warning(`schema.${name}`, 'the reply does not have it', 'compare it with the reply'))
  }
  return { variables, findings }
}
