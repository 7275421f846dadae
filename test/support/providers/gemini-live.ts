/**
 * Google's Live API, as its reference has the messages ("Live API - WebSockets API reference"). Answers are scripted; what the
 * customer says is told by the sound (`words.ts`) or beforehand. A session whose instructions have the marks <<< says
 * what stands between them.
 */
import { createGeminiSessionServer } from './gemini-live-session.ts'
import type { Mishap } from './mishap.ts'
import { KEY, startTranscriptionServer, type TranscriptionServer } from './transcription-server.ts'

/** One answer to the conversation. */
export interface GeminiAnswerScript {
  text?: string
  calls?: { name: string; args: Record<string, unknown> }[]
  /** The connection ends, something that is no JSON comes, or nothing more comes, after so many words. */
  breaksAfter?: number
  babblesAfter?: number
  stallsAfter?: number
  /** The server says goodbye after it. */
  goesAway?: boolean
  mishap?: Mishap
  /** Its words come after all of its sound: before the turn is over, or after it. */
  wordsLate?: 'within' | 'after'
}

export interface GeminiBehaviour {
  /** Answers in their order; the last one again and again. */
  answers?: GeminiAnswerScript[]
  /** What is heard, activity by activity; by the sound unless given. */
  hears?: string[]
  /** Its words come while it is spoken, and not after its end. */
  hearsWhileSpoken?: boolean
  /** Between two words of an answer, in milliseconds. */
  wordMs?: number
  /** From the end of an activity to its words, in milliseconds. */
  transcribesMs?: number
  /** From the end of generation to the end of the turn, in milliseconds. */
  playsMs?: number
  /** What the session that says given words says in their place. */
  disobeys?: string
  /** It takes its tool calls back. */
  cancelsCalls?: boolean
}

export interface GeminiContent {
  role: string
  text?: string
  /** Of the customer's sound, in milliseconds. */
  audioMs?: number
  call?: { id: string; name: string }
  result?: { name: string; response: object }
}

/** What a session of the server has come to. */
export interface SeenGemini {
  // biome-ignore lint/suspicious/noExplicitAny: a message of the client, whatever it is
  setup: Record<string, any>
  contents: GeminiContent[]
  /** All messages of the client, without sound. */
  messages: object[]
  /** What was not as documented. */
  errors: string[]
  answers: number
  /** It only says given words. */
  isReader: boolean
}

export interface GeminiServer extends TranscriptionServer {
  readonly sessions: SeenGemini[]
  /** Those that have a conversation. */
  readonly talks: SeenGemini[]
}

const PATH = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'

const STATUSES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
}

export async function startGeminiLive(behaviour: GeminiBehaviour = {}): Promise<GeminiServer> {
  const sessions: SeenGemini[] = []
  const shared = {
    answers: [...(behaviour.answers ?? [])],
    hears: behaviour.hears && [...behaviour.hears],
    calls: 0,
  }
  const server = await startTranscriptionServer({
    refusal: status => ({
      error: { code: status, message: `refused with ${status}`, status: STATUSES[status] ?? 'UNAVAILABLE' },
    }),
    // Google's own client puts two slashes in front.
    check: ({ url = '' }) => (url.replace(/^\/+/, '/').split('?')[0] === PATH ? null : 404),
    connect: peer => {
      const seen: SeenGemini = {
        setup: {},
        contents: [],
        messages: [],
        errors: [],
        answers: 0,
        isReader: false,
      }
      sessions.push(seen)
      const key =
        peer.request.headers['x-goog-api-key'] ??
        new URL(peer.request.url ?? '', 'http://localhost').searchParams.get('key')
      if (key !== KEY) {
        peer.close(1007, 'API key not valid. Please pass a valid API key.')
        return { heardMs: () => 0 }
      }
      return createGeminiSessionServer(peer, seen, behaviour, shared)
    },
  })
  return Object.defineProperty(Object.assign(server, { sessions, talks: [] }), 'talks', {
    get: () => sessions.filter(({ isReader }) => !isReader),
  })
}
