/** A realtime session as the voice of an assistant: its own answers sound as they came, other words are said beside them. */
import type { Voice, VoicePiece } from '../../engine/ports/voice.ts'
import { VapiError } from '../../errors.ts'
import type { HeardMarks } from './marks.ts'
import type { Request } from './requests.ts'
import type { RealtimeSession } from './session.ts'
import { plain } from './words.ts'

/** Nobody waits longer for the first sound of some words, in milliseconds. */
const SOUND_MS = 10_000

export function createRealtimeVoice(name: string, session: RealtimeSession, marks: HeardMarks): Voice {
  return {
    name,
    capabilities: { wordTiming: false, ofModel: true },
    async *speak({ text }, signal) {
      if (signal.aborted) return
      const answer = session.answers.find(candidate => candidate.fits(text))
      if (answer === undefined) {
        yield* sayBeside(session, text, signal)
        return
      }
      let isHeard = false
      try {
        for await (const { startMs, ...piece } of answer.stretch(text, signal)) {
          isHeard = true
          marks.add(piece.audio, { session, answer, startMs })
          yield piece
        }
      } catch (thrown) {
        // Its words had come, and the connection was lost before their sound.
        if (isHeard || !isWorthAnother(thrown)) throw thrown
        yield* sayBeside(session, text, signal)
      }
    },
    close: async () => session.close(),
  }
}

async function* sayBeside(
  session: RealtimeSession,
  text: string,
  signal: AbortSignal,
): AsyncGenerator<VoicePiece> {
  for (let attempt = 0; ; attempt++) {
    const request = await session.say(text)
    let isHeard = false
    const limit = setTimeout(() => {
      if (!isHeard) request.end({ type: 'broken', error: lateSound(session) })
    }, SOUND_MS)
    try {
      for await (const { audio } of request.answer.stretch(null, signal)) {
        isHeard = true
        yield { audio }
      }
      if (signal.aborted) return
      yield* notes(session, request, text)
      return
    } catch (thrown) {
      if (isHeard || attempt > 0 || !isWorthAnother(thrown)) throw thrown
    } finally {
      clearTimeout(limit)
      if (signal.aborted || request.ended === null) session.cancel(request)
    }
  }
}

function isWorthAnother(thrown: unknown): boolean {
  return thrown instanceof VapiError && thrown.retryable && thrown.status === undefined
}

/** What there is to tell of words when they were said: a model may say others. */
function* notes(session: RealtimeSession, request: Request, text: string): Generator<VoicePiece> {
  const { model } = session.settings
  const audio = { type: 'silent', durationMs: 0 } as const
  const { usage } = request
  const said = request.answer.items.map(item => item.text).join(' ')
  if (usage !== null)
    yield { audio, usage: { model: `${session.context.vendor.id}/${model}`, tokens: usage } }
  if (plain(said) !== plain(text))
    yield { audio, warning: `${model} was to say “${text}” and said “${said}”` }
}

function lateSound({ context, settings }: RealtimeSession): VapiError {
  return new VapiError({
    code: 'voice-failed',
    message: `${context.vendor.label} sent no sound of ${settings.model} for ${SOUND_MS / 1000} s`,
    retryable: true,
  })
}
