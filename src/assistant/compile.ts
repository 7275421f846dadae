import type { AssistantPlan, InterruptionPlan, OpeningPlan, Semantics } from '../engine/plan.ts'
import { normalisePhrase } from '../engine/text/phrases.ts'
import type { FormatPlan } from '../format/plan.ts'
import { defaults } from './defaults.ts'
import { compileEndpointing, type RulePatterns } from './endpointing.ts'
import type { Json } from './overrides.ts'
import type { Assistant } from './schema.ts'
import { compileTools } from './tools.ts'
import { configurationWarnings } from './unsupported.ts'
import { createRenderer, type Render } from './variables.ts'
import { compileVoices } from './voices.ts'

export interface CompileOptions {
  semantics: Semantics
  /** Values of Liquid variables. */
  variables: Json
  /** Wall clock at the call's begin, for dates in templates. */
  epochMs: number
}

/** An assistant made ready for a call: the engine's plan, and what runs beside the engine. */
export interface CompiledAssistant {
  plan: AssistantPlan
  rulePatterns: RulePatterns[]
  format: FormatPlan
  /** Parallel to `plan.voice.voices`. */
  voiceSettings: Readonly<Record<string, unknown>>[]
  model: { provider: string; model: string; url: string | null; temperature: number; maxTokens: number }
  transcriber: { provider: string; model: string | null; language: string }
  /** Smart denoising of the customer's sound. */
  denoise: boolean
}

/** Compiles an assistant once for a call. Throws usage errors that name the path of the fault. */
export async function compileAssistant(
  assistant: Assistant,
  options: CompileOptions,
): Promise<CompiledAssistant> {
  const render = await createRenderer(templatesOf(assistant), options.variables, options.epochMs)
  const endpointing = compileEndpointing(assistant, options.semantics)
  const voices = compileVoices(assistant.voice)
  const tools = compileTools(assistant, render)
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
      tools: tools.modelTools,
    },
    tools: tools.tools,
    endCallMessage: assistant.endCallMessage ? render(assistant.endCallMessage, 'endCallMessage') : null,
    transcriptNames: {
      assistant: names?.assistantName ?? defaults.transcriptNames.assistant,
      user: names?.userName ?? defaults.transcriptNames.user,
    },
    silenceTimeoutMs: milliseconds(assistant.silenceTimeoutSeconds, defaults.silenceTimeoutMs),
    maximumDurationMs: milliseconds(assistant.maxDurationSeconds, defaults.maximumDurationMs),
    warnings: [...configurationWarnings(assistant), ...endpointing.warnings, ...tools.warnings],
  }
  return {
    plan,
    rulePatterns: endpointing.rulePatterns,
    format: voices.format,
    voiceSettings: voices.settings,
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
    denoise:
      assistant.backgroundSpeechDenoisingPlan?.smartDenoisingPlan?.enabled ?? options.semantics === 'openapi',
  }
}

function compileOpening(assistant: Assistant, render: Render): OpeningPlan {
  const { firstMessageMode, firstMessage } = assistant
  if (firstMessageMode === 'assistant-waits-for-user') return { type: 'wait' }
  if (firstMessageMode === 'assistant-speaks-first-with-model-generated-message') return { type: 'model' }
  return firstMessage ? { type: 'say', text: render(firstMessage, 'firstMessage') } : { type: 'model' }
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

/** Every text that may hold a template. */
function templatesOf(assistant: Assistant): string[] {
  const { messages = [], systemPrompt = '', tools = [] } = assistant.model ?? {}
  return [
    assistant.firstMessage ?? '',
    assistant.endCallMessage ?? '',
    systemPrompt,
    ...messages.map(message => message.content ?? ''),
    ...tools.flatMap(tool => tool.messages?.map(message => message.content ?? '') ?? []),
  ]
}

function milliseconds(seconds: number | undefined, otherwise: number): number {
  return seconds === undefined ? otherwise : Math.round(seconds * 1000)
}
