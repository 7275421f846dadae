import { type CallBody, joinOverrides, numberServer, publicNumber, readBody } from '../assistant/call-body.ts'
import type { Json } from '../assistant/overrides.ts'
import { parseAssistant } from '../assistant/schema.ts'
import { type CallConfiguration, resolveCall, type SourceOptions } from '../assistant/sources.ts'
import type { AssistantRequestPlan } from '../engine/plan.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { type AskedServer, readAssistantReply } from '../messages/assistant-request.ts'

/** Asks a server who takes the call. `server` is the phone number's, as configured. */
export type AskServer = (server: Json, phoneNumber: Json) => Promise<AskedServer>

export interface AnswerOptions<Made> extends SourceOptions {
  ask: AskServer
  /**
   * Makes the call's parts of its configuration. What it refuses as a usage error is the fault of the configuration.
   * `onlyEnds`: nobody takes the call; at most a message is spoken.
   */
  make: (configuration: CallConfiguration, onlyEnds: boolean) => Promise<Made>
}

/** Who takes a call, and what that was made into. */
export interface Answered<Made> {
  configuration: CallConfiguration
  made: Made
  /** Set where a server was asked. */
  request: AssistantRequestPlan | null
  /** The phone number's server, which gets the messages of assistants without one. */
  numberServer: Json
}

/**
 * Finds out who takes a call (seed: Personalization). Its body says so; else the phone number has an assistant or a squad;
 * else the number's server is asked, and its reply decides, also that the call ends at once. Throws a usage error
 * where nobody is named and no server is there to be asked.
 */
export async function answerCall<Made>(
  body: CallBody,
  options: AnswerOptions<Made>,
): Promise<Answered<Made>> {
  const direct = await resolveCall(body, options)
  if (direct !== null) return taken(direct, body, options)
  const phoneNumber = await phoneNumberOf(body, options)
  const called = { ...body, phoneNumber }
  const { assistantId, squadId, server } = phoneNumber
  const attached = typeof assistantId === 'string' || typeof squadId === 'string'
  if (attached) {
    const speaker: CallBody['speaker'] =
      typeof assistantId === 'string'
        ? { type: 'assistant-id', id: assistantId }
        : { type: 'squad-id', id: String(squadId) }
    const configuration = await resolveCall({ ...called, speaker }, options)
    if (configuration !== null) return taken(configuration, called, options)
  }
  if (!isObject(server) || typeof server.url !== 'string')
    throw usageError(
      `${options.origin.name}: nobody takes the call`,
      'name an assistant or a squad, or a server that is asked for one',
    )
  const asked = await options.ask(server, publicNumber(phoneNumber))
  return interpret(called, placeOf(server.url), asked, options)
}

async function taken<Made>(
  configuration: CallConfiguration,
  { phoneNumber }: CallBody,
  { make }: AnswerOptions<Made>,
): Promise<Answered<Made>> {
  const made = await make(configuration, false)
  return { configuration, made, request: null, numberServer: numberServer(phoneNumber) }
}

/** The number of the call's body: inline, else as it is stored. */
async function phoneNumberOf(body: CallBody, { loadStored }: SourceOptions): Promise<Json> {
  if (body.phoneNumberId === null || Object.keys(body.phoneNumber).length > 0) return body.phoneNumber
  return loadStored('phone number', body.phoneNumberId)
}

/** An address without user, password and query: it stands in events and on the screen. */
function placeOf(address: string): string {
  if (!URL.canParse(address)) return address
  const { origin, pathname } = new URL(address)
  return origin + pathname
}

type Ends = NonNullable<AssistantRequestPlan['ends']>

async function interpret<Made>(
  body: CallBody,
  url: string,
  asked: AskedServer,
  options: AnswerOptions<Made>,
): Promise<Answered<Made>> {
  const { tookMs } = asked
  const over = (
    outcome: AssistantRequestPlan['outcome'],
    detail: string,
    ends: Ends,
    destination: Json | null = null,
  ) => ending(body, { url, outcome, tookMs, detail, destination, ends }, options)
  if (asked.type === 'failed') {
    const detail = `nobody takes the call: ${asked.message}`
    return over('failed', detail, broken('assistant-request-failed', detail))
  }
  const reply = readAssistantReply(asked.body)
  switch (reply.type) {
    case 'error': {
      const endedReason =
        reply.text === null
          ? 'assistant-request-returned-unspeakable-error'
          : 'assistant-request-returned-error'
      const detail = reply.text ?? 'the error of the reply cannot be spoken'
      return over('error', detail, { endedReason, message: reply.text, failure: null })
    }
    case 'destination': {
      const { destination } = reply
      const endedReason = 'assistant-request-returned-forwarding-phone-number'
      const message =
        typeof destination.message === 'string' && destination.message !== '' ? destination.message : null
      const where = destination.number ?? destination.sipUri ?? 'somebody else'
      return over(
        'destination',
        `the call would be forwarded to ${where}`,
        { endedReason, message, failure: null },
        destination,
      )
    }
    case 'none':
      return over('none', reply.detail, broken('assistant-request-returned-no-assistant', reply.detail))
    case 'speaker':
      return speaking(body, url, tookMs, reply.body, options)
  }
}

/** The call with the assistant or squad of a reply; a broken one ends the call. */
async function speaking<Made>(
  body: CallBody,
  url: string,
  tookMs: number,
  reply: Json,
  options: AnswerOptions<Made>,
): Promise<Answered<Made>> {
  const origin = { name: `the reply of ${url}` }
  try {
    const named = readBody(reply, origin.name)
    const configuration = await resolveCall(
      {
        ...body,
        speaker: named.speaker,
        assistantOverrides: joinOverrides(body.assistantOverrides, named.assistantOverrides),
        squadOverrides: joinOverrides(body.squadOverrides, named.squadOverrides),
        warnings: [...body.warnings, ...named.warnings],
      },
      { ...options, origin },
    )
    if (configuration === null) throw usageError(`${origin.name} names nobody`)
    const outcome = named.speaker.type.startsWith('squad') ? 'squad' : 'assistant'
    const detail = namesOf(configuration)
    const request = { url, outcome, tookMs, detail, destination: null, ends: null } as const
    const made = await options.make(configuration, false)
    return { configuration, made, request, numberServer: numberServer(body.phoneNumber) }
  } catch (error) {
    if (!(error instanceof VapiError) || (error.code !== 'usage' && error.code !== 'not-found')) throw error
    const endedReason =
      error.code === 'usage' ? 'assistant-request-returned-invalid-assistant' : 'assistant-not-found'
    const ends = broken(endedReason, error.message)
    const request = {
      url,
      outcome: 'invalid',
      tookMs,
      detail: error.message,
      destination: null,
      ends,
    } as const
    return ending(body, request, options)
  }
}

function namesOf({ members }: CallConfiguration): string {
  return members.map(({ assistant }) => assistant.name ?? 'an assistant without a name').join(', ')
}

/** A call that nobody takes: the usual assistant is there to speak its last words, if there are some. */
async function ending<Made>(
  { customer, phoneNumber, warnings }: CallBody,
  request: AssistantRequestPlan,
  { make }: AnswerOptions<Made>,
): Promise<Answered<Made>> {
  const nobody = {
    assistant: parseAssistant({}, 'nobody'),
    variables: {},
    destinations: [],
    origin: 'nobody',
  }
  const configuration: CallConfiguration = {
    members: [nobody],
    customer,
    phoneNumber: publicNumber(phoneNumber),
    warnings,
  }
  // Who cannot be reached gets no messages either.
  const server = request.outcome === 'failed' ? {} : numberServer(phoneNumber)
  return { configuration, made: await make(configuration, true), request, numberServer: server }
}

function broken(endedReason: string, message: string): Ends {
  const failure = { code: endedReason, message, retryable: false, endedReason, hint: null, exit: Exit.failed }
  return { endedReason, message: null, failure }
}

/** The type of a call by its body (API: call.type). */
export function callTypeOf(body: CallBody): string {
  if (body.speaker.type === 'none') return 'inboundPhoneCall'
  const hasNumber = body.phoneNumberId !== null || Object.keys(body.phoneNumber).length > 0
  return hasNumber && body.customer.number !== undefined ? 'outboundPhoneCall' : 'webCall'
}
