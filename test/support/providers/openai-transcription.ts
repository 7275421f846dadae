/** OpenAI's transcription sessions, as the Realtime API reference has their events. */
import {
  KEY,
  type Peer,
  type PeerListener,
  startTranscriptionServer,
  type TranscriptionProtocol,
} from './transcription-server.ts'
import { createRecogniser, type HeardWord, samplesOf, textOf } from './words.ts'

const RATE = 24_000

export interface OpenAiBehaviour {
  /** The second item is ready before the first. */
  outOfOrder?: boolean
  /** A transcript comes so much later than the news that its sound was committed. */
  transcribesMs?: number
  /** The transcript of this item, counted from 1, never comes; on the first connection alone. */
  leavesOut?: number
}

export function startOpenAiTranscription(behaviour: OpenAiBehaviour = {}) {
  let connections = 0
  const protocol: TranscriptionProtocol = {
    refusal: status => ({
      error: {
        message: `Incorrect API key provided: ${KEY}`,
        type: 'invalid_request_error',
        code: status === 401 ? 'invalid_api_key' : 'rate_limit_exceeded',
      },
    }),
    check: (request, url) => {
      if (url.pathname !== '/v1/realtime') return 404
      return request.headers.authorization === `Bearer ${KEY}` ? null : 401
    },
    connect: peer => {
      const { leavesOut, ...others } = behaviour
      return converse(peer, connections++ === 0 ? behaviour : others)
    },
    error: kind => ({
      type: 'error',
      event_id: 'event_e',
      error: {
        type: kind === 'server_error' ? 'server_error' : 'invalid_request_error',
        code: kind,
        message: `it says ${kind}`,
        param: null,
        event_id: null,
      },
    }),
  }
  return startTranscriptionServer(protocol)
}

function converse(peer: Peer, { outOfOrder, transcribesMs = 0, leavesOut }: OpenAiBehaviour): PeerListener {
  let events = 0
  let items = 0
  let session: Record<string, unknown> = {
    type: 'transcription',
    object: 'realtime.transcription_session',
    id: 'sess_1',
    expires_at: 0,
  }
  let silenceMs = 500
  let itemId: string | null = null
  let told: HeardWord[] = []
  let uncommittedMs = 0
  const later: (() => void)[] = []
  const send = (message: object) => peer.send({ event_id: `event_${++events}`, ...message })
  let recogniser = start()

  function start() {
    return createRecogniser(RATE, silenceMs, {
      partial: words => {
        const fresh = words.slice(told.length)
        told = [...words]
        if (itemId === null) {
          itemId = `item_${++items}`
          send({
            type: 'input_audio_buffer.speech_started',
            audio_start_ms: Math.max(0, Math.round(words[0].startMs - 300)),
            item_id: itemId,
          })
        }
        const id = itemId
        if (!outOfOrder)
          for (const { word } of fresh)
            send({
              type: 'conversation.item.input_audio_transcription.delta',
              item_id: id,
              content_index: 0,
              delta: words.length > fresh.length ? ` ${word}` : word,
            })
      },
      final: words => {
        const id = itemId ?? 'item_0'
        send({
          type: 'input_audio_buffer.speech_stopped',
          audio_end_ms: Math.round((words.at(-1)?.endMs ?? 0) + silenceMs),
          item_id: id,
        })
        commit(id, words)
      },
    })
  }

  function commit(id: string, words: readonly HeardWord[]): void {
    uncommittedMs = 0
    itemId = null
    told = []
    send({ type: 'input_audio_buffer.committed', previous_item_id: null, item_id: id })
    send({
      type: 'conversation.item.added',
      previous_item_id: null,
      item: {
        id,
        type: 'message',
        object: 'realtime.item',
        status: 'completed',
        role: 'user',
        content: [{ type: 'input_audio', transcript: null }],
      },
    })
    const complete = () =>
      send({
        type: 'conversation.item.input_audio_transcription.completed',
        item_id: id,
        content_index: 0,
        transcript: textOf(words),
        logprobs: Array.isArray(session.include)
          ? words.map(({ word }) => ({ token: word, logprob: -0.1, bytes: [] }))
          : null,
        usage: { type: 'duration', seconds: 1 },
      })
    if (id === `item_${leavesOut}`) return
    if (transcribesMs > 0) setTimeout(complete, transcribesMs)
    else if (!outOfOrder) complete()
    else if (items % 2 === 1) later.push(complete)
    else {
      complete()
      for (const run of later.splice(0)) run()
    }
  }

  return {
    opened: () => send({ type: 'session.created', session }),
    heardMs: () => recogniser.heardMs,
    text(text) {
      const event = JSON.parse(text)
      if (event.type === 'session.update') {
        session = { ...session, ...event.session }
        silenceMs = event.session.audio?.input?.turn_detection?.silence_duration_ms ?? 500
        recogniser = start()
        send({ type: 'session.updated', session })
      } else if (event.type === 'input_audio_buffer.append') {
        const samples = samplesOf(Buffer.from(event.audio, 'base64'))
        uncommittedMs += (samples.length / RATE) * 1000
        recogniser.feed(samples)
      } else if (event.type === 'input_audio_buffer.clear') {
        send({ type: 'input_audio_buffer.cleared' })
      } else if (event.type === 'input_audio_buffer.commit') {
        if (uncommittedMs < 100)
          send({
            type: 'error',
            error: {
              type: 'invalid_request_error',
              code: 'input_audio_buffer_commit_empty',
              message: 'Error committing input audio buffer: buffer too small.',
              param: null,
              event_id: null,
            },
          })
        else if (!recogniser.finalize()) commit(`item_${++items}`, [])
      }
    },
  }
}
