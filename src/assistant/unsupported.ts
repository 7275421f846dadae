import type { Assistant } from './schema.ts'

/** Settings that steer a hosted call and have no effect in a local one; each that is set is told. */
const settings = [
  'hooks',
  'messagePlan',
  'endCallPhrases',
  'backgroundSound',
  'voicemailDetection',
  'voicemailMessage',
  'keypadInputPlan',
  'analysisPlan',
  'compliancePlan',
  'monitorPlan',
  'serverMessages',
  'clientMessages',
] as const

/** Old spellings that are read, and what to write in their place. */
const spellings = {
  serverUrl: 'server.url',
  serverUrlSecret: 'server.headers or a credential',
  endCallFunctionEnabled: 'a tool of type endCall in model.tools',
  customEndpointingRules: 'startSpeakingPlan.customEndpointingRules',
} as const

/** What the user should know of a configuration: settings without effect here, and old spellings. */
export function configurationWarnings(assistant: Assistant): string[] {
  const given = new Map(Object.entries(assistant))
  const warnings: string[] = settings
    .filter(name => isSet(given.get(name)))
    .map(name => `${name} has no effect in a local call`)
  for (const [name, better] of Object.entries(spellings)) {
    if (isSet(given.get(name))) warnings.push(`${name} is an old spelling; write ${better}`)
  }
  if ((assistant.silenceTimeoutSeconds ?? 10) < 10)
    warnings.push('silenceTimeoutSeconds under 10 is refused by the hosted API')
  if (/^https?:\/\//.test(assistant.firstMessage ?? ''))
    warnings.push('a firstMessage that is the URL of a sound file is spoken as text in a local call')
  for (const tool of assistant.model?.tools ?? []) warnings.push(...toolWarnings(tool))
  const others = assistant.model?.messages?.filter(({ role }) => role !== 'system').length ?? 0
  if (others > 0) warnings.push('model.messages other than system messages have no effect in a local call')
  return warnings
}

function toolWarnings(tool: NonNullable<NonNullable<Assistant['model']>['tools']>[number]): string[] {
  const name = tool.function?.name ?? tool.name ?? tool.type
  const warnings: string[] = []
  for (const message of tool.messages ?? []) {
    if (message.type === 'request-response-delayed')
      warnings.push(`tool ${name}: request-response-delayed has no effect in a local call`)
    if (isSet(message.conditions))
      warnings.push(`tool ${name}: conditions of messages have no effect in a local call`)
    if (isSet(message.contents))
      warnings.push(`tool ${name}: contents by language have no effect in a local call`)
    if (message.role === 'system')
      warnings.push(`tool ${name}: a message of role system has no effect in a local call`)
  }
  return warnings
}

function isSet(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0)
  )
}
