import { fieldOf, isJsonObject, textOf } from '../api/live-call.ts'
import type { Json, JsonObject } from '../api/types.ts'
import type { CallView } from './call-view.ts'

/** Messages that tell nothing beyond what others show. */
const silent: readonly string[] = [
  'conversation-update',
  'model-output',
  'speech-update',
  'voice-input',
  'assistant.speechStarted',
  'call-ended',
]

/** Shows a message to the client (API: ClientMessage…) as a local call shows the same. */
export function showClientMessage(view: CallView, message: JsonObject, atMs: number): void {
  const type = textOf(message.type) ?? 'a message without a type'
  if (type.startsWith('transcript')) showTranscript(view, message, atMs)
  else if (type === 'function-call') view.say(atMs, 'tool', callText(message.functionCall))
  else if (type === 'tool-calls') {
    for (const call of listOf(message.toolCallList ?? message.toolCalls))
      view.say(atMs, 'tool', callText(fieldOf(call, 'function') ?? call))
  } else {
    const text = remarkOf(type, message)
    if (text !== null) view.remark(atMs, text)
  }
}

function showTranscript(view: CallView, message: JsonObject, atMs: number): void {
  const transcript = textOf(message.transcript)
  if (transcript === undefined) return
  const role = message.role === 'user' ? 'user' : 'assistant'
  const isPartial = message.transcriptType === 'partial'
  if (role === 'assistant') {
    if (!isPartial) view.say(atMs, 'assistant', transcript)
  } else
    view.show({ type: 'transcript', role, transcriptType: isPartial ? 'partial' : 'final', transcript, atMs })
}

/** What a message tells that is said by nobody; null where it tells nothing new. */
function remarkOf(type: string, message: JsonObject): string | null {
  switch (type) {
    case 'tool-calls-result':
    case 'tool.completed':
    case 'function-call-result': {
      const result = message.toolCallResult ?? message.functionCallResult ?? message
      const name = textOf(fieldOf(result, 'name')) ?? 'the tool'
      return `${name}: ${inOneLine(fieldOf(result, 'result') ?? fieldOf(result, 'error'))}`
    }
    case 'user-interrupted':
      return 'the customer interrupts'
    case 'hang':
      return 'the assistant takes long to answer'
    case 'language-changed':
    case 'language-change-detected':
      return `the customer speaks ${textOf(message.language) ?? 'another language'}`
    case 'status-update': {
      const status = textOf(message.status)
      return status === undefined || status === 'ended' ? null : `status: ${status}`
    }
    case 'transfer-update': {
      const to = nameOf(message.toAssistant) ?? placeOf(message.destination) ?? 'another'
      return `${nameOf(message.fromAssistant) ?? 'the assistant'} hands over to ${to}`
    }
    case 'assistant.started': {
      const name = nameOf(message.newAssistant)
      return name === undefined ? null : `${name} takes the call`
    }
    case 'workflow.node.started':
      return `node: ${nameOf(message.node) ?? inOneLine(message.node)}`
    case 'metadata':
      return `metadata: ${inOneLine(message.metadata)}`
    default:
      return silent.includes(type) ? null : type
  }
}

function callText(called: Json | undefined): string {
  const given = fieldOf(called, 'arguments') ?? fieldOf(called, 'parameters') ?? {}
  return `${textOf(fieldOf(called, 'name')) ?? 'a tool'} ${inOneLine(given)}`
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function nameOf(value: Json | undefined): string | undefined {
  return isJsonObject(value) ? (textOf(value.name) ?? textOf(value.assistantName)) : undefined
}

function placeOf(destination: Json | undefined): string | undefined {
  return ['assistantName', 'number', 'sipUri', 'extension']
    .map(name => textOf(fieldOf(destination, name)))
    .find(text => text !== undefined)
}

function inOneLine(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
