/** ElevenLabs' realtime speech to text, as its event reference has it. */
import {
  KEY,
  type Peer,
  type PeerListener,
  startTranscriptionServer,
  type TranscriptionProtocol,
} from './transcription-server.ts'
import { createRecogniser, samplesOf } from './words.ts'

/** A word as this server needs it, and who hears it. */
interface Heard {
  word: string
  startMs: number
  endMs: number
}
export type CreateRecogniser = (
  rate: number,
  silenceMs: number,
  events: { partial(words: readonly Heard[]): void; final(words: readonly Heard[]): void },
) => { readonly heardMs: number; feed(samples: Int16Array): void; finalize(): boolean }

export function startElevenLabsScribe(create: CreateRecogniser = createRecogniser) {
  const protocol: TranscriptionProtocol = {
    refusal: status => ({
      detail: { status: status === 401 ? 'invalid_api_key' : 'refused', message: `refused ${KEY}` },
    }),
    check: (request, url) => {
      if (
        url.pathname !== '/v1/speech-to-text/realtime' ||
        url.searchParams.get('model_id') !== 'scribe_v2_realtime'
      )
        return 400
      return request.headers['xi-api-key'] === KEY ? null : 401
    },
    connect: peer => converse(peer, create),
    error: kind => ({ message_type: kind, error: `it says ${kind}` }),
  }
  return startTranscriptionServer(protocol)
}

function textOf(words: readonly Heard[]): string {
  return words.map(({ word }) => word).join(' ')
}

function converse(peer: Peer, create: CreateRecogniser): PeerListener {
  const query = peer.url.searchParams
  const isVad = query.get('commit_strategy') === 'vad'
  const silenceMs = isVad ? Number(query.get('vad_silence_threshold_secs') ?? 1.5) * 1000 : 0
  const rate = Number((query.get('audio_format') ?? 'pcm_16000').slice(4))
  const recogniser = create(rate, silenceMs, {
    partial: words => peer.send({ message_type: 'partial_transcript', text: textOf(words) }),
    final: words => {
      const text = textOf(words)
      peer.send({ message_type: 'committed_transcript', text })
      if (query.get('include_timestamps') !== 'true' && query.get('include_language_detection') !== 'true')
        return
      peer.send({
        message_type: 'committed_transcript_with_timestamps',
        text,
        ...(query.get('include_language_detection') === 'true' && { language_code: 'en' }),
        words: words.map(({ word, startMs, endMs }) => ({
          text: word,
          start: startMs / 1000,
          end: endMs / 1000,
          type: 'word',
          logprob: -0.05,
          characters: null,
        })),
      })
    },
  })
  return {
    heardMs: () => recogniser.heardMs,
    opened: () =>
      peer.send({
        message_type: 'session_started',
        session_id: 'session',
        config: {
          sample_rate: rate,
          audio_format: `pcm_${rate}`,
          model_id: query.get('model_id'),
          commit_strategy: isVad ? 'vad' : 'manual',
        },
      }),
    text(text) {
      const chunk = JSON.parse(text)
      if (chunk.message_type !== 'input_audio_chunk' || typeof chunk.audio_base_64 !== 'string') {
        peer.send({ message_type: 'input_error', error: 'not an audio chunk' })
        return
      }
      recogniser.feed(samplesOf(Buffer.from(chunk.audio_base_64, 'base64')))
      if (chunk.commit === true && !recogniser.finalize())
        peer.send({
          message_type: 'commit_throttled',
          error: 'Commit request ignored: only 0.0s of uncommitted audio.',
        })
    },
  }
}
