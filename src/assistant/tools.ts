import type { ToolPlan } from '../engine/plan.ts'
import type { ModelTool } from '../engine/ports/language-model.ts'
import type { ToolServer } from '../engine/ports/tool-runner.ts'
import { usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { defaults } from './defaults.ts'
import { compileDestinations, type FindMember, nobodyElse } from './destinations.ts'
import type { Json } from './overrides.ts'
import type { Assistant, AssistantServer, AssistantTool } from './schema.ts'
import { parseTool } from './schema.ts'
import { describeTool, isDryRunKind, nameOfTool } from './tool-kinds.ts'
import { compileMessages } from './tool-messages.ts'
import { compileRejection } from './tool-rejection.ts'
import type { Render } from './variables.ts'

export interface CompiledTools {
  tools: ToolPlan[]
  modelTools: ModelTool[]
  warnings: string[]
}

/** What tools know of the call that they are in. */
export interface ToolContext {
  /** The call's assistants, for transfers and hand-overs. */
  find: FindMember
  /** Whom a squad lets this assistant pass the call to. */
  destinations: readonly Json[]
  /** What servers of `mcp` tools offer, by the tool's place in `model.tools`. */
  mcpTools: ReadonlyMap<number, readonly Json[]>
}

const alone: ToolContext = { find: nobodyElse, destinations: [], mcpTools: new Map() }

/** Compiles `model.tools`, with what the squad's destinations and older settings add to them. */
export function compileTools(
  assistant: Assistant,
  render: Render,
  context: ToolContext = alone,
): CompiledTools {
  const warnings: string[] = []
  const compiled: { plan: ToolPlan; model: ModelTool | null }[] = []
  const add = (tool: AssistantTool, path: string) => {
    const plan = compileTool(tool, assistant, path, render, context, warnings)
    if (plan === null) return
    if (compiled.some(other => other.plan.name === plan.name))
      warnings.push(`${path}: there are two tools named ${plan.name}; only the first can be called`)
    // A fault of it is told with its place in the configuration.
    compileRejection(tool.rejectionPlan, `${path}.rejectionPlan`, render)
    compiled.push({ plan, model: describeTool(plan, tool, path, render) })
  }
  for (const { tool, path } of configuredTools(assistant, context)) {
    if (tool.type === 'knowledge-base') continue
    add(tool, path)
  }
  const ends = compiled.some(({ plan }) => plan.type === 'endCall')
  if (assistant.endCallFunctionEnabled === true && !ends) add({ type: 'endCall' }, 'endCallFunctionEnabled')
  if ((assistant.model?.toolIds?.length ?? 0) > 0)
    warnings.push('model.toolIds name stored tools; they are not loaded without an account')
  warnings.push(...knowledgeWarnings(assistant))
  return {
    tools: compiled.map(({ plan }) => plan),
    modelTools: compiled.flatMap(({ model }) => (model === null ? [] : [model])),
    warnings,
  }
}

/** The assistant's tools, what its `mcp` tools offer in their place, and those that a squad's destinations make. */
function configuredTools(
  assistant: Assistant,
  { destinations, mcpTools }: ToolContext,
): { tool: AssistantTool; path: string }[] {
  const own = (assistant.model?.tools ?? []).flatMap((tool, index) => {
    const path = `model.tools[${index}]`
    if (tool.type !== 'mcp') return [{ tool, path }]
    return (mcpTools.get(index) ?? []).map(offered => ({ tool: offeredTool(tool, offered), path }))
  })
  const isHandoff = (destination: Json) =>
    [
      'contextEngineeringPlan',
      'variableExtractionPlan',
      'assistantOverrides',
      'assistantId',
      'assistant',
    ].some(key => key in destination)
  const handoffs = destinations.flatMap((destination, index) =>
    isHandoff(destination)
      ? [
          {
            tool: parseTool({ type: 'handoff', destinations: [destination] }),
            path: `assistantDestinations[${index}]`,
          },
        ]
      : [],
  )
  const transfers = destinations.filter(destination => !isHandoff(destination))
  if (transfers.length === 0) return [...own, ...handoffs]
  const place = own.findIndex(
    ({ tool }) => tool.type === 'transferCall' && nameOfTool(tool) === 'transferCall',
  )
  const found = own[place]
  if (found === undefined) {
    const tool = parseTool({ type: 'transferCall', destinations: transfers })
    return [...own, { tool, path: 'assistantDestinations' }, ...handoffs]
  }
  // One function of the model for all of them; a tool without destinations goes on asking its server.
  const before: unknown[] = Array.isArray(found.tool.destinations) ? found.tool.destinations : []
  const asks = before.length === 0 ? [{ type: 'dynamic' }] : []
  const joined = { ...found.tool, destinations: [...before, ...asks, ...transfers] }
  return [...own.with(place, { ...found, tool: joined }), ...handoffs]
}

/** A tool of an MCP server as one of ours; its messages may be set for it alone (API: toolMessages). */
function offeredTool(tool: AssistantTool, offered: Json): AssistantTool {
  const own: unknown[] = Array.isArray(tool.toolMessages) ? tool.toolMessages : []
  const messages = own.find(entry => isObject(entry) && entry.name === offered.name)
  return parseTool({
    ...tool,
    function: {
      name: String(offered.name),
      ...(typeof offered.description === 'string' && { description: offered.description }),
      ...(isObject(offered.inputSchema) && { parameters: offered.inputSchema }),
    },
    ...(isObject(messages) && Array.isArray(messages.messages) && { messages: messages.messages }),
  })
}

/** Compiles one tool; null where it has no name to be called by. */
export function compileTool(
  tool: AssistantTool,
  assistant: Assistant,
  path: string,
  render: Render,
  context: ToolContext = alone,
  warnings: string[] = [],
): ToolPlan | null {
  const name = nameOfTool(tool)
  if (name === null) {
    warnings.push(`${path}: a tool of type ${tool.type} without a name cannot be called`)
    return null
  }
  const base = {
    name,
    definition: tool,
    messages: compileMessages(tool.messages, `${path}.messages`, render),
    fixedArguments: fixedArguments(tool, path, render),
    judged:
      isObject(tool.rejectionPlan) && Array.isArray(tool.rejectionPlan.conditions)
        ? tool.rejectionPlan.conditions.length > 0
        : false,
  }
  if (tool.type === 'endCall') return { type: 'endCall', ...base }
  if (tool.type === 'voicemail') {
    const { voicemailMessage } = assistant
    const message = voicemailMessage ? render(voicemailMessage, 'voicemailMessage') : null
    return { type: 'voicemail', message, ...base }
  }
  if (tool.type === 'transferCall' || tool.type === 'handoff') {
    const destinations = compileDestinations(tool, path, render, context.find, warnings)
    if (destinations.length === 0 && tool.type === 'handoff') {
      warnings.push(`${path}: a handoff tool without destinations is left out`)
      return null
    }
    return {
      type: 'transfer',
      kind: tool.type,
      destinations,
      server: serverOf(dynamicServer(tool) ?? tool.server, assistant, render, path),
      ...base,
    }
  }
  return {
    type: 'function',
    kind: tool.type,
    server:
      tool.type === 'query'
        ? knowledgeServer(tool.server ?? knowledgeBaseOf(assistant), render, path)
        : serverOf(tool.server, assistant, render, path),
    async: tool.async ?? false,
    dryRun: isDryRunKind(tool.type),
    takesMessages: tool.type === 'query',
    ...base,
  }
}

/** The server of the assistant's own knowledge base (API: CustomKnowledgeBase). */
function knowledgeBaseOf({ model }: Assistant): AssistantServer | undefined {
  const base = model?.knowledgeBase
  return isObject(base) && isObject(base.server) && typeof base.server.url === 'string'
    ? (base.server as AssistantServer)
    : undefined
}

/** What there is to say of knowledge bases that nothing asks. */
function knowledgeWarnings(assistant: Assistant): string[] {
  const { model } = assistant
  const isQueried = model?.tools?.some(({ type }) => type === 'query') === true
  const isConfigured = isObject(model?.knowledgeBase) || typeof model?.knowledgeBaseId === 'string'
  if (!isQueried && !isConfigured) return []
  if (/realtime/i.test(model?.model ?? ''))
    return [`knowledge bases are not available with the realtime model ${model?.model}`]
  return isQueried ? [] : ['model.knowledgeBase is asked through a tool of type query, and there is none']
}

/** A knowledge base is asked at its own server alone. */
function knowledgeServer(own: AssistantServer | undefined, render: Render, path: string): ToolServer | null {
  return own === undefined ? null : serverOf(own, {}, render, path)
}

/** Top-level `parameters` as a list: values that the model never sees and that go before its own (row 29). */
function fixedArguments(tool: AssistantTool, path: string, render: Render): Json {
  if (!Array.isArray(tool.parameters)) return {}
  return Object.fromEntries(
    tool.parameters.filter(isObject).map(({ key, value }, place) => {
      if (typeof key !== 'string') throw usageError(`${path}.parameters[${place}].key is not a text`)
      return [key, renderAll(value, `${path}.parameters[${place}].value`, render)]
    }),
  )
}

function renderAll(value: unknown, path: string, render: Render): unknown {
  if (typeof value === 'string') return render(value, path)
  if (Array.isArray(value)) return value.map((item, place) => renderAll(item, `${path}[${place}]`, render))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, renderAll(inner, `${path}.${name}`, render)]),
  )
}

/** The server of a dynamic destination goes before that of its tool. */
function dynamicServer(tool: AssistantTool): AssistantServer | undefined {
  const list: unknown[] = Array.isArray(tool.destinations) ? tool.destinations : []
  const dynamic = list.find(item => isObject(item) && item.type === 'dynamic')
  return isObject(dynamic) && isObject(dynamic.server) && typeof dynamic.server.url === 'string'
    ? (dynamic.server as AssistantServer)
    : undefined
}

/** The tool's own server, else the assistant's (API: routing of messages). */
export function serverOf(
  own: AssistantServer | undefined,
  assistant: Assistant,
  render: Render,
  path: string,
): ToolServer | null {
  const legacy =
    assistant.serverUrl === undefined
      ? undefined
      : { url: assistant.serverUrl, secret: assistant.serverUrlSecret }
  const server: AssistantServer | undefined = own ?? assistant.server ?? legacy
  if (server === undefined) return null
  return {
    url: render(server.url, `${path}.server.url`),
    timeoutSeconds: server.timeoutSeconds ?? defaults.serverTimeoutSeconds,
    headers: { ...server.headers, ...(server.secret !== undefined && { 'X-Vapi-Secret': server.secret }) },
  }
}
