import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { asVapiError, VapiError } from '../../errors.ts'
import type { Library } from '../content/library.ts'
import { completeArgument, getPrompt, listPrompts } from './prompts.ts'
import {
  completeId,
  completion,
  listResources,
  listTemplates,
  PAGE_TEMPLATE,
  readResource,
} from './resources.ts'
import { callTool, describeTool, failure, type ServerTool } from './tool.ts'
import { getChangelog } from './tools/changelog.ts'
import { getExamples } from './tools/examples.ts'
import { getGuides } from './tools/guides.ts'
import { getApiReference } from './tools/reference.ts'
import { searchDocumentation } from './tools/search.ts'
import { validateAssistantTool } from './tools/validate.ts'

const INSTRUCTIONS = `Knows Vapi: its documentation, API and configuration, and checks assistants. Before writing code or configuration for Vapi, look the names of fields and endpoints up here instead of remembering them: search_documentation for questions and symptoms, get_api_reference for the fields of a request, get_examples for code, validate_assistant for every configuration you write. Whole pages are resources (vapi://docs/…).`

export interface DocsServerOptions {
  /** Asked for with every request that needs it; whoever hands it in opens it once. */
  library(): Promise<Library>
  /** Of this program. */
  version: string
  /** Tools beside those of the documentation. */
  tools?: readonly ServerTool[]
  /** Leave the tools of the documentation out. */
  withoutDocs?: boolean
}

/** A server of the documentation, not yet connected. One serves one client. */
export function createDocsServer({
  library,
  version,
  tools: more = [],
  withoutDocs = false,
}: DocsServerOptions): Server {
  const docs = [
    searchDocumentation,
    getExamples,
    getGuides,
    getApiReference,
    getChangelog,
    validateAssistantTool(),
  ]
  const tools = [...(withoutDocs ? [] : docs), ...more]
  const open = () => library().catch(thrown => Promise.reject(asRequestError(thrown)))
  const server = new Server(
    { name: 'vapi', title: 'Vapi', version },
    {
      capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
      instructions: INSTRUCTIONS,
    },
  )
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(describeTool) }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const tool = tools.find(({ name }) => name === params.name)
    if (tool === undefined) return failure(unknownTool(params.name, tools))
    return callTool(tool, params.arguments, { library, signal })
  })
  server.setRequestHandler(ListResourcesRequestSchema, async ({ params }) =>
    listResources(await open(), params?.cursor),
  )
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => listTemplates())
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params }) =>
    readResource(await open(), params.uri),
  )
  server.setRequestHandler(ListPromptsRequestSchema, () => listPrompts())
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }) =>
    getPrompt(await open(), params.name, params.arguments ?? {}),
  )
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }) => {
    if (ref.type === 'ref/prompt') return completeArgument(ref.name, argument.name, argument.value)
    if (ref.uri !== PAGE_TEMPLATE || argument.name !== 'id') return completion([])
    return completeId(await open(), argument.value)
  })
  return server
}

function unknownTool(name: string, tools: readonly ServerTool[]): VapiError {
  return new VapiError({
    code: 'unknown-tool',
    message: `there is no tool ${name}`,
    hint: `call one of ${tools.map(tool => tool.name).join(', ')}`,
  })
}

function asRequestError(thrown: unknown): McpError {
  const { message, hint } = asVapiError(thrown)
  return new McpError(ErrorCode.InternalError, hint === undefined ? message : `${message}: ${hint}`)
}
