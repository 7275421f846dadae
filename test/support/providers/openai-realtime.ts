/**
 * OpenAI's Realtime sessions, as the API reference has their events (client events, server events) in the current form and in
 * that of the beta. Answers are scripted; what the customer says is told by the sound (`words.ts`) or beforehand. The sound of an
 * answer is a ramp by which each place of it can be known again.
 */
import type { Mishap } from './mishap.ts'
import { createSession } from './openai-realtime-session.ts'
import { KEY, startTranscriptionServer, type TranscriptionServer } from './transcription-server.ts'

/** One answer to the conversation. */
export interface ScriptedAnswer {
  text?: string
  calls?: { name: string; arguments: Record<string, unknown> | string }[]
  /** Fails with this error in place of an answer, or after its text. */
  fails?: { code: string; message: string }
  /** It is incomplete, for this reason. */
  incomplete?: string
  /** The connection ends, or something that is no JSON comes, after so many words. */
  breaksAfter?: number
  babblesAfter?: number
  /** Nothing more comes after so many words. */
  stallsAfter?: number
  mishap?: Mishap
  /** Its words come after all of its sound. */
  wordsLate?: boolean
}

export interface RealtimeBehaviour {
  /** Answers in their order; the last one again and again. */
  answers?: ScriptedAnswer[]
  /** What is heard, commit by commit; by the sound unless given. Null: it cannot be written down. */
  hears?: (string | null)[]
  /** Between two words of an answer, in milliseconds. */
  wordMs?: number
  /** From a commit to its words, in milliseconds. */
  transcribesMs?: number
  /** The form before the current one is not spoken any more. */
  betaDisabled?: boolean
  /** It goes on with answers that are taken back. */
  ignoresCancel?: boolean
  /** What is said beside the conversation is other than asked. */
  disobeys?: string
}

export interface RealtimeItem {
  id: string
  type: string
  role?: string
  /** Words of it, where it has any. */
  text?: string
  /** Of sound, in milliseconds; after a truncation what is left. */
  audioMs?: number
  callId?: string
  output?: string
}

/** What a session of the server has come to. */
export interface SeenSession {
  beta: boolean
  /** Settings, as they are now. */
  session: Record<string, unknown>
  items: RealtimeItem[]
  /** All events of the client, without sound. */
  events: Record<string, unknown>[]
  /** Errors that it was sent. */
  errors: { code: string; message: string; eventId: string | null }[]
  /** Length of each commit in milliseconds. */
  commits: number[]
  answers: number
}

export interface RealtimeServer extends TranscriptionServer {
  readonly sessions: SeenSession[]
}

const CODES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
}

export async function startOpenAiRealtime(behaviour: RealtimeBehaviour = {}): Promise<RealtimeServer> {
  const sessions: SeenSession[] = []
  const shared = { answers: [...(behaviour.answers ?? [])], hears: behaviour.hears && [...behaviour.hears] }
  const server = await startTranscriptionServer({
    refusal: status => ({
      error: {
        message: `Incorrect API key provided: ${KEY}`,
        type: status < 500 ? 'invalid_request_error' : 'server_error',
        code: CODES[status] ?? null,
      },
    }),
    check: (request, url) => {
      if (url.pathname !== '/v1/realtime') return 404
      if (!url.searchParams.get('model')) return 400
      return request.headers.authorization === `Bearer ${KEY}` ? null : 401
    },
    connect: peer => {
      const seen: SeenSession = {
        beta: peer.request.headers['openai-beta'] === 'realtime=v1',
        session: {},
        items: [],
        events: [],
        errors: [],
        commits: [],
        answers: 0,
      }
      sessions.push(seen)
      return createSession(peer, seen, behaviour, shared)
    },
    error: kind => ({
      type: 'error',
      event_id: 'event_e',
      error: { type: 'server_error', code: kind, message: `it says ${kind}`, param: null, event_id: null },
    }),
  })
  return Object.assign(server, { sessions })
}
