import { VOICE_SPEEDS } from '../speeds.ts'

/** Limits of a value. `each` holds for the items of a list. */
export interface Limit {
  minimum?: number
  maximum?: number
  whole?: boolean
  minLength?: number
  maxLength?: number
  pattern?: RegExp
  /** What the pattern wants, in words. */
  form?: string
  each?: Limit
}

const range = (minimum: number, maximum: number): Limit => ({ minimum, maximum })
const whole = (minimum: number, maximum: number): Limit => ({ minimum, maximum, whole: true })
const atLeast = (minimum: number): Limit => ({ minimum })
const speedOf = (provider: keyof typeof VOICE_SPEEDS): Limit => ({ ...VOICE_SPEEDS[provider] })
const upTo = (maxLength: number): Limit => ({ maxLength })
const uuid: Limit = {
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  form: 'a UUID',
}
const toolName = (maxLength: number): Limit => ({
  maxLength,
  pattern: /^[\w-]+$/,
  form: 'letters, digits, _ and - only',
})

const model = {
  temperature: range(0, 2),
  maxTokens: whole(50, 10_000),
  numFastTurns: atLeast(0),
  toolIds: { each: uuid },
}
const assistant = {
  name: upTo(40),
  maxDurationSeconds: range(10, 43_200),
  voicemailMessage: upTo(1000),
  endCallMessage: upTo(1000),
  endCallPhrases: { each: { minLength: 2, maxLength: 140 } },
  credentialIds: { each: uuid },
  // Not in the API's document, yet taken: reference 4.1.
  silenceTimeoutSeconds: range(5, 3600),
  customerJoinTimeoutSeconds: range(1, 60),
}
const toolMessage = { content: upTo(1000) }
const analysis = { timeoutSeconds: range(1, 60) }
const rule = { timeoutSeconds: range(0, 15) }
const voicemail = { beepMaxAwaitSeconds: range(0, 30) }
const consent = { message: upTo(1000) }
const phoneNumber = { name: upTo(40), numberDesiredAreaCode: { minLength: 3, maxLength: 3 } }

/**
 * Limits that the types of the SDK do not carry, by definition and field (reference: vapi-api.md sections 1, 2 and 4; a
 * test compares those that the API's document states). `Fallback…` and `Update…` share those of their originals.
 */
const limits: Readonly<Record<string, Readonly<Record<string, Limit>>>> = {
  CreateAssistantDto: assistant,
  AssistantOverrides: assistant,
  StartSpeakingPlan: { waitSeconds: range(0, 5) },
  TranscriptionEndpointingPlan: {
    onPunctuationSeconds: range(0, 3),
    onNoPunctuationSeconds: range(0, 3),
    onNumberSeconds: range(0, 3),
  },
  AssistantCustomEndpointingRule: rule,
  CustomerCustomEndpointingRule: rule,
  BothCustomEndpointingRule: rule,
  StopSpeakingPlan: {
    numWords: whole(0, 10),
    voiceSeconds: range(0, 0.5),
    backoffSeconds: range(0, 10),
    acknowledgementPhrases: { each: upTo(240) },
    interruptionPhrases: { each: upTo(240) },
  },
  ChunkPlan: { minCharacters: whole(1, 80) },
  FormatPlan: { numberToDigitsCutoff: atLeast(0) },
  ExactReplacement: { value: upTo(1000) },
  RegexReplacement: { value: upTo(1000) },
  FourierDenoisingPlan: {
    staticThreshold: range(-80, 0),
    baselineOffsetDb: range(-30, -5),
    windowSizeMs: range(1000, 30_000),
    baselinePercentile: range(1, 99),
  },
  KeypadInputPlan: { timeoutSeconds: range(0, 10) },
  Server: { timeoutSeconds: range(1, 300) },
  BackoffPlan: { maxRetries: whole(0, 10), baseDelaySeconds: range(0, 10) },
  CustomerSpeechTimeoutOptions: { timeoutSeconds: range(1, 1000), triggerMaxCount: whole(1, 10) },
  RecordingConsentPlanStayOnLine: { ...consent, waitSeconds: range(1, 6) },
  RecordingConsentPlanVerbal: consent,
  GoogleVoicemailDetectionPlan: voicemail,
  OpenAiVoicemailDetectionPlan: voicemail,
  VapiVoicemailDetectionPlan: voicemail,
  VoicemailDetectionBackoffPlan: {
    startAtSeconds: atLeast(0),
    frequencySeconds: atLeast(2.5),
    maxRetries: whole(1, 10),
  },
  TwilioVoicemailDetectionPlan: {
    machineDetectionTimeout: range(3, 59),
    machineDetectionSpeechThreshold: range(1000, 6000),
    machineDetectionSpeechEndThreshold: range(500, 5000),
    machineDetectionSilenceTimeout: range(2000, 10_000),
  },
  AnalysisPlan: { minMessagesThreshold: atLeast(0) },
  SummaryPlan: analysis,
  StructuredDataPlan: analysis,
  SuccessEvaluationPlan: analysis,
  TransferPlan: { timeout: range(1, 600), dialTimeout: range(1, 600), twiml: upTo(4096) },
  TransferDestinationNumber: {
    number: { minLength: 3, maxLength: 40 },
    extension: { minLength: 1, maxLength: 10 },
    callerId: upTo(40),
  },
  TransportConfigurationTwilio: { timeout: range(1, 600) },

  AssemblyAiTranscriber: {
    confidenceThreshold: range(0, 1),
    endOfTurnConfidenceThreshold: range(0, 1),
    minEndOfTurnSilenceWhenConfident: atLeast(0),
    maxTurnSilence: atLeast(0),
    wordFinalizationMaxWaitTime: atLeast(0),
    keytermsPrompt: { each: upTo(50) },
    prompt: upTo(1750),
    agentContext: upTo(1750),
  },
  DeepgramTranscriber: {
    confidenceThreshold: range(0, 1),
    eotThreshold: range(0.5, 0.9),
    eotTimeoutMs: range(500, 10_000),
    endpointing: range(10, 500),
    keywords: { each: { pattern: /^\p{L}[\p{L}\d]*(?::[+-]?\d+)?$/u, form: 'one word, or word:number' } },
  },
  ElevenLabsTranscriber: {
    silenceThresholdSeconds: range(0.3, 3),
    confidenceThreshold: range(0.1, 0.9),
    minSpeechDurationMs: range(50, 2000),
    minSilenceDurationMs: range(50, 2000),
  },
  GladiaTranscriber: {
    confidenceThreshold: range(0, 1),
    endpointing: range(0.01, 10),
    speechThreshold: range(0, 1),
    transcriptionHint: upTo(600),
  },
  SonioxTranscriber: { maxEndpointDelayMs: range(500, 3000) },
  SpeechmaticsTranscriber: {
    maxDelay: range(500, 10_000),
    endOfTurnSensitivity: range(0, 1),
    minimumSpeechDuration: range(0, 5),
  },
  AzureSpeechTranscriber: {
    segmentationSilenceTimeoutMs: range(100, 5000),
    segmentationMaximumTimeMs: range(20_000, 70_000),
  },

  AzureVoice: { speed: speedOf('azure') },
  CartesiaGenerationConfig: { speed: range(0.6, 1.5), volume: range(0.5, 2) },
  ElevenLabsVoice: {
    stability: range(0, 1),
    similarityBoost: range(0, 1),
    style: range(0, 1),
    speed: speedOf('11labs'),
    optimizeStreamingLatency: range(0, 4),
  },
  InworldVoice: { temperature: range(0.1, 2), speakingRate: range(0.5, 1.5) },
  LmntVoice: { speed: speedOf('lmnt') },
  MicrosoftVoice: { speed: speedOf('microsoft'), styleDegree: range(0.01, 2) },
  MinimaxVoice: { pitch: range(-12, 12), speed: speedOf('minimax'), volume: range(0.5, 2) },
  NeuphonicVoice: { speed: speedOf('neuphonic') },
  OpenAiVoice: { speed: speedOf('openai'), instructions: upTo(10_000) },
  PlayHtVoice: {
    speed: speedOf('playht'),
    temperature: range(0.1, 2),
    voiceGuidance: range(1, 6),
    styleGuidance: range(1, 30),
    textGuidance: range(1, 2),
  },
  RimeAiVoice: { speed: atLeast(VOICE_SPEEDS['rime-ai'].minimum) },
  VapiVoice: { speed: speedOf('vapi') },
  XaiVoice: { speed: speedOf('xai') },

  CustomLlmModel: { ...model, timeoutSeconds: range(0, 300) },
  OpenAiModel: { ...model, promptCacheKey: upTo(64) },
  AnthropicThinkingConfig: { budgetTokens: whole(1024, 100_000) },

  OpenAiFunction: { name: toolName(64) },
  CreateApiRequestToolDto: { name: toolName(40), timeoutSeconds: range(1, 300) },
  CreateCodeToolDto: { code: upTo(50_000), timeoutSeconds: range(1, 30) },
  CodeToolEnvironmentVariable: {
    name: { maxLength: 64, pattern: /^[A-Z][A-Z0-9_]*$/, form: 'capitals, digits and _' },
    value: upTo(10_000),
  },
  ToolMessageStart: toolMessage,
  ToolMessageComplete: toolMessage,
  ToolMessageFailed: toolMessage,
  ToolMessageDelayed: { ...toolMessage, timingMilliseconds: range(100, 120_000) },
  ToolRef: { toolId: uuid },
  VariableExtractionAlias: {
    key: {
      minLength: 1,
      maxLength: 40,
      pattern: /^[a-zA-Z]\w*$/,
      form: 'a letter, then letters, digits and _',
    },
    value: upTo(10_000),
  },

  CreateCustomerDto: {
    number: { minLength: 3, maxLength: 40 },
    extension: upTo(10),
    name: upTo(40),
    email: upTo(40),
    externalId: upTo(40),
  },
  CreateCallDto: { name: upTo(40) },
  UpdateCallDto: { name: upTo(40) },
  CreateChatDto: { name: upTo(40) },
  CreateSessionDto: { name: upTo(40), expirationSeconds: range(60, 2_592_000) },
  UpdateSessionDto: { name: upTo(40), expirationSeconds: range(60, 2_592_000) },
  CreateVapiPhoneNumberDto: phoneNumber,
  CreateTwilioPhoneNumberDto: phoneNumber,
  CreateVonagePhoneNumberDto: phoneNumber,
  CreateTelnyxPhoneNumberDto: phoneNumber,
  CreateByoPhoneNumberDto: phoneNumber,
  CreateKnowledgeBaseV2Dto: { name: { minLength: 1, maxLength: 80 } },
  LangfuseObservabilityPlan: { promptVersion: atLeast(1) },
  CreateStructuredOutputDto: {
    name: { minLength: 1, maxLength: 40 },
    regex: { minLength: 1, maxLength: 1000 },
  },
  CreateWorkflowDto: { name: upTo(80), maxDurationSeconds: range(10, 43_200) },
}

/** Every definition that has limits, for tests. */
export const limitedDefinitions = limits

/** The limit of a field of a definition, if it has one. */
export function limitOf(definition: string, field: string): Limit | undefined {
  for (const name of [
    definition,
    definition.replace(/^Fallback/, ''),
    definition.replace(/^Update/, 'Create'),
  ]) {
    const own = Object.hasOwn(limits, name) ? limits[name] : undefined
    if (own !== undefined && Object.hasOwn(own, field)) return own[field]
  }
  if (!/^(?!Workflow).*Model$/.test(definition)) return undefined
  return Object.hasOwn(model, field) ? model[field as keyof typeof model] : undefined
}

/** What is wrong with a value by its limit, or null. */
export function limitFault(value: unknown, limit: Limit): string | null {
  if (typeof value === 'number') return numberFault(value, limit)
  if (typeof value === 'string') return textFault(value, limit)
  return null
}

function numberFault(value: number, { minimum, maximum, whole }: Limit): string | null {
  if ((minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum)) {
    const wanted = maximum === undefined ? `at least ${minimum}` : `from ${minimum} to ${maximum}`
    return `must be ${wanted}, is ${value}`
  }
  return whole === true && !Number.isInteger(value) ? `must be a whole number, is ${value}` : null
}

function textFault(value: string, { minLength, maxLength, pattern, form }: Limit): string | null {
  if (maxLength !== undefined && value.length > maxLength)
    return `must be at most ${maxLength} characters long, has ${value.length}`
  if (minLength !== undefined && value.length < minLength)
    return `must be at least ${minLength} characters long, has ${value.length}`
  return pattern !== undefined && !pattern.test(value) ? `must be ${form ?? String(pattern)}` : null
}
