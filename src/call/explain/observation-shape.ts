import type { Observation } from '../../engine/observations.ts'
import type { SpeakingSettings } from '../../engine/settings.ts'
import { isObject } from '../../is-object.ts'

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'string?' | 'number?' | 'name'

/** The fields that an explanation reads, by event; `name` is a text or null. Further fields may be there. */
const shapes: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  'call.started': { assistantName: 'name' },
  'assistant.requested': { url: 'string', outcome: 'string', tookMs: 'number', detail: 'string' },
  'customer.joined': {},
  'customer.speech.started': { audioMs: 'number' },
  'customer.speech.stopped': { audioMs: 'number' },
  transcript: { role: 'string', transcriptType: 'string', transcript: 'string', confidence: 'number?' },
  'endpointing.decided': {
    by: 'string',
    waitMs: 'number',
    detail: 'string',
    rule: 'number?',
    stillSpeaking: 'number?',
    sign: 'string?',
    finished: 'number?',
    speechEndMs: 'number?',
    untilMs: 'number?',
  },
  'transcript.dropped': { transcript: 'string', confidence: 'number', minimum: 'number' },
  'transcript.self-heard': { transcript: 'string', echo: 'number?' },
  'keys.pressed': { keys: 'string' },
  'keys.entered': { keys: 'string' },
  'language.changed': { language: 'string', from: 'name' },
  'turn.ended': { turn: 'number', text: 'string' },
  'model.requested': { turn: 'number' },
  'model.first-token': { turn: 'number' },
  'model.completed': { turn: 'number', text: 'string' },
  'model.failed': { turn: 'number', code: 'string', message: 'string' },
  'model.switched': { from: 'string', to: 'string' },
  'voice.requested': { text: 'string', voice: 'string' },
  'voice.ready': { voice: 'string' },
  'voice.failed': { voice: 'string', code: 'string', message: 'string' },
  'voice.switched': { from: 'string', to: 'string', language: 'string?' },
  'transcriber.failed': { transcriber: 'string', code: 'string', message: 'string' },
  'transcriber.switched': { from: 'string', to: 'string' },
  'assistant.speech.started': { text: 'string', source: 'string' },
  'assistant.speech.stopped': { spokenText: 'string', reason: 'string' },
  interruption: { by: 'string', ignored: 'boolean', reason: 'string' },
  'backoff.started': { untilMs: 'number' },
  'backoff.ended': {},
  'hook.triggered': { on: 'string', name: 'name' },
  'hook.skipped': { on: 'string', name: 'name', reason: 'string' },
  'tool.called': { name: 'string', toolCallId: 'string', arguments: 'object' },
  'tool.completed': { name: 'string', toolCallId: 'string', result: 'string?', error: 'string?' },
  'transfer.started': { destination: 'object', mode: 'string' },
  'transfer.failed': { destination: 'object', message: 'string' },
  'assistant.changed': { from: 'name', to: 'name' },
  'turn.latency': {
    turn: 'number',
    endpointingMs: 'number',
    modelMs: 'number',
    voiceMs: 'number',
    waitMs: 'number',
    totalMs: 'number',
    transcriberMs: 'number?',
  },
  'assistant.hanging': { turn: 'number', waitedMs: 'number' },
  'voicemail.detected': { by: 'string', detail: 'string' },
  'control.received': { command: 'string' },
  'assistant.muted': {},
  'assistant.unmuted': {},
  'customer.muted': {},
  'customer.unmuted': {},
  'transport.message': {},
  'message.sent': {},
  'call.report': {},
  warning: { message: 'string' },
  'call.ended': { endedReason: 'string', endedMessage: 'string?' },
}

/** What a line of a record is: an event that can be read, one that this program does not know, or nothing of the kind. */
export type LineReading =
  | { kind: 'event'; observation: Observation }
  | { kind: 'unknown'; type: string }
  | { kind: 'foreign' }

/** Reads an event that was written by this program, another version of it, or something else. */
export function readObservation(value: unknown): LineReading {
  if (!isObject(value) || typeof value.type !== 'string' || !isTime(value.atMs)) return { kind: 'foreign' }
  const { type } = value
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (shape === undefined) return { kind: 'unknown', type }
  if (!Object.entries(shape).every(([field, kind]) => fits(value[field], kind))) return { kind: 'foreign' }
  if (type !== 'call.started' && type !== 'assistant.changed')
    return { kind: 'event', observation: value as unknown as Observation }
  const { settings, ...rest } = value
  const known = readSettings(settings)
  const observation = { ...rest, ...(known !== null && { settings: known }) } as unknown as Observation
  return { kind: 'event', observation }
}

function fits(value: unknown, kind: Kind): boolean {
  if (kind === 'name') return value === null || typeof value === 'string'
  if (kind.endsWith('?')) return value === undefined || fits(value, kind.slice(0, -1) as Kind)
  if (kind === 'object') return isObject(value)
  return kind === 'number' ? isNumber(value) : typeof value === kind
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isTime(value: unknown): value is number {
  return isNumber(value) && value >= 0
}

/** Settings as another program may have written them; null where anything of them is missing. */
function readSettings(value: unknown): SpeakingSettings | null {
  if (!isObject(value)) return null
  const { endpointing, interruption, chunks } = value
  if (!isObject(endpointing) || !isObject(interruption) || !isObject(chunks)) return null
  const { rules, waitFunction } = endpointing
  const numbers = [
    value.waitMs,
    endpointing.onPunctuationMs,
    endpointing.onNoPunctuationMs,
    endpointing.onNumberMs,
    interruption.wordCount,
    interruption.voiceMs,
    interruption.backoffMs,
    chunks.minimumCharacters,
  ]
  const isWhole =
    numbers.every(isTime) &&
    Array.isArray(rules) &&
    rules.every(rule => isObject(rule) && isTime(rule.timeoutMs) && typeof rule.type === 'string') &&
    (value.waitMode === 'added' || value.waitMode === 'floor') &&
    typeof endpointing.method === 'string' &&
    (waitFunction === undefined || typeof waitFunction === 'string') &&
    typeof chunks.enabled === 'boolean' &&
    typeof value.model === 'string' &&
    Array.isArray(value.voices) &&
    value.voices.every(name => typeof name === 'string')
  return isWhole ? (value as unknown as SpeakingSettings) : null
}
