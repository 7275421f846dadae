import type { AnalysisPlan, DataAsk, OutputPlan, PromptMessage } from '../../assistant/analysis.ts'
import type { Json } from '../../assistant/overrides.ts'
import { createRenderer } from '../../assistant/variables.ts'
import type { TokenUsage } from '../../engine/ports/language-model.ts'
import { messageOf } from '../../errors.ts'
import { checkArguments } from '../../messages/arguments.ts'
import type { AnalysisKind, AnalysisQuestion, Analyst } from './analyst.ts'
import { unmetCondition } from './conditions.ts'
import { defaultPrompts, rubricTexts } from './prompts.ts'
import { readJson, readVerdict } from './read-answer.ts'
import { regexResult } from './regex-output.ts'

/** What analyses are about: a call that is over. */
export interface AnalysedCall {
  /** Messages of the customer and the assistant. */
  messageCount: number
  messages: readonly unknown[]
  transcript: string
  systemPrompt: string
  endedReason: string
  durationMs: number
  /** Wall clock at the end, for dates in templates. */
  endedMs: number
  variables: Json
}

/** Tokens that one question took. */
export interface AnalysisUsage {
  kind: Exclude<AnalysisKind, 'structuredDataMulti'>
  model: string
  usage: TokenUsage
  estimated: boolean
}

/** What came of the analyses, in the API's form (`analysis`, and the artifact's structured outputs). */
export interface AnalysisOutcome {
  analysis: {
    summary?: string
    structuredData?: unknown
    structuredDataMulti?: Record<string, unknown>[]
    /** Text, whatever the rubric. */
    successEvaluation?: string
  }
  structuredOutputs?: Record<string, { name: string; result: unknown }>
  skippedStructuredOutputs?: Record<string, { name: string; unmetCondition: unknown }>
  usage: AnalysisUsage[]
  warnings: string[]
}

/** How long an `ai` structured output may take; the API has no setting for it. */
const OUTPUT_TIMEOUT_MS = 20_000

/**
 * Runs all that the plan asks for, at once. What is late, fails or does not fit its schema is left out with a warning.
 * Without an analyst only what needs no model is done.
 */
export async function analyseCall(
  plan: AnalysisPlan,
  call: AnalysedCall,
  analyst: Analyst | null,
  signal: AbortSignal,
): Promise<AnalysisOutcome> {
  const outcome: AnalysisOutcome = { analysis: {}, usage: [], warnings: [] }
  const enough = call.messageCount >= plan.minimumMessages
  const work: Promise<void>[] = plan.outputs.map(output => takeOutput(output))
  if (enough && analyst !== null) {
    if (plan.summary !== null) work.push(summarise(plan.summary.messages, plan.summary.timeoutMs))
    const { structuredData } = plan
    if (structuredData !== null)
      work.push(
        takeData('structuredData', null, structuredData).then(data => {
          if (data !== undefined) outcome.analysis.structuredData = data
        }),
      )
    if (plan.structuredDataMulti.length > 0) work.push(takeCatalogue())
    if (plan.success !== null) work.push(judge(plan.success))
  }
  await Promise.all(work)
  return outcome

  async function summarise(messages: PromptMessage[] | null, limitMs: number): Promise<void> {
    const text = await ask('summary', null, messages ?? defaultPrompts.summary, {}, limitMs)
    if (text !== null && text.trim() !== '') outcome.analysis.summary = text.trim()
  }

  async function judge({ rubric, messages, timeoutMs }: NonNullable<AnalysisPlan['success']>): Promise<void> {
    const values = { rubric: rubricTexts[rubric] }
    const asked = messages ?? defaultPrompts.success
    const text = await ask('successEvaluation', null, asked, values, timeoutMs)
    if (text === null) return
    const verdict = readVerdict(rubric, text)
    if (verdict === null) warn('successEvaluation', null, `the answer is not on the scale ${rubric}`)
    else outcome.analysis.successEvaluation = verdict
  }

  async function takeCatalogue(): Promise<void> {
    const entries = await Promise.all(
      plan.structuredDataMulti.map(async entry => {
        const data = await takeData('structuredDataMulti', entry.key, entry)
        return data === undefined ? [] : [{ [entry.key]: data }]
      }),
    )
    outcome.analysis.structuredDataMulti = entries.flat()
  }

  /** Undefined where there is no data that fits. */
  async function takeData(
    kind: 'structuredData' | 'structuredDataMulti' | 'structuredOutput',
    name: string | null,
    { schema, messages, timeoutMs }: DataAsk,
    values: Json = {},
  ): Promise<unknown> {
    const prompt = messages ?? (kind === 'structuredOutput' ? defaultPrompts.output : defaultPrompts.data)
    const text = await ask(kind, name, prompt, { schema: JSON.stringify(schema), ...values }, timeoutMs)
    if (text === null) return undefined
    const data = readJson(text)
    if (data === undefined) {
      warn(kind, name, 'the answer is not JSON')
      return undefined
    }
    const [fault] = await checkArguments(schema, data)
    if (fault === undefined) return data
    warn(kind, name, `the answer does not fit its schema: ${fault}`)
    return undefined
  }

  async function takeOutput(output: OutputPlan): Promise<void> {
    const { id, name, description, schema } = output
    const unmet = unmetCondition(output.conditions, call)
    if (unmet !== null) {
      outcome.skippedStructuredOutputs = {
        ...outcome.skippedStructuredOutputs,
        [id]: { name, unmetCondition: unmet },
      }
      return
    }
    let result: unknown
    if (output.type === 'regex') {
      try {
        result = regexResult(output, call.transcript)
      } catch (error) {
        warn('structuredOutput', name, messageOf(error))
      }
    } else if (analyst !== null) {
      const { messages } = output
      const values = {
        structuredOutput: { name, description: description ?? '', schema: JSON.stringify(schema) },
      }
      result = await takeData(
        'structuredOutput',
        name,
        { schema, messages, timeoutMs: OUTPUT_TIMEOUT_MS },
        values,
      )
    }
    if (result !== undefined)
      outcome.structuredOutputs = { ...outcome.structuredOutputs, [id]: { name, result } }
  }

  /** Null where there is no answer. */
  async function ask(
    kind: AnalysisKind,
    name: string | null,
    messages: readonly PromptMessage[],
    values: Json,
    limitMs: number,
  ): Promise<string | null> {
    if (analyst === null || signal.aborted) return null
    try {
      const question: AnalysisQuestion = { kind, name, messages: await render(messages, values) }
      const answer = await analyst.answer(question, limitMs, signal)
      if (answer === null) {
        warn(kind, name, `no answer within ${limitMs / 1000} s`)
        return null
      }
      const { text, usage, estimated } = answer
      const counted = kind === 'structuredDataMulti' ? 'structuredData' : kind
      outcome.usage.push({ kind: counted, model: analyst.model, usage, estimated })
      return text
    } catch (error) {
      warn(kind, name, messageOf(error))
      return null
    }
  }

  async function render(messages: readonly PromptMessage[], values: Json): Promise<PromptMessage[]> {
    const { transcript, systemPrompt, endedReason, variables } = call
    const known = {
      ...variables,
      transcript,
      systemPrompt,
      endedReason,
      messages: JSON.stringify(call.messages),
      ...values,
    }
    const texts = messages.map(({ content }) => content)
    const liquid = await createRenderer(texts, known, call.endedMs)
    return messages.map(({ role, content }, place) => ({
      role,
      content: liquid(content, `the messages of an analysis [${place}]`),
    }))
  }

  function warn(kind: AnalysisKind, name: string | null, reason: string): void {
    if (signal.aborted) return
    outcome.warnings.push(`${kind}${name === null ? '' : ` ${name}`} is left out: ${reason}`)
  }
}
