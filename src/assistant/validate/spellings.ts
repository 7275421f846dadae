import type { Finding } from './finding.ts'

/** A field that was renamed, moved or replaced. `of` fits the definition that it stands in. */
export interface OldField {
  of: RegExp
  field: string
  level: Finding['level']
  message: string
  fix: string
  /** Only where the value fits. */
  when?: (value: unknown) => boolean
}

/** A value that was renamed, or that only some servers know. `of` fits the definition (or union) of its object. */
export interface OldValue {
  of: RegExp
  field: string
  value: RegExp
  level: Finding['level']
  message: string
  fix?: string
  /** What the rest of the object is checked as; without it, the rest is not checked. */
  as?: string
}

const assistants = /^(CreateAssistantDto|UpdateAssistantDto|AssistantOverrides)$/
const old = (of: RegExp, field: string, fix: string): OldField => ({
  of,
  field,
  level: 'warning',
  message: `${field} is an old spelling`,
  fix,
})
const moved = (of: RegExp, field: string, fix: string): OldField => ({
  of,
  field,
  level: 'error',
  message: `${field} is not taken here`,
  fix,
})

/** What the server adds to what it stores: a file may be what it answered, and nobody set them by mistake. */
const replyFields = ['id', 'orgId', 'createdAt', 'updatedAt', 'latestVersion', 'isServerUrlSecretSet']

/** Is this a field of a reply, in this definition? There is nothing to say of it. */
export function isReplyField(of: string | null, field: string): boolean {
  return /^(Create|Update)(Assistant|Squad)Dto$/.test(of ?? '') && replyFields.includes(field)
}

const idle = 'hooks: a hook with on: customer.speech.timeout'
const structured = 'artifactPlan.structuredOutputs'

/** Old and misplaced fields (reference: vapi-api.md 1.11, 4.1 and 5). Warnings: the API still takes them. */
export const oldFields: readonly OldField[] = [
  old(assistants, 'serverUrl', 'server: { url: … }'),
  old(assistants, 'serverUrlSecret', 'server.credentialId (a credential), or server.headers'),
  old(assistants, 'messagePlan', idle),
  old(assistants, 'idleMessages', idle),
  old(assistants, 'idleTimeoutSeconds', idle),
  old(assistants, 'idleMessageMaxSpokenCount', `${idle}, options.triggerMaxCount`),
  old(assistants, 'idleMessageResetCountOnUserSpeechEnabled', `${idle}, options.triggerResetMode`),
  old(assistants, 'backgroundDenoisingEnabled', 'backgroundSpeechDenoisingPlan.smartDenoisingPlan.enabled'),
  old(assistants, 'endCallFunctionEnabled', 'a tool of type endCall in model.tools'),
  old(assistants, 'recordingEnabled', 'artifactPlan.recordingEnabled'),
  old(assistants, 'hipaaEnabled', 'compliancePlan.hipaaEnabled'),
  old(assistants, 'forwardingPhoneNumber', 'a tool of type transferCall with destinations'),
  old(assistants, 'forwardingPhoneNumbers', 'a tool of type transferCall with destinations'),
  moved(assistants, 'customEndpointingRules', 'move it to startSpeakingPlan.customEndpointingRules'),
  moved(assistants, 'systemPrompt', 'model.messages: [{ role: system, content: … }]'),
  moved(assistants, 'assistantId', 'name a stored assistant beside this object, not inside it'),
  moved(/^AssistantOverrides$/, 'toolIds', 'move it to model.toolIds'),
  old(/Model$/, 'functions', 'model.tools: [{ type: function, function: … }]'),
  old(/Model$/, 'knowledgeBaseId', 'model.knowledgeBase, or a tool of type query'),
  moved(/Model$/, 'systemPrompt', 'model.messages: [{ role: system, content: … }]'),
  moved(/Model$/, 'max_tokens', 'rename it to maxTokens'),
  old(/Voice$/, 'inputPunctuationBoundaries', 'chunkPlan.punctuationBoundaries'),
  old(/^Server$/, 'secret', 'credentialId (a credential), or headers: { X-Vapi-Secret: … }'),
  { ...old(assistants, 'analysisPlan', structured), message: 'analysisPlan is deprecated' },
  moved(/^AnalysisPlan$/, 'summaryPrompt', 'summaryPlan: { messages: [{ role: system, content: … }] }'),
  {
    ...old(
      /^StartSpeakingPlan$/,
      'smartEndpointingEnabled',
      'smartEndpointingPlan: { provider: vapi or livekit }',
    ),
    message: 'smartEndpointingEnabled is deprecated',
  },
  {
    ...old(/AssemblyAiTranscriber$/, 'wordFinalizationMaxWaitTime', 'leave it out'),
    message: 'wordFinalizationMaxWaitTime is deprecated',
  },
  ...['workflow', 'workflowId', 'workflowOverrides'].map(field => ({
    ...old(/^CreateCallDto$/, field, 'an assistant or a squad'),
    message: 'workflows are deprecated',
  })),
  moved(/FunctionToolDto$/, 'name', 'move it to function.name'),
  moved(/FunctionToolDto$/, 'description', 'move it to function.description'),
  {
    ...moved(/FunctionToolDto$/, 'parameters', 'move it to function.parameters'),
    message: 'parameters is a list of static values here; the JSON Schema of the arguments stands elsewhere',
    when: value => typeof value === 'object' && value !== null && !Array.isArray(value),
  },
  {
    ...old(/^JsonSchema$/, 'value', 'parameters: [{ key: …, value: … }] of the tool'),
    message: 'a static value inside the schema of an argument is not sent',
  },
  moved(/^CreateCallDto$/, 'metadata', 'assistantOverrides: { metadata: … }'),
  moved(/./, 'assistantOverride', 'rename it to assistantOverrides'),
]

/** Old and foreign values (reference: vapi-api.md 4.8 and 5). */
export const oldValues: readonly OldValue[] = [
  alias(/Transcriber$/, 'provider', /^assembly(ai)?$/i, 'assembly-ai'),
  alias(/Transcriber$/, 'provider', /^eleven-?labs$/i, '11labs'),
  alias(/Voice$/, 'provider', /^eleven-?labs$/i, '11labs'),
  alias(/Voice$/, 'provider', /^play-ht$/i, 'playht'),
  alias(/Voice$/, 'provider', /^rime$/i, 'rime-ai'),
  alias(/Model$/, 'provider', /^deepseek$/i, 'deep-seek'),
  alias(/Model$/, 'provider', /^together(ai)?$/i, 'together-ai'),
  alias(/Model$/, 'provider', /^perplexity$/i, 'perplexity-ai'),
  alias(/GoogleTranscriber$/, 'model', /^latest$/i, 'gemini-2.0-flash'),
  alias(/GladiaTranscriber$/, 'model', /^solaria$/i, 'solaria-1'),
  alias(/CustomEndpointingRule$/, 'type', /^user$/, 'customer'),
  {
    of: /SmartEndpointingPlan$/,
    field: 'provider',
    value: /^krisp$/,
    level: 'error',
    message: 'krisp is no smart endpointing of the API; only a local call takes it',
    fix: 'provider: vapi, or livekit for English',
  },
  {
    of: /SmartEndpointingPlan$/,
    field: 'provider',
    value: /^(deepgram-flux|assembly(-ai)?)$/,
    level: 'error',
    message: 'this transcriber decides the end of a turn by itself; it is no smart endpointing',
    fix: 'leave smartEndpointingPlan out and choose the transcriber in transcriber',
  },
  hook(/^call\.timeElapsed/),
  hook(/^assistant\.transcriber\.endpointedSpeechLowConfidence/),
  hook(/^model\.response\.timeout/),
  {
    of: /^CallHookCallEndingDoItem/,
    field: 'type',
    value: /^say$/,
    level: 'warning',
    message:
      'say at the end of a call is described but not in the API’s schema; it may be refused or dropped',
    fix: 'endCallMessage, or an action of type tool',
  },
]

function alias(of: RegExp, field: string, value: RegExp, use: string): OldValue {
  return {
    of,
    field,
    value,
    level: 'error',
    message: `the API writes it ${use}`,
    fix: `${field}: ${use}`,
    as: use,
  }
}

function hook(value: RegExp): OldValue {
  return {
    of: /^CallHook/,
    field: 'on',
    value,
    level: 'warning',
    message: 'this event is described but not in the API’s schema; the hook may be refused or dropped',
  }
}
