/** A realtime session at the local server, as an assistant of a call has it. */
import type { AudioFrame } from '../../../src/engine/ports/audio-input.ts'
import type {
  ModelMessage,
  ModelPiece,
  ModelRequest,
  TokenUsage,
} from '../../../src/engine/ports/language-model.ts'
import type { Transcript } from '../../../src/engine/ports/transcriber.ts'
import type { VoicePiece } from '../../../src/engine/ports/voice.ts'
import type { HttpClient } from '../../../src/net/http.ts'
import { findModelProvider } from '../../../src/providers/models/table.ts'
import { resolveModelAccess } from '../../../src/providers/models/vendor.ts'
import { createRealtimeEar } from '../../../src/providers/realtime/ear.ts'
import { createHeardMarks } from '../../../src/providers/realtime/marks.ts'
import { createRealtimeModel } from '../../../src/providers/realtime/model.ts'
import { currentForm, previewForm } from '../../../src/providers/realtime/openai-form.ts'
import {
  createRealtimeSession,
  type RealtimeSession,
  type SessionOptions,
} from '../../../src/providers/realtime/session.ts'
import { createRealtimeVoice } from '../../../src/providers/realtime/voice.ts'
import { KEY } from './transcription-server.ts'
import { type Line, say, soundOf } from './words.ts'

export interface RealtimeTalk {
  readonly session: RealtimeSession
  readonly voice: ReturnType<typeof createRealtimeVoice>
  readonly model: ReturnType<typeof createRealtimeModel>
  readonly marks: ReturnType<typeof createHeardMarks>
  readonly transcripts: Transcript[]
  readonly finals: string[]
  readonly warnings: string[]
  readonly failures: Error[]
  readonly counted: TokenUsage[]
  start(): Promise<void>
  /** The customer says these words; resolves when as many final transcripts more are there. */
  hear(line: Line, finals?: number): Promise<void>
  /** Asks for an answer; all of it. */
  answer(messages: ModelMessage[], more?: Partial<ModelRequest>): Promise<ModelPiece[]>
  close(): Promise<void>
}

/** How long the model waits for the first and for the next of an answer, where that is other than usual. */
export interface TalkLimits {
  firstTokenMs?: number
  idleMs?: number
}

export function talkRealtime(
  url: string,
  http: HttpClient,
  {
    beta = false,
    key = KEY,
    firstTokenMs,
    idleMs,
    ...more
  }: Partial<SessionOptions['settings']> & {
    beta?: boolean
    key?: string
    temperature?: number
  } & TalkLimits = {},
): RealtimeTalk {
  const vendor = findModelProvider('openai')?.vendor
  if (vendor === undefined) throw new Error('there is no OpenAI')
  const { temperature = null, ...settings } = more
  const warnings: string[] = []
  const model = settings.model ?? (beta ? 'gpt-4o-realtime-preview-2024-12-17' : 'gpt-realtime-2025-08-28')
  const access = resolveModelAccess(vendor, { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key })
  const options: SessionOptions = {
    context: { vendor: { ...vendor, ...(firstTokenMs !== undefined && { firstTokenMs }) }, model, ...access },
    http,
    form: beta ? previewForm : currentForm,
    settings: {
      model,
      instructions: 'Be kind.',
      tools: [],
      voice: { voiceId: 'alloy' },
      transcription: { model: 'gpt-4o-transcribe' },
      ...settings,
    },
    prompts: ['Be kind.'],
    temperature,
    warn: message => void warnings.push(message),
  }
  return talkWith(createRealtimeSession(options), warnings, idleMs)
}

/** A talk with any session; `idleMs`: how long the model waits in the middle of an answer. */
export function talkWith(session: RealtimeSession, warnings: string[], idleMs?: number): RealtimeTalk {
  const { vendor, model } = session.context
  const marks = createHeardMarks()
  const ear = createRealtimeEar(`${vendor.id}/${session.settings.transcription?.model}`, session)
  const transcripts: Transcript[] = []
  const failures: Error[] = []
  const counted: TokenUsage[] = []
  const warn = (message: string) => void warnings.push(message)
  const asked = createRealtimeModel(`${vendor.id}/${model}`, session, warn, idleMs)
  let audioMs = 0
  const finals = () => transcripts.filter(({ transcriptType }) => transcriptType === 'final')
  return {
    session,
    marks,
    model: asked,
    voice: createRealtimeVoice(`${vendor.id}/${session.settings.voice?.voiceId}`, session, marks),
    transcripts,
    get finals() {
      return finals().map(({ text }) => text)
    },
    warnings,
    failures,
    counted,
    start: () =>
      ear.start({
        transcript: transcript => void transcripts.push(transcript),
        failed: error => void failures.push(error),
        warning: message => void warnings.push(message),
      }),
    async hear(line, more = 1) {
      const wanted = finals().length + more
      const frames: AudioFrame[] = soundOf([400, ...line, 400], audioMs)
      audioMs += frames.length * 20
      say(ear, frames)
      await until(() => finals().length >= wanted || failures.length > 0)
    },
    async answer(messages, more = {}) {
      const pieces: ModelPiece[] = []
      const request = { messages, tools: [], ...more }
      const { signal } = new AbortController()
      for await (const piece of asked.respond(request, signal, usage => void counted.push(usage)))
        pieces.push(piece)
      return pieces
    },
    async close() {
      await ear.close()
      session.close()
    },
  }
}

export function textOf(pieces: readonly ModelPiece[]): string {
  return pieces.map(piece => (piece.type === 'text' ? piece.text : '')).join('')
}

/** All sound of pieces, at the rate of the call. */
export function samplesOf(pieces: readonly VoicePiece[]): Int16Array {
  return Int16Array.from(pieces.flatMap(({ audio }) => (audio.type === 'pcm' ? [...audio.samples] : [])))
}

export async function until(isSo: () => boolean, limitMs = 5000): Promise<void> {
  const endMs = performance.now() + limitMs
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error('it did not come to be so')
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}
