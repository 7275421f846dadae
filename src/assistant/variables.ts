import type { FilterImplOptions, Liquid } from 'liquidjs'
import { messageOf, usageError } from '../errors.ts'
import { type Json, mergeOverrides } from './overrides.ts'
import { isTemplate, textsBelow } from './texts.ts'
import { formatPath } from './validate/finding.ts'

/** What is known at the moment when a text is rendered, where that is not the begin of the call. */
export interface RenderMoment {
  /** Values beside the call's own; they win (`transcript`, the arguments of a tool). */
  values?: Json
  /** Milliseconds since the call began; `now` and the other dates follow it. */
  atMs?: number
}

/** Renders a template text; `path` names the field in errors. */
export type Render = (text: string, path: string, moment?: RenderMoment) => string

/** What the variables `call`, `customer` and `phoneNumber` are made of. */
export interface CallFacts {
  id: string
  /** `webCall`, `inboundPhoneCall`, `outboundPhoneCall`. */
  type: string
  customer: Json
  phoneNumber: Json
}

/**
 * Makes the renderer of Liquid templates for one call (seed: Variables). Undefined names print nothing; the clock is
 * the call's, and dates are in UTC unless the template names a zone. Liquid is loaded only if a template is there to
 * render. Rendering throws a usage error that names the path.
 */
export async function createRenderer(
  texts: readonly string[],
  values: Json,
  epochMs: number,
): Promise<Render> {
  if (!texts.some(isTemplate)) return text => text
  const { Liquid } = await import('liquidjs')
  // Without `templates`, {% include %} would read files of the working directory.
  const liquid = new Liquid({ templates: {}, timezoneOffset: 0, renderLimit: 1000, memoryLimit: 10_000_000 })
  const clock = { nowMs: epochMs, now: '' }
  followClock(liquid, clock)
  return (text, path, { values: more = {}, atMs = 0 } = {}) => {
    if (!isTemplate(text)) return text
    const defaults = defaultVariables(epochMs + atMs)
    clock.nowMs = epochMs + atMs
    clock.now = String(defaults.now)
    try {
      return String(liquid.parseAndRenderSync(text, mergeOverrides({ ...defaults, ...values }, more)))
    } catch (error) {
      throw usageError(`${path} has a fault in its template: ${messageOf(error)}`)
    }
  }
}

/** Refuses a configuration with templates that cannot be parsed; names the path of each. */
export async function checkTemplates(configuration: unknown, origin: string): Promise<void> {
  const templates = textsBelow(configuration).filter(({ text }) => isTemplate(text))
  if (templates.length === 0) return
  const { Liquid } = await import('liquidjs')
  const liquid = new Liquid({ templates: {} })
  const faults = templates.flatMap(({ text, at }) => {
    try {
      liquid.parse(text)
      return []
    } catch (error) {
      return [`  ${formatPath(at)}: the template has a fault: ${messageOf(error).split('\n')[0]}`]
    }
  })
  if (faults.length > 0) throw usageError(`${origin} is not valid\n${faults.join('\n')}`)
}

const dateFilters = [
  'date',
  'date_to_xmlschema',
  'date_to_rfc822',
  'date_to_string',
  'date_to_long_string',
] as const

/** Lets the date filters read the call's clock instead of the machine's, and dates without a zone in UTC. */
function followClock(liquid: Liquid, clock: { nowMs: number; now: string }): void {
  const moment = (value: unknown): unknown => {
    if (typeof value !== 'string') return value
    if (value === 'now' || value === 'today' || value === clock.now) return new Date(clock.nowMs)
    if (/^\d+$/.test(value) || hasZone(value)) return value
    const readings = [`${value} UTC`, `${value}Z`].map(text => Date.parse(text))
    const found = readings.find(reading => !Number.isNaN(reading))
    return found === undefined ? value : new Date(found)
  }
  for (const name of dateFilters) {
    const original: FilterImplOptions | undefined = liquid.filters[name]
    if (typeof original !== 'function') throw new Error(`Liquid has no filter ${name}`)
    liquid.registerFilter(name, function (value: unknown, ...rest: unknown[]) {
      return original.call(this, moment(value), ...rest)
    })
  }
}

function hasZone(date: string): boolean {
  return /(?:Z|[+-]\d{2}:?\d{2}|GMT|UTC|[ECMP][SD]T)\s*(?:\([^)]*\))?$/i.test(date.trim())
}

/** `call`, `customer` and `phoneNumber` as templates see them (API: variables). */
export function callVariables(facts: CallFacts, epochMs: number): Json {
  const { id, type, customer, phoneNumber } = facts
  return { call: { id, type, startedAt: new Date(epochMs).toISOString() }, customer, phoneNumber }
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
