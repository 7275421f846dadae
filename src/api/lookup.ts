import { Exit, usageError, VapiError } from '../errors.ts'
import { textAt } from './body.ts'
import { readIdentified } from './read-object.ts'
import type { Resource } from './resources/types.ts'
import { type Placeholders, pathOf, resourceOf } from './resources.ts'
import { listRows } from './rows.ts'
import type { Api, JsonObject } from './types.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * One object by its id, or by a name that no other has. Throws `not-found` (exit 5), a usage error with the ids where
 * several have the name, and `not-an-object` where the server gives none.
 */
export async function findOne(
  api: Api,
  words: string,
  idOrName: string,
  placeholders: Placeholders = {},
): Promise<JsonObject> {
  const resource = resourceOf(words)
  if (UUID.test(idOrName) || resource.nameFields.length === 0) {
    return readOne(api, pathOf(resource, placeholders, idOrName))
  }
  const row = await findByName(api, resource, idOrName, placeholders)
  // A list may leave out what the object itself has.
  return readOne(api, pathOf(resource, placeholders, row.id))
}

async function readOne(api: Api, path: string): Promise<JsonObject> {
  return readIdentified(await api.request({ method: 'GET', path }), `GET ${path}`)
}

/** The id of an object that is given by id or name. An id is believed without a request. */
export async function findId(
  api: Api,
  words: string,
  idOrName: string,
  placeholders: Placeholders = {},
): Promise<string> {
  if (UUID.test(idOrName)) return idOrName
  const resource = resourceOf(words)
  if (resource.nameFields.length === 0) return idOrName
  return (await findByName(api, resource, idOrName, placeholders)).id
}

async function findByName(
  api: Api,
  resource: Resource,
  name: string,
  placeholders: Placeholders,
): Promise<{ readonly id: string }> {
  const found: JsonObject[] = []
  const filter = resource.filters.find(({ parameter }) => parameter === 'name')
  const query = filter === undefined ? {} : { name }
  for await (const row of listRows(api, resource, { query, placeholders, limit: null })) {
    if (isNamed(resource, row, name)) found.push(row)
  }
  const [first] = found
  if (first !== undefined && found.length === 1)
    return readIdentified(first, `GET ${pathOf(resource, placeholders)}`)
  if (first === undefined) {
    throw new VapiError({
      code: 'not-found',
      message: `there is no ${resource.noun} named ${name}`,
      exit: Exit.notFound,
      hint: `vapi ${resource.words} list`,
    })
  }
  throw usageError(
    `${found.length} ${resource.plural} are named ${name}: ${found.map(row => row.id).join(', ')}`,
    'give the id',
  )
}

/** Whether people call this row so; numbers are compared without spaces and dashes. */
function isNamed(resource: Resource, row: JsonObject, name: string): boolean {
  return resource.nameFields.some(path => {
    const text = textAt(row, path)
    return text !== '' && (text === name || (path === 'number' && text === name.replace(/[\s().-]/g, '')))
  })
}

/** What a person would call this object: its first name field, else its id. */
export function nameOf(resource: Resource, row: JsonObject): string {
  for (const path of resource.nameFields) {
    const text = textAt(row, path)
    if (text !== '') return text
  }
  return textAt(row, 'id')
}
