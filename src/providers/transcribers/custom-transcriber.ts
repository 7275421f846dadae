/**
 * A transcriber of the user's own (Vapi documentation, Custom transcriber; API: CustomTranscriber): sound of both sides goes to
 * a WebSocket server, which answers with what it understood of each.
 */
import { type AudioFrame, FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { isObject } from '../../is-object.ts'
import { excerpt } from '../../net/reply.ts'
import { secretsIn } from '../provider-error.ts'
import type { Vendor } from '../vendors.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberOptions, TranscriberProvider } from './types.ts'

const USER: Vendor = {
  id: 'custom-transcriber',
  label: 'the custom transcriber',
  baseUrl: null,
  baseUrlVariables: [],
  keyVariables: [],
  keyRequired: false,
}

export const customTranscriber: TranscriberProvider = {
  id: USER.id,
  vendor: USER,
  proof: { by: 'documentation', url: 'https://docs.vapi.ai/customization/custom-transcriber' },
  typicalMs: null,
  create: options => createCustomTranscriber(options),
}

const START = JSON.stringify({
  type: 'start',
  encoding: 'linear16',
  container: 'raw',
  sampleRate: SAMPLE_RATE,
  channels: 2,
})

function createCustomTranscriber({
  vendor,
  access,
  http,
  name,
  settings,
  serverHeaders,
}: TranscriberOptions) {
  const { timeoutSeconds } = isObject(settings.server) ? settings.server : {}
  let secrets: readonly string[] = []
  // What was told once is not told again, on whichever connection.
  const told = new Set<string>()
  return createStreamingTranscriber({
    name,
    capabilities: { endOfTurn: false, partials: true, languages: 'any' },
    http,
    context: { vendor, stage: 'transcriber', key: null, secrets: () => secrets },
    protocol: {
      address: async signal => {
        const headers = (await serverHeaders?.(signal)) ?? {}
        secrets = secretsIn(headers)
        return {
          url: access.baseUrl,
          headers,
          ...(typeof timeoutSeconds === 'number' &&
            timeoutSeconds > 0 && { connectMs: timeoutSeconds * 1000 }),
        }
      },
      session: () => createCustomSession(told),
    },
  })
}

/** A final transcript that comes so soon after speech began anew is of the speech before it, in milliseconds. */
const LATE_MS = 1500

/** One connection; `told` holds the warnings that were given, by their kind. */
export function createCustomSession(told: Set<string> = new Set()): ProtocolSession {
  let startedMs: number | null = null
  let stoppedMs: number | null = null
  let sentMs = 0

  const warnOnce = (kind: string, message: string): Heard[] => {
    if (told.has(kind)) return []
    told.add(kind)
    return [{ type: 'warning', message }]
  }

  /** The server does not say which speech a text is of: all up to now, but for speech that has just begun. */
  function coveredMs(): number | null {
    if (startedMs === null || stoppedMs === null || startedMs < stoppedMs) return null
    return sentMs - startedMs < LATE_MS ? startedMs : null
  }

  return {
    opening: [START],
    sound: (samples, frames) => {
      sentMs += (samples.length / SAMPLE_RATE) * 1000
      return interleave(frames)
    },
    speech: (edge, streamMs) => {
      if (edge === 'started') startedMs = streamMs
      else stoppedMs = streamMs
    },
    readOther: text => warnOnce('json', `sent something that is no JSON object: ${excerpt(text, 100)}`),
    read: ({ type, transcription, channel, transcriptType, error }) => {
      if (type === 'error') return [{ type: 'error', status: null, message: textOf(error), fatal: true }]
      if (type !== 'transcriber-response')
        return warnOnce('type', `sent a message of a type that is not known: ${excerpt(textOf(type), 100)}`)
      if (typeof transcription !== 'string')
        return warnOnce('text', 'sent a transcriber-response without a transcription')
      // What the assistant says is known from its words.
      if (channel === 'assistant') return []
      if (channel !== undefined && channel !== 'customer')
        return warnOnce('channel', `sent a transcription of the channel ${excerpt(textOf(channel), 100)}`)
      if (transcription.trim() === '') return []
      const isPartial = transcriptType === 'partial'
      const heard: Heard = {
        type: 'transcript',
        transcriptType: isPartial ? 'partial' : 'final',
        text: transcription,
        streamMs: isPartial ? null : coveredMs(),
      }
      return channel === undefined
        ? [
            ...warnOnce('side', 'names no channel with its transcriptions; they count as the customer’s'),
            heard,
          ]
        : [heard]
    },
  }
}

/** Both sides as 16-bit little-endian samples, the customer first. */
function interleave(frames: readonly AudioFrame[]): Uint8Array {
  const bytes = new Uint8Array(frames.length * FRAME_SAMPLES * 4)
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const { samples, assistant } of frames) {
    for (const [index, sample] of samples.entries()) {
      view.setInt16(offset, sample, true)
      view.setInt16(offset + 2, assistant?.[index] ?? 0, true)
      offset += 4
    }
  }
  return bytes
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none')
}
