import { assign } from '../api/body.ts'
import type { Contact } from '../api/contacts.ts'
import type { Resource } from '../api/resources/types.ts'
import type { Json, JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { type Command, defineCommand } from '../cli/definition.ts'
import { messageOf, usageError } from '../errors.ts'
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
          summary: 'when its calls may begin, instead of now: 2027-03-01T09:00Z, or 2h for in two hours',
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
      let contacts = await readContacts([], options.contacts as string | undefined, context)
      const schedule = readSchedule('schedule', options.schedule as string | undefined, Date.now())
      let body = await readBody(guidedFields(resource, values, context), values, context)
      if (context.interactive && contacts.length === 0 && !hasContacts(body))
        contacts = await askContacts(context)
      if (contacts.length > MAXIMUM_CONTACTS)
        throw usageError(
          `${contacts.length} contacts are more than a campaign takes (${MAXIMUM_CONTACTS})`,
          'split the table, or use vapi call create --contacts',
        )
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
      requireWho(resource, body)
      if (typeof body.phoneNumberId === 'string')
        await warnAboutFreeNumber(body.phoneNumberId, contacts, await context.api(), context)
      await sendCreate(resource, body, {}, context)
      return undefined
    },
  )
}

/** On a terminal, without a file, who calls and from where must be chosen; the API has other ways of saying it. */
function guidedFields(resource: Resource, { file, set, squad }: Values, { interactive }: Context): Resource {
  if (!interactive || file !== undefined || (Array.isArray(set) && set.length > 0)) return resource
  const needed = squad === undefined ? ['assistant', 'phone'] : ['phone']
  const fields = resource.fields.map(field =>
    needed.includes(field.flag) ? { ...field, required: true } : field,
  )
  return { ...resource, fields }
}

/** Whether the body itself says whom to call. */
function hasContacts({ customers, dialPlan, duplicateFromCampaignId }: JsonObject): boolean {
  return [customers, dialPlan, duplicateFromCampaignId].some(value => value !== undefined)
}

async function askContacts(context: Context): Promise<Contact[]> {
  const prompt = await context.prompt()
  let contacts: Contact[] = []
  await prompt.text({
    message: 'CSV file of whom to call (number, name, email …)',
    validate: async file => {
      if (file.trim() === '') return 'it is needed'
      try {
        contacts = await readContacts([], file.trim(), context)
        return contacts.length > 0 || 'nobody is in it'
      } catch (error) {
        return messageOf(error)
      }
    },
  })
  return contacts
}

function requireWho(resource: Resource, body: JsonObject): void {
  if (body.duplicateFromCampaignId !== undefined) return
  if (['assistantId', 'squadId', 'workflowId'].every(field => body[field] === undefined))
    throw usageError('--assistant or --squad is missing: who calls', 'vapi assistant list; vapi squad list')
  if (body.phoneNumberId === undefined && body.dialPlan === undefined)
    throw usageError('--phone is missing: the number that calls', 'vapi phone list')
  const customers = body.customers ?? body.dialPlan
  if (!Array.isArray(customers) || customers.length === 0)
    throw usageError(
      '--contacts is missing: a CSV file of whom to call',
      `vapi ${resource.words} create --help`,
    )
}
