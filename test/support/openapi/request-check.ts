import {
  cursorParameter,
  isBodyRequired,
  isRequired,
  takesUndescribedBody,
  withoutClearedFields,
} from './departures.ts'
import { jsonSchemaOf, type OpenApiDocument, type Parameter, resolveSchema, type Schema } from './document.ts'
import type { Match } from './routes.ts'
import type { Check } from './strict-schema.ts'
import { isObject } from './union.ts'
import type { Fault } from './words.ts'

/** A request as it came over the wire, with its body read. */
export interface ReceivedRequest {
  headers: Readonly<Record<string, string | undefined>>
  query: URLSearchParams
  /** The raw body; empty where none was sent. */
  raw: Uint8Array<ArrayBuffer>
}

/** What a body turned out to be: JSON, or the parts of a form. */
export interface ReadBody {
  json?: unknown
  form?: FormData
  faults: Fault[]
}

const noParts: Readonly<Record<string, Schema>> = {}

/** Reads a body by its content type. A body that cannot be read is a fault. */
export async function readBody({ headers, raw }: ReceivedRequest): Promise<ReadBody> {
  if (raw.length === 0) return { faults: [] }
  const type = headers['content-type'] ?? ''
  try {
    if (type.startsWith('multipart/form-data')) {
      const form = await new Response(raw, { headers: { 'content-type': type } }).formData()
      return { form, faults: [] }
    }
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
    const faults = type.startsWith('application/json')
      ? []
      : [fault('content-type', `content-type must be application/json, not ${type || 'absent'}`)]
    return { json, faults }
  } catch (error) {
    return { faults: [fault('', `the body cannot be read: ${(error as Error).message}`)] }
  }
}

/** Everything in which a request departs from its operation. */
export function checkRequest(
  document: OpenApiDocument,
  check: Check,
  { route, params }: Match,
  request: ReceivedRequest,
  body: ReadBody,
): Fault[] {
  const key = `${route.method} ${route.template}`
  const parameters = route.operation.parameters ?? []
  return [
    ...parameters
      .filter(parameter => parameter.in === 'path')
      .flatMap(({ name, schema }) => named(name, check(schema, params[name]))),
    ...checkHeaders(key, parameters, request),
    ...checkQuery(document, check, { key, parameters, isPage: answersPages(document, route) }, request.query),
    ...body.faults,
    ...checkBody(document, check, route, request, body),
  ]
}

function checkHeaders(key: string, parameters: Parameter[], { headers }: ReceivedRequest): Fault[] {
  return parameters
    .filter(parameter => parameter.in === 'header' && isRequired(key, parameter))
    .filter(parameter => headers[parameter.name.toLowerCase()] === undefined)
    .map(({ name }) => fault(name, `header ${name} should not be empty`))
}

interface QueryRules {
  key: string
  parameters: Parameter[]
  isPage: boolean
}

function checkQuery(
  document: OpenApiDocument,
  check: Check,
  { key, parameters, isPage }: QueryRules,
  query: URLSearchParams,
): Fault[] {
  const declared = new Map(parameters.filter(({ in: place }) => place === 'query').map(p => [p.name, p]))
  const faults: Fault[] = []
  for (const name of new Set(query.keys())) {
    const parameter = declared.get(name)
    if (parameter !== undefined) {
      const schema = parameter.allOf ? { ...parameter.schema, allOf: parameter.allOf } : parameter.schema
      faults.push(...named(name, checkParameter(document, check, schema, query.getAll(name))))
    } else if (!(isPage && name === cursorParameter)) {
      faults.push(fault(name, `property ${name} should not exist`))
    }
  }
  for (const parameter of declared.values()) {
    if (isRequired(key, parameter) && !query.has(parameter.name))
      faults.push(fault(parameter.name, `${parameter.name} should not be empty`))
  }
  return faults
}

/** Texts of the query read by the parameter's type, then checked. Lists are the parameter repeated. */
function checkParameter(document: OpenApiDocument, check: Check, schema: Schema, texts: string[]): Fault[] {
  const { type, items } = resolveSchema(document, schema)
  if (type === 'array') {
    return check(
      schema,
      texts.map(text => typed(text, items?.type)),
    )
  }
  if (texts.length > 1) return [fault('', 'value must be given once')]
  return check(schema, typed(texts[0] ?? '', type))
}

function typed(text: string, type: string | undefined): unknown {
  if (type === 'number' || type === 'integer') return text.trim() === '' ? text : numeric(text)
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (type !== 'object') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function numeric(text: string): number | string {
  const value = Number(text)
  return Number.isNaN(value) ? text : value
}

function checkBody(
  document: OpenApiDocument,
  check: Check,
  { method, template, operation }: Match['route'],
  { raw }: ReceivedRequest,
  body: ReadBody,
): Fault[] {
  const key = `${method} ${template}`
  const { requestBody } = operation
  if (requestBody === undefined) {
    if (raw.length === 0) return []
    if (!takesUndescribedBody(key)) return [fault('', 'a body should not exist')]
    return body.faults.length > 0 || isObject(body.json) ? [] : [fault('', 'the body must be a JSON object')]
  }
  if (raw.length === 0)
    return isBodyRequired(key, requestBody.required) ? [fault('', 'the body should not be empty')] : []
  if (body.faults.length > 0) return []
  const form = requestBody.content['multipart/form-data']?.schema
  if (form !== undefined) {
    return body.form === undefined
      ? [fault('content-type', 'the body must be multipart/form-data')]
      : checkForm(document, check, form, body.form)
  }
  const schema = jsonSchemaOf(requestBody.content)
  if (schema === undefined) return []
  if (body.form !== undefined) return [fault('content-type', 'the body must be application/json')]
  return check(schema, isObject(body.json) ? withoutClearedFields(method, body.json) : body.json)
}

/** Parts of a form: declared ones only, files where the document has binary, text that is valid elsewhere. */
function checkForm(document: OpenApiDocument, check: Check, schema: Schema, form: FormData): Fault[] {
  const { properties = noParts, required = [] } = resolveSchema(document, schema)
  const faults = required
    .filter(name => !form.has(name))
    .map(name => fault(name, `${name} should not be empty`))
  for (const [name, part] of form.entries()) {
    const declared = properties[name]
    if (declared === undefined) faults.push(fault(name, `property ${name} should not exist`))
    else if (resolveSchema(document, declared).format === 'binary') {
      if (typeof part === 'string' || part.name === '') faults.push(fault(name, `${name} must be a file`))
    } else if (typeof part !== 'string') faults.push(fault(name, `${name} must be a string`))
    else faults.push(...named(name, check(declared, part)))
  }
  return faults
}

/** Whether the operation's list comes as pages. */
function answersPages(document: OpenApiDocument, { operation }: Match['route']): boolean {
  const schema = jsonSchemaOf(operation.responses['200']?.content)
  if (schema === undefined) return false
  const { oneOf, properties } = resolveSchema(document, schema)
  const shapes = oneOf?.map(branch => resolveSchema(document, branch).properties) ?? [properties]
  return shapes.some(shape => shape?.results !== undefined && shape.metadata !== undefined)
}

function fault(path: string, message: string): Fault {
  return { path, message }
}

/** Faults of a value whose name stands outside it. */
function named(name: string, faults: Fault[]): Fault[] {
  return faults.map(({ path, message }) => ({
    path: path === '' ? name : `${name}.${path}`,
    message: message.startsWith('value ') ? `${name}${message.slice('value'.length)}` : `${name}.${message}`,
  }))
}
