import { messageOf, usageError } from '../errors.ts'
import type { Json } from './overrides.ts'

/** Renders a template text; `path` names the field in errors. */
export type Render = (text: string, path: string) => string

/**
 * Makes the renderer of Liquid templates for one call (seed: Dynamic variables). Undefined names print nothing; dates
 * are in UTC unless the template names a zone. Liquid is loaded only if a template is there to render.
 */
export async function createRenderer(
  texts: readonly string[],
  values: Json,
  epochMs: number,
): Promise<Render> {
  if (!texts.some(text => text.includes('{{') || text.includes('{%'))) return text => text
  const { Liquid } = await import('liquidjs')
  // Without `templates`, {% include %} would read files of the working directory.
  const liquid = new Liquid({ templates: {}, timezoneOffset: 0, renderLimit: 1000, memoryLimit: 10_000_000 })
  const scope = { ...defaultVariables(epochMs), ...values }
  return (text, path) => {
    try {
      return String(liquid.parseAndRenderSync(text, scope))
    } catch (error) {
      throw usageError(`${path} has a fault in its template: ${messageOf(error)}`)
    }
  }
}

/** `now`, `date`, `time`, `month`, `day`, `year`, in UTC and the documented forms. */
export function defaultVariables(epochMs: number): Json {
  const at = new Date(epochMs)
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options }).format(at).replace(/\u202f/g, ' ')
  const date = part({ month: 'short', day: 'numeric', year: 'numeric' })
  const time = part({ hour: 'numeric', minute: '2-digit' })
  return {
    now: `${date} ${time}`,
    date,
    time,
    month: part({ month: 'long' }),
    day: part({ day: 'numeric' }),
    year: part({ year: 'numeric' }),
  }
}
