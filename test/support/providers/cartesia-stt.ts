/** Cartesia's two ways of realtime speech to text: told when speech ends, and finding turns by itself. */
import {
  KEY,
  type Peer,
  type PeerListener,
  startTranscriptionServer,
  type TranscriptionProtocol,
} from './transcription-server.ts'
import { createRecogniser, samplesOf, textOf } from './words.ts'

const ERROR = { request_id: 'r', doc_url: 'https://docs.cartesia.ai' }

export function startCartesiaStt() {
  const protocol: TranscriptionProtocol = {
    refusal: status => ({
      ...ERROR,
      error_code: 'unauthorized',
      title: 'Refused',
      message: `key ${KEY}`,
      status_code: status,
    }),
    check: (request, url) => {
      if (!/^\/stt\/(turns\/)?websocket$/.test(url.pathname)) return 404
      if (request.headers['cartesia-version'] === undefined) return 400
      return request.headers.authorization === `Bearer ${KEY}` ? null : 401
    },
    connect: peer => (peer.url.pathname.includes('turns') ? findTurns(peer) : waitForWord(peer)),
    error: kind => ({
      ...ERROR,
      type: 'error',
      title: 'It fails',
      message: `it says ${kind}`,
      error_code: kind,
      status_code: Number(kind),
    }),
  }
  return startTranscriptionServer(protocol)
}

function waitForWord(peer: Peer): PeerListener {
  const recogniser = createRecogniser(Number(peer.url.searchParams.get('sample_rate')), 0, {
    // Deltas, with the space between them.
    final: words => {
      words.forEach(({ word }, place) => {
        peer.send({
          type: 'transcript',
          is_final: true,
          request_id: 'r',
          text: place === 0 ? word : ` ${word}`,
          duration: 0.2,
          language: 'en',
          words: [],
        })
      })
    },
  })
  return {
    heardMs: () => recogniser.heardMs,
    binary: sound => recogniser.feed(samplesOf(sound)),
    text(text) {
      recogniser.finalize()
      if (text === 'finalize') peer.send({ type: 'flush_done', request_id: 'r' })
      else {
        peer.send({ type: 'done', request_id: 'r' })
        setImmediate(() => peer.close(1000))
      }
    },
  }
}

function findTurns(peer: Peer): PeerListener {
  const send = (type: string, transcript?: string) =>
    peer.send({ type, request_id: 'r', ...(transcript !== undefined && { transcript }) })
  const recogniser = createRecogniser(Number(peer.url.searchParams.get('sample_rate')), 400, {
    partial: words => {
      if (words.length === 1) send('turn.start')
      send('turn.update', textOf(words))
    },
    final: words => send('turn.end', textOf(words)),
  })
  return {
    heardMs: () => recogniser.heardMs,
    opened: () => send('connected'),
    binary: sound => recogniser.feed(samplesOf(sound)),
    text(text) {
      if (JSON.parse(text).type !== 'close') return
      recogniser.finalize()
      setImmediate(() => peer.close(1000))
    },
  }
}
