import type { ValueType } from '../../api/body.ts'
import type { Resource } from '../../api/resources/types.ts'

/** Bodies whose schema is not named after its resource; null where there is none. */
const schemaNames: Readonly<Record<string, string | null>> = {
  'eval run.create': 'eval.run',
  'simulation run.create': 'simulation.run',
  'pronunciation dictionary.create': null,
  'pronunciation dictionary.update': null,
  'credential.update': null,
  'file.create': null,
}

/** What the fields of a body take, by the schema of the API; undefined where it is open. */
export async function typesOf(
  resource: Resource,
  purpose: 'create' | 'update',
): Promise<(path: string) => ValueType | undefined> {
  const key = `${resource.noun}.${purpose}`
  const name = key in schemaNames ? schemaNames[key] : key.replaceAll(' ', '-')
  if (name === null || name === undefined) return () => undefined
  const { loadSchema, schemaTypeAt } = await import('../../assistant/validate/schema.ts')
  const schema = await loadSchema(name)
  return path => schemaTypeAt(schema, path)
}
