/** Deepgram's nova and base models over `/v1/listen` (developers.deepgram.com, Live Streaming Audio). */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { isObject } from '../../is-object.ts'
import { createStreamingTranscriber, type Heard, type StreamingProtocol } from './streaming.ts'
import type { TranscriberOptions, TranscriberProvider } from './types.ts'

export const deepgram: TranscriberProvider = {
  id: 'deepgram',
  proof: { by: 'nothing' },
  typicalMs: 300,
  create: options =>
    createStreamingTranscriber({
      name: options.name,
      capabilities: { endOfTurn: false, partials: true, languages: 'any' },
      protocol: novaProtocol(options),
      http: options.http,
      context: { vendor: options.vendor, stage: 'transcriber', key: options.access.key },
    }),
}

function novaProtocol({ access, model, language, settings }: TranscriberOptions): StreamingProtocol {
  const query = new URLSearchParams({
    model: model ?? 'nova-2',
    language,
    encoding: 'linear16',
    sample_rate: String(SAMPLE_RATE),
    channels: '1',
    interim_results: 'true',
    smart_format: String(settings.smartFormat ?? true),
    endpointing: String(settings.endpointing ?? 10),
  })
  return {
    address: () => ({
      url: `${access.baseUrl.replace(/^http/, 'ws')}/v1/listen?${query}`,
      ...(access.key !== null && { headers: { authorization: `Token ${access.key}` } }),
    }),
    session: () => ({
      sound: samples => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
      read: readNova,
      speechStopped: () => JSON.stringify({ type: 'Finalize' }),
      finish: JSON.stringify({ type: 'CloseStream' }),
    }),
  }
}

function readNova(message: Readonly<Record<string, unknown>>): Heard[] {
  if (message.type === 'Metadata') return [{ type: 'ended' }]
  if (message.type !== 'Results' || !isObject(message.channel)) return []
  const [best]: unknown[] = Array.isArray(message.channel.alternatives) ? message.channel.alternatives : []
  if (!isObject(best) || typeof best.transcript !== 'string' || best.transcript === '') return []
  const seconds = Number(message.start ?? 0) + Number(message.duration ?? 0)
  return [
    {
      type: 'transcript',
      transcriptType: message.is_final === true ? 'final' : 'partial',
      text: best.transcript,
      streamMs: seconds * 1000,
      ...(typeof best.confidence === 'number' && { confidence: best.confidence }),
    },
  ]
}
