import { actions } from '../api/actions.ts'
import type { Resource, Verb } from '../api/resources/types.ts'
import { resources } from '../api/resources.ts'
import type { Command } from '../cli/definition.ts'

type Load = () => Promise<Command>

/** The common commands of every resource. */
const verbCommands: Readonly<Record<Verb, (resource: Resource) => Promise<Command>>> = {
  list: async resource => (await import('./resource/list.ts')).listCommand(resource),
  get: async resource => (await import('./resource/get.ts')).getCommand(resource),
  create: async resource => (await import('./resource/create.ts')).createCommand(resource),
  update: async resource => (await import('./resource/update.ts')).updateCommand(resource),
  delete: async resource => (await import('./resource/delete.ts')).deleteCommand(resource),
  clone: async resource => (await import('./resource/clone.ts')).cloneCommand(resource),
}

const resourceCommands = resources.flatMap(resource =>
  resource.verbs
    .filter(verb => resource.own?.includes(verb) !== true)
    .map((verb): [string, Load] => [`${resource.words} ${verb}`, () => verbCommands[verb](resource)]),
)

const actionCommands = actions.map((action): [string, Load] => [
  action.words,
  async () => (await import('./resource/action.ts')).actionCommand(action),
])

const campaignCommands = resources
  .filter(({ noun }) => noun === 'campaign')
  .flatMap((resource): [string, Load][] => [
    [
      `${resource.words} create`,
      async () => (await import('./campaign-create.ts')).campaignCreateCommand(resource),
    ],
    ...(['end', 'cancel'] as const).map((verb): [string, Load] => [
      `${resource.words} ${verb}`,
      async () => (await import('./campaign-end.ts')).campaignEndCommand(resource, verb),
    ]),
  ])

/**
 * Every command by its words. Adding one is a file and a line here; nothing of a command is loaded before it runs.
 */
export const commands: Readonly<Record<string, Load>> = {
  ...Object.fromEntries([...resourceCommands, ...actionCommands, ...campaignCommands]),
  'assistant validate': async () => (await import('./assistant-validate.ts')).default as Command,
  'assistant templates': async () => (await import('./assistant-templates.ts')).default as Command,
  'assistant create': async () => (await import('./assistant-create.ts')).default as Command,
  'phone update': async () => (await import('./phone-update.ts')).default as Command,
  'phone search': async () => (await import('./phone-search.ts')).default as Command,
  'call create': async () => (await import('./call-create.ts')).default as Command,
  'call list': async () => (await import('./call-list.ts')).default as Command,
  'call get': async () => (await import('./call-get.ts')).default as Command,
  'file create': async () => (await import('./file-create.ts')).default as Command,
  'workflow open': async () => (await import('./workflow-open.ts')).default as Command,
  'analytics query': async () => (await import('./analytics-query.ts')).default as Command,
  api: async () => (await import('./api.ts')).default as Command,
  'call demo': async () => (await import('./call-demo.ts')).default as Command,
  'call local': async () => (await import('./call-local.ts')).default as Command,
  'call simulate': async () => (await import('./call-simulate.ts')).default as Command,
  'call replay': async () => (await import('./call-replay.ts')).default as Command,
  'call explain': async () => (await import('./call-explain.ts')).default as Command,
  'call devices': async () => (await import('./call-devices.ts')).default as Command,
  'call watch': async () => (await import('./call-watch.ts')).default as Command,
  'call end': async () => (await import('./call-control.ts')).callEnd as Command,
  'call say': async () => (await import('./call-control.ts')).callSay as Command,
  'call transfer': async () => (await import('./call-control.ts')).callTransfer as Command,
  'call mute': async () => (await import('./call-control.ts')).callMute as Command,
  'call message': async () => (await import('./call-control.ts')).callMessage as Command,
  'call connect': async () => (await import('./call-connect.ts')).default as Command,
  'call listen': async () => (await import('./call-listen.ts')).default as Command,
  'call download': async () => (await import('./call-download.ts')).default as Command,
  'chat create': async () => (await import('./chat-create.ts')).default as Command,
  'chat continue': async () => (await import('./chat-continue.ts')).default as Command,
  'tool test': async () => (await import('./tool-test.ts')).default as Command,
  'tool types': async () => (await import('./tool-types.ts')).default as Command,
  'webhook list': async () => (await import('./webhook-list.ts')).default as Command,
  'webhook get': async () => (await import('./webhook-get.ts')).default as Command,
  'webhook create': async () => (await import('./webhook-create.ts')).default as Command,
  'webhook update': async () => (await import('./webhook-update.ts')).default as Command,
  'webhook delete': async () => (await import('./webhook-delete.ts')).default as Command,
  'webhook events': async () => (await import('./webhook-events.ts')).default as Command,
  'webhook test': async () => (await import('./webhook-test.ts')).default as Command,
  'logs list': async () => (await import('./logs.ts')).logsList as Command,
  'logs calls': async () => (await import('./logs.ts')).logsCalls as Command,
  'logs errors': async () => (await import('./logs.ts')).logsErrors as Command,
  'logs webhooks': async () => (await import('./logs.ts')).logsWebhooks as Command,
  commands: async () => (await import('./commands.ts')).default as Command,
  completion: async () => (await import('./completion.ts')).default as Command,
  listen: async () => (await import('./listen.ts')).default as Command,
  'listen repair': async () => (await import('./listen-repair.ts')).default as Command,
  'listen events': async () => (await import('./listen-events.ts')).default as Command,
  'listen show': async () => (await import('./listen-show.ts')).default as Command,
  'listen replay': async () => (await import('./listen-replay.ts')).default as Command,
  'listen export': async () => (await import('./listen-export.ts')).default as Command,
  trigger: async () => (await import('./trigger.ts')).default as Command,
  'trigger call': async () => (await import('./trigger-call.ts')).default as Command,
  'trigger list': async () => (await import('./trigger-list.ts')).default as Command,
  'listen verify': async () => (await import('./listen-verify.ts')).default as Command,
  'voice models list': async () => (await import('./voice-models-list.ts')).default as Command,
  'voice models pull': async () => (await import('./voice-models-pull.ts')).default as Command,
  'voice models remove': async () => (await import('./voice-models-remove.ts')).default as Command,
  'docs search': async () => (await import('./docs-search.ts')).default as Command,
  'docs open': async () => (await import('./docs-open.ts')).default as Command,
  'docs update': async () => (await import('./docs-update.ts')).default as Command,
  'mcp serve': async () => (await import('./mcp-serve.ts')).default as Command,
  'mcp setup': async () => (await import('./mcp-setup.ts')).default as Command,
  'mcp status': async () => (await import('./mcp-status.ts')).default as Command,
  'mcp remove': async () => (await import('./mcp-remove.ts')).default as Command,
  init: async () => (await import('./init.ts')).default as Command,
  version: async () => (await import('./version.ts')).default as Command,
  'auth login': async () => (await import('./auth-login.ts')).default as Command,
  'auth status': async () => (await import('./auth-status.ts')).default as Command,
  'auth whoami': async () => (await import('./auth-whoami.ts')).default as Command,
  'auth switch': async () => (await import('./auth-switch.ts')).default as Command,
  'auth alias': async () => (await import('./auth-alias.ts')).default as Command,
  'auth token': async () => (await import('./auth-token.ts')).default as Command,
  'auth refresh': async () => (await import('./auth-refresh.ts')).default as Command,
  'auth logout': async () => (await import('./auth-logout.ts')).default as Command,
  'config get': async () => (await import('./config-get.ts')).default as Command,
  'config set': async () => (await import('./config-set.ts')).default as Command,
  'config list': async () => (await import('./config-list.ts')).default as Command,
  'config path': async () => (await import('./config-path.ts')).default as Command,
  'config env': async () => (await import('./config-env.ts')).default as Command,
  'provider-key set': async () => (await import('./provider-key-set.ts')).default as Command,
  'provider-key list': async () => (await import('./provider-key-list.ts')).default as Command,
  'provider-key remove': async () => (await import('./provider-key-remove.ts')).default as Command,
  'provider-key test': async () => (await import('./provider-key-test.ts')).default as Command,
  'config analytics status': async () => (await import('./config-analytics.ts')).analyticsStatus as Command,
  'config analytics enable': async () => (await import('./config-analytics.ts')).analyticsEnable as Command,
  'config analytics disable': async () => (await import('./config-analytics.ts')).analyticsDisable as Command,
}
