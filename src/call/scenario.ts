import { z } from 'zod'
import { parseWith } from '../assistant/schema.ts'
import { analysisKinds } from './analysis/analyst.ts'
import { controlSchema } from './control/message.ts'

/** True for the source of a JavaScript regex. */
function isRegex(source: string): boolean {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}

const json = z.record(z.string(), z.unknown())

const callerStep = z
  .strictObject({
    at: z.number().min(0).optional(),
    after: z.literal('assistant').optional(),
    during: z.literal('assistant').optional(),
    plus: z.number().optional(),
    say: z.string(),
    lasts: z.number().min(0).optional(),
    finished: z.number().min(0).max(1).optional(),
    confidence: z.number().min(0).max(1).optional(),
    /** An audio model hears a machine in the step's sound. */
    machine: z.literal(true).optional(),
    /** A beep follows the words, or stands alone. */
    beep: z.literal(true).optional(),
    /** What the transcriber detects in the words: a BCP 47 code. */
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i, {
        message: 'is not the code of a language, such as es or pt-BR',
      })
      .optional(),
  })
  .refine(step => [step.at, step.after, step.during].filter(given => given !== undefined).length === 1, {
    message: 'give exactly one of at, after and during',
  })

const controlStep = z.strictObject({ at: z.number().min(0), send: controlSchema })

const failure = z
  .strictObject({
    voice: z.string().optional(),
    model: z.string().optional(),
    transcriber: z.string().optional(),
    /** Who judges the ends of turns: `livekit`, `krisp`, `custom-endpointing-model`. */
    endOfTurn: z.enum(['livekit', 'krisp', 'custom-endpointing-model']).optional(),
    times: z.number().int().min(1).optional(),
    /** It does its work so often before it fails. */
    afterRequests: z.number().int().min(0).optional(),
    /** It fails when it has given so many words; else before the first (a transcriber: in place of the final transcript). */
    afterWords: z.number().int().min(0).optional(),
  })
  .refine(
    given => [given.voice, given.model, given.transcriber, given.endOfTurn].filter(Boolean).length === 1,
    { message: 'name exactly one of voice, model, transcriber and endOfTurn' },
  )

const analysisAnswer = z.strictObject({
  for: z.enum(analysisKinds),
  name: z.string().optional(),
  reply: z.unknown().optional(),
  takesMs: z.number().min(0).optional(),
})

const expectation = z
  .looseObject({
    event: z.string().optional(),
    history: z.enum(['system', 'user', 'assistant', 'bot', 'tool_calls', 'tool_call_result']).optional(),
    endedReason: z.string().optional(),
    index: z.number().int().min(0).optional(),
    count: z.number().int().min(0).optional(),
    matches: z.string().refine(isRegex, { message: 'matches is not a regular expression' }).optional(),
    afterMs: z.number().optional(),
    since: z.string().optional(),
    toleranceMs: z.number().min(0).optional(),
  })
  .superRefine((line, context) => {
    const fault = (message: string) => context.addIssue({ code: 'custom', message })
    const kinds = [line.event, line.history, line.event === undefined ? line.endedReason : undefined]
    if (kinds.filter(kind => kind !== undefined).length !== 1)
      fault('give exactly one of event, history and endedReason')
    if (line.event === undefined) {
      const allowed = line.history === undefined ? ['endedReason'] : ['history', 'matches', 'count']
      const strange = Object.keys(line).find(key => !allowed.includes(key))
      if (strange !== undefined)
        fault(`${strange} says nothing of ${line.history === undefined ? 'endedReason' : 'history'}`)
    }
    if (line.afterMs === undefined && (line.since !== undefined || line.toleranceMs !== undefined)) {
      fault('since and toleranceMs need afterMs')
    }
    if (line.index !== undefined && line.count !== undefined) fault('index and count exclude each other')
  })

/** How the server that is asked for an assistant answers, so long after the question. */
const assistantRequest = z.strictObject({
  reply: z.unknown().optional(),
  status: z.number().int().min(100).max(599).optional(),
  afterMs: z.number().min(0).optional(),
  unreachable: z.boolean().optional(),
})

const scenarioSchema = z.strictObject({
  /** A path, the id or name of a stored one, or inline; a file may hold a squad or the body of a call as well. */
  assistant: z.union([z.string(), json]).optional(),
  squad: z.union([z.string(), json, z.array(json)]).optional(),
  /** The body of a call, as posted to /call. */
  call: json.optional(),
  assistantOverrides: json.optional(),
  squadOverrides: json.optional(),
  customer: json.optional(),
  phoneNumber: json.optional(),
  assistantRequest: assistantRequest.optional(),
  /** How long sound files last, in seconds, by their addresses. */
  sounds: z.record(z.string(), z.number().positive()).optional(),
  latencies: z
    .strictObject({
      transcriberMs: z.number().min(0).optional(),
      modelMs: z.number().min(0).optional(),
      voiceMs: z.number().min(0).optional(),
      toolMs: z.number().min(0).optional(),
    })
    .optional(),
  voice: z.strictObject({ charactersPerSecond: z.number().positive().optional() }).optional(),
  caller: z.array(callerStep).optional(),
  model: z
    .array(
      z.strictObject({
        when: z.string().refine(isRegex, { message: 'is not a regular expression' }).optional(),
        reply: z.string().optional(),
        toolCalls: z.array(z.strictObject({ name: z.string(), arguments: json.optional() })).optional(),
      }),
    )
    .optional(),
  tools: z
    .record(
      z.string(),
      z.strictObject({
        result: z.unknown().optional(),
        error: z.string().optional(),
        /** In place of the configured message, as a server sends it. */
        message: json.optional(),
        /** Where the call is to go, as a server names it. */
        destination: json.optional(),
        /** In place of `latencies.toolMs`; over the tool's time limit it fails. */
        afterMs: z.number().min(0).optional(),
        /** The client was told and answers by itself (`control`), if ever. */
        client: z.boolean().optional(),
      }),
    )
    .optional(),
  /** What the server of a custom endpointing model answers: the first line that fits the customer's words so far, as often as it is asked. */
  endpointing: z
    .array(
      z
        .strictObject({
          when: z.string().refine(isRegex, { message: 'is not a regular expression' }).optional(),
          timeoutSeconds: z.number().optional(),
          error: z.string().optional(),
          /** From the request to the answer. */
          afterMs: z.number().min(0).optional(),
        })
        .refine(line => (line.timeoutSeconds === undefined) !== (line.error === undefined), {
          message: 'give either timeoutSeconds or error',
        }),
    )
    .optional(),
  /** What the servers of `mcp` tools offer. */
  mcp: z
    .array(
      z.strictObject({ name: z.string(), description: z.string().optional(), inputSchema: json.optional() }),
    )
    .optional(),
  /** When the customer can be heard, in seconds; at once where it is not given. */
  joinsAfter: z.number().min(0).optional(),
  /** Keys that the caller presses; times in seconds. */
  keys: z.array(z.strictObject({ at: z.number().min(0), press: z.string().regex(/^[0-9*#]+$/) })).optional(),
  failures: z.array(failure).optional(),
  control: z.array(controlStep).optional(),
  analysis: z.array(analysisAnswer).optional(),
  expect: z.array(expectation).optional(),
})

/** A simulation file (design: simulation file): a caller, scripted providers, and what must come of it. */
export type Scenario = z.infer<typeof scenarioSchema>
export type CallerStep = NonNullable<Scenario['caller']>[number]
export type Expectation = NonNullable<Scenario['expect']>[number]
export type ScenarioFailure = NonNullable<Scenario['failures']>[number]

/** Checks a simulation file. Unknown keys are errors, so that a mistyped expectation cannot pass. */
export function parseScenario(document: unknown, path: string): Scenario {
  return parseWith(scenarioSchema, document, path)
}
