import { z } from 'zod'
import type { ControlMessage } from '../../engine/inputs.ts'
import { isObject } from '../../is-object.ts'

/** The types of messages that a running call takes. */
const TYPES = ['say', 'add-message', 'control', 'end-call', 'transfer', 'handoff', 'send-transport-message']

const say = z
  .strictObject({
    type: z.literal('say'),
    content: z.string().optional(),
    /** As the web SDK sends the text. */
    message: z.string().optional(),
    endCallAfterSpoken: z.boolean().optional(),
    interruptAssistantEnabled: z.boolean().optional(),
    interruptionsEnabled: z.boolean().optional(),
  })
  .refine(({ content, message }) => (content === undefined) !== (message === undefined), {
    message: 'give either content or message',
  })

const addMessage = z.strictObject({
  type: z.literal('add-message'),
  message: z.strictObject({
    role: z.enum(['system', 'user', 'assistant', 'tool', 'function']),
    content: z.string().max(100_000_000).nullable(),
  }),
  triggerResponseEnabled: z.boolean().optional(),
})

const control = z.strictObject({
  type: z.literal('control'),
  control: z.enum([
    'mute-assistant',
    'unmute-assistant',
    'mute-customer',
    'unmute-customer',
    'say-first-message',
  ]),
})

const spoken = z.union([z.string(), z.record(z.string(), z.unknown())])

/** E.164: a plus, then up to 15 digits, the first of which is not 0. */
const E164 = /^\+[1-9]\d{1,14}$/

const numberDestination = z
  .looseObject({
    type: z.literal('number'),
    number: z.string().min(3).max(40),
    numberE164CheckEnabled: z.boolean().optional(),
    extension: z.string().min(1).max(10).optional(),
    callerId: z.string().max(40).optional(),
    message: spoken.optional(),
  })
  .refine(({ number, numberE164CheckEnabled }) => numberE164CheckEnabled === false || E164.test(number), {
    path: ['number'],
    message: 'is no telephone number with country code (E.164), such as +15551234567',
  })

const sipDestination = z.looseObject({
  type: z.literal('sip'),
  sipUri: z.string().regex(/^sips?:\S+$/i, { message: 'is no SIP address, such as sip:desk@example.com' }),
  callerId: z.string().max(40).optional(),
  sipHeaders: z.record(z.string(), z.unknown()).optional(),
  message: spoken.optional(),
})

const assistantDestination = z
  .looseObject({
    type: z.literal('assistant'),
    assistantName: z.string().optional(),
    assistantId: z.string().optional(),
    assistant: z.record(z.string(), z.unknown()).optional(),
    message: spoken.optional(),
  })
  .refine(
    ({ assistantName, assistantId, assistant }) =>
      [assistantName, assistantId, assistant].some(given => given !== undefined),
    { message: 'give one of assistantName, assistantId and assistant' },
  )

const squadDestination = z
  .looseObject({
    type: z.literal('squad'),
    squadId: z.string().optional(),
    squad: z.record(z.string(), z.unknown()).optional(),
    message: spoken.optional(),
  })
  .refine(({ squadId, squad }) => squadId !== undefined || squad !== undefined, {
    message: 'give one of squadId and squad',
  })

const transfer = z.strictObject({
  type: z.literal('transfer'),
  destination: z.discriminatedUnion('type', [
    numberDestination,
    sipDestination,
    assistantDestination,
    squadDestination,
  ]),
  content: z.string().optional(),
})

const handoff = z.strictObject({
  type: z.literal('handoff'),
  destination: z.discriminatedUnion('type', [assistantDestination, squadDestination]),
  content: z.string().optional(),
})

const transportMessage = z.strictObject({
  type: z.literal('send-transport-message'),
  message: z.discriminatedUnion('transport', [
    z.strictObject({ transport: z.literal('twilio'), twiml: z.string() }),
    z.strictObject({
      transport: z.literal('vapi.sip'),
      sipVerb: z.enum(['INFO', 'MESSAGE', 'NOTIFY']),
      headers: z.record(z.string(), z.unknown()).optional(),
      body: z.string().optional(),
    }),
  ]),
})

/** A message to a running call, as it is posted to its `controlUrl` (vapi-api.md 2.5); unknown keys are faults. */
export const controlSchema = z
  .discriminatedUnion(
    'type',
    [
      say,
      addMessage,
      control,
      z.strictObject({ type: z.literal('end-call') }),
      transfer,
      handoff,
      transportMessage,
    ],
    {
      error: ({ code, input }) => {
        if (code !== 'invalid_union') return undefined
        const type = isObject(input) ? input.type : undefined
        return type === undefined
          ? `a type is missing; there are ${TYPES.join(', ')}`
          : `there is no type ${JSON.stringify(type)}; there are ${TYPES.join(', ')}`
      },
    },
  )
  .transform((posted): ControlMessage => {
    switch (posted.type) {
      case 'say': {
        const { message, content = message ?? '', ...how } = posted
        return { ...how, content }
      }
      case 'add-message': {
        const { role, content } = posted.message
        return { ...posted, message: { role, content: content ?? '' } }
      }
      case 'transfer':
      case 'handoff':
        return { ...posted, destination: withPlan(posted.destination) }
      default:
        return posted
    }
  })

/** The plan of a hand-over may be named by its type alone. */
function withPlan(destination: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { contextEngineeringPlan: plan } = destination
  return { ...destination, ...(typeof plan === 'string' && { contextEngineeringPlan: { type: plan } }) }
}

/** What is wrong with a posted message, a line each; or the message as the engine takes it. */
export function parseControl(posted: unknown): { message: ControlMessage } | { faults: string[] } {
  const parsed = controlSchema.safeParse(posted)
  if (parsed.success) return { message: parsed.data }
  return {
    faults: parsed.error.issues.map(issue => {
      const place = issue.path.map(String).join('.')
      const text =
        issue.code === 'unrecognized_keys'
          ? issue.keys.map(key => `property ${key} should not exist`).join(', ')
          : issue.message.replace(/^Invalid (input|option): /, '')
      return place === '' ? text : `${place}: ${text}`
    }),
  }
}
