import type {
  AssistantPlan,
  ExampleMessage,
  InterruptionPlan,
  OpeningPlan,
  Semantics,
} from '../engine/plan.ts'
import { normalisePhrase } from '../engine/text/phrases.ts'
import type { FormatPlan } from '../format/plan.ts'
import { type AnalysisPlan, compileAnalysis } from './analysis.ts'
import { type ArtifactPlan, compileArtifactPlan } from './artifact-plan.ts'
import { defaults } from './defaults.ts'
import { compileDenoising, type DenoisePlan } from './denoising.ts'
import { compileEndpointing, type RulePatterns } from './endpointing.ts'
import { compileHooks, silenceClockOf } from './hooks.ts'
import { type Json, mergeOverrides } from './overrides.ts'
import type { VoiceMarkup } from './pronunciation.ts'
import type { Assistant } from './schema.ts'
import { textsBelow } from './texts.ts'
import { compileRejection, type Rejection } from './tool-rejection.ts'
import { compileTool, compileTools, type ToolContext } from './tools.ts'
import { configurationWarnings } from './unsupported.ts'
import { type CallFacts, callVariables, checkTemplates, createRenderer, type Render } from './variables.ts'
import { compileVoices } from './voices.ts'

export interface CompileOptions {
  semantics: Semantics
  /** Values of Liquid variables. */
  variables: Json
  /** Wall clock at the call's begin, for dates in templates. */
  epochMs: number
  /** The call, its customer and its number, which templates know too. */
  call?: CallFacts
  /** Names the assistant in errors. */
  origin?: string
  /** The call's other assistants, as its tools see them. */
  tools?: ToolContext
}

/** An assistant made ready for a call: the engine's plan, and what runs beside the engine. */
export interface CompiledAssistant {
  plan: AssistantPlan
  rulePatterns: RulePatterns[]
  format: FormatPlan
  /** Parallel to `plan.voice.voices`. */
  voiceSettings: Readonly<Record<string, unknown>>[]
  /** Parallel to `plan.voice.voices`. */
  voiceMarkup: VoiceMarkup[]
  model: { provider: string; model: string; url: string | null; temperature: number; maxTokens: number }
  transcriber: { provider: string; model: string | null; language: string }
  denoise: DenoisePlan
  /** Renders templates while the call goes on. */
  render: Render
  /** What is made of the call after its end, and what is kept of it. */
  analysis: AnalysisPlan
  artifacts: ArtifactPlan
  /** Parallel to the plan's tools: what refuses a call of them. */
  rejections: (Rejection | null)[]
  /** What the call's variables are at its begin. */
  variables: Json
  /** The configuration that it was compiled from, for the messages and analyses that carry it. */
  configuration: Assistant
}

/** Compiles an assistant once for a call. Throws usage errors that name the path of the fault. */
export async function compileAssistant(
  assistant: Assistant,
  options: CompileOptions,
): Promise<CompiledAssistant> {
  await checkTemplates(assistant, options.origin ?? 'the assistant')
  const known =
    options.call === undefined
      ? options.variables
      : mergeOverrides(callVariables(options.call, options.epochMs), options.variables)
  // Fixed arguments of hooks stand in schemas, where no other text is a template.
  const texts = [...textsBelow(assistant).map(({ text }) => text), JSON.stringify(assistant.hooks ?? [])]
  const render = await createRenderer(texts, known, options.epochMs)
  const endpointing = compileEndpointing(assistant, options.semantics)
  const voices = compileVoices(assistant.voice)
  const tools = compileTools(assistant, render, options.tools)
  const hooks = compileHooks(assistant, {
    firstTool: tools.tools.length,
    compileTool: (tool, path, warnings) =>
      compileTool(tool, assistant, path, render, options.tools, warnings),
  })
  const denoising = compileDenoising(assistant, options.semantics)
  const analysis = compileAnalysis(assistant)
  const artifacts = compileArtifactPlan(assistant)
  const names = assistant.artifactPlan?.transcriptPlan
  const provider = assistant.model?.provider ?? 'openai'
  const model = assistant.model?.model ?? 'gpt-4o'
  const plan: AssistantPlan = {
    assistantName: assistant.name ?? null,
    opening: compileOpening(assistant, render),
    openingInterruptible: assistant.firstMessageInterruptionsEnabled ?? false,
    endpointing: endpointing.plan,
    wait: {
      ms: milliseconds(assistant.startSpeakingPlan?.waitSeconds, defaults.waitMs),
      mode: options.semantics === 'openapi' ? 'floor' : 'added',
    },
    interruption: compileInterruption(assistant.stopSpeakingPlan),
    voice: voices.plan,
    model: {
      name: `${provider}/${model}`,
      systemMessages: systemMessages(assistant, render),
      examples: exampleMessages(assistant, render),
      tools: tools.modelTools,
    },
    tools: [...tools.tools, ...hooks.tools],
    hooks: hooks.hooks,
    silenceClock: silenceClockOf(options.semantics),
    keypad: compileKeypad(assistant.keypadInputPlan),
    language: assistant.transcriber?.language ?? 'en',
    endCallMessage: assistant.endCallMessage ? render(assistant.endCallMessage, 'endCallMessage') : null,
    modelOutputInMessages: assistant.modelOutputInMessagesEnabled ?? false,
    fullHistory: artifacts.plan.fullHistory,
    transcriptEnabled: names?.enabled ?? true,
    transcriptNames: {
      assistant: names?.assistantName ?? defaults.transcriptNames.assistant,
      user: names?.userName ?? defaults.transcriptNames.user,
    },
    silenceTimeoutMs: milliseconds(assistant.silenceTimeoutSeconds, defaults.silenceTimeoutMs),
    maximumDurationMs: milliseconds(assistant.maxDurationSeconds, defaults.maximumDurationMs),
    warnings: [
      ...configurationWarnings(assistant),
      ...endpointing.warnings,
      ...tools.warnings,
      ...hooks.warnings,
      ...denoising.warnings,
      ...voices.warnings,
      ...analysis.warnings,
      ...artifacts.warnings,
    ],
  }
  return {
    plan,
    rulePatterns: endpointing.rulePatterns,
    format: voices.format,
    voiceSettings: voices.settings,
    voiceMarkup: voices.markup,
    model: {
      provider,
      model,
      url: assistant.model?.url ?? null,
      temperature: assistant.model?.temperature ?? defaults.temperature,
      maxTokens: assistant.model?.maxTokens ?? defaults.maxTokens,
    },
    transcriber: {
      provider: assistant.transcriber?.provider ?? 'deepgram',
      model: assistant.transcriber?.model ?? null,
      language: assistant.transcriber?.language ?? 'en',
    },
    denoise: denoising.plan,
    render,
    analysis: analysis.plan,
    artifacts: artifacts.plan,
    rejections: plan.tools.map(({ name, definition }) =>
      compileRejection(definition.rejectionPlan, `tool ${name}: rejectionPlan`, render),
    ),
    variables: known,
    configuration: assistant,
  }
}

function compileOpening(assistant: Assistant, render: Render): OpeningPlan {
  const { firstMessageMode, firstMessage } = assistant
  if (firstMessageMode === 'assistant-waits-for-user') return { type: 'wait' }
  if (firstMessageMode === 'assistant-speaks-first-with-model-generated-message') return { type: 'model' }
  if (!firstMessage) return { type: 'model' }
  const text = render(firstMessage, 'firstMessage')
  return isSoundAddress(text) ? { type: 'sound', url: text.trim() } : { type: 'say', text }
}

/** A message that is nothing but an address is that of a sound file (API: firstMessage). */
function isSoundAddress(text: string): boolean {
  return /^\s*https?:\/\/\S+\s*$/i.test(text)
}

/** How keys of the customer's telephone are read; null where they are not (API: keypadInputPlan). */
function compileKeypad(plan: Assistant['keypadInputPlan']): AssistantPlan['keypad'] {
  if (plan?.enabled !== true) return null
  const { timeoutSeconds = defaults.keypadTimeoutSeconds, delimiters = '' } = plan
  const ends = [delimiters].flat().join('')
  return {
    // Without a delimiter nothing else would end them.
    timeoutMs: timeoutSeconds === 'off' ? (ends === '' ? 0 : null) : Math.round(timeoutSeconds * 1000),
    delimiters: ends,
  }
}

function compileInterruption(plan: Assistant['stopSpeakingPlan']): InterruptionPlan {
  const phrases = (list: readonly string[] | undefined, otherwise: readonly string[]) =>
    (list ?? otherwise).map(normalisePhrase).filter(phrase => phrase !== '')
  return {
    wordCount: plan?.numWords ?? defaults.wordCount,
    voiceMs: milliseconds(plan?.voiceSeconds, defaults.voiceMs),
    backoffMs: milliseconds(plan?.backoffSeconds, defaults.backoffMs),
    acknowledgementPhrases: phrases(plan?.acknowledgementPhrases, defaults.acknowledgementPhrases),
    interruptionPhrases: phrases(plan?.interruptionPhrases, defaults.interruptionPhrases),
  }
}

function systemMessages(assistant: Assistant, render: Render): string[] {
  const { messages = [], systemPrompt } = assistant.model ?? {}
  const prompts = messages.flatMap(({ role, content }) => (role === 'system' && content ? [content] : []))
  if (systemPrompt !== undefined) prompts.unshift(systemPrompt)
  return prompts.map((prompt, index) => render(prompt, `model.messages[${index}]`))
}

/** `model.messages` of the user and the assistant, which show the model how to answer. */
function exampleMessages(assistant: Assistant, render: Render): ExampleMessage[] {
  return (assistant.model?.messages ?? []).flatMap(({ role, content }, index) =>
    (role === 'user' || role === 'assistant') && content
      ? [{ role, content: render(content, `model.messages[${index}]`) }]
      : [],
  )
}

function milliseconds(seconds: number | undefined, otherwise: number): number {
  return seconds === undefined ? otherwise : Math.round(seconds * 1000)
}
