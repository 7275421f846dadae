import type {
  AssistantPlan,
  ExampleMessage,
  InterruptionPlan,
  OpeningPlan,
  Semantics,
} from '../engine/plan.ts'
import type { ToolServer } from '../engine/ports/tool-runner.ts'
import { normalisePhrase } from '../engine/text/phrases.ts'
import type { VapiError } from '../errors.ts'
import type { FormatPlan } from '../format/plan.ts'
import { type AnalysisPlan, compileAnalysis } from './analysis.ts'
import { type ArtifactPlan, compileArtifactPlan } from './artifact-plan.ts'
import { defaults } from './defaults.ts'
import { compileDenoising, type DenoisePlan } from './denoising.ts'
import { compileEndpointing, type RulePatterns } from './endpointing.ts'
import { compileEnds, endWarnings } from './ends.ts'
import {
  compileModels,
  compileTranscribers,
  type ModelSettings,
  type TranscriberSettings,
} from './fallbacks.ts'
import { compileHooks, silenceClockOf } from './hooks.ts'
import { compileLanguages } from './languages.ts'
import { compileMonitor } from './monitor-plan.ts'
import { type Json, mergeOverrides } from './overrides.ts'
import type { VoiceMarkup } from './pronunciation.ts'
import { compileRealtime, type RealtimeModel } from './realtime.ts'
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
  /** Told of a voice that the model refuses, in place of an error: another one is compiled. */
  refused?: (error: VapiError) => void
}

/** An assistant made ready for a call: the engine's plan, and what runs beside the engine. */
export interface CompiledAssistant {
  plan: AssistantPlan
  rulePatterns: RulePatterns[]
  /** Who is asked how long to wait, where a custom endpointing model decides. */
  endpointingServer: ToolServer | null
  format: FormatPlan
  /** Parallel to `plan.voice.voices`. */
  voiceSettings: Readonly<Record<string, unknown>>[]
  /** Parallel to `plan.voice.voices`. */
  voiceMarkup: VoiceMarkup[]
  /** Parallel to `plan.model.models`. */
  models: readonly ModelSettings[]
  /** The first of `transcribers`. */
  transcriber: TranscriberSettings
  /** Parallel to `plan.transcribers`. */
  transcribers: readonly TranscriberSettings[]
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
  /** The realtime model that listens, thinks and speaks in one; null where other providers do. */
  realtime: RealtimeModel | null
}

/** Compiles an assistant once for a call. Throws usage errors that name the path of the fault. */
export async function compileAssistant(
  configured: Assistant,
  options: CompileOptions,
): Promise<CompiledAssistant> {
  await checkTemplates(configured, options.origin ?? 'the assistant')
  const realtime = compileRealtime(configured, options.refused)
  const { assistant } = realtime
  const known =
    options.call === undefined
      ? options.variables
      : mergeOverrides(callVariables(options.call, options.epochMs), options.variables)
  // Fixed arguments of hooks stand in schemas, where no other text is a template.
  const texts = [...textsBelow(assistant).map(({ text }) => text), JSON.stringify(assistant.hooks ?? [])]
  const render = await createRenderer(texts, known, options.epochMs)
  const endpointing = compileEndpointing(assistant, options.semantics, render)
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
  const models = compileModels(assistant.model)
  const transcribers = compileTranscribers(assistant.transcriber)
  const languages = compileLanguages(assistant.transcriber)
  const plan: AssistantPlan = {
    assistantName: assistant.name ?? null,
    opening: compileOpening(assistant, render),
    firstMessage: compileFirstMessage(assistant, render),
    monitor: compileMonitor(assistant),
    openingInterruptible: assistant.firstMessageInterruptionsEnabled ?? false,
    endpointing: endpointing.plan,
    wait: {
      ms: milliseconds(assistant.startSpeakingPlan?.waitSeconds, defaults.waitMs),
      mode: options.semantics === 'openapi' ? 'floor' : 'added',
    },
    interruption: compileInterruption(assistant.stopSpeakingPlan),
    voice: {
      ...voices.plan,
      chunks: { ...voices.plan.chunks, ...(realtime.model !== null && { asTheyCome: true }) },
    },
    model: {
      models: models.plans,
      fastTurns: models.fastTurns,
      systemMessages: systemMessages(assistant, render),
      examples: exampleMessages(assistant, render),
      tools: tools.modelTools,
    },
    transcribers: transcribers.plans,
    tools: [...tools.tools, ...hooks.tools],
    hooks: hooks.hooks,
    silenceClock: silenceClockOf(options.semantics),
    keypad: compileKeypad(assistant.keypadInputPlan),
    language: languages.language,
    detectsLanguage: languages.detects,
    ...compileEnds(assistant, render),
    modelOutputInMessages: assistant.modelOutputInMessagesEnabled ?? false,
    fullHistory: artifacts.plan.fullHistory,
    transcriptEnabled: names?.enabled ?? true,
    transcriptNames: {
      assistant: names?.assistantName ?? defaults.transcriptNames.assistant,
      user: names?.userName ?? defaults.transcriptNames.user,
    },
    warnings: [
      ...configurationWarnings(assistant),
      ...realtime.warnings,
      ...endWarnings(assistant),
      ...endpointing.warnings,
      ...tools.warnings,
      ...hooks.warnings,
      ...denoising.warnings,
      ...voices.warnings,
      ...models.warnings,
      ...transcribers.warnings,
      ...analysis.warnings,
      ...artifacts.warnings,
    ],
  }
  return {
    plan,
    rulePatterns: endpointing.rulePatterns,
    endpointingServer: endpointing.server,
    format: voices.format,
    voiceSettings: voices.settings,
    voiceMarkup: voices.markup,
    models: models.settings,
    transcriber: transcribers.settings[0],
    transcribers: transcribers.settings,
    denoise: denoising.plan,
    render,
    analysis: analysis.plan,
    artifacts: artifacts.plan,
    rejections: plan.tools.map(({ name, definition }) =>
      compileRejection(definition.rejectionPlan, `tool ${name}: rejectionPlan`, render),
    ),
    variables: known,
    configuration: configured,
    realtime: realtime.model,
  }
}

function compileOpening(assistant: Assistant, render: Render): OpeningPlan {
  const { firstMessageMode, firstMessage } = assistant
  if (firstMessageMode === 'assistant-waits-for-user') return { type: 'wait' }
  if (firstMessageMode === 'assistant-speaks-first-with-model-generated-message') return { type: 'model' }
  if (!firstMessage) return { type: 'model' }
  if (typeof firstMessage === 'object') {
    const contents = firstMessage.contents.map(({ language, text }, index) => ({
      language,
      text: render(text, `firstMessage.contents[${index}].text`),
    }))
    return contents[0] === undefined ? { type: 'model' } : { type: 'say', text: contents[0].text, contents }
  }
  const text = render(firstMessage, 'firstMessage')
  return isSoundAddress(text) ? { type: 'sound', url: text.trim() } : { type: 'say', text }
}

/** The same for an assistant that waits: what it would say if it did not. */
function compileFirstMessage(assistant: Assistant, render: Render): OpeningPlan {
  const waits = assistant.firstMessageMode === 'assistant-waits-for-user'
  const mode = waits ? 'assistant-speaks-first' : assistant.firstMessageMode
  return compileOpening({ ...assistant, firstMessageMode: mode }, render)
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
