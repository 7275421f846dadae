import { Exit, usageError, VapiError } from '../errors.ts'
import type { HttpClient } from '../net/http.ts'
import { excerpt } from '../net/reply.ts'
import { fieldOf, isOver, type LiveCall, textOf } from './live-call.ts'

/** What a running call can be told through its control URL (API: ClientInboundMessage). */
export type ControlBody =
  | {
      type: 'say'
      content: string
      endCallAfterSpoken?: boolean
      interruptAssistantEnabled?: boolean
      interruptionsEnabled?: boolean
    }
  | { type: 'add-message'; message: { role: MessageRole; content: string }; triggerResponseEnabled?: boolean }
  | { type: 'control'; control: ControlVerb }
  | { type: 'end-call' }
  | { type: 'transfer'; destination: TransferDestination; content?: string }

export const messageRoles = ['system', 'user', 'assistant', 'tool', 'function'] as const
export type MessageRole = (typeof messageRoles)[number]

export type ControlVerb =
  | 'mute-assistant'
  | 'unmute-assistant'
  | 'mute-customer'
  | 'unmute-customer'
  | 'say-first-message'

export type TransferDestination = { type: 'number'; number: string } | { type: 'sip'; sipUri: string }

/**
 * The assistant says a text. `interrupts`: in the middle of its own speech. `interruptible`: whether the customer can cut it
 * off; the API's choice unless given.
 */
export function sayBody(
  text: string,
  how: { endAfter?: boolean; interrupts?: boolean; interruptible?: boolean } = {},
): ControlBody {
  return {
    type: 'say',
    content: text,
    ...(how.endAfter === true && { endCallAfterSpoken: true }),
    ...(how.interrupts === true && { interruptAssistantEnabled: true }),
    ...(how.interruptible !== undefined && { interruptionsEnabled: how.interruptible }),
  }
}

/** Puts a message into the conversation. `respond` false: the assistant takes note and does not answer. */
export function addMessageBody(role: MessageRole, content: string, respond: boolean): ControlBody {
  return {
    type: 'add-message',
    message: { role, content },
    ...(!respond && { triggerResponseEnabled: false }),
  }
}

export function muteBody(who: 'assistant' | 'customer', off: boolean): ControlBody {
  return { type: 'control', control: `${off ? 'unmute' : 'mute'}-${who}` }
}

/** `content` is spoken before the transfer. Throws a usage error for what is no E.164 number and no SIP address. */
export function transferBody(destination: string, content?: string): ControlBody {
  return {
    type: 'transfer',
    destination: transferDestination(destination),
    ...(content !== undefined && { content }),
  }
}

/** Where a call is handed to, as people write it. Throws a usage error for what is no E.164 number and no SIP address. */
export function transferDestination(text: string): TransferDestination {
  if (/^sips?:[^\s@]+(@[^\s@]+)?$/i.test(text)) return { type: 'sip', sipUri: text }
  const number = text.replace(/[\s().-]/g, '')
  if (/^\+[1-9]\d{6,14}$/.test(number)) return { type: 'number', number }
  throw usageError(
    `${text} is no telephone number with country code and no SIP address`,
    'write +15551234567 or sip:name@example.com',
  )
}

/** Where a running call takes control messages. Throws VapiError (exit 1) where it takes none, and why. */
export function controlUrlOf(call: LiveCall): string {
  const url = monitorUrlOf(call, 'controlUrl')
  if (url !== undefined) return url
  throw new VapiError({
    code: 'call-not-controllable',
    message: `call ${call.id ?? ''} (${call.status ?? 'no status'}) has no control URL`,
    hint: 'its assistant was made without control: set monitorPlan.controlEnabled to true for the next calls',
  })
}

/** Where a running call can be heard. Throws VapiError (exit 1) where it cannot, and why. */
export function listenUrlOf(call: LiveCall): string {
  const url = monitorUrlOf(call, 'listenUrl')
  if (url !== undefined) return url
  throw new VapiError({
    code: 'call-not-audible',
    message: `call ${call.id ?? ''} (${call.status ?? 'no status'}) has no address to listen at`,
    hint: 'its assistant was made without it: set monitorPlan.listenEnabled to true for the next calls',
  })
}

/** An address of the call’s monitor. Throws for a call that is over, and for one that has not begun and has none. */
function monitorUrlOf(call: LiveCall, name: 'controlUrl' | 'listenUrl'): string | undefined {
  const { id = '', status } = call
  if (isOver(call)) {
    const reason = textOf(call.endedReason)
    throw new VapiError({
      code: 'call-over',
      message: `call ${id} is over (${status}${reason === undefined ? '' : `: ${reason}`})`,
      hint: `vapi call get ${id} shows it; vapi call list lists the others`,
    })
  }
  const url = textOf(fieldOf(call, 'monitor', name))
  if (url === undefined && (status === 'scheduled' || status === 'queued'))
    throw new VapiError({
      code: 'call-not-started',
      message: `call ${id} has not begun (${status})`,
      hint: `vapi call watch ${id} waits for it; vapi call delete ${id} takes a scheduled call back`,
    })
  return url
}

export interface ControlRequest {
  call: LiveCall
  body: ControlBody
  /** The organisation's public key, or null. */
  publicKey: string | null
  /** The account's own key, so that it is never taken for the public one. */
  privateKey: string | null
  timeoutMs: number
  signal: AbortSignal
}

/**
 * Sends one control message, once: it may have effects, so it is never repeated. Gives the reply's JSON or text, undefined for an
 * empty one. The private key never goes to the control host, and nothing goes to an address without TLS beyond this machine.
 */
export async function postControl(http: HttpClient, request: ControlRequest): Promise<unknown> {
  const { call, body, publicKey, privateKey, timeoutMs, signal } = request
  const url = secureUrl(controlUrlOf(call), ['https:', 'http:'])
  requirePublicKey(call, 'control', publicKey, privateKey)
  const reply = await http.request({
    method: 'POST',
    url: url.href,
    headers: {
      'content-type': 'application/json',
      ...(publicKey !== null && { authorization: `Bearer ${publicKey}` }),
    },
    body: JSON.stringify(body),
    timeoutMs,
    signal,
    repeatable: false,
  })
  const text = await reply.text()
  if (reply.status < 300) return parsed(text)
  throw refusal(call, url, reply.status, text, publicKey !== null)
}

/**
 * Checks the key for a call's monitor. Throws where one is needed and none is there (exit 4), or where it is the private key (exit 2).
 */
export function requirePublicKey(
  call: LiveCall,
  use: 'control' | 'listen',
  publicKey: string | null,
  privateKey: string | null,
): void {
  if (publicKey !== null && publicKey === privateKey) {
    throw usageError(
      'the public key is the same as the private key of the account, which must not leave for this host',
      'use the organisation’s public key (dashboard, API keys)',
    )
  }
  if (publicKey === null && needsPublicKey(call, use)) throw publicKeyNeeded(call, use)
}

export function publicKeyNeeded(call: LiveCall, use: 'control' | 'listen'): VapiError {
  return new VapiError({
    code: 'public-key-needed',
    message: `call ${call.id ?? ''} takes ${use === 'control' ? 'control messages' : 'listeners'} only with the organisation’s public key`,
    exit: Exit.notLoggedIn,
    hint: 'set VAPI_PUBLIC_KEY or use --public-key KEY (dashboard, API keys)',
  })
}

/** An address that a key or a conversation may be sent to. Throws VapiError `insecure-url`. */
export function secureUrl(address: string, protocols: readonly [secure: string, plain: string]): URL {
  const url = URL.canParse(address) ? new URL(address) : null
  const [secure, plain] = protocols
  if (url?.protocol === secure) return url
  if (url?.protocol === plain && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) return url
  throw new VapiError({
    code: 'insecure-url',
    message: `the API gave an address for this call that does not begin with ${secure}//: ${excerpt(address)}`,
    hint: 'check --base-url; nothing was sent to it',
  })
}

function needsPublicKey(call: LiveCall, use: 'control' | 'listen'): boolean {
  const field = `${use}AuthenticationEnabled`
  const overridden = fieldOf(call, 'assistantOverrides', 'monitorPlan', field)
  return (overridden ?? fieldOf(call, 'assistant', 'monitorPlan', field)) === true
}

function refusal(call: LiveCall, url: URL, status: number, text: string, withKey: boolean): VapiError {
  const { id } = call
  if (id === undefined) return refusalAt(url, status, text)
  if (status === 401 || status === 403) {
    if (!withKey) return publicKeyNeeded(call, 'control')
    return new VapiError({
      code: 'public-key-refused',
      message: `${url.host} refused the public key (${status})`,
      exit: Exit.notLoggedIn,
      status,
      hint: 'check VAPI_PUBLIC_KEY or --public-key; it is not the private key (dashboard, API keys)',
    })
  }
  const gone = status === 404 || status === 410
  return new VapiError({
    code: gone ? 'call-over' : 'control-refused',
    message: gone
      ? `${url.host} does not carry call ${id} any more (${status})`
      : `${url.host} refused the message (${status}): ${excerpt(text)}`,
    status,
    retryable: status === 429 || status >= 500,
    hint: `vapi call get ${id} shows whether it still runs`,
  })
}

/** Of a call that was named by its address: it runs on this machine, or its record is not known. */
function refusalAt(url: URL, status: number, text: string): VapiError {
  const gone = status === 404 || status === 410
  return new VapiError({
    code: gone ? 'call-over' : 'control-refused',
    message: gone
      ? `there is no call at this address of ${url.host} (any more) (${status})`
      : `${url.host} refused the message (${status}): ${excerpt(text)}`,
    ...((status === 401 || status === 403) && { exit: Exit.notLoggedIn }),
    status,
    retryable: status === 429 || status >= 500,
    hint: 'vapi call local --control prints the addresses of a call on this machine',
  })
}

function parsed(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
