import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { asVapiError, VapiError } from '../../errors.ts'
import type { Library } from '../content/library.ts'

/** What a tool may use while it runs. */
export interface ToolContext {
  library(): Promise<Library>
  /** Aborts when the client cancels the call or goes away. */
  signal: AbortSignal
}

export interface ToolReply {
  /** For the model to read: Markdown. */
  text: string
  /** The same as data; it fits the tool's output schema. */
  data: Record<string, unknown>
}

/** A tool as the server offers it. */
export interface ServerTool {
  name: string
  title: string
  description: string
  input: z.ZodObject
  output: z.ZodObject
  annotations: ToolAnnotations
  /** Throws VapiError for what went wrong; its message and hint are what the model is told. */
  run(input: unknown, context: ToolContext): Promise<ToolReply>
}

/** Annotations of a tool that only looks things up on this machine. */
export const READS_HERE: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
}

/** Ties a tool's `run` to its input schema. */
export function defineTool<Input extends z.ZodObject>(
  tool: Omit<ServerTool, 'input' | 'run'> & {
    input: Input
    run(input: z.infer<Input>, context: ToolContext): Promise<ToolReply>
  },
): ServerTool {
  return tool as unknown as ServerTool
}

/** A tool as `tools/list` gives it. */
export function describeTool({ name, title, description, input, output, annotations }: ServerTool) {
  const schema = (of: z.ZodObject, io: 'input' | 'output') => ({
    type: 'object' as const,
    ...(z.toJSONSchema(of, { target: 'draft-7', io }) as Record<string, unknown>),
  })
  return {
    name,
    title,
    description,
    inputSchema: schema(input, 'input'),
    outputSchema: schema(output, 'output'),
    annotations: { title, ...annotations },
  }
}

/** Runs a tool; whatever goes wrong comes back as a result with `isError`, so that the model can read it and try again. */
export async function callTool(
  tool: ServerTool,
  given: unknown,
  context: ToolContext,
): Promise<CallToolResult> {
  try {
    const { text, data } = await tool.run(checkInput(tool, given), context)
    return { content: [{ type: 'text', text }], structuredContent: data }
  } catch (thrown) {
    context.signal.throwIfAborted()
    return failure(thrown)
  }
}

/** What went wrong, and what to do, as a tool's result. */
export function failure(thrown: unknown): CallToolResult {
  const { message, hint } = asVapiError(thrown)
  const text = hint === undefined ? message : `${message}\nWhat to do: ${hint}`
  return { content: [{ type: 'text', text }], isError: true }
}

function checkInput(tool: ServerTool, given: unknown): unknown {
  const result = tool.input.safeParse(given ?? {})
  if (result.success) return result.data
  const faults = result.error.issues.slice(0, 5).map(issue => {
    const path = issue.path.map(String).join('.')
    const message = issue.message.endsWith('received undefined') ? 'is missing' : issue.message
    return path === '' ? message : `${path}: ${message}`
  })
  const fields = Object.entries(tool.input.shape).map(([name, field]) => {
    const optional = field instanceof z.ZodType && field.safeParse(undefined).success
    return optional ? `${name} (optional)` : name
  })
  throw new VapiError({
    code: 'bad-input',
    message: `${tool.name}: ${faults.join('; ')}`,
    hint: `call it again with ${fields.length === 0 ? 'no arguments' : fields.join(', ')}`,
  })
}
