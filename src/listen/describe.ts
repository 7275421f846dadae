import { isObject } from '../is-object.ts'
import type { MessageHead } from './message-head.ts'

/** Longer lines are cut. */
const MAXIMUM_LENGTH = 200

/** What one wants to see of an event at a glance. */
export function describeEvent({ type, fields }: MessageHead): string {
  return shorten(summaryOf(type, fields))
}

function summaryOf(type: string | null, fields: Readonly<Record<string, unknown>>): string {
  const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : '')
  switch (type) {
    case 'transcript':
    case 'transcript[transcriptType="final"]':
      return `${text('role')}${text('transcriptType') === 'partial' ? ' …' : ''}: ${text('transcript')}`
    case 'tool-calls':
      return callsOf(fields).map(callText).join(', ')
    case 'status-update':
      return [text('status'), text('endedReason')].filter(part => part !== '').join(', ')
    case 'end-of-call-report':
      return text('endedReason')
    case 'speech-update':
      return `${text('role')} ${text('status')}`
    case 'model-output':
      return text('output')
    case 'voice-input':
      return text('input')
    case 'voice-request':
      return text('text')
    case 'assistant.speechStarted':
      return text('text')
    case 'language-change-detected':
    case 'language-changed':
      return text('language')
    case 'phone-call-control':
      return text('request')
    default:
      return ''
  }
}

function callsOf(fields: Readonly<Record<string, unknown>>): unknown[] {
  const calls = fields.toolCallList ?? fields.toolCalls
  return Array.isArray(calls) ? calls : []
}

/** Pages show a call with its function inside, and flat. */
function callText(call: unknown): string {
  if (!isObject(call)) return '?'
  const inner = isObject(call.function) ? call.function : call
  const values = inner.arguments ?? inner.parameters ?? {}
  return `${String(inner.name ?? '?')}(${typeof values === 'string' ? values : JSON.stringify(values)})`
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > MAXIMUM_LENGTH ? `${line.slice(0, MAXIMUM_LENGTH)}…` : line
}
