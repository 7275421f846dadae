/**
 * Deepgram's live transcription as its documentation describes it: nova over `/v1/listen` (Live Streaming Audio, Interim Results,
 * Endpointing, Finalize, Close Stream, Multilingual Codeswitching, Errors) and Flux over `/v2/listen` (Flux Quickstart, State
 * Machine, Configuration, Close Stream).
 */
import type { HeardWord } from './ears.ts'
import {
  type Peer,
  type ServedProtocol,
  type ServerOptions,
  startTranscriberServer,
  type TranscriberServer,
} from './transcriber-server.ts'

export const DEEPGRAM_KEY = 'dg-test-key'

export interface DeepgramOptions extends ServerOptions {
  /** Flux: sure that the turn is over after this text. */
  isFinished?: (text: string) => boolean
  /** Of a word, where the model detects languages. */
  languageOf?: (word: string) => string
  /** How sure it is of a text. */
  confidence?: number
}

const REQUEST = '4c4a3a1e-6a7c-4f2e-9b0e-000000000001'
/** A pause so long makes Flux sure, in milliseconds of silence. */
const TURN_SILENCE_MS = 260

export function startDeepgram(options: DeepgramOptions = {}): Promise<TranscriberServer> {
  const { isFinished = () => true, languageOf = () => 'en', confidence = 0.98 } = options
  const wordsOf = (words: readonly HeardWord[]) =>
    words.map(({ text, startMs, endMs }) => ({
      word: text,
      start: startMs / 1000,
      end: endMs / 1000,
      confidence,
    }))

  const protocol: ServedProtocol = {
    refuse(url, headers) {
      const refusal = (status: number, code: string, said: string) => ({
        status,
        body: JSON.stringify({ err_code: code, err_msg: said, request_id: REQUEST }),
      })
      if (headers.authorization !== `Token ${DEEPGRAM_KEY}`)
        return refusal(401, 'INVALID_AUTH', 'Invalid credentials.')
      const { pathname, searchParams: query } = url
      const isFlux = query.get('model')?.startsWith('flux') === true
      if (!['/v1/listen', '/v2/listen'].includes(pathname)) return refusal(404, 'NOT_FOUND', 'No such path.')
      if (isFlux !== (pathname === '/v2/listen'))
        return refusal(400, 'Bad Request', 'No such model/language/tier combination found.')
      if (query.get('model')?.startsWith('nova-3') === true && query.has('keywords'))
        return refusal(400, 'Bad Request', 'Keywords are not supported for Nova-3; use keyterm.')
      if (query.get('encoding') !== 'linear16' || query.get('sample_rate') !== '16000')
        return refusal(400, 'Bad Request', 'Invalid encoding.')
      return null
    },
    serve: peer => (peer.url.pathname === '/v1/listen' ? serveNova(peer) : serveFlux(peer)),
  }

  function serveNova(peer: Peer) {
    const { ears, url } = peer
    const query = url.searchParams
    const silenceMs = Number(query.get('endpointing') ?? 10)
    const detects = query.get('language') === 'multi'
    let told = 0
    let fromMs = 0
    let spokenMs = 0

    function results(flags: { is_final: boolean; speech_final?: boolean; from_finalize?: boolean }): void {
      const words = ears.words.slice(told)
      const languages = [...new Set(words.map(({ text }) => languageOf(text)))]
      spokenMs = ears.heardMs
      // A word that is under way belongs to the next results.
      const toMs = ears.openMs ?? ears.heardMs
      peer.send({
        type: 'Results',
        channel_index: [0, 1],
        duration: (toMs - fromMs) / 1000,
        start: fromMs / 1000,
        speech_final: false,
        from_finalize: false,
        ...flags,
        channel: {
          alternatives: [
            {
              transcript: words.map(({ text }) => text).join(' '),
              confidence: words.length === 0 ? 0 : confidence,
              ...(detects && words.length > 0 && { languages }),
              words: wordsOf(words).map(word => ({
                ...word,
                punctuated_word: word.word,
                ...(detects && { language: languageOf(word.word) }),
              })),
            },
          ],
        },
        metadata: {
          request_id: REQUEST,
          model_info: { name: 'general-nova-3', version: '2025-04-17.21547', arch: 'nova-3' },
          model_uuid: '40bd3654-e622-47c4-a111-63a61b23bfe8',
        },
      })
      if (!flags.is_final) return
      told = ears.words.length
      fromMs = toMs
    }

    return {
      sound() {
        const isWaiting = ears.words.length > told
        const lengthMs = ears.heardMs - fromMs
        if (isWaiting && ears.silenceMs >= Math.max(silenceMs, 100))
          results({ is_final: true, speech_final: true })
        else if (isWaiting && lengthMs >= 3000) results({ is_final: true })
        else if (ears.silenceMs > 0 && !isWaiting && lengthMs >= 4000) results({ is_final: true })
        else if (query.get('interim_results') === 'true' && ears.heardMs - spokenMs >= 200)
          results({ is_final: false })
      },
      message({ type }: Record<string, unknown>) {
        if (type === 'Finalize') {
          if (ears.words.length > told) results({ is_final: true, from_finalize: true })
        } else if (type === 'CloseStream') {
          results({ is_final: true })
          peer.send({
            type: 'Metadata',
            transaction_key: 'deprecated',
            request_id: REQUEST,
            sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
            created: '2026-08-29T22:37:55.202Z',
            duration: ears.heardMs / 1000,
            channels: 1,
          })
          peer.close(1000)
        } else if (type !== 'KeepAlive') peer.close(1008, 'DATA-0000')
      },
    }
  }

  function serveFlux(peer: Peer) {
    const { ears, url } = peer
    const timeoutMs = Number(url.searchParams.get('eot_timeout_ms') ?? 5000)
    const detects = url.searchParams.get('model') === 'flux-general-multi'
    let sequence = 0
    let turn = 0
    let told = 0
    let fromMs = 0
    let spokenMs = 0
    let isOpen = false
    peer.send({ type: 'Connected', request_id: REQUEST, sequence_id: sequence++ })

    function inform(event: string): void {
      const words = ears.words.slice(told)
      const text = words.map(word => word.text).join(' ')
      spokenMs = ears.heardMs
      peer.send({
        type: 'TurnInfo',
        request_id: REQUEST,
        sequence_id: sequence++,
        event,
        turn_index: turn,
        audio_window_start: fromMs / 1000,
        audio_window_end: ears.heardMs / 1000,
        transcript: text,
        words: wordsOf(words),
        end_of_turn_confidence: event === 'EndOfTurn' ? 0.9 : 0.1,
        ...(event === 'EndOfTurn' && { trigger: isFinished(text) ? 'model' : 'timeout' }),
        ...(detects && { languages: [...new Set(words.map(word => languageOf(word.text)))] }),
      })
      if (event !== 'EndOfTurn') return
      turn++
      told = ears.words.length
      fromMs = ears.heardMs
      isOpen = false
    }

    return {
      sound() {
        const words = ears.words.slice(told)
        const text = words.map(word => word.text).join(' ')
        if (words.length > 0 && !isOpen) {
          isOpen = true
          inform('StartOfTurn')
        } else if (isOpen && ears.silenceMs >= (isFinished(text) ? TURN_SILENCE_MS : timeoutMs))
          inform('EndOfTurn')
        else if (ears.heardMs - spokenMs >= 240) inform('Update')
      },
      message({ type }: Record<string, unknown>) {
        if (type === 'CloseStream') {
          inform('Update')
          peer.close()
          return
        }
        peer.send({
          type: 'Error',
          sequence_id: sequence++,
          code: 'UNPARSABLE_CLIENT_MESSAGE',
          description: 'Could not parse the message.',
        })
        peer.close(1008)
      },
    }
  }

  return startTranscriberServer(protocol, options)
}
