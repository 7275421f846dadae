import { createHash } from 'node:crypto'
import { isObject } from '../is-object.ts'
import type { Json } from './overrides.ts'
import type { Assistant } from './schema.ts'

/** How a success evaluation is measured (API: `successEvaluationPlan.rubric`). */
export const rubrics = [
  'NumericScale',
  'DescriptiveScale',
  'Checklist',
  'Matrix',
  'PercentageScale',
  'LikertScale',
  'AutomaticRubric',
  'PassFail',
] as const
export type Rubric = (typeof rubrics)[number]

/** A message of an analysis, its templates not rendered yet. */
export interface PromptMessage {
  role: 'system' | 'user'
  content: string
}

interface Ask {
  /** Null: our own. */
  messages: PromptMessage[] | null
  timeoutMs: number
}
export interface DataAsk extends Ask {
  schema: Json
}

/** When a structured output is taken (API: `conditions`). */
export type OutputCondition =
  | { type: 'minMessages'; count: number }
  | { type: 'minCallDuration'; seconds: number }
  | { type: 'endedReason'; operator: 'oneOf' | 'notOneOf'; values: string[] }

export type OutputPlan = {
  id: string
  name: string
  description: string | null
  schema: Json
  conditions: OutputCondition[]
} & ({ type: 'ai'; messages: PromptMessage[] | null } | { type: 'regex'; regex: string })

/** What is made of a call after its end (API: `analysisPlan`, `artifactPlan.structuredOutputs`). */
export interface AnalysisPlan {
  /** With fewer messages nothing is analysed. */
  minimumMessages: number
  summary: Ask | null
  structuredData: DataAsk | null
  structuredDataMulti: (DataAsk & { key: string })[]
  success: (Ask & { rubric: Rubric }) | null
  outputs: OutputPlan[]
}

const DEFAULT_TIMEOUT_SECONDS = 5
const DEFAULT_MINIMUM_MESSAGES = 2

/** Compiles what an assistant wants to know of its calls. Older fields (`summaryPrompt` …) are read as well. */
export function compileAnalysis(assistant: Assistant): { plan: AnalysisPlan; warnings: string[] } {
  const plan = assistant.analysisPlan ?? {}
  const { summaryPlan, structuredDataPlan, successEvaluationPlan } = plan
  const warnings: string[] = []
  const {
    structuredOutputs = [],
    structuredOutputIds,
    scorecards,
    scorecardIds,
  } = assistant.artifactPlan ?? {}
  if (structuredOutputIds?.length)
    warnings.push(
      'artifactPlan.structuredOutputIds name stored outputs; they are not loaded without an account',
    )
  if (scorecards?.length || scorecardIds?.length)
    warnings.push('artifactPlan: scorecards are not evaluated in a local call')
  if (plan.outcomeIds?.length) warnings.push('analysisPlan.outcomeIds have no effect in a local call')
  const data = dataAsk(structuredDataPlan, plan.structuredDataSchema, plan.structuredDataPrompt)
  if (data === null && (structuredDataPlan?.enabled ?? false))
    warnings.push('analysisPlan.structuredDataPlan has no schema; nothing is taken from the conversation')
  return {
    plan: {
      minimumMessages: plan.minMessagesThreshold ?? DEFAULT_MINIMUM_MESSAGES,
      summary: (summaryPlan?.enabled ?? true) ? ask(summaryPlan, plan.summaryPrompt) : null,
      structuredData: data,
      structuredDataMulti: (plan.structuredDataMultiPlan ?? []).flatMap(({ key, plan: one }) => {
        const taken = dataAsk({ enabled: true, ...one }, undefined, undefined)
        return taken === null ? [] : [{ key, ...taken }]
      }),
      success:
        (successEvaluationPlan?.enabled ?? true)
          ? {
              ...ask(successEvaluationPlan, plan.successEvaluationPrompt),
              rubric: successEvaluationPlan?.rubric ?? plan.successEvaluationRubric ?? 'PassFail',
            }
          : null,
      outputs: structuredOutputs.map(compileOutput),
    },
    warnings,
  }
}

type AskConfig = { messages?: { role?: unknown; content?: unknown }[]; timeoutSeconds?: number } | undefined

function ask(config: AskConfig, prompt: string | undefined): Ask {
  return {
    messages: promptMessages(config?.messages, prompt),
    timeoutMs: (config?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
  }
}

type DataConfig = (AskConfig & { enabled?: boolean; schema?: Json }) | undefined

/** The older fields ask for the data by being there. */
function dataAsk(
  config: DataConfig,
  olderSchema: Json | undefined,
  prompt: string | undefined,
): DataAsk | null {
  const schema = config?.schema ?? olderSchema
  const enabled = config?.enabled ?? olderSchema !== undefined
  return enabled && schema !== undefined ? { ...ask(config, prompt), schema } : null
}

/** Configured messages, or a prompt of the older form with the transcript after it; null where there is neither. */
function promptMessages(messages: unknown, prompt: string | undefined): PromptMessage[] | null {
  if (Array.isArray(messages) && messages.length > 0) {
    return messages.filter(isObject).map(({ role, content }) => ({
      role: role === 'system' ? 'system' : 'user',
      content: String(content ?? ''),
    }))
  }
  if (prompt === undefined) return null
  return [
    { role: 'system', content: prompt },
    { role: 'user', content: '{{schema}}{{rubric}}\n\n{{transcript}}' },
  ]
}

type OutputConfig = NonNullable<NonNullable<Assistant['artifactPlan']>['structuredOutputs']>[number]

function compileOutput(output: OutputConfig): OutputPlan {
  const common = {
    id: output.id ?? idOf(output.name),
    name: output.name,
    description: output.description ?? null,
    schema: output.schema,
    conditions: output.conditions ?? [],
  }
  if (output.type === 'regex') return { ...common, type: 'regex', regex: output.regex ?? '' }
  const messages = isObject(output.model) ? promptMessages(output.model.messages, undefined) : null
  return { ...common, type: 'ai', messages }
}

/** An output without an id of its own gets one by its name, the same in every call. */
function idOf(name: string): string {
  const digits = createHash('sha256').update(`structured output ${name}`).digest('hex')
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
  ]
  return [...parts, digits.slice(20, 32)].join('-')
}
