import type { OpenApiDocument, Operation } from './document.ts'

export interface Route {
  /** In capitals. */
  method: string
  /** As the document writes it: `/assistant/{id}`. */
  template: string
  operation: Operation
}

export interface Match {
  route: Route
  params: Record<string, string>
}

/** Finds the operation of a method and path; of several templates that fit, the one with the earliest literal wins. */
export function createRouter(document: OpenApiDocument): (method: string, path: string) => Match | undefined {
  const routes: Route[] = Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      template,
      operation,
    })),
  )
  // A parameter sorts behind a literal of the same place.
  const rank = ({ template }: Route) =>
    template
      .split('/')
      .map(segment => (segment.startsWith('{') ? '1' : '0'))
      .join('')
  routes.sort((a, b) => rank(a).localeCompare(rank(b)))
  return (method, path) => {
    for (const route of routes) {
      const params = route.method === method ? matchTemplate(route.template, path) : undefined
      if (params !== undefined) return { route, params }
    }
    return undefined
  }
}

/** The parameters of a path that fits a template, decoded; undefined where it does not fit. */
export function matchTemplate(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? ''
    if (!segment.startsWith('{')) {
      if (segment !== value) return undefined
    } else if (value === '') return undefined
    else params[segment.slice(1, -1)] = decoded(value)
  }
  return params
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
