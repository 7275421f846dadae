import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../api/types.ts'
import type { Json } from '../assistant/overrides.ts'
import { createRenderer } from '../assistant/variables.ts'
import type { Context } from '../cli/context.ts'
import { type ExitCode, usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { buildRequest, extractVariables, type MakeRender, staticParameters } from '../messages/api-request.ts'
import { sampleMessage } from '../messages/samples.ts'
import { readToolReply } from '../messages/tool-calls.ts'
import { type AuthChoices, readAuth } from './webhook-auth.ts'
import { limitOf, printReport } from './webhook-report.ts'
import { sendMessage, sendTo } from './webhook-send.ts'

export interface ToolTest {
  tool: JsonObject
  /** The arguments as a model would give them. */
  values: JsonObject
  variables: JsonObject
  /** In place of the tool's own address. */
  url: string | undefined
  auth: AuthChoices
}

/** Sends `tool-calls` to the tool's server. */
export async function testServerTool(test: ToolTest, context: Context): Promise<ExitCode> {
  const { tool, values, variables } = test
  const server = (isObject(tool.server) ? tool.server : {}) as JsonObject
  const url = test.url ?? (typeof server.url === 'string' ? server.url : '')
  if (url === '')
    throw usageError(
      'the tool has no server of its own; in a call its assistant’s server would get the message',
      'add --url URL',
    )
  const auth = await readAuth(test.auth, server, context)
  const nowMs = Date.now()
  const makeRender = rendererAt(nowMs)
  const render = await makeRender([JSON.stringify(tool.parameters ?? null)], scopeOf(nowMs, variables))
  const holder = isObject(tool.function) ? tool.function : tool
  const name = typeof holder.name === 'string' ? holder.name : String(tool.type)
  // Made anew each time: a server that only knows an id of its own is found out.
  const callId = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`
  const message = sampleMessage('tool-calls', {
    nowMs,
    tool: {
      definition: { ...tool },
      name,
      arguments: { ...values, ...staticParameters(tool, render) },
      callId,
    },
  })
  if (message === null) throw new Error('there is no sample of tool-calls')
  const limitSeconds = limitOf(context, server)
  const sending = { server, message, url, auth, limitSeconds, nowMs }
  const { delivered, findings } = await sendMessage(sending, context)
  const isAsync = tool.async === true
  const { type, ...outcome } = readToolReply(delivered.body.toString('utf8'), callId)
  if (isAsync) context.output.note('the tool is async: the platform does not read this reply')
  return printReport(
    {
      method: 'POST',
      url,
      sent: `tool-calls ${name}`,
      limitSeconds,
      delivered,
      outcome: isAsync && type === 'error' ? {} : outcome,
      findings: isAsync ? [] : findings,
    },
    context,
  )
}

/** Makes the request of an `apiRequest` tool, and takes out of the reply what its plan says. */
export async function testRequestTool(test: ToolTest, context: Context): Promise<ExitCode> {
  const { tool, values, variables } = test
  const nowMs = Date.now()
  const makeRender = rendererAt(nowMs)
  const auth = await readAuth(test.auth, tool, context)
  const request = await buildRequest(tool, values, scopeOf(nowMs, variables), makeRender)
  const url = test.url ?? request.url
  const limitSeconds = limitOf(context, tool)
  const delivered = await sendTo({ ...request, url, auth, timeoutMs: limitSeconds * 1000, nowMs }, context)
  const failed = delivered.status < 200 || delivered.status >= 300
  const extraction = failed
    ? null
    : await extractVariables(
        tool.variableExtractionPlan,
        { body: delivered.body.toString('utf8'), headers: delivered.headers },
        makeRender,
      )
  return printReport(
    {
      method: request.method,
      url,
      sent: `the request of ${typeof tool.name === 'string' ? tool.name : 'the tool'}`,
      limitSeconds,
      delivered,
      outcome: {
        ...(!failed && { result: delivered.body.toString('utf8') }),
        ...(extraction !== null && { variables: extraction.variables }),
      },
      findings: extraction?.findings ?? [],
    },
    context,
  )
}

/** Variables of the sample's call, then those of `--var`. */
function scopeOf(nowMs: number, variables: JsonObject): JsonObject {
  const { call, customer, phoneNumber, assistant } = (sampleMessage('hang', { nowMs }) ?? {}) as JsonObject
  return { call, customer, phoneNumber, assistant, ...variables } as JsonObject
}

function rendererAt(nowMs: number): MakeRender {
  return (texts, variables) => createRenderer(texts, variables as Json, nowMs)
}
