import { z } from 'zod'
import { usageError } from '../errors.ts'
import { endFields } from './ends.ts'
import { createHookReader } from './hook-schema.ts'
import { monitorPlanSchema } from './monitor-plan.ts'
import { analysisPlanSchema, artifactPlanSchema, backoffPlanSchema } from './schema-outcome.ts'

const seconds = (minimum: number, maximum: number) => z.number().min(minimum).max(maximum)

const serverSchema = z.looseObject({
  url: z.string(),
  timeoutSeconds: seconds(1, 300).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  secret: z.string().optional(),
  backoffPlan: backoffPlanSchema.nullish(),
})

const regexOptions = z.array(
  z.looseObject({ type: z.enum(['ignore-case', 'whole-word', 'multi-line']), enabled: z.boolean() }),
)

const endpointingRule = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.enum(['assistant', 'customer', 'user']),
    regex: z.string(),
    regexOptions: regexOptions.optional(),
    timeoutSeconds: seconds(0, 15),
  }),
  z.looseObject({
    type: z.literal('both'),
    assistantRegex: z.string(),
    assistantRegexOptions: regexOptions.optional(),
    customerRegex: z.string(),
    customerRegexOptions: regexOptions.optional(),
    timeoutSeconds: seconds(0, 15),
  }),
])

const languageContents = z.array(z.looseObject({ text: z.string(), language: z.string() }))

const toolMessage = z.looseObject({
  type: z.enum(['request-start', 'request-response-delayed', 'request-complete', 'request-failed']),
  content: z.string().max(1000).optional(),
  contents: languageContents.optional(),
  role: z.enum(['assistant', 'system']).optional(),
  endCallAfterSpokenEnabled: z.boolean().optional(),
  blocking: z.boolean().optional(),
  timingMilliseconds: z.number().min(100).max(120_000).optional(),
  conditions: z
    .array(
      z.looseObject({
        operator: z.enum(['eq', 'neq', 'gt', 'gte', 'lt', 'lte']),
        param: z.string().max(1000),
        value: z.union([z.string().max(1000), z.number(), z.boolean()]),
      }),
    )
    .optional(),
})

const toolSchema = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  async: z.boolean().optional(),
  function: z
    .looseObject({
      name: z.string(),
      description: z.string().optional(),
      parameters: z.record(z.string(), z.unknown()).optional(),
      strict: z.boolean().optional(),
    })
    .optional(),
  server: serverSchema.optional(),
  messages: z.array(toolMessage).optional(),
  timeoutSeconds: seconds(1, 300).optional(),
  code: z.string().max(50_000).optional(),
})

const voiceSchema = z.looseObject({
  provider: z.string(),
  voiceId: z.string().optional(),
  model: z.string().optional(),
  enableSsmlParsing: z.boolean().optional(),
  pronunciationDictionaryLocators: z
    .array(z.looseObject({ pronunciationDictionaryId: z.string(), versionId: z.string().optional() }))
    .optional(),
  pronunciationDictId: z.string().optional(),
  pronunciationDictionary: z
    .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
    .optional(),
  chunkPlan: z
    .looseObject({
      enabled: z.boolean().optional(),
      minCharacters: z.number().int().min(1).max(80).optional(),
      punctuationBoundaries: z.array(z.string().min(1)).optional(),
      formatPlan: z
        .looseObject({
          enabled: z.boolean().optional(),
          numberToDigitsCutoff: z.number().min(0).optional(),
          formattersEnabled: z.array(z.string()).optional(),
          replacements: z
            .array(
              z.discriminatedUnion('type', [
                z.looseObject({
                  type: z.literal('exact'),
                  key: z.string(),
                  value: z.string().max(1000),
                  replaceAllEnabled: z.boolean().optional(),
                }),
                z.looseObject({
                  type: z.literal('regex'),
                  regex: z.string(),
                  options: regexOptions.optional(),
                  value: z.string().max(1000),
                }),
              ]),
            )
            .optional(),
        })
        .optional(),
    })
    .optional(),
})

const transcriberSchema = z.looseObject({
  provider: z.string().optional(),
  model: z.string().optional(),
  language: z.string().optional(),
  confidenceThreshold: z.number().min(0).max(1).optional(),
  // Held in their ranges with a warning (row 13).
  eotThreshold: z.number().optional(),
  eotTimeoutMs: z.number().optional(),
  endOfTurnConfidenceThreshold: z.number().min(0).max(1).optional(),
  minEndOfTurnSilenceWhenConfident: z.number().min(0).optional(),
  maxTurnSilence: z.number().min(0).optional(),
  server: serverSchema.optional(),
})

/** A custom transcriber is reached by a WebSocket (seed: Custom transcriber). */
function checkServer(
  { provider, server }: { provider?: string | undefined; server?: AssistantServer | undefined },
  context: z.RefinementCtx,
): void {
  if (provider !== 'custom-transcriber' || server === undefined || /^wss?:\/\//i.test(server.url)) return
  const message = `${server.url} is not an address that begins with ws:// or wss://`
  context.addIssue({ code: 'custom', path: ['server', 'url'], message })
}

const hookReader = createHookReader(toolSchema)

/** Legacy idle messages (vapi-api.md 4.1). */
const idleFields = {
  idleMessages: z.array(z.string()).optional(),
  idleTimeoutSeconds: seconds(1, 1000).optional(),
  idleMessageMaxSpokenCount: z.number().int().min(1).max(10).optional(),
  idleMessageResetCountOnUserSpeechEnabled: z.boolean().optional(),
  silenceTimeoutMessage: z.string().optional(),
}

/**
 * The part of an assistant that steers a local call, with the documented types and ranges (API: CreateAssistantDTO;
 * seed: Voice pipeline configuration). Unknown fields are kept.
 */
const assistantSchema = z.looseObject({
  name: z.string().nullish(),
  /** The API takes a text alone; by language it is a form of the seed (row 53). */
  firstMessage: z.union([z.string(), z.looseObject({ contents: languageContents })]).nullish(),
  firstMessageMode: z
    .enum([
      'assistant-speaks-first',
      'assistant-speaks-first-with-model-generated-message',
      'assistant-waits-for-user',
    ])
    .optional(),
  firstMessageInterruptionsEnabled: z.boolean().optional(),
  modelOutputInMessagesEnabled: z.boolean().optional(),
  model: z
    .looseObject({
      provider: z.string(),
      model: z.string().optional(),
      url: z.string().optional(),
      messages: z.array(z.looseObject({ role: z.string(), content: z.string().nullish() })).optional(),
      systemPrompt: z.string().optional(),
      tools: z.array(toolSchema).optional(),
      toolIds: z.array(z.string()).optional(),
      temperature: z.number().min(0).max(2).optional(),
      maxTokens: z.number().min(1).max(10_000).optional(),
      fallbackModels: z.array(z.string()).nullish(),
    })
    .optional(),
  voice: voiceSchema
    .extend({ fallbackPlan: z.looseObject({ voices: z.array(voiceSchema) }).optional() })
    .optional(),
  transcriber: transcriberSchema
    .extend({
      fallbackPlan: z
        .looseObject({
          transcribers: z
            .array(transcriberSchema.extend({ provider: z.string() }).superRefine(checkServer))
            .optional(),
          autoFallback: z.looseObject({ enabled: z.boolean().optional() }).nullish(),
        })
        .nullish(),
    })
    .superRefine(checkServer)
    .optional(),
  startSpeakingPlan: z
    .looseObject({
      waitSeconds: seconds(0, 5).optional(),
      smartEndpointingEnabled: z.union([z.boolean(), z.literal('livekit')]).optional(),
      smartEndpointingPlan: z
        .looseObject({
          provider: z.string(),
          waitFunction: z.string().optional(),
          threshold: z.number().min(0).max(1).optional(),
          server: serverSchema.optional(),
        })
        .nullish(),
      customEndpointingRules: z.array(endpointingRule).optional(),
      transcriptionEndpointingPlan: z
        .looseObject({
          onPunctuationSeconds: seconds(0, 3).optional(),
          onNoPunctuationSeconds: seconds(0, 3).optional(),
          onNumberSeconds: seconds(0, 3).optional(),
        })
        .optional(),
    })
    .optional(),
  customEndpointingRules: z.array(endpointingRule).optional(),
  stopSpeakingPlan: z
    .looseObject({
      numWords: z.number().int().min(0).max(10).optional(),
      voiceSeconds: seconds(0, 0.5).optional(),
      backoffSeconds: seconds(0, 10).optional(),
      acknowledgementPhrases: z.array(z.string()).optional(),
      interruptionPhrases: z.array(z.string()).optional(),
    })
    .optional(),
  hooks: hookReader.schema.nullish(),
  messagePlan: z.looseObject(idleFields).nullish(),
  ...idleFields,
  ...endFields,
  endCallFunctionEnabled: z.boolean().optional(),
  monitorPlan: monitorPlanSchema.nullish(),
  keypadInputPlan: z
    .looseObject({
      enabled: z.boolean().optional(),
      timeoutSeconds: z.union([seconds(0, 10), z.literal('off')]).optional(),
      delimiters: z.union([z.string(), z.array(z.string())]).optional(),
    })
    .nullish(),
  server: serverSchema.optional(),
  serverUrl: z.string().optional(),
  serverUrlSecret: z.string().optional(),
  backgroundSpeechDenoisingPlan: z
    .looseObject({
      smartDenoisingPlan: z.looseObject({ enabled: z.boolean().optional() }).nullish(),
      fourierDenoisingPlan: z
        .looseObject({
          enabled: z.boolean().optional(),
          mediaDetectionEnabled: z.boolean().optional(),
          staticThreshold: z.number().min(-80).max(0).optional(),
          baselineOffsetDb: z.number().min(-30).max(-5).optional(),
          windowSizeMs: z.number().min(1000).max(30_000).optional(),
          baselinePercentile: z.number().min(1).max(99).optional(),
        })
        .nullish(),
    })
    .nullish(),
  backgroundDenoisingEnabled: z.boolean().optional(),
  recordingEnabled: z.boolean().optional(),
  analysisPlan: analysisPlanSchema.nullish(),
  artifactPlan: artifactPlanSchema.nullish(),
  serverMessages: z.array(z.string()).nullish(),
  clientMessages: z.array(z.string()).nullish(),
})

export type Assistant = z.infer<typeof assistantSchema>
export type AssistantTool = z.infer<typeof toolSchema>
export type AssistantVoice = z.infer<typeof voiceSchema>
export type AssistantServer = z.infer<typeof serverSchema>
export type RegexOptions = z.infer<typeof regexOptions>
export type EndpointingRuleConfig = z.infer<typeof endpointingRule>

/** A hook of the assistant and where it stands below `hooks`. */
export type AssistantHook = ReturnType<typeof hookReader.read>[number]

/** The hooks of an assistant that was parsed, nested ones too. */
export function hooksOf(assistant: Assistant): AssistantHook[] {
  return hookReader.read(assistant.hooks ?? [])
}

/** Checks types and ranges. Throws a usage error that names the paths of all faults. */
export function parseAssistant(document: unknown, origin: string): Assistant {
  return parseWith(assistantSchema, document, origin)
}

/** A tool that was made or changed here. */
export function parseTool(document: unknown): AssistantTool {
  return parseWith(toolSchema, document, 'a tool')
}

/** What is wrong with an assistant, without throwing; empty where nothing is. */
export function assistantFaults(document: unknown): { at: (string | number)[]; message: string }[] {
  const parsed = assistantSchema.safeParse(document)
  if (parsed.success) return []
  return parsed.error.issues.map(issue => ({
    at: issue.path.map(part => (typeof part === 'number' ? part : String(part))),
    message: `${pathOf(issue.path)}: ${faultOf(issue)}`,
  }))
}

/** Checks a document against a schema; faults become one usage error with a line for each path. */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  document: unknown,
  origin: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(document)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(issue => `  ${pathOf(issue.path)}: ${faultOf(issue)}`)
  throw usageError(`${origin} is not valid\n${faults.join('\n')}`)
}

function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown ${issue.keys.length > 1 ? 'keys' : 'key'} ${issue.keys.join(', ')}`
  return issue.message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '')
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(whole document)'
  return path
    .map((part, place) =>
      typeof part === 'number' ? `[${part}]` : `${place === 0 ? '' : '.'}${String(part)}`,
    )
    .join('')
}
