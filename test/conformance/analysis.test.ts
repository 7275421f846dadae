import { describe, expect, it, onTestFinished } from 'vitest'
import { compileAnalysis, rubrics } from '../../src/assistant/analysis.ts'
import { type Assistant, parseAssistant } from '../../src/assistant/schema.ts'
import { type AnalysedCall, analyseCall } from '../../src/call/analysis/analyse.ts'
import {
  type AnalysisQuestion,
  type Analyst,
  createModelAnalyst,
  createScriptedAnalyst,
  type ScriptedAnswer,
} from '../../src/call/analysis/analyst.ts'
import { readVerdict } from '../../src/call/analysis/read-answer.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { createOpenAiModel } from '../../src/providers/openai-compatible/model.ts'
import { findOpenAiProvider } from '../../src/providers/openai-compatible/providers.ts'
import { startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { tellCall } from '../support/messages.ts'

const call: AnalysedCall = {
  messageCount: 4,
  messages: [{ role: 'user', content: 'Friday at nine.' }],
  transcript: 'AI: When?\nUser: Friday at 9.\nAI: Done.\nUser: Thanks, order 4711.',
  systemPrompt: 'Book appointments.',
  endedReason: 'customer-ended-call',
  durationMs: 42_000,
  endedMs: Date.UTC(2026, 0, 5, 9),
  variables: { city: 'Oslo' },
}
const never = new AbortController().signal

function planOf(fields: Record<string, unknown>) {
  const assistant: Assistant = parseAssistant(fields, 'test')
  return compileAnalysis(assistant).plan
}

/** Runs the analyses with scripted answers; also gives what was asked. */
async function analyse(
  fields: Record<string, unknown>,
  answers: readonly ScriptedAnswer[],
  about: Partial<AnalysedCall> = {},
) {
  const asked: (AnalysisQuestion & { limitMs: number })[] = []
  const scripted = createScriptedAnalyst('openai/gpt-4o', answers)
  const analyst: Analyst = {
    model: scripted.model,
    answer: (question, limitMs, signal) => {
      asked.push({ ...question, limitMs })
      return scripted.answer(question, limitMs, signal)
    },
  }
  const outcome = await analyseCall(planOf(fields), { ...call, ...about }, analyst, never)
  return { ...outcome, asked, kinds: asked.map(({ kind }) => kind).sort() }
}

const answers: ScriptedAnswer[] = [
  { for: 'summary', reply: 'They booked.' },
  { for: 'successEvaluation', reply: 'true' },
]

describe('the summary', () => {
  it('[api-summary-default] is made unless it is off, within 5 s, and stands in analysis.summary', async () => {
    const plain = await analyse({}, answers)
    expect(plain.analysis.summary).toBe('They booked.')
    expect(plain.asked.find(({ kind }) => kind === 'summary')?.limitMs).toBe(5000)
    const off = await analyse({ analysisPlan: { summaryPlan: { enabled: false } } }, answers)
    expect(off.kinds).toEqual(['successEvaluation'])
    expect(off.analysis).not.toHaveProperty('summary')
  })

  it('[transient-summary-prompt] has the prompt of summaryPrompt', async () => {
    const { asked } = await analyse({ analysisPlan: { summaryPrompt: 'Rate the interest.' } }, answers)
    const question = asked.find(({ kind }) => kind === 'summary')
    expect(question?.messages[0]).toEqual({ role: 'system', content: 'Rate the interest.' })
    expect(question?.messages[1]?.content).toContain('User: Friday at 9.')
  })
})

const interest = {
  type: 'object',
  properties: {
    engagement_score: { type: 'number' },
    interest_level: { type: 'string', enum: ['high', 'medium', 'low'] },
    conversion_likelihood: { type: 'number' },
  },
}

describe('structured data', () => {
  const wanted = { analysisPlan: { structuredDataPlan: { enabled: true, schema: interest } } }
  const data = { engagement_score: 8, interest_level: 'high', conversion_likelihood: 0.7 }

  it('[api-structured-data-default] is not taken unless it is wanted', async () => {
    expect((await analyse({}, answers)).kinds).toEqual(['successEvaluation', 'summary'])
    const off = await analyse({ analysisPlan: { structuredDataPlan: { schema: interest } } }, answers)
    expect(off.kinds).toEqual(['successEvaluation', 'summary'])
  })

  it('[transient-structured-data, transient-structured-data-schema] is taken by the schema, and stands in analysis.structuredData', async () => {
    const { analysis, asked } = await analyse(wanted, [
      ...answers,
      { for: 'structuredData', reply: `\`\`\`json\n${JSON.stringify(data)}\n\`\`\`` },
    ])
    expect(analysis.structuredData).toEqual(data)
    const question = asked.find(({ kind }) => kind === 'structuredData')
    expect(question?.messages[0]?.content).toContain('"conversion_likelihood"')
  })

  it('[transient-structured-data-schema] that does not fit is left out with the reason', async () => {
    const { analysis, warnings } = await analyse(wanted, [
      ...answers,
      { for: 'structuredData', reply: { ...data, interest_level: 'huge' } },
    ])
    expect(analysis).not.toHaveProperty('structuredData')
    expect(warnings).toEqual([expect.stringContaining('interest_level')])
  })

  it('comes from several plans under their keys', async () => {
    const schema = { type: 'object', properties: { name: { type: 'string' } } }
    const { analysis } = await analyse(
      { analysisPlan: { structuredDataMultiPlan: [{ key: 'who', plan: { schema } }] } },
      [...answers, { for: 'structuredDataMulti', name: 'who', reply: { name: 'Ann' } }],
    )
    expect(analysis.structuredDataMulti).toEqual([{ who: { name: 'Ann' } }])
  })
})

describe('the success evaluation', () => {
  it('[api-success-default] is made with PassFail unless it is off, and is a text', async () => {
    const { analysis, asked } = await analyse({}, [{ for: 'successEvaluation', reply: 'True.' }])
    expect(analysis.successEvaluation).toBe('true')
    const question = asked.find(({ kind }) => kind === 'successEvaluation')
    expect(question?.messages[0]?.content).toMatch(/true .*false/)
    const off = await analyse({ analysisPlan: { successEvaluationPlan: { enabled: false } } }, answers)
    expect(off.kinds).toEqual(['summary'])
  })

  it.each([
    ['NumericScale', '8', '8', 'eleven'],
    ['NumericScale', ' 10/10. ', '10', '11'],
    ['DescriptiveScale', 'good', 'Good', 'splendid'],
    ['Checklist', '- greeted: yes', '- greeted: yes', ''],
    ['Matrix', '| clear | 3 |', '| clear | 3 |', ' '],
    ['PercentageScale', '85 %', '85%', '101%'],
    ['LikertScale', 'strongly agree', 'Strongly Agree', 'maybe'],
    ['AutomaticRubric', 'Tone: 4/5', 'Tone: 4/5', ''],
    ['PassFail', 'FALSE', 'false', 'perhaps'],
  ] as const)(
    '[api-success-rubrics] %s takes %j for %j, and not %j',
    async (rubric, answer, verdict, other) => {
      expect(rubrics).toHaveLength(8)
      const plan = { analysisPlan: { successEvaluationPlan: { rubric } } }
      const { analysis } = await analyse(plan, [{ for: 'successEvaluation', reply: answer }])
      expect(analysis.successEvaluation).toBe(verdict)
      expect(readVerdict(rubric, other)).toBeNull()
    },
  )

  it('[api-success-rubrics] refuses a rubric that is not among them', () => {
    expect(() => planOf({ analysisPlan: { successEvaluationPlan: { rubric: 'Stars' } } })).toThrow(
      /successEvaluationPlan\.rubric/,
    )
  })
})

describe('when', () => {
  it('[api-analysis-minimum] nothing is analysed of fewer than two messages, or than the threshold', async () => {
    expect((await analyse({}, answers, { messageCount: 1 })).asked).toEqual([])
    expect((await analyse({}, answers, { messageCount: 2 })).asked).toHaveLength(2)
    const plan = { analysisPlan: { minMessagesThreshold: 5 } }
    expect((await analyse(plan, answers, { messageCount: 4 })).asked).toEqual([])
    expect((await analyse(plan, answers, { messageCount: 5 })).asked).toHaveLength(2)
  })

  it('[api-analysis-timeout] an answer takes longer than its time, it is left out', async () => {
    const late = answers.map(answer => ({ ...answer, takesMs: 6000 }))
    const { analysis, warnings } = await analyse({}, late)
    expect(analysis).toEqual({})
    expect(warnings).toHaveLength(2)
    const patient = { analysisPlan: { summaryPlan: { timeoutSeconds: 7 } } }
    expect((await analyse(patient, late)).analysis).toEqual({ summary: 'They booked.' })
    for (const timeoutSeconds of [0.5, 61])
      expect(() => planOf({ analysisPlan: { summaryPlan: { timeoutSeconds } } })).toThrow(/timeoutSeconds/)
  })

  it('[api-analysis-timeout] a real model is late, its request is given up', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    server.answerWith(() => ({ steps: ['silence'] }))
    const analyst = modelAnalyst(server.baseUrl)
    const question: AnalysisQuestion = {
      kind: 'summary',
      name: null,
      messages: [{ role: 'user', content: 'x' }],
    }
    expect(await analyst.answer(question, 30, never)).toBeNull()
    await server.requests[0]?.abandoned
  })

  it('a real model answers, its tokens are those that it counted', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    server.answerWith(() =>
      textReply(['They booked.'], { usage: { prompt_tokens: 91, completion_tokens: 4 } }),
    )
    const plan = planOf({ analysisPlan: { successEvaluationPlan: { enabled: false } } })
    const outcome = await analyseCall(plan, call, modelAnalyst(server.baseUrl), never)
    expect(outcome.analysis).toEqual({ summary: 'They booked.' })
    expect(outcome.usage).toMatchObject([
      { kind: 'summary', usage: { promptTokens: 91, completionTokens: 4 }, estimated: false },
    ])
  })

  it('nothing may be asked any more, nothing is', async () => {
    const gone = AbortSignal.abort()
    const analyst = createScriptedAnalyst('m', answers)
    expect((await analyseCall(planOf({}), call, analyst, gone)).analysis).toEqual({})
  })
})

function modelAnalyst(baseUrl: string): Analyst {
  const provider = findOpenAiProvider('openai')
  if (provider === undefined) throw new Error('no provider')
  const http = createHttpClient()
  onTestFinished(() => http.close())
  return createModelAnalyst(createOpenAiModel({ provider, model: 'test', baseUrl, key: 'k', http }))
}

describe('the messages of an analysis', () => {
  it('[api-analysis-variables] know transcript, systemPrompt, messages, endedReason, rubric and schema', async () => {
    const content =
      '{{transcript}}|{{systemPrompt}}|{{messages}}|{{endedReason}}|{{rubric}}|{{schema}}|{{city}}'
    const messages = [{ role: 'user', content }]
    const { asked } = await analyse(
      {
        analysisPlan: {
          summaryPlan: { enabled: false },
          successEvaluationPlan: { rubric: 'PercentageScale', messages },
          structuredDataPlan: { enabled: true, schema: { type: 'object' }, messages },
        },
      },
      [],
    )
    const partsOf = (kind: string) =>
      asked.find(question => question.kind === kind)?.messages[0]?.content.split('|') ?? []
    expect(partsOf('successEvaluation')).toEqual([
      call.transcript,
      'Book appointments.',
      '[{"role":"user","content":"Friday at nine."}]',
      'customer-ended-call',
      expect.stringContaining('100%'),
      '',
      'Oslo',
    ])
    expect(partsOf('structuredData')[5]).toBe('{"type":"object"}')
  })
})

describe('structured outputs', () => {
  const output = (fields: Record<string, unknown>) => ({
    analysisPlan: { summaryPlan: { enabled: false }, successEvaluationPlan: { enabled: false } },
    artifactPlan: { structuredOutputs: [{ name: 'order', schema: { type: 'string' }, ...fields }] },
  })
  const takenOf = async (fields: Record<string, unknown>, given: ScriptedAnswer[] = []) =>
    Object.values((await analyse(output(fields), given)).structuredOutputs ?? {})[0]

  it('[api-structured-outputs] are taken by a model, under their id, with their name', async () => {
    const { structuredOutputs, asked } = await analyse(output({ id: 'o-1', description: 'Its number.' }), [
      { for: 'structuredOutput', name: 'order', reply: '"4711"' },
    ])
    expect(structuredOutputs).toEqual({ 'o-1': { name: 'order', result: '4711' } })
    expect(asked[0]?.messages[0]?.content).toContain('Its number.')
  })

  it.each([
    [{ type: 'boolean' }, 'order', true],
    [{ type: 'boolean' }, 'refund', false],
    [{ type: 'string' }, String.raw`order (\d+)`, '4711'],
    [{ type: 'integer' }, String.raw`order (\d+)`, 4711],
    [{ type: 'number' }, String.raw`\d+`, 9],
    [{ type: 'array' }, String.raw`/\d+/g`, ['9', '4711']],
    [{ type: 'string' }, '/ORDER/i', 'order'],
  ])('[api-structured-outputs] of type regex with %j find by %s', async (schema, regex, result) => {
    expect(await takenOf({ type: 'regex', regex, schema })).toEqual({ name: 'order', result })
  })

  it('[api-structured-outputs] with a regex that explodes or is none are left out', async () => {
    const about = { transcript: `${'a'.repeat(40)}!` }
    for (const regex of ['(a+)+$', '(']) {
      const { structuredOutputs, warnings } = await analyse(output({ type: 'regex', regex }), [], about)
      expect(structuredOutputs).toBeUndefined()
      expect(warnings).toHaveLength(1)
    }
  })

  it.each([
    [
      { type: 'minMessages', count: 5 },
      { type: 'minMessages', count: 4 },
    ],
    [
      { type: 'minCallDuration', seconds: 43 },
      { type: 'minCallDuration', seconds: 42 },
    ],
    [
      { type: 'endedReason', operator: 'oneOf', values: ['voicemail'] },
      { type: 'endedReason', operator: 'notOneOf', values: ['voicemail'] },
    ],
  ])('[api-structured-outputs] are skipped by %j and taken by %j', async (unmet, met) => {
    const regex = { id: 'o-1', type: 'regex', regex: String.raw`\d+` }
    const skipped = await analyse(output({ ...regex, conditions: [met, unmet] }), [])
    expect(skipped.structuredOutputs).toBeUndefined()
    expect(skipped.skippedStructuredOutputs).toEqual({ 'o-1': { name: 'order', unmetCondition: unmet } })
    expect(await takenOf({ ...regex, conditions: [met] })).toMatchObject({ result: '9' })
  })

  it('[api-structured-outputs] stand in the artifact, and in the report to the server', async () => {
    const { aftermath, told, afterwards } = await tellCall(`
assistant:
  artifactPlan: { structuredOutputs: [{ id: o-1, name: day, type: regex, regex: "Friday|Monday", schema: { type: string } }] }
caller: [{ at: 0, say: "On Friday please.", lasts: 1 }]
model: [{ reply: "Done." }]`)
    const taken = { 'o-1': { name: 'day', result: 'Friday' } }
    expect(aftermath.artifact.structuredOutputs).toEqual(taken)
    expect(told('end-of-call-report')[0]).toMatchObject({ artifact: { structuredOutputs: taken } })
    expect(afterwards.at(-1)).toMatchObject({ type: 'call.report', structuredOutputs: taken })
  })
})
