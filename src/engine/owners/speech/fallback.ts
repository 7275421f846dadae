import type { Fact } from '../../facts.ts'
import type { VoiceFailed } from '../../inputs.ts'
import { observe, type Surroundings } from '../../owner.ts'
import type { Chunk, SpeakingState, Utterance } from '../../state.ts'
import { heardCharacters } from '../../text/heard.ts'
import { edit, voiceOf, withCommands } from './edit.ts'
import { pump } from './queue.ts'
import { chunkOf } from './utterance.ts'
import { nextVoice, voiceAt, withFailed } from './voice-choice.ts'

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
  const place = found.utterance.voice ?? voiceOf(slice, member)
  const from = voiceAt(place, member, surroundings)
  const failed = observe(atMs, {
    type: 'voice.failed',
    voice: from,
    code: failure.code,
    message: failure.message,
  })
  const failedVoices = withFailed(slice, member, place, surroundings)
  // What it had voiced stays, and the rest is still to be said.
  const parted = edit({ ...slice, failedVoices }, found.utterance.id, utterance => ({
    ...utterance,
    chunks: utterance.chunks.flatMap(chunk =>
      chunk === found.chunk ? split({ ...chunk, words }, receivedMs, paceOf(utterance)) : [chunk],
    ),
  }))
  const next = nextVoice(parted, member, surroundings)
  if (next === null) {
    const endedReason =
      failure.endedReason ??
      voices[place]?.endedReason ??
      'call.in-progress.error-vapifault-vapi-voice-failed'
    const fact: Fact = { type: 'end.wanted', endedReason, message: null, now: true, failure }
    return { slice: parted, commands: [failed], facts: [fact] }
  }
  const switched = edit(
    { ...parted, voices: call.members.map((_, other) => (other === member ? next : voiceOf(slice, other))) },
    found.utterance.id,
    utterance => ({ ...utterance, voice: next }),
  )
  return withCommands(
    [failed, observe(atMs, { type: 'voice.switched', from, to: voiceAt(next, member, surroundings) })],
    pump(switched, surroundings),
  )
}

/**
 * The part of a chunk that was voiced before the failure, and the rest as a new chunk. Which words that were is known where
 * the voice times them; else it is judged by its pace.
 */
function split(chunk: Chunk, receivedMs: number, charactersPerSecond: number | undefined): Chunk[] {
  const workId = chunk.workId ?? ''
  const received = { workId, heardMs: receivedMs, receivedMs, complete: false }
  const spoken = heardCharacters(chunk, received, charactersPerSecond)
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
  // Times of words count in the text as the voice got it.
  const text = chunk.words.length > 0 ? {} : { formatted: source, spans: [] }
  return [{ ...chunk, ...text, source, stage: 'voiced', durationMs: receivedMs }, rest]
}

/** How fast the voice has spoken in this utterance; undefined where it has not yet. */
function paceOf({ chunks }: Utterance): number | undefined {
  const spoken = chunks.filter(({ stage, durationMs }) => stage === 'voiced' && (durationMs ?? 0) > 0)
  // Where a voice broke off, its last word tells how far it came.
  const characters = spoken.reduce(
    (sum, { formatted, words }) => sum + (words.at(-1)?.to ?? formatted.trim().length),
    0,
  )
  const lastedMs = spoken.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0)
  return lastedMs === 0 ? undefined : (characters / lastedMs) * 1000
}
