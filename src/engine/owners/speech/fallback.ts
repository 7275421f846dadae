import type { Fact } from '../../facts.ts'
import type { VoiceFailed } from '../../inputs.ts'
import { observe, type Surroundings } from '../../owner.ts'
import type { Chunk, SpeakingState } from '../../state.ts'
import { heardCharacters } from '../../text/heard.ts'
import { edit, voiceName, voiceOf, withCommands } from './edit.ts'
import { pump } from './queue.ts'
import { chunkOf } from './utterance.ts'

/** Goes on with the next voice of the fallback plan, from the word where the failed one stopped. */
export function fallBack(
  slice: SpeakingState,
  { workId, receivedMs, words, failure }: VoiceFailed,
  surroundings: Surroundings,
) {
  const found = chunkOf(slice, workId)
  if (found === null) return undefined
  const { call, atMs } = surroundings
  const { member } = found.utterance
  const voices = call.members[member]?.voice.voices ?? []
  const place = voiceOf(slice, member)
  const from = voiceName(slice, member, surroundings)
  const failed = observe(atMs, {
    type: 'voice.failed',
    voice: from,
    code: failure.code,
    message: failure.message,
  })
  const next = voices[place + 1]
  if (next === undefined) {
    const endedReason =
      failure.endedReason ??
      voices[place]?.endedReason ??
      'call.in-progress.error-vapifault-vapi-voice-failed'
    const fact: Fact = { type: 'end.wanted', endedReason, message: null, now: true, failure }
    return { commands: [failed], facts: [fact] }
  }
  const switched = edit(
    { ...slice, voices: call.members.map((_, other) => voiceOf(slice, other) + (other === member ? 1 : 0)) },
    found.utterance.id,
    utterance => ({
      ...utterance,
      chunks: utterance.chunks.flatMap(chunk =>
        chunk === found.chunk ? split({ ...chunk, words }, receivedMs) : [chunk],
      ),
    }),
  )
  return withCommands(
    [failed, observe(atMs, { type: 'voice.switched', from, to: next.name })],
    pump(switched, surroundings),
  )
}

/** The part of a chunk that was voiced before the failure, and the rest as a new chunk. */
function split(chunk: Chunk, receivedMs: number): Chunk[] {
  const workId = chunk.workId ?? ''
  const spoken = heardCharacters(chunk, { workId, heardMs: receivedMs, receivedMs, complete: false })
  const left = chunk.source.slice(spoken).trimStart()
  const rest: Chunk = {
    source: left,
    formatted: left,
    spans: [],
    words: [],
    durationMs: null,
    workId: null,
    stage: 'waiting',
  }
  if (receivedMs === 0) return [rest]
  const source = chunk.source.slice(0, chunk.source.length - rest.source.length)
  return [{ ...chunk, source, formatted: source, spans: [], stage: 'voiced', durationMs: receivedMs }, rest]
}
