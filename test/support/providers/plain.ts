/** A protocol of nobody, to test the frame of the real ones: every word a partial, a final after 100 ms of silence or on demand. */
import type { Transcriber } from '../../../src/engine/ports/transcriber.ts'
import type { HttpClient } from '../../../src/net/http.ts'
import type { Heard, StreamingProtocol } from '../../../src/providers/transcribers/protocol.ts'
import { createStreamingTranscriber } from '../../../src/providers/transcribers/streaming.ts'
import type { Peer, ServedProtocol } from './transcriber-server.ts'

const SILENCE_MS = 100

export const servePlainly: ServedProtocol = {
  refuse: () => null,
  serve(peer: Peer) {
    const { ears } = peer
    const commits = peer.url.searchParams.has('commits')
    const repeats = peer.url.searchParams.has('repeats')
    let told = 0
    let partials = 0
    const tell = (final: boolean) => {
      const words = ears.words.slice(told)
      const text = words.map(word => word.text).join(' ')
      const message = { type: 'words', text, endMs: ears.heardMs, final }
      if (words.length > 0) peer.send(message)
      if (words.length > 0 && repeats && final) peer.send(message)
      if (final) told = ears.words.length
    }
    peer.send({ type: 'ready' })
    return {
      sound() {
        if (!commits && ears.silenceMs >= SILENCE_MS && ears.words.length > told) tell(true)
        else if (ears.words.length > partials) tell(false)
        else peer.send({ type: 'alive' })
        partials = ears.words.length
      },
      message({ type }) {
        tell(true)
        if (type !== 'finish') return
        peer.send({ type: 'ended' })
        peer.close(1000)
      },
    }
  },
}

export interface PlainOptions
  extends Pick<StreamingProtocol, 'pieceMs' | 'saysSomethingEveryMs' | 'maximumPace' | 'closeStatus'> {
  /** The provider finds no end of an utterance by itself. */
  commits?: boolean
  /** It tells every final transcript twice. */
  repeats?: boolean
  connectMs?: number
}

export function plainTranscriber(url: string, http: HttpClient, options: PlainOptions = {}): Transcriber {
  const { commits = false, repeats = false, connectMs, ...protocol } = options
  return createStreamingTranscriber({
    name: 'plainly/one',
    capabilities: { endOfTurn: false, partials: true, languages: 'any' },
    http,
    context: {
      vendor: {
        id: 'plainly',
        label: 'Plainly',
        baseUrl: null,
        baseUrlVariables: [],
        keyVariables: ['PLAINLY_KEY'],
        keyRequired: true,
      },
      stage: 'transcriber',
      key: 'secret-key',
    },
    protocol: {
      ...protocol,
      address: () => ({
        url: `${url.replace(/^http/, 'ws')}/?${commits ? 'commits=1' : ''}${repeats ? 'repeats=1' : ''}`,
        ...(connectMs !== undefined && { connectMs }),
      }),
      session: () => ({
        waitsForReady: true,
        sound: samples => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
        read,
        speechStopped: () => (commits ? '{"type":"commit"}' : null),
        finish: '{"type":"finish"}',
      }),
    },
  })
}

function read(message: Readonly<Record<string, unknown>>): Heard[] {
  if (message.type === 'ready') return [{ type: 'ready' }]
  if (message.type === 'ended') return [{ type: 'ended' }]
  if (message.type === 'error')
    return [
      {
        type: 'error',
        status: typeof message.status === 'number' ? message.status : null,
        message: String(message.said),
        fatal: message.fatal === true,
      },
    ]
  if (message.type !== 'words') return []
  if (typeof message.text !== 'string') throw new TypeError('words without a text')
  return [
    {
      type: 'transcript',
      transcriptType: message.final === true ? 'final' : 'partial',
      text: message.text,
      streamMs: Number(message.endMs),
    },
  ]
}
