import { resolve } from 'node:path'
import type { BatchResults } from '../api/batch.ts'
import { assign } from '../api/body.ts'
import type { Contact } from '../api/contacts.ts'
import { findId } from '../api/lookup.ts'
import { readObject } from '../api/read-object.ts'
import type { Api, JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { takeLock } from '../config/file-lock.ts'
import { type ExitCode, usageError } from '../errors.ts'
import { runBatch, summariseBatch } from './call-batch.ts'
import {
  readContacts,
  readSchedule,
  readSpeaker,
  readVariables,
  warnAboutFreeNumber,
  withVariables,
} from './call-request.ts'
import { setAssignments } from './resource/body.ts'
import { confirmed } from './resource/delete.ts'
import { callSetOption } from './resource/options.ts'

export default defineCommand(
  {
    name: 'call create',
    summary: 'call somebody, or many',
    description:
      'Several --to, or --contacts with a table, make a batch: one call after the other at --rate, each step on disk in --results before the next. Started again with the same results file, it calls only those who were not called yet; a call whose answer was never seen counts as made (--retry-uncertain makes it again).',
    args: [],
    options: {
      assistant: { type: 'string', placeholder: 'ID|NAME', summary: 'assistant that speaks' },
      squad: { type: 'string', placeholder: 'ID|NAME', summary: 'squad that speaks' },
      file: {
        type: 'string',
        short: 'f',
        placeholder: 'FILE',
        summary: 'assistant, squad, or whole body of the call, as JSON or YAML; - is stdin',
      },
      to: {
        type: 'list',
        placeholder: 'NUMBER|SIP',
        summary: 'whom to call (+15551234567); several times for several',
      },
      contacts: {
        type: 'string',
        placeholder: 'CSV',
        summary: 'table of whom to call: number, name, email …; every other column is a variable',
      },
      phone: { type: 'string', placeholder: 'ID|NUMBER|NAME', summary: 'phone number that calls' },
      var: { type: 'list', placeholder: 'NAME=VALUE', summary: 'variable of the assistant' },
      at: {
        type: 'string',
        placeholder: 'TIME[/LATEST]',
        summary: 'when to call, instead of now: 2027-03-01T09:00Z, or 2h for in two hours',
      },
      name: { type: 'string', placeholder: 'NAME', summary: 'name of the call' },
      set: callSetOption,
      rate: {
        type: 'number',
        placeholder: 'N',
        minimum: 0.01,
        summary: 'calls a minute in a batch (default 60)',
      },
      results: {
        type: 'string',
        placeholder: 'FILE',
        summary: 'what became of each call of a batch, as JSON lines (default: beside the table)',
      },
      'retry-uncertain': {
        type: 'boolean',
        summary: 'call again where the answer to an earlier try was never seen',
      },
      yes: { type: 'boolean', short: 'y', summary: 'do not ask before a batch' },
    },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      {
        command: 'vapi call create --assistant Reception --phone Desk --to +15551234567 --var name=Ada',
        does: 'one call, now',
      },
      {
        command: 'vapi call create --assistant Survey --phone Desk --contacts customers.csv --rate 20 --yes',
        does: 'a batch that can be interrupted and started again',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ options }, context) => {
    const contacts = await readContacts(options.to, options.contacts, context)
    const variables = readVariables(options.var)
    const schedule = readSchedule('at', options.at, Date.now())
    const api = await context.api()
    const speaker = await readSpeaker(options, context, api)
    const phoneNumberId = options.phone === undefined ? undefined : await findId(api, 'phone', options.phone)
    if (
      phoneNumberId === undefined &&
      contacts.length > 0 &&
      speaker.phoneNumberId === undefined &&
      speaker.phoneNumber === undefined
    )
      throw usageError('--phone is missing: the number that calls', 'vapi phone list')
    if (contacts.length === 0 && !isComplete(speaker))
      throw usageError('--to is missing: whom to call', 'give --to +15551234567 or --contacts CSV')
    const template = assign(
      withVariables(
        {
          ...speaker,
          ...(phoneNumberId !== undefined && { phoneNumberId }),
          ...(schedule !== undefined && { schedulePlan: schedule }),
          ...(options.name !== undefined && { name: options.name }),
        },
        variables,
      ),
      await setAssignments({ set: options.set }, () => undefined, context),
    )
    if (phoneNumberId !== undefined) await warnAboutFreeNumber(phoneNumberId, contacts, api, context)
    const [only] = contacts
    if (options.contacts === undefined && contacts.length < 2) {
      await callOne(only, template, api, context)
      return undefined
    }
    const path = resultsPath(options, context)
    // Two programs on one batch would call people twice.
    const lock = await takeLock(path, { signal: context.signal, waitMs: 0 })
    try {
      const { BatchResults } = await import('../api/batch.ts')
      const results = await BatchResults.open(path, contacts)
      return await callMany(contacts, template, results, options, api, context)
    } finally {
      lock.release()
    }
  },
)

/** A body that says by itself whom it calls, or that calls nobody (a web or WebSocket call). */
function isComplete(body: JsonObject): boolean {
  return ['customer', 'customers', 'customerId', 'transport'].some(key => key in body)
}

/** The body of the call to one contact. */
function bodyFor({ customer, variables }: Contact, template: JsonObject): JsonObject {
  const given = (template.customer ?? {}) as JsonObject
  return withVariables({ ...template, customer: { ...given, ...customer } }, variables)
}

async function callOne(
  contact: Contact | undefined,
  template: JsonObject,
  api: Api,
  context: Context,
): Promise<void> {
  const body = contact === undefined ? template : bodyFor(contact, template)
  const reply = await api.request({ method: 'POST', path: '/call', body })
  const call = readObject(reply, 'POST /call', 'the call may be made all the same: vapi call list')
  // Several customers in one body make several calls.
  if (Array.isArray(call.results) || call.id === undefined) {
    await context.output.document(call)
    return
  }
  await context.output.done(
    call,
    `call ${call.id} is ${call.status ?? 'made'}; vapi call watch ${call.id} follows it`,
  )
}

function resultsPath(
  options: { results: string | undefined; contacts: string | undefined },
  context: Context,
): string {
  const { contacts } = options
  const name = options.results ?? (contacts === undefined ? undefined : `${contacts}.results.jsonl`)
  if (name === undefined)
    throw usageError('a batch of several --to needs a file for its results', 'give --results FILE')
  return resolve(context.workingDirectory, name)
}

async function callMany(
  contacts: readonly Contact[],
  template: JsonObject,
  results: BatchResults,
  options: { rate: number | undefined; 'retry-uncertain': boolean; yes: boolean },
  api: Api,
  context: Context,
): Promise<ExitCode | undefined> {
  const open = contacts.filter(({ row }) => {
    const state = results.stateOf(row)
    return state !== 'done' && (state !== 'uncertain' || options['retry-uncertain'])
  })
  if (open.length > 0 && !options.yes) {
    if (!context.interactive)
      throw usageError(`will not call ${open.length} numbers without asking`, 'add --yes')
    await confirmed(context, `Call ${open.length} of ${contacts.length} contacts?`)
  }
  await runBatch(open, contact => bodyFor(contact, template), results, options.rate ?? 60, api, context)
  return summariseBatch(contacts, results, context)
}
