/**
 * AssemblyAI's universal streaming (v3) as its documentation describes it: Streaming API, Message Sequence, Common session
 * errors and closures, Multilingual streaming.
 */
import {
  type Peer,
  type ServedProtocol,
  type ServerOptions,
  startTranscriberServer,
  type TranscriberServer,
} from './transcriber-server.ts'

export const ASSEMBLY_KEY = 'aai-test-key'

export interface AssemblyOptions extends ServerOptions {
  /** How sure it is that the turn is over after this text. */
  finished?: (text: string) => number
  languageOf?: (text: string) => string
  /** The formatted end of this turn is never sent. */
  unformattedTurn?: number
}

export function startAssemblyAi(options: AssemblyOptions = {}): Promise<TranscriberServer> {
  const { finished = () => 0.9, languageOf = () => 'en' } = options
  const protocol: ServedProtocol = {
    refuse: url => (url.pathname === '/v3/ws' ? null : { status: 404, body: '' }),
    serve: peer => serveTurns(peer),
  }

  function serveTurns(peer: Peer) {
    const { ears, url, headers } = peer
    const query = url.searchParams
    const fail = (code: number, said: string) => {
      peer.send({ type: 'Error', error_code: code, error: said })
      peer.close(code, said)
    }
    if (headers.authorization !== ASSEMBLY_KEY && query.get('token') !== ASSEMBLY_KEY) {
      fail(1008, 'Unauthorized Connection: Missing Authorization header')
      return { sound() {}, message() {} }
    }
    const formats = query.get('format_turns') === 'true'
    const threshold = Number(query.get('end_of_turn_confidence_threshold') ?? 0.4)
    const confidentMs = Number(query.get('min_turn_silence') ?? 400)
    const maximumMs = Number(query.get('max_turn_silence') ?? 1280)
    const detects = query.get('language_detection') === 'true'
    let order = 0
    let told = 0
    let partials = 0
    peer.send({ type: 'Begin', id: 'de5d9927-73a6-4be8-b52d-b4c07be37e6b', expires_at: 1_759_796_682 })

    function turn(ends: boolean, formatted = false): void {
      const words = ears.words.slice(told)
      const text = words.map(word => word.text).join(' ')
      const shown = formatted ? `${text.charAt(0).toUpperCase()}${text.slice(1)}.` : text
      peer.send({
        turn_order: order,
        turn_is_formatted: formatted,
        end_of_turn: ends,
        transcript: shown,
        end_of_turn_confidence: ends ? finished(text) : 0.01,
        words: shown.split(' ').map((word, place) => ({
          start: Math.round(words[place]?.startMs ?? 0),
          end: Math.round(words[place]?.endMs ?? 0),
          text: word,
          confidence: 0.93,
          word_is_final: true,
        })),
        utterance: ends ? shown : '',
        ...(detects && ends && { language_code: languageOf(text), language_confidence: 0.98 }),
        type: 'Turn',
      })
    }

    function endTurn(): void {
      if (ears.words.length === told) return
      turn(true)
      if (formats && order !== options.unformattedTurn) turn(true, true)
      told = ears.words.length
      order++
    }

    return {
      sound(bytes: Uint8Array) {
        const ms = bytes.length / 32
        if (ms < 50 || ms > 1000) {
          fail(3007, `Input duration violation: ${ms} ms. Expected between 50 and 1000 ms`)
          return
        }
        const words = ears.words.slice(told)
        if (words.length === 0) return
        const isSure = finished(words.map(word => word.text).join(' ')) >= threshold
        if (ears.silenceMs >= (isSure ? confidentMs : maximumMs)) endTurn()
        else if (ears.words.length !== partials) {
          partials = ears.words.length
          turn(false)
        }
      },
      message({ type }: Record<string, unknown>) {
        if (type === 'ForceEndpoint') endTurn()
        else if (type === 'Terminate') {
          endTurn()
          const seconds = ears.heardMs / 1000
          peer.send({
            type: 'Termination',
            audio_duration_seconds: seconds,
            session_duration_seconds: seconds,
          })
          peer.close(1000)
        } else if (type !== 'UpdateConfiguration' && type !== 'KeepAlive')
          fail(3006, `Invalid Message Type: ${String(type)}`)
      },
    }
  }

  return startTranscriberServer(protocol, options)
}
