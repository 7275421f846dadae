/** xAI's streaming speech to text, from its documentation: locked pieces, then the whole utterance. */
import {
  KEY,
  type Peer,
  type PeerListener,
  startTranscriptionServer,
  type TranscriptionProtocol,
} from './transcription-server.ts'
import { createRecogniser, type HeardWord, samplesOf, textOf } from './words.ts'

export interface XaiBehaviour {
  /** The last message of an utterance has only what was not locked before. */
  tailOnly?: boolean
}

/** Pieces of long speech are locked; here after so many words. */
const LOCKED_WORDS = 2

export function startXaiStt(behaviour: XaiBehaviour = {}) {
  const protocol: TranscriptionProtocol = {
    refusal: status => ({ code: `Client error ${status}`, error: `Incorrect API key provided: ${KEY}` }),
    check: (request, url) => {
      if (url.pathname !== '/v1/stt') return 404
      if (url.searchParams.get('encoding') !== 'pcm') return 400
      return request.headers.authorization === `Bearer ${KEY}` ? null : 401
    },
    connect: peer => converse(peer, behaviour),
    error: kind => ({ type: 'error', message: `it says ${kind}` }),
  }
  return startTranscriptionServer(protocol)
}

function converse(peer: Peer, { tailOnly }: XaiBehaviour): PeerListener {
  const query = peer.url.searchParams
  let locked = 0
  const tell = (words: readonly HeardWord[], is_final: boolean, speech_final: boolean) =>
    peer.send({
      type: 'transcript.partial',
      text: textOf(words),
      words: words.map(({ word, startMs, endMs }) => ({
        text: word,
        start: startMs / 1000,
        end: endMs / 1000,
      })),
      is_final,
      speech_final,
      start: (words[0]?.startMs ?? 0) / 1000,
      duration: ((words.at(-1)?.endMs ?? 0) - (words[0]?.startMs ?? 0)) / 1000,
    })
  const recogniser = createRecogniser(
    Number(query.get('sample_rate')),
    Number(query.get('endpointing') ?? 300),
    {
      partial: words => {
        const open = words.slice(locked)
        if (open.length > LOCKED_WORDS) {
          tell(open.slice(0, LOCKED_WORDS), true, false)
          locked += LOCKED_WORDS
        } else if (query.get('interim_results') === 'true') tell(open, false, false)
      },
      final: words => {
        tell(tailOnly ? words.slice(locked) : words, true, true)
        locked = 0
      },
    },
  )
  return {
    heardMs: () => recogniser.heardMs,
    opened: () => peer.send({ type: 'transcript.created' }),
    binary: sound => recogniser.feed(samplesOf(sound)),
    text(text) {
      if (JSON.parse(text).type !== 'audio.done') return
      recogniser.finalize()
      peer.send({ type: 'transcript.done', text: '', words: [], duration: recogniser.heardMs / 1000 })
    },
  }
}
