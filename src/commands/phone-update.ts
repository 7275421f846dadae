import { findOne } from '../api/lookup.ts'
import { resourceOf } from '../api/resources.ts'
import type { Json, JsonObject } from '../api/types.ts'
import { defineCommand } from '../cli/definition.ts'
import { oneArgument } from './resource/get.ts'
import { bodyOptions, fieldOptions, type Values } from './resource/options.ts'
import { readChanges, requireChange, sendUpdate } from './resource/update.ts'

const resource = resourceOf('phone')

export default defineCommand(
  {
    name: 'phone update',
    summary: 'change a phone number: who answers it',
    description:
      'One of them answers: --assistant, --squad, or the server that --server-url names, which is asked for an assistant at each call. Choosing one takes the others away.',
    args: [oneArgument(resource)],
    options: { ...bodyOptions, ...fieldOptions(resource, 'update') },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi phone update +15551234567 --assistant Reception', does: 'this assistant answers' },
      {
        command: 'vapi phone update Desk --server-url https://example.com/vapi',
        does: 'the server chooses for each call (assistant-request)',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args, options }, context) => {
    const values = options as Values
    requireChange(resource, values)
    const current = await findOne(await context.api(), 'phone', args[0] ?? '')
    const wanted = await readChanges(resource, current, values, context)
    await sendUpdate(resource, current, { ...wanted, ...takenAway(values, current) }, {}, context)
    return undefined
  },
)

/** What no longer answers. A server that is to choose needs both null; they are sent even where they were absent. */
function takenAway(options: Values, current: JsonObject): Record<string, Json> {
  const isSet = (field: string) => current[field] !== undefined && current[field] !== null
  const away: Record<string, Json> = {}
  if (options['server-url'] !== undefined && options.assistant === undefined && options.squad === undefined) {
    return { assistantId: null, squadId: null, ...(isSet('workflowId') && { workflowId: null }) }
  }
  if (options.assistant !== undefined && isSet('squadId')) away.squadId = null
  if (options.squad !== undefined && isSet('assistantId')) away.assistantId = null
  if ((options.assistant ?? options.squad) !== undefined && isSet('workflowId')) away.workflowId = null
  return away
}
