/** Checks of what servers answer to the messages that need an answer (vapi-api.md 3.2 to 3.4). */
import { isObject } from '../is-object.ts'
import { findServerMessageType } from './events.ts'
import {
  checkDestination,
  checkToolMessage,
  error,
  type Finding,
  isGiven,
  type JsonObject,
  kindOf,
  requireText,
  unknownNames,
  warning,
} from './reply-findings.ts'
import { checkToolCallsReply } from './reply-tool-calls.ts'

export type { Finding } from './reply-findings.ts'

/** What a server answered. */
export interface CheckedReply {
  status: number
  contentType?: string
  body: Uint8Array
}

/** Checks a reply to `message`, a server message as it was sent. No findings: the platform can use it. */
export function checkReply(message: JsonObject, reply: CheckedReply): Finding[] {
  const type = typeof message.type === 'string' ? message.type : ''
  const needed = findServerMessageType(type)?.reply ?? null
  const findings = checkStatus(reply.status)
  if (needed === null) return findings
  if (type === 'voice-request') return [...findings, ...checkSound(reply)]
  const text = Buffer.from(reply.body.buffer, reply.body.byteOffset, reply.body.byteLength).toString('utf8')
  const { value, findings: unreadable } = readObject(text, `reply with ${needed}`)
  if (value === null) return [...findings, ...unreadable]
  return [...findings, ...checkContent(type, message, value)]
}

/** Only the reply's content, already parsed and without its `messageResponse` wrapper. */
function checkContent(type: string, message: JsonObject, content: JsonObject): Finding[] {
  switch (type) {
    case 'tool-calls':
      return checkToolCallsReply(content, callIdsOf(message))
    case 'assistant-request':
      return checkAssistantRequest(content)
    case 'transfer-destination-request':
      return checkTransfer(content)
    case 'handoff-destination-request':
      return checkHandoff(content)
    case 'knowledge-base-request':
      return checkDocuments(content)
    case 'call.endpointing.request':
      return checkTimeout(content)
    case 'campaign.predial':
      return typeof content.eligible === 'boolean'
        ? unknownNames(content, ['eligible'], '')
        : [
            error(
              'eligible',
              `it is ${kindOf(content.eligible)}; the contact counts as failed`,
              '{"eligible": true}',
            ),
          ]
    default:
      return []
  }
}

function checkStatus(status: number): Finding[] {
  if (status === 200) return []
  const fix = 'always answer 200, also when the work failed'
  if (status >= 200 && status < 300) return [warning('', `the status is ${status}`, fix)]
  return [error('', `the status is ${status}; the platform takes that for a failure`, fix)]
}

function readObject(text: string, fix: string): { value: JsonObject | null; findings: Finding[] } {
  const refuse = (message: string) => ({ value: null, findings: [error('', message, fix)] })
  if (text.trim() === '') return refuse('the reply is empty')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse(`the reply is not JSON: ${text.replace(/\s+/g, ' ').slice(0, 80)}`)
  }
  if (!isObject(value)) return refuse(`the reply is ${kindOf(value)} and not an object`)
  return { value: isObject(value.messageResponse) ? value.messageResponse : value, findings: [] }
}

function callIdsOf(message: JsonObject): string[] {
  const list = Array.isArray(message.toolCallList) ? message.toolCallList : []
  return list.flatMap(item => (isObject(item) && typeof item.id === 'string' ? [item.id] : []))
}

const starts = ['assistantId', 'assistant', 'squadId', 'squad', 'workflowId', 'workflow'] as const
const overrides = { assistantOverrides: 'assistant', squadOverrides: 'squad', workflowOverrides: 'workflow' }
const REQUEST_FIX = 'give one of assistantId, assistant, squadId, squad, destination, error'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function checkAssistantRequest(reply: JsonObject): Finding[] {
  const findings = unknownNames(reply, [...starts, ...Object.keys(overrides), 'destination', 'error'], '')
  const given = ['error', 'destination', ...starts].filter(name => isGiven(reply[name]))
  const [first, ...rest] = given
  if (first === undefined) return [...findings, error('', 'it names nobody who takes the call', REQUEST_FIX)]
  if (rest.length > 0)
    findings.push(warning('', `it has ${given.join(' and ')}; only ${first} counts`, REQUEST_FIX))
  if (isGiven(reply.error)) findings.push(...requireText(reply, 'error', ''))
  if (isGiven(reply.destination)) findings.push(...checkDestination(reply.destination, ['number', 'sip']))
  for (const name of ['assistantId', 'squadId', 'workflowId'] as const) {
    const id = reply[name]
    if (!isGiven(id)) continue
    if (typeof id !== 'string')
      findings.push(error(name, `it is ${kindOf(id)}`, 'the id of a stored one, a text'))
    else if (!UUID.test(id)) findings.push(warning(name, `${id} is not a UUID`, 'the id of a stored one'))
  }
  for (const name of ['assistant', 'squad', 'workflow'] as const) {
    const inline = reply[name]
    if (!isGiven(inline)) continue
    if (!isObject(inline))
      findings.push(error(name, `it is ${kindOf(inline)}`, 'a whole configuration, inline'))
    else if (`${name}Id` in inline)
      findings.push(
        error(`${name}.${name}Id`, 'it stands inside', `put ${name}Id at the top, without ${name}`),
      )
  }
  for (const [name, owner] of Object.entries(overrides)) {
    if (isGiven(reply[name]) && !isGiven(reply[owner]) && !isGiven(reply[`${owner}Id`]))
      findings.push(
        warning(name, `there is no ${owner} that it could change`, `give ${owner} or ${owner}Id with it`),
      )
  }
  return findings
}

const spoken = ['request-start', 'request-complete', 'request-failed', 'request-response-delayed']

function checkTransfer(reply: JsonObject): Finding[] {
  const findings = unknownNames(reply, ['destination', 'message', 'error'], '')
  if (isGiven(reply.message)) findings.push(...checkToolMessage(reply.message, spoken, 'message'))
  if (isGiven(reply.error)) return [...findings, ...requireText(reply, 'error', '')]
  if (!isGiven(reply.destination))
    return [
      ...findings,
      error(
        'destination',
        'it is missing',
        '{"destination": {"type": "number", "number": "+1…"}}, or "error"',
      ),
    ]
  findings.push(...checkDestination(reply.destination, ['assistant', 'number', 'sip']))
  if (isObject(reply.destination) && reply.destination.type === 'assistant')
    findings.push(...requireText(reply.destination, 'assistantName', 'destination'))
  return findings
}

function checkHandoff(reply: JsonObject): Finding[] {
  const findings = unknownNames(reply, ['destination', 'result', 'error'], '')
  for (const name of ['result', 'error'])
    if (isGiven(reply[name])) findings.push(...requireText(reply, name, ''))
  if (isGiven(reply.error)) return findings
  const { destination } = reply
  const fix = '{"destination": {"type": "assistant", "assistantId": "…"}}'
  if (!isObject(destination)) return [...findings, error('destination', `it is ${kindOf(destination)}`, fix)]
  const wanted =
    destination.type === 'squad'
      ? ['squadId', 'squad']
      : destination.type === 'assistant'
        ? ['assistantName', 'assistantId', 'assistant']
        : null
  if (wanted === null)
    findings.push(error('destination.type', `it is ${kindOf(destination.type)}`, 'assistant or squad'))
  else if (!wanted.some(name => isGiven(destination[name])))
    findings.push(
      error('destination', `it does not say which ${String(destination.type)}`, wanted.join(' or ')),
    )
  return findings
}

function checkDocuments(reply: JsonObject): Finding[] {
  const findings = unknownNames(reply, ['documents', 'message'], '')
  const { documents, message } = reply
  const fix = '{"documents": [{"content": "…", "similarity": 0.9}]}'
  if (!isGiven(documents) && !isGiven(message))
    return [...findings, error('documents', 'there are neither documents nor a message', fix)]
  if (isGiven(message) && !isObject(message))
    findings.push(error('message', `it is ${kindOf(message)}`, '{"type": "custom-message", "content": "…"}'))
  if (!isGiven(documents)) return findings
  if (!Array.isArray(documents)) return [...findings, error('documents', `it is ${kindOf(documents)}`, fix)]
  for (const [place, document] of documents.entries()) {
    const path = `documents[${place}]`
    if (!isObject(document)) {
      findings.push(error(path, `it is ${kindOf(document)}`, fix))
      continue
    }
    findings.push(...requireText(document, 'content', path))
    if (typeof document.similarity !== 'number')
      findings.push(
        error(`${path}.similarity`, `it is ${kindOf(document.similarity)}`, 'a number from 0 to 1'),
      )
  }
  return findings
}

function checkTimeout(reply: JsonObject): Finding[] {
  const { timeoutSeconds } = reply
  const findings = unknownNames(reply, ['timeoutSeconds'], '')
  const valid = typeof timeoutSeconds === 'number' && timeoutSeconds >= 0 && timeoutSeconds <= 15
  if (!valid)
    findings.push(
      error('timeoutSeconds', `it is ${kindOf(timeoutSeconds)}`, 'a number of seconds from 0 to 15'),
    )
  return findings
}

function checkSound({ body, contentType = '' }: CheckedReply): Finding[] {
  const fix = 'raw 16-bit little-endian mono samples at the requested rate, without a header'
  if (body.length === 0) return [error('', 'the reply has no sound', fix)]
  const start = Buffer.from(body.subarray(0, 4)).toString('latin1')
  if (start === 'RIFF')
    return [error('', 'the reply is a WAV file; its header would be heard as a click', fix)]
  if (/json|text\//.test(contentType)) return [error('', `the reply is ${contentType}`, fix)]
  if (start.startsWith('ID3')) return [error('', 'the reply is an MP3 file', fix)]
  return body.length % 2 === 0
    ? []
    : [error('', `the reply has ${body.length} bytes, half a sample too many`, fix)]
}
