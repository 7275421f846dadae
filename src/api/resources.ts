import { conversationResources } from './resources/conversations.ts'
import { qualityResources } from './resources/quality.ts'
import type { Resource } from './resources/types.ts'

/** Every resource of the API. One implementation of list, get, create, update, delete and clone serves them all. */
export const resources: readonly Resource[] = [...conversationResources, ...qualityResources]

/** The resource of these words. Throws where there is none: a fault of the program. */
export function resourceOf(words: string): Resource {
  const resource = resources.find(candidate => candidate.words === words)
  if (resource === undefined) throw new Error(`there is no resource ${words}`)
  return resource
}

/** Values of the placeholders in a resource's path. */
export type Placeholders = Readonly<Record<string, string>>

/** The path of a resource's list, or of one of them. */
export function pathOf(resource: Resource, placeholders: Placeholders = {}, id?: string): string {
  const path = resource.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(placeholders[name] ?? ''),
  )
  return id === undefined ? path : `${path}/${encodeURIComponent(id)}`
}
