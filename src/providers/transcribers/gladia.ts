/** Gladia's live API (docs.gladia.io: Live STT, POST /v2/live and the WebSocket that it names). */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { isObject } from '../../is-object.ts'
import { type ErrorContext, providerError, providerFailure, providerRefusal } from '../provider-error.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberOptions, TranscriberProvider } from './types.ts'
import { bytesOfSamples, numberOf, textsIn } from './wire.ts'

/** Limit of the request that makes a session, in milliseconds. */
const INIT_MS = 5000

export const gladia: TranscriberProvider = {
  id: 'gladia',
  proof: { by: 'client-library', name: '@gladiaio/sdk' },
  typicalMs: 600,
  create(options) {
    const { vendor, access } = options
    const context: ErrorContext = { vendor, stage: 'transcriber', key: access.key }
    return createStreamingTranscriber({
      name: options.name,
      capabilities: { endOfTurn: false, partials: true, languages: 'any' },
      http: options.http,
      context,
      protocol: {
        pieceMs: 40,
        // It acknowledges sound.
        saysSomethingEveryMs: 10_000,
        address: async signal => ({ url: await initiate(options, context, signal) }),
        session: createSession,
        // Its own codes are those of HTTP above 4000; those above 4500 are worth another attempt.
        closeStatus: code => (code >= 4400 && code < 4500 ? code - 4000 : null),
      },
    })
  },
}

/** Makes a session; gives its address, which has a token in it. */
async function initiate(
  { access, http, settings }: TranscriberOptions,
  context: ErrorContext,
  signal: AbortSignal,
): Promise<string> {
  const region = typeof settings.region === 'string' ? `?region=${encodeURIComponent(settings.region)}` : ''
  try {
    const reply = await http.request({
      url: `${access.baseUrl}/v2/live${region}`,
      headers: {
        'content-type': 'application/json',
        ...(access.key !== null && { 'x-gladia-key': access.key }),
      },
      body: JSON.stringify(sessionSettings(settings)),
      timeoutMs: INIT_MS,
      signal,
    })
    if (reply.status >= 300) throw providerRefusal(context, reply.status, await reply.text())
    const session = await reply.json()
    // It has a token in it: one that cannot be opened is not to come into an error.
    if (isObject(session) && /^wss?:/.test(String(session.url)) && URL.canParse(String(session.url)))
      return String(session.url)
  } catch (thrown) {
    throw providerError(context, thrown)
  }
  throw providerFailure(context, 'made a session without the address of a WebSocket')
}

function sessionSettings(settings: Readonly<Record<string, unknown>>): object {
  return {
    encoding: 'wav/pcm',
    bit_depth: 16,
    sample_rate: SAMPLE_RATE,
    channels: 1,
    // `fast` and `accurate` are models of its first API.
    ...(typeof settings.model === 'string' && settings.model.includes('-') && { model: settings.model }),
    ...(numberOf(settings.endpointing) !== undefined && { endpointing: settings.endpointing }),
    language_config: languageSettings(settings),
    pre_processing: {
      ...(typeof settings.audioEnhancer === 'boolean' && { audio_enhancer: settings.audioEnhancer }),
      ...(numberOf(settings.speechThreshold) !== undefined && { speech_threshold: settings.speechThreshold }),
    },
    realtime_processing: vocabulary(settings),
    messages_config: {
      receive_partial_transcripts: settings.receivePartialTranscripts !== false,
      receive_final_transcripts: true,
      receive_speech_events: false,
      receive_pre_processing_events: false,
      receive_realtime_processing_events: false,
      receive_post_processing_events: false,
      receive_acknowledgments: true,
      receive_errors: true,
      receive_lifecycle_events: true,
    },
  }
}

/** No languages: it finds them out; once, or in each utterance (code switching). */
function languageSettings({ languageBehaviour, language, languages }: Readonly<Record<string, unknown>>) {
  const several = languageBehaviour === 'automatic multiple languages'
  const single = several || typeof language !== 'string' ? [] : [language]
  const listed = textsIn(languages)
  return {
    languages: (listed.length > 0 ? listed : single).map(code => (code === 'jv' ? 'jw' : code)),
    code_switching: several || (languageBehaviour === 'manual' && listed.length > 1),
  }
}

function vocabulary(settings: Readonly<Record<string, unknown>>): object {
  const { customVocabularyEnabled, customVocabularyConfig: configured, transcriptionHint: hint } = settings
  if (isObject(configured) && customVocabularyEnabled !== false && Array.isArray(configured.vocabulary))
    return {
      custom_vocabulary: true,
      custom_vocabulary_config: {
        vocabulary: configured.vocabulary,
        ...(numberOf(configured.defaultIntensity) !== undefined && {
          default_intensity: configured.defaultIntensity,
        }),
      },
    }
  // The vocabulary of its first API was a text.
  const words = (typeof hint === 'string' ? hint.split(',') : []).map(word => word.trim()).filter(Boolean)
  return words.length === 0
    ? {}
    : { custom_vocabulary: true, custom_vocabulary_config: { vocabulary: words } }
}

function createSession(): ProtocolSession {
  return {
    sound: bytesOfSamples,
    read(message) {
      if (message.type === 'end_session') return [{ type: 'ended' }]
      if (message.type === 'error' || message.acknowledged === false)
        return [{ type: 'error', ...errorOf(message) }]
      const data = isObject(message.data) ? message.data : {}
      if (message.type !== 'transcript' || !isObject(data.utterance)) return []
      return readUtterance(data.utterance, data.is_final === true)
    },
    finish: JSON.stringify({ type: 'stop_recording' }),
  }
}

function readUtterance(utterance: Readonly<Record<string, unknown>>, isFinal: boolean): Heard[] {
  const { text, end, confidence, language } = utterance
  if (typeof text !== 'string' || text.trim() === '') return []
  return [
    {
      type: 'transcript',
      transcriptType: isFinal ? 'final' : 'partial',
      text: text.trim(),
      streamMs: typeof end === 'number' ? end * 1000 : null,
      ...(typeof confidence === 'number' && { confidence }),
      ...(typeof language === 'string' && { language }),
    },
  ]
}

function errorOf({ error, data }: Readonly<Record<string, unknown>>): {
  status: number | null
  message: string
} {
  const told = isObject(error) ? error : isObject(data) ? data : {}
  const status = numberOf(told.status_code) ?? numberOf(told.code) ?? null
  return {
    status: status !== null && status >= 400 && status < 600 ? status : null,
    message: String(told.message ?? ''),
  }
}
