/** Speechmatics' realtime API v2. Final words come one by one, each after `max_delay`; here with the next word or the end. */
import {
  KEY,
  type Peer,
  type PeerListener,
  startTranscriptionServer,
  type TranscriptionProtocol,
} from './transcription-server.ts'
import { createRecogniser, type HeardWord, samplesOf } from './words.ts'

export function startSpeechmaticsRealtime() {
  const protocol: TranscriptionProtocol = {
    refusal: status => ({ code: status, error: 'refused', detail: `key ${KEY}` }),
    check: (request, url) => {
      if (!/^\/v2\/?$/.test(url.pathname)) return 404
      // A key in the header, or a temporary one in the address.
      const isKnown = request.headers.authorization === `Bearer ${KEY}` || url.searchParams.get('jwt') === KEY
      return isKnown ? null : 401
    },
    connect: converse,
    error: kind => ({ message: 'Error', type: kind, reason: `it says ${kind}` }),
  }
  return startTranscriptionServer(protocol)
}

function converse(peer: Peer): PeerListener {
  let recogniser = createRecogniser(16_000, 0, { final: () => {} })
  let pieces = 0
  let finals = 0

  function tell(
    message: 'AddPartialTranscript' | 'AddTranscript',
    words: readonly HeardWord[],
    closing = '',
  ): void {
    peer.send({
      message,
      format: '2.9',
      metadata: {
        start_time: (words[0]?.startMs ?? 0) / 1000,
        end_time: (words.at(-1)?.endMs ?? 0) / 1000,
        transcript: `${words.map(({ word }) => `${word} `).join('')}${closing}`.replace(/ \.$/, '. '),
      },
      results: words.map(({ word, startMs, endMs }) => ({
        type: 'word',
        start_time: startMs / 1000,
        end_time: endMs / 1000,
        alternatives: [{ content: word, confidence: 0.98, language: 'en' }],
      })),
    })
  }

  return {
    heardMs: () => recogniser.heardMs,
    text(text) {
      const message = JSON.parse(text)
      if (message.message === 'StartRecognition') {
        const { audio_format: format, transcription_config: config } = message
        if (format.type !== 'raw' || config.language === 'xx') {
          peer.send({ message: 'Error', type: 'invalid_model', reason: 'language is not supported' })
          peer.close(4004, 'invalid_model')
          return
        }
        const silenceMs = (config.conversation_config?.end_of_utterance_silence_trigger ?? 0) * 1000
        recogniser = createRecogniser(format.sample_rate, silenceMs, {
          partial: words => {
            // All but the last word are settled.
            if (words.length - 1 > finals) tell('AddTranscript', words.slice(finals, words.length - 1))
            finals = words.length - 1
            if (config.enable_partials) tell('AddPartialTranscript', words.slice(finals))
          },
          final: words => {
            tell('AddTranscript', words.slice(finals), '.')
            finals = 0
            const endMs = words.at(-1)?.endMs ?? 0
            peer.send({
              message: 'EndOfUtterance',
              metadata: { start_time: endMs / 1000, end_time: endMs / 1000 },
            })
          },
        })
        peer.send({
          message: 'RecognitionStarted',
          id: 'session',
          orchestrator_version: '1',
          language_pack_info: { word_delimiter: ' ' },
        })
      } else if (message.message === 'EndOfStream') {
        if (message.last_seq_no !== pieces)
          peer.send({ message: 'Error', type: 'protocol_error', reason: `last_seq_no is not ${pieces}` })
        recogniser.finalize()
        peer.send({ message: 'EndOfTranscript' })
      }
    },
    binary(sound) {
      recogniser.feed(samplesOf(sound))
      peer.send({ message: 'AudioAdded', seq_no: ++pieces })
    },
  }
}
