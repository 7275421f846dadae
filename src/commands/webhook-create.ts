import { changedServer, serverOf, takesServer } from '../api/webhooks.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { requireUrl } from './web-address.ts'
import { readChanges, readMessages, serverOptions, showStored, storeServer } from './webhook-change.ts'
import { chosenOwner, describeOwner, loadOwner, ownerOptions, referenceOf } from './webhook-owners.ts'

export default defineCommand(
  {
    name: 'webhook create',
    summary: 'set the server of an assistant, phone number or tool',
    description:
      'There is no webhook as such in the API: this sets the server of the one that is named. One that has a server already is left alone unless --force; vapi webhook update changes it. A phone number sends assistant-request only while it has no assistant and no squad.',
    args: [{ name: 'url', summary: 'address that gets the messages', required: true }],
    options: {
      ...ownerOptions,
      ...serverOptions,
      force: { type: 'boolean', summary: 'take the place of a server that is there' },
    },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      {
        command:
          'vapi webhook create https://example.com/vapi --assistant Reception --credential CREDENTIAL_ID',
        does: 'messages of an assistant, authenticated',
      },
      {
        command: 'vapi webhook create https://example.com/vapi --phone +15551234567 --timeout-seconds 7',
        does: 'messages of a phone number',
      },
      {
        command:
          'vapi webhook create https://example.com/vapi --assistant Reception --messages end-of-call-report,tool-calls',
        does: 'only these messages',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args: [address = ''], options }, context) => {
    const url = requireUrl(address)
    const chosen = chosenOwner({ assistant: options.assistant, phone: options.phone, tool: options.tool })
    if (chosen === null)
      throw usageError(
        '--assistant, --phone or --tool is missing: whose messages go there',
        'vapi webhook create --help',
      )
    const changes = await readChanges(
      {
        timeoutSeconds: options['timeout-seconds'],
        header: options.header,
        credential: options.credential,
        secret: options.secret,
        retries: options.retries,
      },
      context,
    )
    const messages = readMessages(options.messages, chosen)
    const owner = await loadOwner(chosen.kind, chosen.name, context)
    if (!takesServer(owner.kind, owner.object))
      throw usageError(
        `a tool of type ${String(owner.object.type)} has no server`,
        'vapi tool types tells what it has',
      )
    const before = serverOf(owner.object)
    if (before !== null && !options.force)
      throw usageError(
        `${describeOwner(owner)} already has a server`,
        `vapi webhook update ${referenceOf(owner)} changes it; --force takes its place`,
      )
    const webhook = await storeServer(
      owner,
      changedServer({}, { ...changes, url }),
      messages === null ? {} : { serverMessages: messages },
      context,
    )
    await showStored(owner, webhook, context)
    return undefined
  },
)
