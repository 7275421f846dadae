import type { JsonObject } from '../api/types.ts'
import { changedServer, type ServerChanges, serverOf } from '../api/webhooks.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
import { requireUrl } from './web-address.ts'
import { readChanges, readMessages, serverOptions, showStored, storeServer } from './webhook-change.ts'
import { describeOwner, findOwner } from './webhook-owners.ts'

export default defineCommand(
  {
    name: 'webhook update',
    summary: 'change the server of an assistant, phone number or tool',
    description: 'Everything of the server that is not named stays as it is.',
    args: [
      {
        name: 'webhook',
        summary: 'assistant/ID, phone/ID or tool/ID, or an id or name alone',
        required: true,
      },
    ],
    options: {
      url: { type: 'string', placeholder: 'URL', summary: 'address that gets the messages' },
      ...serverOptions,
      'remove-header': { type: 'list', placeholder: 'NAME', summary: 'take this header away' },
      'remove-credential': { type: 'boolean', summary: 'take the credential away' },
    },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      {
        command: 'vapi webhook update assistant/Reception --url https://example.com/v2',
        does: 'another address',
      },
      {
        command: 'vapi webhook update tool/bookAppointment --timeout-seconds 45 --retries 2',
        does: 'more patience',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args: [reference = ''], options }, context) => {
    if (options['remove-credential'] && options.credential !== undefined)
      throw usageError('--credential and --remove-credential exclude each other')
    const changes: ServerChanges = {
      ...(await readChanges(
        {
          timeoutSeconds: options['timeout-seconds'],
          header: options.header,
          credential: options.credential,
          secret: options.secret,
          retries: options.retries,
        },
        context,
      )),
      ...(options.url !== undefined && { url: requireUrl(options.url) }),
      ...(options['remove-header'].length > 0 && { removeHeaders: options['remove-header'] }),
      ...(options['remove-credential'] && { credentialId: null }),
    }
    if (Object.keys(changes).length === 0 && options.messages === undefined)
      throw usageError('there is nothing to change', 'vapi webhook update --help')
    const owner = await findOwner(reference, context)
    const messages = readMessages(options.messages, owner)
    const before = serverOf(owner.object)
    if (before === null)
      throw new VapiError({
        code: 'not-found',
        message: `${describeOwner(owner)} has no server`,
        exit: Exit.notFound,
        hint: `vapi webhook create URL --${owner.kind} ${String(owner.object.id)}`,
      })
    const more: JsonObject = messages === null ? {} : { serverMessages: messages }
    const webhook = await storeServer(owner, changedServer(before, changes), more, context)
    await showStored(owner, webhook, context)
    return undefined
  },
)
