import { isObject } from '../is-object.ts'
import { appendTools, type Json } from './overrides.ts'

/** An assistant, or overrides of one, in today's spelling, with a warning for each old one. */
export interface Modernised {
  configuration: Json
  warnings: string[]
}

type Tell = (old: string, better: string) => void

/**
 * Reads the old spellings of an assistant or of overrides (API: legacy fields; vapi-api.md 4.1 and 5): each is put where
 * it stands today, and a warning names that place. Where both are set, today's counts. Nulls are as good as nothing.
 * `at` is put before the paths in warnings. The given document is not changed.
 */
export function modernise(
  document: Json,
  at = '',
  kind: 'assistant' | 'overrides' = 'assistant',
): Modernised {
  const warnings: string[] = []
  const tell: Tell = (old, better) => warnings.push(`${at}${old} is an old spelling; write ${better}`)
  const configuration = withoutNulls(document)
  moveFields(configuration, tell)
  moveServer(configuration, tell)
  moveIdleMessages(configuration, tell)
  moveModel(configuration, tell)
  moveVoices(configuration, tell)
  renameProviders(configuration, tell)
  const tools = oldTools(configuration, tell)
  if (isObject(configuration.model)) moderniseTools(configuration.model, 'tools', 'model.tools', tell)
  moderniseTools(configuration, 'tools:append', 'tools:append', tell)
  if (tools.length === 0) return { configuration, warnings }
  if (kind === 'assistant') return { configuration: appendTools(configuration, tools), warnings }
  const appended = configuration['tools:append']
  return {
    configuration: {
      ...configuration,
      'tools:append': [...(Array.isArray(appended) ? appended : []), ...tools],
    },
    warnings,
  }
}

/** Fields that stand elsewhere today. */
const fields: readonly (readonly [old: string, today: string])[] = [
  ['customEndpointingRules', 'startSpeakingPlan.customEndpointingRules'],
  ['recordingEnabled', 'artifactPlan.recordingEnabled'],
  ['hipaaEnabled', 'compliancePlan.hipaaEnabled'],
  ['toolIds', 'model.toolIds'],
  ['systemPrompt', 'model.systemPrompt'],
]

function moveFields(configuration: Json, tell: Tell): void {
  for (const [old, today] of fields) {
    if (!Object.hasOwn(configuration, old)) continue
    const [parent = '', child = ''] = today.split('.')
    put(configuration, parent, child, configuration[old])
    delete configuration[old]
    // The next step says where a system prompt belongs.
    if (old !== 'systemPrompt') tell(old, today)
  }
}

function moveServer(configuration: Json, tell: Tell): void {
  const { serverUrl, serverUrlSecret } = configuration
  if (serverUrl !== undefined) {
    put(configuration, 'server', 'url', serverUrl)
    tell('serverUrl', 'server.url')
  }
  if (serverUrlSecret !== undefined) {
    put(configuration, 'server', 'secret', serverUrlSecret)
    tell('serverUrlSecret', 'server.headers or server.credentialId')
  }
  delete configuration.serverUrl
  delete configuration.serverUrlSecret
}

const idleFields = [
  'idleMessages',
  'idleTimeoutSeconds',
  'idleMessageMaxSpokenCount',
  'idleMessageResetCountOnUserSpeechEnabled',
] as const

/** Idle messages keep their old form, which the hooks run; fields at the top go to the plan. */
function moveIdleMessages(configuration: Json, tell: Tell): void {
  const hook = 'a hook with on: customer.speech.timeout in hooks'
  if (isObject(configuration.messagePlan)) tell('messagePlan', hook)
  for (const field of idleFields) {
    if (!Object.hasOwn(configuration, field)) continue
    put(configuration, 'messagePlan', field, configuration[field])
    delete configuration[field]
    tell(field, hook)
  }
}

function moveModel(configuration: Json, tell: Tell): void {
  const { model } = configuration
  if (!isObject(model)) return
  const { systemPrompt, functions, max_tokens: maximum, ...kept } = model
  if (typeof systemPrompt === 'string') {
    const messages = Array.isArray(kept.messages) ? kept.messages : []
    kept.messages = [{ role: 'system', content: systemPrompt }, ...messages]
    tell('model.systemPrompt', 'model.messages: [{ role: system, content: … }]')
  }
  if (Array.isArray(functions)) {
    const tools = Array.isArray(kept.tools) ? kept.tools : []
    kept.tools = [...tools, ...functions.map(asFunctionTool)]
    tell('model.functions', 'model.tools: [{ type: function, function: … }]')
  }
  if (maximum !== undefined) {
    kept.maxTokens ??= maximum
    tell('model.max_tokens', 'model.maxTokens')
  }
  if (kept.knowledgeBaseId !== undefined)
    tell('model.knowledgeBaseId', 'model.knowledgeBase, or a tool of type query')
  configuration.model = kept
}

/** A function of `model.functions`: its definition, with its server and messages beside it. */
function asFunctionTool(given: unknown): unknown {
  if (!isObject(given)) return given
  const { name, description, parameters, strict, serverUrl, serverUrlSecret, ...rest } = given
  const server = serverUrl === undefined ? {} : { server: { url: serverUrl, secret: serverUrlSecret } }
  return withoutUndefined({
    type: 'function',
    ...server,
    ...rest,
    function: { name, description, parameters, strict },
  })
}

function moderniseTools(holder: Json, field: string, at: string, tell: Tell): void {
  const list = holder[field]
  if (Array.isArray(list))
    holder[field] = list.map((tool, index) => moderniseTool(tool, `${at}[${index}]`, tell))
}

/** The flat form of a function tool, whose `parameters` are the schema of its arguments (row 35). */
function moderniseTool(tool: unknown, at: string, tell: Tell): unknown {
  if (!isObject(tool) || tool.type !== 'function' || isObject(tool.function)) return tool
  const { name, description, parameters, ...rest } = tool
  if (name === undefined) return tool
  tell(`${at}.name`, `${at}.function.name`)
  const schema = Array.isArray(parameters) ? undefined : parameters
  return withoutUndefined({
    ...rest,
    ...(Array.isArray(parameters) && { parameters }),
    function: { name, description, parameters: schema },
  })
}

/** Tools that stood as switches of the assistant. */
function oldTools(configuration: Json, tell: Tell): Json[] {
  const tools: Json[] = []
  const { endCallFunctionEnabled, forwardingPhoneNumber, forwardingPhoneNumbers } = configuration
  const own = isObject(configuration.model) ? configuration.model.tools : undefined
  const has = (type: string) => Array.isArray(own) && own.some(tool => isObject(tool) && tool.type === type)
  if (endCallFunctionEnabled !== undefined) {
    tell('endCallFunctionEnabled', 'a tool of type endCall in model.tools')
    if (endCallFunctionEnabled === true && !has('endCall')) tools.push({ type: 'endCall' })
  }
  const numbers = [
    forwardingPhoneNumber,
    ...(Array.isArray(forwardingPhoneNumbers) ? forwardingPhoneNumbers : []),
  ]
  const destinations = numbers.flatMap(number =>
    typeof number === 'string' && number !== '' ? [{ type: 'number', number }] : [],
  )
  if (destinations.length > 0) {
    const old = forwardingPhoneNumber === undefined ? 'forwardingPhoneNumbers' : 'forwardingPhoneNumber'
    tell(old, 'a tool of type transferCall with destinations in model.tools')
    if (!has('transferCall')) tools.push({ type: 'transferCall', destinations })
  }
  delete configuration.endCallFunctionEnabled
  delete configuration.forwardingPhoneNumber
  delete configuration.forwardingPhoneNumbers
  return tools
}

function moveVoices(configuration: Json, tell: Tell): void {
  for (const { part, at } of partsOf(configuration, 'voice', 'voices')) {
    if (part.inputPunctuationBoundaries === undefined) continue
    put(part, 'chunkPlan', 'punctuationBoundaries', part.inputPunctuationBoundaries)
    delete part.inputPunctuationBoundaries
    tell(`${at}.inputPunctuationBoundaries`, `${at}.chunkPlan.punctuationBoundaries`)
  }
}

/** Names of providers that people write, and the API's. */
const providers: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  voice: [
    [/^eleven-?labs$/i, '11labs'],
    [/^play-ht$/i, 'playht'],
    [/^rime$/i, 'rime-ai'],
  ],
  transcriber: [
    [/^assembly(ai)?$/i, 'assembly-ai'],
    [/^eleven-?labs$/i, '11labs'],
  ],
  model: [
    [/^deepseek$/i, 'deep-seek'],
    [/^together(ai)?$/i, 'together-ai'],
    [/^perplexity$/i, 'perplexity-ai'],
  ],
}

/** The name that the API has for a provider, of one that people write. */
export function providerName(part: 'voice' | 'transcriber' | 'model', written: string): string {
  return providers[part]?.find(([old]) => old.test(written))?.[1] ?? written
}

function renameProviders(configuration: Json, tell: Tell): void {
  const places = [
    ...partsOf(configuration, 'voice', 'voices'),
    ...partsOf(configuration, 'transcriber', 'transcribers'),
    ...partsOf(configuration, 'model', 'models'),
  ]
  for (const { part, at } of places) {
    const { provider } = part
    const names = providers[at.split('.')[0] ?? ''] ?? []
    const found = names.find(([old]) => typeof provider === 'string' && old.test(provider))
    if (found !== undefined) {
      tell(`${at}.provider: ${provider}`, found[1])
      part.provider = found[1]
    }
    if (part.provider === 'google' && at.startsWith('transcriber')) renameGoogle(part, at, tell)
    if (part.provider === 'gladia' && part.model === 'solaria') {
      part.model = 'solaria-1'
      tell(`${at}.model: solaria`, 'solaria-1')
    }
  }
}

function renameGoogle(part: Json, at: string, tell: Tell): void {
  if (part.model === 'latest') {
    part.model = 'gemini-2.0-flash'
    tell(`${at}.model: latest`, 'gemini-2.0-flash')
  }
  const { language } = part
  if (typeof language === 'string' && language !== 'Multilingual' && /^multilingual$/i.test(language)) {
    part.language = 'Multilingual'
    tell(`${at}.language: ${language}`, 'Multilingual')
  }
}

/** A part of the assistant and those of its fallback plan. */
function partsOf(configuration: Json, name: string, fallbacks: string): { part: Json; at: string }[] {
  const own = configuration[name]
  if (!isObject(own)) return []
  const plan = own.fallbackPlan
  const list = isObject(plan) && Array.isArray(plan[fallbacks]) ? plan[fallbacks] : []
  return [
    { part: own, at: name },
    ...list.flatMap((part, index) =>
      isObject(part) ? [{ part, at: `${name}.fallbackPlan.${fallbacks}[${index}]` }] : [],
    ),
  ]
}

/** Sets a field of an object inside; what is there already stays. */
function put(target: Json, parent: string, child: string, value: unknown): void {
  const inside = isObject(target[parent]) ? target[parent] : {}
  target[parent] = Object.hasOwn(inside, child) ? inside : { ...inside, [child]: value }
}

/** Data of the user: a null in it is a value. */
const kept = new Set(['metadata', 'variableValues', 'parameters', 'schema', 'body'])

function withoutNulls(value: Json): Json {
  const clean = (item: unknown): unknown =>
    Array.isArray(item) ? item.map(clean) : isObject(item) ? withoutNulls(item) : item
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (item === null) return []
      return [[key, kept.has(key) ? structuredClone(item) : clean(item)]]
    }),
  )
}

function withoutUndefined(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
