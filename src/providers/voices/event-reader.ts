/** Sound inside JSON: server-sent events, or one object a line. */
import type { VoicePiece, WordTiming } from '../../engine/ports/voice.ts'
import { isObject } from '../../is-object.ts'
import { createEventParser } from '../../net/sse.ts'
import { type ErrorContext, providerFailure, providerRefusal } from '../provider-error.ts'
import { createSampleJoiner, type SoundReader } from './http-voice.ts'
import { readWavHeader } from './wav-header.ts'

/** What one object of a stream says. */
export interface SoundEvent {
  /** 16-bit samples, with or without the header of a WAV file. */
  bytes?: Uint8Array
  words?: WordTiming[]
  /** It says that all is told. */
  isLast?: boolean
  /** It says that the provider gives up. */
  refusal?: { status: number | null; said: string }
}

export interface EventReaderOptions {
  framing: 'events' | 'lines'
  sampleRate: number
  context: ErrorContext
  /** The stream ends with an object that says so; one without it broke off. */
  saysItsEnd?: boolean
  read(event: Readonly<Record<string, unknown>>): SoundEvent
}

/** No provider puts so much sound into one object. */
const MAXIMUM_CHARACTERS = 16_777_216

/**
 * Reads objects as they come. A reply that is one JSON object in place of server-sent events is read as one of them:
 * errors come so. What is no JSON is an error.
 */
export function createEventReader(options: EventReaderOptions): SoundReader {
  const { context, sampleRate } = options
  const join = createSampleJoiner()
  const decoder = new TextDecoder()
  const events = options.framing === 'events' ? createEventParser(MAXIMUM_CHARACTERS) : null
  let isDocument = false
  let hasBegun = false
  let isTold = false
  let rest = ''

  function readText(text: string): VoicePiece[] {
    if (text.trim() === '' || text.trim() === '[DONE]') return []
    const { bytes, words, refusal, isLast } = options.read(parse(text))
    if (isLast === true) isTold = true
    if (refusal !== undefined) throw providerRefusal(context, refusal.status, refusal.said)
    const samples = bytes === undefined ? new Int16Array() : join(withoutHeader(bytes))
    if (samples.length === 0 && (words === undefined || words.length === 0)) return []
    const audio = samples.length === 0 ? SILENCE : ({ type: 'pcm', samples, sampleRate } as const)
    return [{ audio, ...(words !== undefined && words.length > 0 && { words }) }]
  }

  function parse(text: string): Readonly<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(text)
      if (isObject(value)) return value
    } catch {
      // As any other that is no object.
    }
    throw providerFailure(context, 'sent something that is not a JSON object')
  }

  /** Lines that are whole now. */
  function takeLines(text: string): string[] {
    rest += text
    if (rest.length > MAXIMUM_CHARACTERS) throw providerFailure(context, 'sent a line without an end')
    if (isDocument) return []
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    return lines
  }

  return {
    push(bytes) {
      if (!hasBegun) {
        hasBegun = true
        isDocument = events !== null && /^\s*\{/.test(Buffer.from(bytes).toString('latin1'))
      }
      if (events !== null && !isDocument) return events.push(bytes).flatMap(({ data }) => readText(data))
      return takeLines(decoder.decode(bytes, { stream: true })).flatMap(readText)
    },
    end() {
      const pieces =
        events !== null && !isDocument
          ? events.end().flatMap(({ data }) => readText(data))
          : readText(rest + decoder.decode())
      if (options.saysItsEnd === true && !isTold)
        throw providerFailure(context, 'broke off before its sound was complete')
      return pieces
    },
  }
}

const SILENCE = { type: 'silent', durationMs: 0 } as const

function withoutHeader(bytes: Uint8Array): Uint8Array {
  const header = readWavHeader(bytes)
  return header === null || header === 'more' ? bytes : bytes.subarray(header.dataAt)
}

/** The bytes of a base64 text; undefined of anything else. */
export function fromBase64(text: unknown): Uint8Array | undefined {
  return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
}
