import { describe, expect, it } from 'vitest'
import { VapiError } from '../../../src/errors.ts'
import { type ApiDescription, fromOpenApi, type Type } from '../../../src/mcp/content/api-description.ts'
import { readDocComment } from '../../../src/mcp/content/doc-comment.ts'
import { tidyDescription } from '../../../src/mcp/content/tidy-description.ts'

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })

function ofSchemas(schemas: Record<string, unknown>, paths: unknown = {}): ApiDescription {
  return fromOpenApi({ openapi: '3.0.0', paths, components: { schemas } })
}

/** The type of the only field of a type named `T`. */
function typeOfField(schema: unknown, others: Record<string, unknown> = {}): Type | undefined {
  const { types } = ofSchemas({ T: { type: 'object', properties: { field: schema } }, ...others })
  const type = types.find(({ name }) => name === 'T')?.type
  return type?.kind === 'object' ? type.fields[0]?.type : undefined
}

function faultOf(document: unknown): unknown {
  try {
    fromOpenApi(document)
  } catch (thrown) {
    return thrown
  }
  return null
}

describe('an OpenAPI document read', () => {
  it('has each method of each path with its parameters, body and first successful reply', () => {
    const { operations } = fromOpenApi({
      openapi: '3.1.0',
      paths: {
        '/thing/{id}': {
          parameters: [{ $ref: '#/components/parameters/Id' }],
          patch: {
            operationId: 'ThingController_update',
            summary: 'Update Thing',
            tags: ['Things'],
            deprecated: true,
            parameters: [
              { name: 'limit', in: 'query', schema: { type: 'number', minimum: 1, maximum: 9, default: 3 } },
              { name: 'content-type', in: 'header', schema: { type: 'string' } },
            ],
            requestBody: { content: { 'application/json': { schema: reference('Thing') } } },
            responses: {
              400: { content: { 'application/json': { schema: { type: 'string' } } } },
              201: {
                content: { 'application/json': { schema: { type: 'array', items: reference('Thing') } } },
              },
            },
          },
        },
      },
      components: {
        parameters: { Id: { name: 'id', in: 'path', schema: { type: 'string', format: 'uuid' } } },
        schemas: { Thing: { type: 'object', properties: { a: { type: 'string' } } } },
      },
    })
    expect(operations).toHaveLength(1)
    const [operation] = operations
    expect(operation).toMatchObject({
      method: 'PATCH',
      path: '/thing/{id}',
      id: 'ThingController_update',
      tag: 'Things',
      deprecated: true,
      pathParameters: [{ name: 'id', required: true, limits: 'uuid' }],
      queryParameters: [{ name: 'limit', required: false, limits: '1 to 9', default: '3' }],
      body: { type: { kind: 'named', name: 'Thing' }, format: 'json' },
      response: { kind: 'list', item: { kind: 'named', name: 'Thing' } },
    })
  })

  it('has the facts of a field', () => {
    const { types } = ofSchemas({
      T: {
        type: 'object',
        required: ['wait'],
        properties: {
          wait: {
            type: 'number',
            minimum: 0,
            maximum: 5,
            default: 0.4,
            nullable: true,
            description: 'How long.',
          },
          name: { type: 'string', maxLength: 40, deprecated: true },
        },
      },
    })
    expect(types[0]?.type).toMatchObject({
      fields: [
        {
          name: 'wait',
          required: true,
          nullable: true,
          default: '0.4',
          limits: '0 to 5',
          description: 'How long.',
        },
        {
          name: 'name',
          required: false,
          nullable: false,
          default: null,
          limits: 'up to 40 characters',
          deprecated: true,
        },
      ],
    })
  })

  it('follows allOf of one, joins allOf of several', () => {
    const Base = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } }
    expect(typeOfField({ description: 'x', allOf: [reference('Base')] }, { Base })).toEqual({
      kind: 'named',
      name: 'Base',
    })
    const joined = typeOfField(
      { allOf: [reference('Base'), { properties: { b: { type: 'number' }, c: { type: 'boolean' } } }] },
      { Base },
    )
    expect(joined?.kind === 'object' && joined.fields.map(({ name, type }) => [name, type])).toEqual([
      ['a', { kind: 'plain', name: 'string' }],
      ['b', { kind: 'plain', name: 'number' }],
      ['c', { kind: 'plain', name: 'boolean' }],
    ])
  })

  it('reads enums, lists of enums, unions with null, maps and the lists of types of OpenAPI 3.1', () => {
    expect(typeOfField({ type: 'string', enum: ['a', 'b'] })).toEqual({ kind: 'choice', values: ['a', 'b'] })
    expect(typeOfField({ type: 'array', enum: ['a'], items: { type: 'string' } })).toEqual({
      kind: 'list',
      item: { kind: 'choice', values: ['a'] },
    })
    expect(typeOfField({ oneOf: [{ type: 'string' }, { type: 'null' }] })).toEqual({
      kind: 'plain',
      name: 'string',
    })
    expect(typeOfField({ type: ['number', 'null'] })).toEqual({ kind: 'plain', name: 'number' })
    expect(typeOfField({ type: 'object', additionalProperties: { type: 'boolean' } })).toEqual({
      kind: 'map',
      value: { kind: 'plain', name: 'boolean' },
    })
    expect(typeOfField({ const: 7 })).toEqual({ kind: 'choice', values: [7] })
  })

  it('knows the values of a discriminator', () => {
    const member = { type: 'object', properties: { a: { type: 'string' } } }
    const type = typeOfField(
      {
        oneOf: [reference('A'), reference('B')],
        discriminator: { propertyName: 'kind', mapping: { one: '#/components/schemas/A', two: 'B' } },
      },
      { A: member, B: member },
    )
    expect(type).toMatchObject({ tag: 'kind', members: [{ values: ['one'] }, { values: ['two'] }] })
  })
})

describe('an odd document', () => {
  it.each([
    ['nothing', undefined, 'not an object'],
    ['a list', [], 'not an object'],
    ['a text', 'openapi: 3.0.0', 'not an object'],
    ['Swagger 2', { swagger: '2.0', paths: {} }, 'Swagger 2'],
    ['no version', { paths: {} }, '`openapi: 3.x`'],
    ['no paths', { openapi: '3.0.0', paths: [] }, 'no paths'],
  ])('that is %s is refused', (_name, document, reason) => {
    const fault = faultOf(document)
    expect(fault).toBeInstanceOf(VapiError)
    expect(fault).toMatchObject({ code: 'invalid-api-description', message: expect.stringContaining(reason) })
  })

  it('with types that contain themselves, references to nothing and wrong shapes is read without them', () => {
    const description = fromOpenApi({
      openapi: '3.0.0',
      paths: {
        '/a': {
          get: { responses: { 200: { content: 'text' } }, parameters: [null, 7, { in: 'query' }] },
          post: null,
          odd: {},
        },
        '/b': null,
        '/c': { $ref: '#/paths/~1c' },
        '/d': { post: { requestBody: { $ref: '#/nowhere' }, responses: [], tags: 'x', summary: 9 } },
        'no-slash': { get: {} },
      },
      components: {
        schemas: {
          Loop: { $ref: '#/components/schemas/Loop' },
          One: { allOf: [reference('Two'), reference('One')] },
          Two: { allOf: [reference('One')], properties: { a: { type: 'string' } } },
          Tree: {
            type: 'object',
            properties: { child: reference('Tree'), gone: reference('Gone'), bad: 'x' },
          },
          Odd: {
            type: 'object',
            properties: { a: { enum: [{}, null] }, b: { oneOf: [] }, c: { type: 'nonsense' } },
          },
          __proto__: { type: 'object' },
          Nothing: null,
        },
      },
    })
    expect(description.operations.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /a',
      'POST /d',
    ])
    const { types } = tidyDescription(description)
    expect(types.get('Tree')?.type).toMatchObject({
      fields: [
        { name: 'child', type: { kind: 'named', name: 'Tree' } },
        { name: 'gone', type: { kind: 'plain', name: 'any' } },
      ],
    })
    expect([...types.keys()]).toEqual(expect.not.arrayContaining(['Loop', 'Nothing']))
  })

  it('that nests without end or multiplies is cut or refused quickly', () => {
    let deep: unknown = { type: 'string' }
    for (let level = 0; level < 5000; level++) deep = { type: 'array', items: deep }
    expect(typeOfField(deep)?.kind).toBe('list')
    const wide: Record<string, unknown> = { type: 'object', properties: {} }
    wide.properties = { a: wide, b: wide, c: wide }
    expect(faultOf({ openapi: '3.0.0', paths: {}, components: { schemas: { Wide: wide } } })).toMatchObject({
      code: 'invalid-api-description',
      message: expect.stringContaining('too large'),
    })
  })
})

describe('a tidy description', () => {
  const values = Array.from({ length: 40 }, (_, number) => `v${number}`)
  const members = ['a', 'b', 'c', 'd', 'e', 'f']
  const schemas = {
    ...Object.fromEntries(
      members.map(name => [
        `${name.toUpperCase()}Voice`,
        {
          type: 'object',
          properties: { provider: { type: 'string', enum: [name] }, speed: { type: 'number' } },
        },
      ]),
    ),
    CreateBox: {
      type: 'object',
      properties: {
        voice: { oneOf: members.map(name => reference(`${name.toUpperCase()}Voice`)) },
        endedReason: { type: 'string', enum: values },
        empty: reference('Empty'),
        short: { oneOf: [reference('AVoice'), reference('BVoice')] },
      },
    },
    Record: {
      type: 'object',
      properties: {
        voice: { oneOf: members.map(name => reference(`${name.toUpperCase()}Voice`)) },
        endedReason: { type: 'string', enum: values },
      },
    },
    Empty: { type: 'object', properties: {} },
  }
  const tidy = tidyDescription(ofSchemas(schemas))

  it('gives long lists and unions one name, however often they occur', () => {
    const fields = (name: string) => {
      const type = tidy.types.get(name)?.type
      return type?.kind === 'object'
        ? Object.fromEntries(type.fields.map(field => [field.name, field.type]))
        : {}
    }
    expect(fields('Record').voice).toEqual({ kind: 'named', name: 'Voice' })
    expect(fields('CreateBox').voice).toEqual({ kind: 'named', name: 'Voice' })
    expect(fields('Record').endedReason).toEqual(fields('CreateBox').endedReason)
    expect(tidy.types.get('Voice')?.type).toMatchObject({ kind: 'union', tag: 'provider' })
    expect(fields('CreateBox').short).toMatchObject({
      kind: 'union',
      tag: 'provider',
      members: [{ values: ['a'] }, { values: ['b'] }],
    })
  })

  it('follows aliases that refer to each other in many ways', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 50 }, (_, number) => [
        `A${number}`,
        { oneOf: [reference(`A${number + 1}`), reference(`A${number + 2}`), { type: 'string' }] },
      ]),
    )
    const { types } = tidyDescription(
      ofSchemas({ ...chain, T: { type: 'object', properties: { field: reference('A0') } } }),
    )
    expect(types.get('T')?.type).toMatchObject({ kind: 'object' })
  })

  it('has no empty types', () => {
    expect(tidy.types.has('Empty')).toBe(false)
  })
})

describe('the comment of a field', () => {
  it('gives its default and limits and loses their tags', () => {
    expect(readDocComment('How long.\n\nUsage:\n- long\n\n@default 0.4\n@min 0\n@max 5')).toEqual({
      text: 'How long.\n\nUsage:\n- long',
      default: '0.4',
      limits: '0 to 5',
      isDeprecated: false,
    })
  })

  it('keeps what follows a tag, and defaults of several lines', () => {
    expect(readDocComment('One.\n@default ```\na\n\nb\n```\n\nTwo.')).toMatchObject({
      text: 'One.\n\nTwo.',
      default: 'a\n\nb',
    })
    expect(readDocComment('@default undefined (never)').default).toBeNull()
    expect(readDocComment('Write to me@example.com').text).toBe('Write to me@example.com')
  })
})
