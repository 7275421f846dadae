/** ElevenLabs' Scribe in real time (elevenlabs.io/docs: Realtime speech to text, Event reference, Commit strategies). */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { isObject } from '../../is-object.ts'
import { createStreamingTranscriber, type Heard, type ProtocolSession } from './streaming.ts'
import type { TranscriberProvider } from './types.ts'
import { base64Of, confidenceOf, languageOf, numberOf, socketUrl } from './wire.ts'

const MODEL = 'scribe_v2_realtime'
/** The shortest that it takes: our plans decide about turns, so that a pause between words is enough. */
const SILENCE_SECONDS = 0.3

export const elevenLabs: TranscriberProvider = {
  id: '11labs',
  proof: { by: 'client-library', name: '@elevenlabs/elevenlabs-js' },
  typicalMs: 150,
  create: ({ access, http, vendor, name, model, language, settings }) =>
    createStreamingTranscriber({
      name,
      capabilities: { endOfTurn: false, partials: true, languages: 'any' },
      http,
      context: { vendor, stage: 'transcriber', key: access.key },
      protocol: {
        // It asks for pieces of 0.1 to 1 s.
        pieceMs: 100,
        address: () => ({
          url: socketUrl(access.baseUrl, '/v1/speech-to-text/realtime', {
            // The other models take whole files alone.
            model_id: model?.includes('realtime') ? model : MODEL,
            audio_format: `pcm_${SAMPLE_RATE}`,
            language_code: languageOf(language),
            commit_strategy: 'vad',
            vad_silence_threshold_secs: numberOf(settings.silenceThresholdSeconds) ?? SILENCE_SECONDS,
            vad_threshold: numberOf(settings.confidenceThreshold),
            min_speech_duration_ms: numberOf(settings.minSpeechDurationMs),
            min_silence_duration_ms: numberOf(settings.minSilenceDurationMs),
            include_timestamps: true,
            include_language_detection: true,
          }),
          ...(access.key !== null && { headers: { 'xi-api-key': access.key } }),
        }),
        session: createSession,
      },
    }),
}

function createSession(): ProtocolSession {
  let finishing = false
  let lastEndMs = 0

  function readCommitted(message: Readonly<Record<string, unknown>>): Heard[] {
    const ended: Heard[] = finishing ? [{ type: 'ended' }] : []
    const text = typeof message.text === 'string' ? message.text.trim() : ''
    if (text === '') return ended
    const words = (Array.isArray(message.words) ? message.words : []).filter(isObject)
    const endMs = Math.max(0, ...words.map(({ end }) => (typeof end === 'number' ? end * 1000 : 0)))
    const streamMs = endMs > lastEndMs ? endMs : null
    lastEndMs = Math.max(lastEndMs, endMs)
    const confidence = confidenceOf(words.map(({ logprob }) => logprob))
    return [
      {
        type: 'transcript',
        transcriptType: 'final',
        text,
        streamMs,
        ...(confidence !== undefined && { confidence }),
        ...(typeof message.language_code === 'string' && { language: message.language_code }),
      },
      ...ended,
    ]
  }

  return {
    waitsForReady: true,
    sound: samples => audioChunk(base64Of(samples), false),
    read(message) {
      const type = String(message.message_type)
      const text = typeof message.text === 'string' ? message.text.trim() : ''
      if (type === 'session_started') return [{ type: 'ready' }]
      if (type === 'partial_transcript')
        return text === '' ? [] : [{ type: 'transcript', transcriptType: 'partial', text, streamMs: null }]
      // The same without times comes before it, as `committed_transcript`.
      if (type === 'committed_transcript_with_timestamps') return readCommitted(message)
      // There was too little to commit.
      if (type === 'commit_throttled') return finishing ? [{ type: 'ended' }] : []
      if (!(type in STATUSES)) return []
      return [{ type: 'error', status: STATUSES[type] ?? null, message: saidOf(message, type) }]
    },
    get finish() {
      finishing = true
      return audioChunk('', true)
    },
  }
}

function audioChunk(audio: string, commit: boolean): string {
  return JSON.stringify({
    message_type: 'input_audio_chunk',
    audio_base_64: audio,
    commit,
    sample_rate: SAMPLE_RATE,
  })
}

/** Its error messages as statuses of HTTP; null: another session may do better. */
const STATUSES: Readonly<Record<string, number | null>> = {
  auth_error: 401,
  unaccepted_terms: 403,
  quota_exceeded: 402,
  rate_limited: 429,
  invalid_request: 400,
  input_error: 400,
  chunk_size_exceeded: 400,
  error: null,
  transcriber_error: null,
  queue_overflow: null,
  resource_exhausted: null,
  session_time_limit_exceeded: null,
  insufficient_audio_activity: null,
}

function saidOf({ error }: Readonly<Record<string, unknown>>, type: string): string {
  return typeof error === 'string' && error !== '' ? error : type.replaceAll('_', ' ')
}
