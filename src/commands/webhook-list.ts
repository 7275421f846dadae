import { resourceOf } from '../api/resources.ts'
import { listRows } from '../api/rows.ts'
import type { Api, JsonObject } from '../api/types.ts'
import { serverKinds, type Webhook, webhooksOf } from '../api/webhooks.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { asVapiError, Exit } from '../errors.ts'
import { defaultServerMessages } from '../messages/events.ts'

export default defineCommand(
  {
    name: 'webhook list',
    summary: 'list all servers that get messages, in the order of precedence',
    description:
      'There is no webhook as such in the API: servers stand on tools, assistants, phone numbers and the organisation. A message goes to the first of these that has one. Secrets are masked, also in JSON.',
    args: [],
    options: {
      kind: {
        type: 'string',
        placeholder: 'KIND',
        choices: serverKinds,
        summary: 'only servers of these',
      },
    },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi webhook list', does: 'who would receive what' },
      { command: 'vapi webhook list --kind tool --json', does: 'servers of tools, as JSON' },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ options }, context) => {
    const { output } = context
    const api = await context.api()
    const webhooks: Webhook[] = []
    for (const kind of serverKinds) {
      // Tools inside assistants come with the assistants.
      if (
        options.kind !== undefined &&
        options.kind !== kind &&
        !(options.kind === 'tool' && kind === 'assistant')
      )
        continue
      if (kind === 'organisation') webhooks.push(...(await ofOrganisation(api, context)))
      else
        for await (const row of listRows(api, resourceOf(kind), { query: {}, limit: null }))
          webhooks.push(...webhooksOf(kind, row))
    }
    const rank = ({ kind }: Webhook) => serverKinds.indexOf(kind)
    const wanted = webhooks
      .filter(({ kind }) => options.kind === undefined || kind === options.kind)
      .sort((left, right) => rank(left) - rank(right))
    await output.list(
      wanted,
      [
        { heading: 'KIND', value: ({ kind, inline }) => (inline === true ? 'assistant’s tool' : kind) },
        { heading: 'ID', value: ({ id }) => id },
        { heading: 'NAME', value: ({ name }) => name },
        { heading: 'URL', value: ({ url }) => url },
        { heading: 'LIMIT', value: ({ timeoutSeconds }) => `${timeoutSeconds} s` },
        { heading: 'AUTH', value: ({ auth }) => auth },
        { heading: 'RECEIVES', value: receives },
      ],
      ({ kind, id }) => `${kind}/${id}`,
    )
    if (wanted.length === 0 && !output.isJson)
      output.note('nobody has a server; vapi webhook create URL --assistant NAME sets one')
    return undefined
  },
)

function receives({ receives: types }: Webhook): string {
  return types === defaultServerMessages ? `the ${types.length} messages by default` : types.join(', ')
}

/** The organisation's server, where the server tells it: the endpoint is not in the API's document. */
async function ofOrganisation(api: Api, { output }: Context): Promise<Webhook[]> {
  try {
    const reply = await api.request({ method: 'GET', path: '/org' })
    const all = Array.isArray(reply) ? (reply as readonly JsonObject[]) : [reply as JsonObject]
    return all.flatMap(organisation => webhooksOf('organisation', organisation))
  } catch (thrown) {
    const error = asVapiError(thrown)
    if (error.exit === Exit.interrupted) throw error
    output.note(`the organisation’s own server is not shown: ${error.message}`)
    return []
  }
}
