import { isObject } from '../../is-object.ts'
import type { Body, Field, Operation, Type } from './api-description.ts'
import { type SchemaReader, textOf } from './open-api-schema.ts'

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace']
const MOST_OPERATIONS = 3000

/** The operations of an OpenAPI document, in its order. */
export function readOperations(paths: Readonly<Record<string, unknown>>, reader: SchemaReader): Operation[] {
  const { resolve } = reader
  return Object.entries(paths)
    .flatMap(([path, value]) => {
      const item = resolve(value)
      if (!isObject(item) || !path.startsWith('/')) return []
      return Object.entries(item).flatMap(([method, found]): Operation[] => {
        const operation = resolve(found)
        if (!METHODS.includes(method) || !isObject(operation)) return []
        return [readOperation(method, path, operation, listOf(item.parameters), reader)]
      })
    })
    .slice(0, MOST_OPERATIONS)
}

function readOperation(
  method: string,
  path: string,
  operation: Readonly<Record<string, unknown>>,
  shared: readonly unknown[],
  reader: SchemaReader,
): Operation {
  const parameters = parametersOf([...shared, ...listOf(operation.parameters)], reader)
  const [tag] = listOf(operation.tags)
  return {
    method: method.toUpperCase(),
    path,
    id: textOf(operation.operationId),
    sdk: null,
    summary: textOf(operation.summary),
    description: textOf(operation.description),
    tag: textOf(tag),
    deprecated: operation.deprecated === true,
    pathParameters: pathParameters(path, parameters, reader),
    queryParameters: parameters.filter(({ place }) => place === 'query').map(({ field }) => field),
    body: bodyOf(operation.requestBody, reader),
    response: responseOf(operation.responses, reader),
  }
}

/** The parameters that a path names, also those that the document forgets to describe. */
function pathParameters(path: string, parameters: readonly Parameter[], reader: SchemaReader): Field[] {
  const described = new Map(
    parameters.filter(({ place }) => place === 'path').map(({ field }) => [field.name, field]),
  )
  return [...path.matchAll(/\{([^{}]+)\}/g)].map(
    ([, name = '']) => described.get(name) ?? reader.field(name, { type: 'string' }, true),
  )
}

interface Parameter {
  /** `path`, `query` … */
  place: unknown
  field: Field
}

function parametersOf(list: readonly unknown[], reader: SchemaReader): Parameter[] {
  const found = new Map<string, Parameter>()
  for (const one of list) {
    const parameter = reader.resolve(one)
    if (!isObject(parameter) || typeof parameter.name !== 'string' || parameter.name === '') continue
    const { name, in: place, required } = parameter
    const field = reader.field(name, parameter.schema, required === true || place === 'path')
    found.set(`${String(place)} ${name}`, {
      place,
      field: {
        ...field,
        description: textOf(parameter.description) || field.description,
        deprecated: field.deprecated || parameter.deprecated === true,
      },
    })
  }
  return [...found.values()]
}

function bodyOf(value: unknown, reader: SchemaReader): Body | null {
  const content = contentOf(value, reader)
  if (content === null) return null
  const form = content.find(([kind]) => kind.startsWith('multipart/'))
  const json = content.find(([kind]) => kind.includes('json')) ?? (form === undefined ? content[0] : form)
  if (json === undefined) return null
  return { type: reader.read(json[1]).type, format: json === form ? 'multipart' : 'json' }
}

/** Of the first reply that is a success and has content. */
function responseOf(value: unknown, reader: SchemaReader): Type | null {
  if (!isObject(value)) return null
  for (const [status, response] of Object.entries(value)) {
    if (!/^(2|default)/.test(status)) continue
    const [first] = contentOf(response, reader) ?? []
    if (first !== undefined) return reader.read(first[1]).type
  }
  return null
}

/** Kinds of content and their schemas. */
function contentOf(value: unknown, { resolve }: SchemaReader): [kind: string, schema: unknown][] | null {
  const holder = resolve(value)
  if (!isObject(holder) || !isObject(holder.content)) return null
  return Object.entries(holder.content).flatMap(([kind, media]): [string, unknown][] =>
    isObject(media) && media.schema !== undefined ? [[kind, media.schema]] : [],
  )
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
