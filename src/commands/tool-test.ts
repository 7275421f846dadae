import { stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { findOne } from '../api/lookup.ts'
import { findToolType } from '../api/tool-types.ts'
import type { JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { type ExitCode, messageOf, usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { checkArguments } from '../messages/arguments.ts'
import { callOptions, loadObject, variablesOf } from './call-options.ts'
import { testRequestTool, testServerTool } from './tool-test-run.ts'
import { requireUrl } from './web-address.ts'
import { authOptions, readSecret } from './webhook-auth.ts'

export default defineCommand(
  {
    name: 'tool test',
    summary: 'call a tool as the platform would, and check its reply',
    description:
      'Sends the tool-calls message to the tool’s own server, with its headers, authentication and time limit, and checks the reply’s shape. For an apiRequest tool it makes the request and shows which variables it gives. Exits with 3 where the reply is wrong, with 1 where the server fails. The work of the tool is really done.',
    args: [{ name: 'tool', summary: 'tool by id or name, or a JSON or YAML file of one', required: true }],
    options: {
      args: { type: 'string', placeholder: 'JSON', summary: 'arguments, as JSON; @FILE reads a file' },
      url: {
        type: 'string',
        placeholder: 'URL',
        summary: 'another address than the tool’s, e.g. of localhost',
      },
      var: callOptions.var,
      ...authOptions,
    },
    formats: ['table', 'json', 'yaml', 'jsonl'],
    examples: [
      {
        command: `vapi tool test bookAppointment --args '{"day": "Friday"}'`,
        does: 'call the server of a stored tool',
      },
      {
        command: `vapi tool test tool.json --args @args.json --url http://localhost:3000/tools`,
        does: 'a tool and a server that are only here yet',
      },
      {
        command: `vapi tool test bookAppointment --args '{}' --hmac @key.txt`,
        does: 'a server with an HMAC credential',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [name = ''], options }, context): Promise<ExitCode> => {
    const values = await readArguments(options.args, context)
    const url = options.url === undefined ? undefined : requireUrl(options.url)
    const variables = variablesOf(options.var) as JsonObject
    const tool = await loadTool(name, context)
    const type = String(tool.type ?? 'function')
    const known = findToolType(type)
    if (known === undefined) throw usageError(`there is no tool type ${type}`, 'vapi tool types')
    if (known.untestable !== null)
      throw usageError(
        `a tool of type ${type} cannot be tested from here: ${known.untestable}`,
        `vapi call simulate and a call show it at work; types that can be tested: function, apiRequest`,
      )
    await warnOfArguments(tool, type, values, context)
    const test = {
      tool,
      values,
      variables,
      url,
      auth: {
        secret: options.secret,
        bearer: options.bearer,
        hmacSecret: options.hmac,
        hmacPlan: options['hmac-plan'],
        noAuth: options['no-auth'],
      },
    }
    return known.work === 'request' ? testRequestTool(test, context) : testServerTool(test, context)
  },
)

async function readArguments(text: string | undefined, context: Context): Promise<JsonObject> {
  const json = (await readSecret(text, context)) ?? '{}'
  let values: unknown
  try {
    values = JSON.parse(json)
  } catch (thrown) {
    throw usageError(`--args is not JSON: ${messageOf(thrown)}`, `for example --args '{"day": "Friday"}'`)
  }
  if (!isObject(values))
    throw usageError('--args is not a JSON object', `for example --args '{"day": "Friday"}'`)
  return values as JsonObject
}

/** What looks like a file, or is one, is a file; the rest is an id or name. */
async function loadTool(name: string, context: Context): Promise<JsonObject> {
  const looksLikeFile = name === '-' || ['.json', '.yaml', '.yml'].includes(extname(name).toLowerCase())
  const isFile = await stat(resolve(context.workingDirectory, name)).then(
    found => found.isFile(),
    () => false,
  )
  if (!looksLikeFile && !isFile) return findOne(await context.api(), 'tool', name)
  const tool = (await loadObject(name, context)) as JsonObject
  if (typeof tool.type !== 'string' && !isObject(tool.function))
    throw usageError(`${name} is not a tool: it has no type`, 'vapi tool types')
  return tool
}

async function warnOfArguments(
  tool: JsonObject,
  type: string,
  values: JsonObject,
  { output }: Context,
): Promise<void> {
  const holder = isObject(tool.function) ? tool.function : {}
  const schema = type === 'apiRequest' ? tool.body : holder.parameters
  if (!isObject(schema)) return
  for (const fault of await checkArguments(schema, values)) output.warning(`--args: ${fault}`)
}
