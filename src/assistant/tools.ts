import type { ToolMessages, ToolPlan } from '../engine/plan.ts'
import type { ModelTool } from '../engine/ports/language-model.ts'
import type { ToolServer } from '../engine/ports/tool-runner.ts'
import { defaults } from './defaults.ts'
import { isObject } from './overrides.ts'
import type { Assistant, AssistantServer, AssistantTool } from './schema.ts'
import type { Render } from './variables.ts'

export interface CompiledTools {
  tools: ToolPlan[]
  modelTools: ModelTool[]
  warnings: string[]
}

/** Compiles `model.tools`. Tools of a kind that does not run here are left out with a warning. */
export function compileTools(assistant: Assistant, render: Render): CompiledTools {
  const warnings: string[] = []
  const compiled = (assistant.model?.tools ?? []).flatMap((tool, index) => {
    const plan = compileTool(tool, assistant, `model.tools[${index}]`, render)
    if (plan === null)
      warnings.push(
        `tools of type ${tool.type} do not run in a local call; ${tool.function?.name ?? tool.name ?? 'one'} is left out`,
      )
    return plan === null ? [] : [{ plan, model: describe(plan, tool) }]
  })
  if (assistant.endCallFunctionEnabled === true && !compiled.some(({ plan }) => plan.type === 'endCall')) {
    const tool = { type: 'endCall' }
    const plan: ToolPlan = { type: 'endCall', name: 'endCall', definition: tool, messages: noMessages }
    compiled.push({ plan, model: describe(plan, tool) })
  }
  if ((assistant.model?.toolIds?.length ?? 0) > 0)
    warnings.push('model.toolIds name stored tools; they are not loaded without an account')
  return { tools: compiled.map(({ plan }) => plan), modelTools: compiled.map(({ model }) => model), warnings }
}

const noMessages: ToolMessages = {
  start: null,
  complete: null,
  completeEndsCall: false,
  failed: null,
  failedEndsCall: false,
}

function compileTool(
  tool: AssistantTool,
  assistant: Assistant,
  path: string,
  render: Render,
): ToolPlan | null {
  const name = tool.function?.name ?? tool.name
  const messages = compileMessages(tool, path, render)
  const common = { definition: tool, messages }
  if (tool.type === 'endCall') return { type: 'endCall', name: name ?? 'endCall', ...common }
  if (tool.type !== 'function' || name === undefined) return null
  return {
    type: 'function',
    name,
    server: serverOf(tool.server, assistant),
    async: tool.async ?? false,
    ...common,
  }
}

function compileMessages(tool: AssistantTool, path: string, render: Render): ToolMessages {
  const find = (type: string) => tool.messages?.find(message => message.type === type)
  const text = (type: string) => {
    const content = find(type)?.content
    return content === undefined ? null : render(content, `${path}.messages (${type})`)
  }
  const complete = find('request-complete')
  const failed = find('request-failed')
  return {
    start: text('request-start'),
    complete: complete?.role === 'system' ? null : text('request-complete'),
    completeEndsCall: complete?.endCallAfterSpokenEnabled ?? false,
    failed: text('request-failed'),
    failedEndsCall: failed?.endCallAfterSpokenEnabled ?? false,
  }
}

/** The tool's own server, else the assistant's (API: routing of messages). */
function serverOf(own: AssistantServer | undefined, assistant: Assistant): ToolServer | null {
  const legacy =
    assistant.serverUrl === undefined
      ? undefined
      : { url: assistant.serverUrl, secret: assistant.serverUrlSecret }
  const server: AssistantServer | undefined = own ?? assistant.server ?? legacy
  if (server === undefined) return null
  return {
    url: server.url,
    timeoutSeconds: server.timeoutSeconds ?? defaults.serverTimeoutSeconds,
    headers: { ...server.headers, ...(server.secret !== undefined && { 'X-Vapi-Secret': server.secret }) },
  }
}

function describe(plan: ToolPlan, tool: AssistantTool): ModelTool {
  const parameters =
    tool.function?.parameters ??
    (isObject(tool.parameters) ? tool.parameters : { type: 'object', properties: {} })
  const otherwise =
    plan.type === 'endCall' ? 'Ends the call. Use it when the conversation is over.' : undefined
  const description = tool.function?.description ?? tool.description ?? otherwise
  return {
    type: 'function',
    function: {
      name: plan.name,
      ...(description !== undefined && { description }),
      parameters,
      ...(tool.function?.strict !== undefined && { strict: tool.function.strict }),
    },
  }
}
