/** Soniox in real time (soniox.com/docs: WebSocket API, Endpoint detection). Final text comes token by token. */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { isObject } from '../../is-object.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberOptions, TranscriberProvider } from './types.ts'
import { createUtterance } from './utterance.ts'
import { bytesOfSamples, languageOf, numberOf, socketUrl, textsIn } from './wire.ts'

/** What the platform sets unless configured (API: SonioxTranscriber), in milliseconds. */
const ENDPOINT_DELAY_MS = 500

export const soniox: TranscriberProvider = {
  id: 'soniox',
  baseUrl: 'https://stt-rt.soniox.com',
  proof: { by: 'client-library', name: '@soniox/node' },
  typicalMs: null,
  create: options => {
    const { vendor, access } = options
    return createStreamingTranscriber({
      name: options.name,
      capabilities: { endOfTurn: true, partials: true, languages: 'any' },
      http: options.http,
      context: { vendor, stage: 'transcriber', key: access.key },
      protocol: {
        pieceMs: 40,
        address: () => ({ url: socketUrl(access.baseUrl, '/transcribe-websocket', {}) }),
        session: () => createSession(options),
      },
    })
  },
}

function createSession(options: TranscriberOptions): ProtocolSession {
  const utterance = createUtterance('')
  return {
    opening: [JSON.stringify(startMessage(options))],
    sound: bytesOfSamples,
    read(message) {
      if (message.error_code !== undefined || message.error_message !== undefined)
        return [
          {
            type: 'error',
            status: numberOf(message.error_code) ?? null,
            message: String(message.error_message ?? ''),
          },
        ]
      const tokens = (Array.isArray(message.tokens) ? message.tokens : []).filter(isObject)
      const heard: Heard[] = []
      let changing = ''
      let changingEndMs: number | null = null
      for (const { text, is_final, start_ms, end_ms, confidence, language } of tokens) {
        if (typeof text !== 'string') continue
        const endMs = numberOf(end_ms) ?? numberOf(message.final_audio_proc_ms) ?? 0
        if (text === '<end>' || text === '<fin>') heard.push(...utterance.end(text === '<end>'))
        else if (is_final === true)
          heard.push(
            ...utterance.add({
              text,
              startMs: numberOf(start_ms) ?? endMs,
              endMs,
              ...(typeof confidence === 'number' && { confidence }),
              ...(typeof language === 'string' && { language }),
            }),
          )
        else {
          changing += text
          changingEndMs = endMs
        }
      }
      if (message.finished === true) return [...heard, ...utterance.end(false), { type: 'ended' }]
      return [...heard, ...(tokens.length > 0 ? utterance.soFar(changing, changingEndMs) : [])]
    },
    finish: '',
    rest: () => utterance.end(false),
  }
}

function startMessage({ access, model, language, settings }: TranscriberOptions): object {
  const single = languageOf(language)
  const hints = Array.isArray(settings.languages) ? textsIn(settings.languages) : single ? [single] : []
  const terms = textsIn(settings.customVocabulary)
  const general = Array.isArray(settings.contextGeneral) ? settings.contextGeneral : []
  return {
    api_key: access.key ?? '',
    model: model ?? 'stt-rt-v5',
    audio_format: 'pcm_s16le',
    sample_rate: SAMPLE_RATE,
    num_channels: 1,
    ...(hints.length > 0 && {
      language_hints: hints,
      language_hints_strict: settings.languageHintsStrict !== false,
    }),
    enable_language_identification: hints.length !== 1,
    enable_endpoint_detection: true,
    max_endpoint_delay_ms: numberOf(settings.maxEndpointDelayMs) ?? ENDPOINT_DELAY_MS,
    ...((terms.length > 0 || general.length > 0) && {
      context: { ...(general.length > 0 && { general }), ...(terms.length > 0 && { terms }) },
    }),
  }
}
