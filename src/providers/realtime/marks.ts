/** What the customer heard of the answers of realtime sessions: pieces of sound are followed to the output. */
import type { AudioOutput, HeardChunk } from '../../engine/ports/audio-output.ts'
import type { VoiceAudio } from '../../engine/ports/voice.ts'
import type { Answer } from './answer.ts'
import type { RealtimeSession } from './session.ts'

/** Where a piece of sound stands in its answer. */
interface Mark {
  session: RealtimeSession
  answer: Answer
  /** In milliseconds from the beginning of the answer's sound. */
  startMs: number
}

export interface HeardMarks {
  add(audio: VoiceAudio, mark: Mark): void
  /** The same output, which tells the sessions what was heard of their answers when speech is cut. */
  follow(output: AudioOutput): AudioOutput
}

/** Chunks whose place is remembered: more do not wait in an output. */
const MAXIMUM_CHUNKS = 200

export function createHeardMarks(): HeardMarks {
  const marks = new WeakMap<VoiceAudio, Mark>()
  /** By the chunk's work: where its first sound stands. */
  const chunks = new Map<string, Mark>()

  function tell(heard: readonly HeardChunk[]): void {
    const untilMs = new Map<Answer, { session: RealtimeSession; ms: number }>()
    for (const { workId, heardMs } of heard) {
      const mark = chunks.get(workId)
      if (mark === undefined) continue
      const { session, answer, startMs } = mark
      const ms = heardMs > 0 ? startMs + heardMs : 0
      untilMs.set(answer, { session, ms: Math.max(ms, untilMs.get(answer)?.ms ?? 0) })
    }
    for (const [answer, { session, ms }] of untilMs) session.cut(answer, ms)
  }

  return {
    add: (audio, mark) => void marks.set(audio, mark),
    follow: output => ({
      name: output.name,
      open: listener =>
        output.open({
          ...listener,
          started: id => listener.started(id),
          drained: id => listener.drained(id),
          failed: error => listener.failed(error),
          cleared(utteranceId, heard) {
            tell(heard)
            listener.cleared(utteranceId, heard)
          },
        }),
      append(chunk, audio) {
        const mark = marks.get(audio)
        if (mark !== undefined && !chunks.has(chunk.workId)) {
          chunks.set(chunk.workId, mark)
          const [oldest] = chunks.keys()
          if (chunks.size > MAXIMUM_CHUNKS && oldest !== undefined) chunks.delete(oldest)
        }
        output.append(chunk, audio)
      },
      completeChunk: chunk => output.completeChunk(chunk),
      play: id => output.play(id),
      finish: id => output.finish(id),
      clear: id => output.clear(id),
      mute: muted => output.mute(muted),
      bufferedMs: () => output.bufferedMs(),
      close: () => output.close(),
    }),
  }
}
