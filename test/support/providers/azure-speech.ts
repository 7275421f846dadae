/** Azure AI Speech's WebSocket protocol: messages with headers, sound as a WAV file without an end, turns. */
import {
  KEY,
  type Peer,
  type PeerListener,
  startTranscriptionServer,
  type TranscriptionProtocol,
} from './transcription-server.ts'
import { createRecogniser, type HeardWord, samplesOf, textOf } from './words.ts'

const PATH = '/speech/recognition/conversation/cognitiveservices/v1'
const WAV_HEADER_BYTES = 44

export interface AzureBehaviour {
  /** It ends the turn by itself after each utterance; the next one begins with the sound that follows. */
  endsTurns?: boolean
}

export function startAzureSpeech(behaviour: AzureBehaviour = {}) {
  const protocol: TranscriptionProtocol = {
    refusal: status => ({ error: { code: String(status), message: `key ${KEY}` } }),
    check: (request, url) => {
      if (url.pathname !== PATH || !url.searchParams.get('language')?.includes('-')) return 400
      return request.headers['ocp-apim-subscription-key'] === KEY ? null : 401
    },
    connect: peer => converse(peer, behaviour),
  }
  return startTranscriptionServer(protocol)
}

function converse(peer: Peer, { endsTurns }: AzureBehaviour): PeerListener {
  const query = peer.url.searchParams
  const silenceMs = Number(query.get('segmentationSilenceTimeoutMs') ?? 300)
  let requestId = ''
  let heardBeforeMs = 0
  let ignored = ''
  let recogniser = start()
  const send = (path: string, body: object) =>
    peer.send(
      `X-RequestId:${requestId}\r\nContent-Type:application/json; charset=utf-8\r\nPath:${path}\r\n\r\n${JSON.stringify(body)}`,
    )

  function start() {
    return createRecogniser(16_000, silenceMs, {
      partial: words => send('speech.hypothesis', { Text: textOf(words), ...timesOf(words) }),
      final: words => {
        const text = textOf(words)
        send('speech.phrase', {
          Id: 'p',
          RecognitionStatus: 'Success',
          DisplayText: `${text}.`,
          ...timesOf(words),
          Channel: 0,
          NBest: [{ Confidence: 0.93, Lexical: text, ITN: text, MaskedITN: text, Display: `${text}.` }],
        })
        if (endsTurns) endTurn()
      },
    })
  }

  function endTurn(): void {
    send('speech.endDetected', { Offset: recogniser.heardMs * 10_000 })
    send('turn.end', {})
    ignored = requestId
  }

  return {
    heardMs: () => heardBeforeMs + recogniser.heardMs,
    binary(message) {
      const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
      const length = view.getUint16(0)
      const headers = Buffer.from(message.subarray(2, 2 + length)).toString()
      let sound = message.subarray(2 + length)
      const id = /^X-RequestId: *(\S+)/im.exec(headers)?.[1] ?? ''
      if (!/^Path: *audio/im.test(headers) || id === ignored) return
      if (sound.length === 0) {
        recogniser.finalize()
        if (!endsTurns) endTurn()
        else send('turn.end', {})
        return
      }
      if (id !== requestId) {
        requestId = id
        heardBeforeMs += recogniser.heardMs
        recogniser = start()
        if (Buffer.from(sound.subarray(0, 4)).toString() !== 'RIFF') {
          peer.close(1007, 'no WAV header')
          return
        }
        sound = sound.subarray(WAV_HEADER_BYTES)
        send('turn.start', { context: { serviceTag: 'tag' } })
        send('speech.startDetected', { Offset: 0 })
      }
      recogniser.feed(samplesOf(sound))
    },
  }
}

function timesOf(words: readonly HeardWord[]): { Offset: number; Duration: number } {
  const [first] = words
  const last = words.at(-1)
  return {
    Offset: Math.round((first?.startMs ?? 0) * 10_000),
    Duration: Math.round(((last?.endMs ?? 0) - (first?.startMs ?? 0)) * 10_000),
  }
}
