/** Soniox' WebSocket API: final tokens once, the others again and again. A word is two tokens here. */
import {
  KEY,
  type Peer,
  type PeerListener,
  startTranscriptionServer,
  type TranscriptionProtocol,
} from './transcription-server.ts'
import { createRecogniser, type HeardWord, samplesOf } from './words.ts'

export function startSonioxRealtime() {
  const protocol: TranscriptionProtocol = {
    refusal: () => ({}),
    check: (_request, url) => (url.pathname === '/transcribe-websocket' ? null : 404),
    connect: converse,
    error: kind => ({ error_code: Number(kind), error_message: `it says ${kind}` }),
  }
  return startTranscriptionServer(protocol)
}

function converse(peer: Peer): PeerListener {
  let recogniser = createRecogniser(16_000, 0, { final: () => {} })
  let configured = false
  let finals = 0

  function tell(
    final: readonly HeardWord[],
    changing: readonly HeardWord[],
    special: string[] = [],
    finished = false,
  ): void {
    const tokens = [
      ...final.map(word => ({ word, is_final: true })),
      ...changing.map(word => ({ word, is_final: false })),
    ].flatMap(({ word: { word, startMs, endMs }, is_final }) => [
      {
        text: ` ${word.slice(0, 2)}`,
        start_ms: startMs,
        end_ms: startMs + 20,
        confidence: 0.9,
        is_final,
        language: 'en',
      },
      {
        text: word.slice(2),
        start_ms: startMs + 20,
        end_ms: endMs,
        confidence: 0.8,
        is_final,
        language: 'en',
      },
    ])
    peer.send({
      tokens: [
        ...tokens.filter(({ text }) => text !== ''),
        ...special.map(text => ({ text, is_final: true, confidence: 1 })),
      ],
      final_audio_proc_ms: final.at(-1)?.endMs ?? 0,
      total_audio_proc_ms: recogniser.heardMs,
      ...(finished && { finished: true }),
    })
  }

  function configure(config: Record<string, unknown>): void {
    if (config.api_key !== KEY) {
      peer.send({ tokens: [], error_code: 401, error_message: `Invalid API key ${config.api_key}.` })
      peer.close(1000)
      return
    }
    configured = true
    const silenceMs =
      config.enable_endpoint_detection === true ? Number(config.max_endpoint_delay_ms ?? 2000) : 0
    recogniser = createRecogniser(Number(config.sample_rate), silenceMs, {
      partial: words => {
        const settled = words.length - 1
        tell(words.slice(finals, settled), words.slice(settled))
        finals = settled
      },
      final: words => {
        tell(words.slice(finals), [], silenceMs > 0 ? ['<end>'] : [])
        finals = 0
      },
    })
  }

  return {
    heardMs: () => recogniser.heardMs,
    text(text) {
      if (!configured) configure(JSON.parse(text))
      else if (text === '') {
        recogniser.finalize()
        tell([], [], [], true)
        setImmediate(() => peer.close(1000))
      } else if (JSON.parse(text).type === 'finalize') {
        recogniser.finalize()
        tell([], [], ['<fin>'])
      }
    },
    binary: sound => recogniser.feed(samplesOf(sound)),
  }
}
