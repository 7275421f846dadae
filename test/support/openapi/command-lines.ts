import type { Action } from '../../../src/api/actions.ts'
import type { Resource } from '../../../src/api/resources/types.ts'
import { pathOf } from '../../../src/api/resources.ts'
import { jsonSchemaOf, type OpenApiDocument, type Schema } from './document.ts'
import { exampleId, exampleOf } from './example.ts'
import { fieldFlags, filterFlags } from './flag-values.ts'
import { createRouter, type Route } from './routes.ts'

export const ID = exampleId('one')
export const OTHER_ID = exampleId('another')

/** A command line, and the request that it must come to. */
export interface Line {
  args: string[]
  sends: string
  /** Written beside it as `body.json`. */
  body?: unknown
  files?: Readonly<Record<string, string>>
}

/** Values that choose among the shapes of a body, where a resource has no variants in its table. */
const likes: Readonly<Record<string, unknown>> = {
  assistant: {
    model: { provider: 'openai', model: 'gpt-4o' },
    voice: { provider: 'vapi', voiceId: 'Elliot' },
    transcriber: { provider: 'deepgram', model: 'nova-3', language: 'en' },
  },
}

/** Bodies that the document does not describe. */
const undescribed: Readonly<Record<string, object>> = {
  credential: { provider: 'openai', apiKey: 'sk-x', name: 'Model' },
  workflow: { name: 'Flow', nodes: [], edges: [] },
  'pronunciation-dictionary': {
    name: 'Names',
    rules: [{ type: 'alias', stringToReplace: 'Vapi', alias: 'vappy' }],
  },
}

/** Every common verb of a resource: list with all filters, get, create by file and by all flags, update, delete, clone. */
export function linesOf(document: OpenApiDocument, resource: Resource): Line[] {
  const { words, verbs, own = [] } = resource
  const placeholders = Object.fromEntries(
    Object.entries(resource.placeholders ?? {}).map(([name, { choices }]) => [name, choices[0] ?? '']),
  )
  const where = Object.entries(placeholders).flatMap(([name, value]) => [`--${name}`, value])
  const path = pathOf(resource, placeholders)
  const find = createRouter(document)
  const listed = find('GET', path)?.route
  const parameters = listed?.operation.parameters ?? []
  const command = (verb: string, ...more: string[]) => [...words.split(' '), verb, ...where, ...more]
  const common: Partial<Record<(typeof verbs)[number], () => Line[]>> = {
    list: () => [
      { args: command('list', '--all'), sends: `GET ${path}` },
      {
        args: command('list', '--limit', '2', ...filterFlags(document, resource.filters, parameters)),
        sends: `GET ${path}`,
      },
    ],
    get: () => [{ args: command('get', ID), sends: `GET ${path}/${ID}` }],
    create: () =>
      createLines(document, resource, find('POST', path)?.route, command).map(line => ({
        ...line,
        sends: `POST ${path}`,
      })),
    update: () => [
      {
        args: command(
          'update',
          ID,
          ...updateFlags(document, resource, {
            get: find('GET', `${path}/${ID}`)?.route,
            patch: find('PATCH', `${path}/${ID}`)?.route,
          }),
        ),
        sends: `PATCH ${path}/${ID}`,
      },
    ],
    delete: () => [{ args: command('delete', ID, '--yes'), sends: `DELETE ${path}/${ID}` }],
    clone: () => [{ args: command('clone', ID, '--new-name', 'Copy'), sends: `POST ${path}` }],
  }
  return verbs
    .filter(verb => !own.includes(verb) || verb === 'list' || verb === 'get')
    .flatMap(verb => common[verb]?.() ?? [])
}

function createLines(
  document: OpenApiDocument,
  resource: Resource,
  route: Route | undefined,
  command: (verb: string, ...more: string[]) => string[],
): Omit<Line, 'sends'>[] {
  const { words, variants, fields } = resource
  const schema = jsonSchemaOf(route?.operation.requestBody?.content)
  if (schema === undefined)
    return [{ args: command('create', '--file', 'body.json'), body: undescribed[words] }]
  const shapes = variants === undefined ? [undefined] : Object.keys(variants.of)
  return shapes.flatMap((shape): Omit<Line, 'sends'>[] => {
    const like = variants === undefined || shape === undefined ? likes[words] : { [variants.field]: shape }
    const choice = variants === undefined || shape === undefined ? [] : [`--${variants.field}`, shape]
    // A function is of no use without its name, which the document leaves open.
    const own = [...(variants?.of[shape ?? '']?.fields ?? []), ...fields].filter(
      ({ only }) => only !== 'update',
    )
    return [
      {
        args: command('create', '--file', 'body.json'),
        body: {
          ...(exampleOf(document, schema, { label: words, optional: 'none', like }) as object),
          ...(shape === 'function' && { function: { name: 'book' } }),
        },
      },
      { args: command('create', ...choice, ...fieldFlags(document, own, schema, like)) },
    ]
  })
}

/** Flags for every field that can be changed; the object is the one that the mock gives for a get. */
function updateFlags(
  document: OpenApiDocument,
  resource: Resource,
  routes: Partial<Record<'get' | 'patch', Route>>,
): string[] {
  const { words, variants, fields } = resource
  const schema = jsonSchemaOf(routes.patch?.operation.requestBody?.content)
  const current = jsonSchemaOf(routes.get?.operation.responses['200']?.content)
  if (schema === undefined || current === undefined)
    return ['--set', resource.placeholders ? 'rules=[]' : 'name=Changed']
  const { [variants?.field ?? '']: shape } = exampleOf(document, current, {
    label: words,
    optional: 'none',
  }) as Record<string, string>
  const like = shape === undefined || variants === undefined ? likes[words] : { [variants.field]: shape }
  const all = [...(variants?.of[shape ?? '']?.fields ?? []), ...fields]
  return fieldFlags(
    document,
    all.filter(({ only }) => only !== 'create'),
    schema,
    like,
  )
}

export function actionLine(document: OpenApiDocument, action: Action): Line {
  const { words, args, method, fields = [], query = [] } = action
  const path = action.path.replace(/\{[\w-]+\}/g, ID)
  const route = createRouter(document)(method, path)?.route
  const schema: Schema = jsonSchemaOf(route?.operation.requestBody?.content) ?? {}
  const like = { type: 'bar' }
  return {
    args: [
      ...words.split(' '),
      ...args.map(() => ID),
      ...fieldFlags(document, fields, schema, like),
      ...filterFlags(
        document,
        query.map(({ path: parameter, ...field }) => ({ ...field, parameter }) as never),
        route?.operation.parameters ?? [],
      ),
      ...(action.destructive ? ['--yes'] : []),
    ],
    sends: `${method} ${path}`,
  }
}
