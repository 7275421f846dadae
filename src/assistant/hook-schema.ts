import { z } from 'zod'
import { isObject } from '../is-object.ts'
import type { Json } from './overrides.ts'

/** The events whose options may stand in `on` itself: `customer.speech.timeout[timeoutSeconds=10]`. */
const SHORTHAND =
  /^(customer\.speech\.timeout|assistant\.transcriber\.endpointedSpeechLowConfidence)\[(.*)\]$/s

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.string(),
})

const sayAction = z
  .looseObject({
    type: z.literal('say'),
    exact: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
    prompt: z.union([z.string(), z.array(message).min(1)]).optional(),
  })
  .refine(({ exact, prompt }) => (exact === undefined) !== (prompt === undefined), {
    message: 'give either exact or prompt',
  })

const options = z.looseObject({
  timeoutSeconds: z.number().min(1).max(1000).optional(),
  triggerMaxCount: z.number().int().min(1).max(10).optional(),
  triggerResetMode: z.enum(['never', 'onUserSpeech']).optional(),
  seconds: z.number().min(1).max(3600).optional(),
  confidenceMin: z.number().min(0).max(1).optional(),
  confidenceMax: z.number().min(0).max(1).optional(),
})

/** The schema of one hook, with the schema of the tools that it may run (vapi-api.md 4.8; seed: Assistant hooks). */
function createHookSchema<Tool extends z.ZodType>(tool: Tool) {
  const toolAction = z
    .looseObject({ type: z.literal('tool'), tool: tool.optional(), toolId: z.string().optional() })
    .refine(given => (given.tool === undefined) !== (given.toolId === undefined), {
      message: 'give either tool or toolId',
    })
  const messageAction = z.looseObject({
    type: z.literal('message.add'),
    message,
    triggerResponseEnabled: z.boolean().optional(),
  })
  return z
    .looseObject({
      on: z.string(),
      do: z.array(z.discriminatedUnion('type', [sayAction, toolAction, messageAction])),
      filters: z
        .array(z.looseObject({ type: z.literal('oneOf'), key: z.string(), oneOf: z.array(z.string()) }))
        .optional(),
      options: options.optional(),
      name: z.string().optional(),
    })
    .superRefine(({ on, options: given }, context) => {
      if (on === 'call.timeElapsed' && given?.seconds === undefined)
        context.addIssue({ code: 'custom', path: ['options', 'seconds'], message: 'is missing' })
    })
}

/** Reads the list `hooks` of an assistant, with tools of a schema. */
export function createHookReader<Tool extends z.ZodType>(tool: Tool) {
  const hook = createHookSchema(tool)
  type Hook = z.infer<typeof hook>
  return {
    /** The list as it was given; faults name their whole path. */
    schema: z.array(z.unknown()).superRefine((entries, context) => {
      for (const { entry, at } of flatHooks(entries)) {
        const faults = hook.safeParse(withoutShorthand(entry)).error?.issues ?? []
        for (const { message: fault, path } of faults)
          context.addIssue({ code: 'custom', message: fault, path: [...at, ...path] })
      }
    }),
    /**
     * The hooks of a list without faults. Entries of the form `{hooks: […]}` hold further ones (row 26); options in `on`
     * are read as `options`.
     */
    read: (entries: readonly unknown[]): PlacedHook<Hook>[] =>
      flatHooks(entries).map(({ entry, at }) => ({ hook: hook.parse(withoutShorthand(entry)), at })),
  }
}

/** A hook and where it stands below `hooks`. */
export interface PlacedHook<Hook> {
  hook: Hook
  at: (string | number)[]
}

function flatHooks(
  entries: readonly unknown[],
  at: readonly (string | number)[] = [],
): { entry: unknown; at: (string | number)[] }[] {
  return entries.flatMap((entry, place) =>
    isObject(entry) && Array.isArray(entry.hooks) && entry.on === undefined
      ? flatHooks(entry.hooks, [...at, place, 'hooks'])
      : [{ entry, at: [...at, place] }],
  )
}

/** What stands in the brackets becomes options, unless those say otherwise. */
function withoutShorthand(entry: unknown): unknown {
  if (!isObject(entry) || typeof entry.on !== 'string') return entry
  const [, on, inside = ''] = SHORTHAND.exec(entry.on) ?? []
  if (on === undefined) return entry
  const given = isObject(entry.options) ? entry.options : {}
  return { ...entry, on, options: { ...optionsOf(inside), ...given } }
}

function optionsOf(inside: string): Json {
  return Object.fromEntries(
    inside.split(',').flatMap((pair): (readonly [string, unknown])[] => {
      const [name = '', value = ''] = pair.split('=').map(part => part.trim())
      if (name === '') return []
      if (name !== 'confidence') return [[name, readValue(value)]]
      const [minimum = '', maximum = ''] = value.split(':')
      return [
        ...(minimum === '' ? [] : [['confidenceMin', readValue(minimum)] as const]),
        ...(maximum === '' ? [] : [['confidenceMax', readValue(maximum)] as const]),
      ]
    }),
  )
}

function readValue(text: string): unknown {
  return text === '' || Number.isNaN(Number(text)) ? text : Number(text)
}
