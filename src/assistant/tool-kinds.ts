import type { DestinationPlan, ToolPlan } from '../engine/plan.ts'
import type { ModelTool } from '../engine/ports/language-model.ts'
import { isObject } from '../is-object.ts'
import type { Json } from './overrides.ts'
import type { AssistantTool } from './schema.ts'
import type { Render } from './variables.ts'

/** What a built-in tool is to the model where its configuration does not say it. */
interface ToolKind {
  /** Its effect is outside a local call's reach and is only recorded. */
  dryRun: boolean
  description?: string
  parameters?: Json
}

const text = (description: string) => ({ type: 'string', description })
const object = (properties: Json, required: string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
})

const event = object(
  {
    summary: text('title of the event'),
    startDateTime: text('begin, ISO 8601'),
    endDateTime: text('end, ISO 8601'),
    timeZone: text('IANA name of the time zone'),
    attendees: { type: 'array', items: { type: 'string' }, description: 'addresses of those who take part' },
  },
  ['summary', 'startDateTime', 'endDateTime'],
)
const period = object(
  { startDateTime: text('begin, ISO 8601'), endDateTime: text('end, ISO 8601'), timeZone: text('IANA name') },
  ['startDateTime', 'endDateTime'],
)
const dry = (description: string, parameters?: Json): ToolKind => ({
  dryRun: true,
  description,
  ...(parameters !== undefined && { parameters }),
})

const kinds: Readonly<Record<string, ToolKind>> = {
  endCall: {
    dryRun: false,
    description: 'Ends the call. Use it when the conversation is over.',
  },
  voicemail: {
    dryRun: false,
    description: 'Leaves the voicemail message and hangs up. Use it when a voicemail system answers.',
  },
  query: {
    dryRun: false,
    description: 'Looks something up in the knowledge base.',
    parameters: object({ query: text('what to look up') }),
  },
  bash: {
    dryRun: false,
    description: 'Runs a command in a shell.',
    parameters: object({ command: text('the command') }),
  },
  computer: {
    dryRun: false,
    description: 'Uses the screen, the mouse and the keyboard of a computer.',
    parameters: object({ action: text('what to do') }),
  },
  textEditor: {
    dryRun: false,
    description: 'Views and edits text files.',
    parameters: object({ command: text('view, create, str_replace or insert'), path: text('the file') }),
  },
  dtmf: dry(
    'Presses keys of the telephone.',
    object({ dtmf: text('the keys, one after the other: 0-9 * #') }),
  ),
  sms: dry(
    'Sends a text message.',
    object({ to: text('number in E.164 form'), content: text('what it says') }, ['content']),
  ),
  sipRequest: dry('Sends a SIP request to the other side of the call.'),
  'google.calendar.event.create': dry('Makes an event in a calendar.', event),
  'google.calendar.availability.check': dry('Tells when a calendar is free.', period),
  'google.sheets.row.append': dry(
    'Adds a row to a sheet.',
    object({ values: { type: 'array', items: { type: 'string' }, description: 'its cells' } }),
  ),
  'slack.message.send': dry('Sends a message to a Slack channel.', object({ message: text('what it says') })),
  'gohighlevel.calendar.event.create': dry('Makes an event in a calendar.', event),
  'gohighlevel.calendar.availability.check': dry('Tells when a calendar is free.', period),
  'gohighlevel.contact.create': dry(
    'Makes a contact.',
    object(
      {
        firstName: text('first name'),
        lastName: text('last name'),
        email: text('address'),
        phone: text('number'),
      },
      [],
    ),
  ),
  'gohighlevel.contact.get': dry(
    'Looks a contact up.',
    object({ email: text('address'), phone: text('number') }, []),
  ),
  ghl: dry('Runs a GoHighLevel workflow.'),
  make: dry('Runs a Make scenario.'),
  output: dry('Gives the output.'),
}

const runHere = new Set(['function', 'apiRequest', 'code', 'mcp', 'transferCall', 'handoff'])

/** True for tools whose effect is outside a local call's reach; also for kinds that we do not know. */
export function isDryRunKind(type: string): boolean {
  return kinds[type]?.dryRun ?? !runHere.has(type)
}

/** The name by which the model calls a tool; null where a tool that needs one has none. */
export function nameOfTool(tool: AssistantTool): string | null {
  const given = tool.function?.name ?? tool.name
  if (given !== undefined) return given
  if (tool.type === 'handoff') return handoffName(tool)
  if (['function', 'apiRequest', 'code', 'mcp'].includes(tool.type)) return null
  return tool.type.replaceAll('.', '_')
}

/** `handoff_to_<name>` of the first destination. */
function handoffName(tool: AssistantTool): string | null {
  const [first] = Array.isArray(tool.destinations) ? tool.destinations : []
  if (!isObject(first)) return null
  return `handoff_to_${destinationName(first)}`.replace(/[^\w-]+/g, '_').slice(0, 64)
}

/** What the model calls a destination. */
export function destinationName(destination: Json): string {
  const { type, assistant, squad } = destination
  const named = [
    destination.assistantName,
    destination.assistantId,
    isObject(assistant) ? assistant.name : undefined,
    destination.entryAssistantName,
    isObject(squad) ? squad.name : undefined,
    destination.squadId,
    destination.number,
    destination.sipUri,
  ].find(value => typeof value === 'string' && value !== '')
  return typeof named === 'string' ? named : String(type ?? 'somebody')
}

/** The function that the model is given for a tool. */
export function describeTool(
  plan: ToolPlan,
  tool: AssistantTool,
  path: string,
  render: Render,
): ModelTool | null {
  const kind = kinds[tool.type]
  const own =
    tool.function?.parameters ??
    (isObject(tool.parameters) ? tool.parameters : undefined) ??
    (tool.type === 'apiRequest' && isObject(tool.body) && tool.body.type === 'object' ? tool.body : undefined)
  const transfer = plan.type === 'transfer' ? transferFunction(plan, tool) : null
  const parameters = own ?? transfer?.parameters ?? kind?.parameters ?? { type: 'object', properties: {} }
  const written = tool.function?.description ?? tool.description
  const description =
    written === undefined
      ? (transfer?.description ?? kind?.description)
      : // What the destinations are for is told in any case, so that the model can choose.
        [render(written, `${path}.description`), ...(transfer === null ? [] : [transfer.list])].join('\n')
  return {
    type: 'function',
    function: {
      name: plan.name,
      ...(description !== undefined && { description }),
      parameters: withoutFixed(parameters, plan),
      ...(tool.function?.strict !== undefined && { strict: tool.function.strict }),
    },
  }
}

/** Values that the configuration fixes are not asked of the model. */
function withoutFixed(parameters: Json, { fixedArguments }: ToolPlan): Json {
  if (!isObject(parameters.properties)) return parameters
  const isFixed = (name: string, property: unknown) =>
    Object.hasOwn(fixedArguments, name) || (isObject(property) && 'value' in property)
  const fixed = Object.entries(parameters.properties).flatMap(([name, property]) =>
    isFixed(name, property) ? [name] : [],
  )
  if (fixed.length === 0) return parameters
  const { properties, required, ...rest } = parameters
  return {
    ...rest,
    properties: Object.fromEntries(
      Object.entries(properties as Json).filter(([name]) => !fixed.includes(name)),
    ),
    ...(Array.isArray(required) && { required: required.filter(name => !fixed.includes(String(name))) }),
  }
}

function transferFunction(plan: Extract<ToolPlan, { type: 'transfer' }>, tool: AssistantTool) {
  const { destinations, kind } = plan
  const verb = kind === 'handoff' ? 'Hands the call over to another assistant' : 'Transfers the call'
  if (destinations.length === 0)
    return { description: `${verb}. Use it when the customer is to speak with somebody else.`, list: '' }
  const line = ({ name, description }: DestinationPlan) =>
    description === null ? `- ${name}` : `- ${name}: ${description}`
  const list = `Destinations:\n${destinations.map(line).join('\n')}`
  const names = destinations.map(({ name }) => name)
  return {
    description: `${verb}. ${list}`,
    list,
    parameters: object(
      {
        destination: { type: 'string', enum: names, description: 'where the call is to go' },
        ...extractedProperties(tool),
      },
      ['destination'],
    ),
  }
}

/** What a hand-over's extraction plans want to know, asked of the model along with the call. */
function extractedProperties(tool: AssistantTool): Json {
  const destinations: unknown[] = Array.isArray(tool.destinations) ? tool.destinations : []
  const properties: Json = {}
  for (const destination of destinations) {
    const plan = isObject(destination) ? destination.variableExtractionPlan : undefined
    const schema = isObject(plan) && isObject(plan.schema) ? plan.schema : {}
    if (isObject(schema.properties)) Object.assign(properties, schema.properties)
  }
  return properties
}
