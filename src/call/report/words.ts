import type { EndpointingSource, UtteranceSource } from '../../engine/observations.ts'
import { clipText } from '../../web/html.ts'
import type { Interruption, StageName, Turn } from './story.ts'

/** A moment of the call: `0:03.50`, `1:02:03.50`. */
export function clockTime(ms: number): string {
  const hundredths = Math.max(0, Math.round(ms / 10))
  const seconds = Math.floor(hundredths / 100)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const tail = `${pad(seconds % 60)}.${pad(hundredths % 100)}`
  return hours > 0 ? `${hours}:${pad(minutes % 60)}:${tail}` : `${minutes}:${tail}`
}

/** A length as people say it: `8.2 s`, `3 min 20 s`, `1 h 5 min`. */
export function lengthInWords(ms: number): string {
  if (ms < 59_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Whole milliseconds with separated thousands, without their unit. */
export function wholeNumber(value: number): string {
  return Math.round(value).toLocaleString('en')
}

const dateFormat = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const

/** `5 January 2026 at 09:00 UTC`; what is not a date stays as it is. */
export function dateInWords(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : `${date.toLocaleString('en-GB', dateFormat)} UTC`
}

const ENDINGS: Readonly<Record<string, string>> = {
  'assistant-ended-call': 'The assistant ended the call',
  'assistant-ended-call-after-message-spoken': 'The assistant ended the call after its last words',
  'assistant-ended-call-with-hangup-task': 'The assistant ended the call',
  'assistant-forwarded-call': 'The assistant transferred the call',
  'assistant-said-end-call-phrase': 'The assistant said a phrase that ends the call',
  'customer-busy': 'The customer was busy',
  'customer-did-not-answer': 'The customer did not answer',
  'customer-did-not-give-microphone-permission': 'The microphone was not allowed',
  'customer-ended-call': 'The customer hung up',
  'exceeded-max-duration': 'The call reached its longest allowed duration',
  'manually-canceled': 'The call was cancelled',
  'silence-timed-out': 'Nobody spoke for too long',
  voicemail: 'A voicemail answered',
  'worker-shutdown': 'The program was shut down',
}

/** Why a call ended, in plain words; reasons that are not known here are spelled out from their code. */
export function endingInWords(endedReason: string): string {
  const known = Object.hasOwn(ENDINGS, endedReason) ? ENDINGS[endedReason] : undefined
  if (known !== undefined) return known
  const told = inLine(endedReason)
  const detail = told.replace(/^.*?error-(vapifault|providerfault)-|^pipeline-error-/, '')
  const words = detail.replace(/[-._]+/g, ' ').trim()
  if (detail !== told || told.includes('error')) return `An error ended the call: ${words}`
  return words === '' ? 'Not told' : `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** Who decided that a turn was over. */
export const DECIDERS: Readonly<Record<EndpointingSource, string>> = {
  'custom-rule': 'A custom endpointing rule',
  livekit: 'LiveKit',
  vapi: 'Smart endpointing by the text',
  krisp: 'Krisp',
  'custom-model': 'The custom endpointing model',
  transcriber: 'The transcriber',
  transcription: 'The transcription endpointing plan',
}

/** Why the assistant spoke, where it was not an answer of the model. */
export const SOURCES: Readonly<Record<UtteranceSource, string | null>> = {
  'first-message': 'first message',
  model: null,
  tool: 'message of a tool',
  say: 'said on command',
  hook: 'message of a hook',
  idle: 'idle message',
  ending: 'last words',
}

/** What an interruption was told by. */
export const SIGNS: Readonly<Record<Interruption['by'], string>> = {
  vad: 'voice activity',
  words: 'number of words',
  phrase: 'interruption phrase',
  key: 'key',
}

export const STAGE_LABELS: Readonly<Record<StageName, string>> = {
  endpointing: 'Endpointing',
  model: 'Model',
  voice: 'Voice',
  wait: 'Wait',
}

/** `Turn 3`; what comes before the first turn is the opening. */
export function turnName({ number }: Turn): string {
  return number === 0 ? 'Opening' : `Turn ${number}`
}

/** Names and reasons stand in a line; one that is longer than a person would make it is cut. */
export function inLine(text: string): string {
  return clipText(text, 300)
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
