import { z } from 'zod'
import { rubrics } from './analysis.ts'

/** The parts of an assistant's schema about what is made of a call: analysis, artifact, delivery of messages. */

const json = z.record(z.string(), z.unknown())
const timeout = z.number().min(1).max(60).optional()
const messages = z
  .array(z.looseObject({ role: z.unknown().optional(), content: z.unknown().optional() }))
  .optional()
const rubric = z.enum(rubrics).optional()

const dataPlan = z.looseObject({
  enabled: z.boolean().optional(),
  schema: json.optional(),
  messages,
  timeoutSeconds: timeout,
})

/** `analysisPlan`, with the older fields that took the place of its plans. */
export const analysisPlanSchema = z.looseObject({
  minMessagesThreshold: z.number().min(0).optional(),
  summaryPlan: z
    .looseObject({ enabled: z.boolean().optional(), messages, timeoutSeconds: timeout })
    .optional(),
  structuredDataPlan: dataPlan.optional(),
  structuredDataMultiPlan: z.array(z.looseObject({ key: z.string(), plan: dataPlan })).optional(),
  successEvaluationPlan: z
    .looseObject({ enabled: z.boolean().optional(), rubric, messages, timeoutSeconds: timeout })
    .optional(),
  outcomeIds: z.array(z.string()).optional(),
  summaryPrompt: z.string().optional(),
  structuredDataPrompt: z.string().optional(),
  structuredDataSchema: json.optional(),
  successEvaluationPrompt: z.string().optional(),
  successEvaluationRubric: rubric,
})

const condition = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('minMessages'), count: z.number().min(0) }),
  z.looseObject({ type: z.literal('minCallDuration'), seconds: z.number().min(0) }),
  z.looseObject({
    type: z.literal('endedReason'),
    operator: z.enum(['oneOf', 'notOneOf']),
    values: z.array(z.string()).min(1),
  }),
])

export const artifactPlanSchema = z.looseObject({
  recordingEnabled: z.boolean().optional(),
  recordingFormat: z.enum(['wav;l16', 'mp3']).optional(),
  videoRecordingEnabled: z.boolean().optional(),
  fullMessageHistoryEnabled: z.boolean().optional(),
  transcriptPlan: z
    .looseObject({
      enabled: z.boolean().optional(),
      assistantName: z.string().optional(),
      userName: z.string().optional(),
    })
    .optional(),
  structuredOutputIds: z.array(z.string()).optional(),
  structuredOutputs: z
    .array(
      z
        .looseObject({
          id: z.string().optional(),
          name: z.string(),
          type: z.enum(['ai', 'regex']).optional(),
          regex: z.string().min(1).max(1000).optional(),
          description: z.string().optional(),
          schema: json,
          conditions: z.array(condition).nullish(),
          model: z.unknown().optional(),
        })
        .refine(({ type, regex }) => type !== 'regex' || regex !== undefined, {
          message: 'an output of type regex needs a regex',
        }),
    )
    .optional(),
  scorecardIds: z.array(z.string()).optional(),
  scorecards: z.array(z.unknown()).optional(),
})

/** When a message is sent again (API: `server.backoffPlan`). */
export const backoffPlanSchema = z.looseObject({
  type: z.enum(['fixed', 'exponential']).optional(),
  maxRetries: z.number().min(0).max(10).optional(),
  baseDelaySeconds: z.number().min(0).max(10).optional(),
  excludedStatusCodes: z.array(z.unknown()).optional(),
})
