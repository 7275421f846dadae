/**
 * Azure AI Speech as its SDK speaks to it (learn.microsoft.com: Speech Service WebSocket protocol). Messages have headers of their
 * own before their JSON; sound comes as a WAV file without an end, in binary messages with the same headers.
 */
import { randomUUID } from 'node:crypto'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { isObject } from '../../is-object.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberOptions, TranscriberProvider } from './types.ts'
import { bytesOfSamples, numberOf, socketUrl } from './wire.ts'

const PATH = '/speech/recognition/conversation/cognitiveservices/v1'
/** Its times are of 100 ns. */
const TICKS_A_MS = 10_000

export const azure: TranscriberProvider = {
  id: 'azure',
  baseUrl: 'https://{region}.stt.speech.microsoft.com',
  proof: { by: 'client-library', name: 'microsoft-cognitiveservices-speech-sdk' },
  typicalMs: null,
  create: options => {
    const { vendor, access, settings } = options
    return createStreamingTranscriber({
      name: options.name,
      capabilities: { endOfTurn: false, partials: true, languages: 'any' },
      http: options.http,
      context: { vendor, stage: 'transcriber', key: access.key },
      protocol: {
        // As its SDK.
        pieceMs: 100,
        address: () => ({
          url: socketUrl(access.baseUrl, PATH, {
            language: localeOf(options.language),
            format: 'detailed',
            segmentationStrategy:
              typeof settings.segmentationStrategy === 'string' ? settings.segmentationStrategy : undefined,
            segmentationSilenceTimeoutMs: numberOf(settings.segmentationSilenceTimeoutMs),
            segmentationMaximumTimeMs: numberOf(settings.segmentationMaximumTimeMs),
          }),
          headers: {
            'x-connectionid': createId(),
            ...(access.key !== null && { 'ocp-apim-subscription-key': access.key }),
          },
        }),
        session: () => createSession(options),
      },
    })
  },
}

/** It wants a region with the language: the usual one where none is named (`de-DE` of `de`). */
export function localeOf(language: string): string {
  try {
    const { language: code, region } = new Intl.Locale(language).maximize()
    return language.includes('-') || region === undefined ? language : `${code}-${region}`
  } catch {
    return language
  }
}

function createSession({ settings }: TranscriberOptions): ProtocolSession {
  /** A turn of its protocol: it may end one and begin the next with the sound that follows. */
  let requestId = createId()
  let turnStartMs = 0
  let hasHeader = false
  let sentMs = 0
  let finishing = false

  const sessionText = (path: string, body: object) =>
    `${headersOf(path, requestId, 'application/json')}\r\n${JSON.stringify(body)}`

  function read(text: string): Heard[] {
    const [head = '', ...rest] = text.split('\r\n\r\n')
    const body = bodyOf(rest.join('\r\n\r\n'))
    const path = /^path: *(\S+)/im.exec(head)?.[1]?.toLowerCase()
    if (path === 'speech.hypothesis') return transcriptOf('partial', body.Text, body)
    if (path === 'speech.phrase') return readPhrase(body)
    if (path !== 'turn.end') return []
    if (finishing) return [{ type: 'ended' }]
    requestId = createId()
    turnStartMs = sentMs
    hasHeader = false
    return []
  }

  function readPhrase(body: Readonly<Record<string, unknown>>): Heard[] {
    if (body.RecognitionStatus === 'Error' || body.RecognitionStatus === 'BadRequest')
      return [
        {
          type: 'error',
          status: body.RecognitionStatus === 'BadRequest' ? 400 : null,
          message: 'recognition failed',
        },
      ]
    if (body.RecognitionStatus !== 'Success') return []
    const [best]: unknown[] = Array.isArray(body.NBest) ? body.NBest : []
    const found = isObject(best) ? best : {}
    return transcriptOf('final', body.DisplayText ?? found.Display, body, numberOf(found.Confidence))
  }

  function transcriptOf(
    transcriptType: 'partial' | 'final',
    text: unknown,
    { Offset: offset, Duration: duration }: Readonly<Record<string, unknown>>,
    confidence?: number,
  ): Heard[] {
    if (typeof text !== 'string' || text.trim() === '') return []
    const ticks = (numberOf(offset) ?? 0) + (numberOf(duration) ?? 0)
    return [
      {
        type: 'transcript',
        transcriptType,
        text: text.trim(),
        streamMs: turnStartMs + ticks / TICKS_A_MS,
        ...(confidence !== undefined && { confidence }),
      },
    ]
  }

  return {
    opening: [
      sessionText('speech.config', {
        context: { system: { name: 'vapi', version: '1' } },
        recognition: 'conversation',
      }),
      sessionText('speech.context', speechContext(settings)),
    ],
    sound(samples) {
      sentMs += (samples.length / SAMPLE_RATE) * 1000
      const header = hasHeader ? [] : [WAV_HEADER]
      hasHeader = true
      return audioMessage(requestId, [...header, bytesOfSamples(samples)])
    },
    read: () => [],
    readOther: read,
    get finish() {
      finishing = true
      return audioMessage(requestId, [])
    },
  }
}

function speechContext(settings: Readonly<Record<string, unknown>>): object {
  const silenceMs = numberOf(settings.segmentationSilenceTimeoutMs)
  const maximumMs = numberOf(settings.segmentationMaximumTimeMs)
  const modes: Readonly<Record<string, string>> = { Time: 'Custom', Semantic: 'Semantic' }
  const strategy = modes[String(settings.segmentationStrategy)] ?? 'Normal'
  const mode = silenceMs === undefined && maximumMs === undefined ? strategy : 'Custom'
  return {
    phraseDetection: {
      mode: 'Conversation',
      conversation: {
        segmentation: {
          mode,
          ...(silenceMs !== undefined && { segmentationSilenceTimeoutMs: silenceMs }),
          ...(maximumMs !== undefined && { segmentationForcedTimeoutMs: maximumMs }),
        },
      },
    },
    phraseOutput: { format: 'Detailed', detailed: { options: [] } },
  }
}

/** The header of a WAV file of unknown length. */
const WAV_HEADER: Uint8Array = Buffer.concat([
  Buffer.from('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1'),
  Buffer.from(new Uint32Array([SAMPLE_RATE, SAMPLE_RATE * 2]).buffer),
  Buffer.from('\x02\0\x10\0data\0\0\0\0', 'latin1'),
])

function audioMessage(requestId: string, parts: readonly Uint8Array[]): Uint8Array {
  const headers = Buffer.from(headersOf('audio', requestId, 'audio/x-wav'))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(headers.length)
  return Buffer.concat([length, headers, ...parts])
}

function headersOf(path: string, requestId: string, contentType: string): string {
  const time = new Date().toISOString()
  return `Path: ${path}\r\nX-RequestId: ${requestId}\r\nX-Timestamp: ${time}\r\nContent-Type: ${contentType}\r\n`
}

function createId(): string {
  return randomUUID().replaceAll('-', '').toUpperCase()
}

function bodyOf(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return isObject(body) ? body : {}
  } catch {
    return {}
  }
}
