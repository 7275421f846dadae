import { assign } from '../api/body.ts'
import type { Resource } from '../api/resources/types.ts'
import type { Json, JsonObject } from '../api/types.ts'
import { type Command, defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { readContacts, readSchedule, warnAboutFreeNumber } from './call-request.ts'
import { readBody, sendCreate } from './resource/create.ts'
import { bodyOptions, fieldOptions, type Values } from './resource/options.ts'

/** Most contacts that the API takes in one campaign. */
const MAXIMUM_CONTACTS = 10_000

/** `vapi campaign create` and `vapi campaign v2 create`. */
export function campaignCreateCommand(resource: Resource): Command {
  return defineCommand(
    {
      name: `${resource.words} create`,
      summary: 'create a campaign of calls',
      args: [],
      options: {
        ...bodyOptions,
        ...fieldOptions(resource, 'create'),
        contacts: {
          type: 'string',
          placeholder: 'CSV',
          summary: 'table of whom to call: number, name, email …; every other column is a variable',
        },
        schedule: {
          type: 'string',
          placeholder: 'EARLIEST[/LATEST]',
          summary: 'when its calls may begin, instead of now',
        },
      },
      formats: ['json', 'yaml', 'jsonl', 'id'],
      examples: [
        {
          command: `vapi ${resource.words} create --name Spring --contacts customers.csv --assistant Survey --phone Desk --schedule 2027-03-01T09:00:00Z/2027-03-01T17:00:00Z`,
          does: 'calls everybody in the table, within the hours given',
        },
      ],
      needsLogin: true,
      destructive: false,
    },
    async ({ options }, context) => {
      const values = options as Values
      const contacts = await readContacts([], options.contacts as string | undefined, context)
      if (contacts.length > MAXIMUM_CONTACTS)
        throw usageError(
          `${contacts.length} contacts are more than a campaign takes (${MAXIMUM_CONTACTS})`,
          'split the table, or use vapi call create --contacts',
        )
      const schedule = readSchedule('schedule', options.schedule as string | undefined, Date.now())
      let body = await readBody(resource, values, context)
      if (schedule !== undefined) body = assign(body, [{ path: 'schedulePlan', value: schedule }])
      if (contacts.length > 0) {
        const field = 'squadId' in body ? 'squadOverrides' : 'assistantOverrides'
        const customers = contacts.map(
          ({ customer, variables }): Json =>
            Object.keys(variables).length === 0
              ? customer
              : { ...customer, [field]: { variableValues: variables } },
        )
        body = assign(body, [{ path: 'customers', value: customers }])
      }
      requireWho(body)
      if (typeof body.phoneNumberId === 'string')
        await warnAboutFreeNumber(body.phoneNumberId, contacts, await context.api(), context)
      await sendCreate(resource, body, {}, context)
      return undefined
    },
  )
}

function requireWho(body: JsonObject): void {
  if (body.duplicateFromCampaignId !== undefined) return
  if (['assistantId', 'squadId', 'workflowId'].every(field => body[field] === undefined))
    throw usageError('who calls is missing', 'give --assistant ID|NAME or --squad ID|NAME')
  if (body.phoneNumberId === undefined && body.dialPlan === undefined)
    throw usageError('the phone number that calls is missing', 'give --phone ID|NUMBER|NAME')
  const customers = body.customers ?? body.dialPlan
  if (!Array.isArray(customers) || customers.length === 0)
    throw usageError('whom to call is missing', 'give --contacts CSV')
}
