/** Gladia's live API v2: the request that makes a session, and its WebSocket. */
import { randomUUID } from 'node:crypto'
import {
  KEY,
  type Peer,
  type PeerListener,
  startTranscriptionServer,
  type TranscriptionProtocol,
} from './transcription-server.ts'
import { createRecogniser, samplesOf, textOf } from './words.ts'

export async function startGladiaLive() {
  const sessions = new Map<string, Record<string, unknown>>()
  /** What was asked for, in order. */
  const inits: { query: URLSearchParams; body: Record<string, unknown> }[] = []
  const protocol: TranscriptionProtocol = {
    refusal: status => ({
      statusCode: status,
      message: `gladia key ${KEY} is not known`,
      timestamp: '',
      path: '/v2/live',
      request_id: 'G-1',
    }),
    check: (request, url) => {
      if (url.pathname !== '/v2/live') return 404
      if (request.method === 'GET') return sessions.has(url.searchParams.get('token') ?? '') ? null : 401
      return request.headers['x-gladia-key'] === KEY ? null : 401
    },
    http(_request, response, url, text, baseUrl) {
      const body = JSON.parse(text)
      const token = randomUUID()
      sessions.set(token, body)
      inits.push({ query: url.searchParams, body })
      response.writeHead(201, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          id: token,
          created_at: new Date(0).toISOString(),
          url: `${baseUrl.replace('http', 'ws')}/v2/live?token=${token}`,
        }),
      )
    },
    connect: peer => converse(peer, sessions.get(peer.url.searchParams.get('token') ?? '') ?? {}),
    error: kind => ({
      type: 'audio_chunk',
      session_id: 's',
      created_at: '',
      acknowledged: false,
      error: { message: `it says ${kind}` },
      data: null,
    }),
  }
  return Object.assign(await startTranscriptionServer(protocol), { inits })
}

function converse(peer: Peer, settings: Record<string, unknown>): PeerListener {
  const wanted = settings.messages_config as Record<string, boolean>
  let utterances = 0
  let bytes = 0
  const send = (type: string, more: object) =>
    peer.send({ session_id: 'session', created_at: new Date(0).toISOString(), type, ...more })
  const tell = (isFinal: boolean, words: readonly { word: string; startMs: number; endMs: number }[]) =>
    send('transcript', {
      data: {
        id: `00_${utterances}`,
        is_final: isFinal,
        utterance: {
          text: ` ${textOf(words as never)}`,
          start: words[0].startMs / 1000,
          end: (words.at(-1)?.endMs ?? 0) / 1000,
          language: 'en',
          confidence: 0.91,
          channel: 0,
          words: words.map(({ word, startMs, endMs }) => ({
            word: ` ${word}`,
            start: startMs / 1000,
            end: endMs / 1000,
            confidence: 0.91,
          })),
        },
      },
    })
  const recogniser = createRecogniser(
    Number(settings.sample_rate),
    Number(settings.endpointing ?? 0.3) * 1000,
    {
      partial: words => {
        if (wanted.receive_partial_transcripts) tell(false, words)
      },
      final: words => {
        tell(true, words)
        utterances++
      },
    },
  )
  return {
    heardMs: () => recogniser.heardMs,
    opened: () => {
      if (wanted.receive_lifecycle_events) send('start_recording', {})
    },
    binary(sound) {
      recogniser.feed(samplesOf(sound))
      if (wanted.receive_acknowledgments)
        send('audio_chunk', {
          acknowledged: true,
          error: null,
          data: {
            byte_range: [bytes, bytes + sound.length],
            time_range: [bytes / 32_000, (bytes + sound.length) / 32_000],
          },
        })
      bytes += sound.length
    },
    text(text) {
      if (JSON.parse(text).type !== 'stop_recording') return
      if (wanted.receive_acknowledgments)
        send('stop_recording', {
          acknowledged: true,
          error: null,
          data: { recording_duration: recogniser.heardMs / 1000, recording_left_to_process: 0 },
        })
      recogniser.finalize()
      if (wanted.receive_lifecycle_events) {
        send('end_recording', { data: { recording_duration: recogniser.heardMs / 1000 } })
        send('end_session', {})
      }
      setImmediate(() => peer.close(1000))
    },
  }
}
