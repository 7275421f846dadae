import type { Command } from '../../commands.ts'
import type { SayRequest } from '../../facts.ts'
import type { Outcome, Surroundings } from '../../owner.ts'
import type { Chunk, SpeakingState, Utterance } from '../../state.ts'
import { chunkOf } from './utterance.ts'

/** A new utterance at the end of its numbering, not in the queue yet. */
export function blankUtterance(
  slice: SpeakingState,
  request: SayRequest,
  { others }: Surroundings,
): Utterance {
  return {
    id: `utterance-${slice.nextUtterance}`,
    source: request.source,
    member: others.squad.member,
    replyId: null,
    voice: null,
    buffer: request.text.trim(),
    complete: false,
    chunks: [],
    stage: 'preparing',
    startedMs: null,
    finished: false,
    interruptible: request.interruptible,
    times: request.times,
    requestedMs: null,
    readyMs: null,
    endsCall: request.endsCall,
    sound: request.sound ?? false,
    tag: request.tag ?? null,
  }
}

/** Puts an utterance before those that wait for the first words of a reply; last words stay last. */
export function insert(slice: SpeakingState, utterance: Utterance): SpeakingState {
  const { queue } = slice
  const isOpen = (other: Utterance) => !other.complete && other.chunks.length === 0 && other.buffer === ''
  const begin = afterSounding(queue)
  const place =
    utterance.source === 'ending'
      ? -1
      : queue.findIndex((other, at) => at >= begin && (isOpen(other) || other.source === 'ending'))
  return { ...slice, queue: queue.toSpliced(place === -1 ? queue.length : place, 0, utterance) }
}

/** Puts an utterance before everything that is not heard yet. */
export function insertFirst(slice: SpeakingState, utterance: Utterance): SpeakingState {
  return { ...slice, queue: slice.queue.toSpliced(afterSounding(slice.queue), 0, utterance) }
}

/** The first place behind what is heard, or was until it was cleared: that is the head until playback reports its end. */
function afterSounding(queue: readonly Utterance[]): number {
  return queue.findLastIndex(({ stage }) => stage !== 'preparing' && stage !== 'waiting') + 1
}

/** Changes the utterances that fit: the one of an id, or all that a test picks. */
export function edit(
  slice: SpeakingState,
  which: string | ((utterance: Utterance) => boolean),
  change: (utterance: Utterance) => Utterance,
): SpeakingState {
  const fits = typeof which === 'string' ? (utterance: Utterance) => utterance.id === which : which
  return { ...slice, queue: slice.queue.map(utterance => (fits(utterance) ? change(utterance) : utterance)) }
}

/** Changes the chunk that a work belongs to; null where there is none any more. */
export function editChunk(
  slice: SpeakingState,
  workId: string,
  change: (chunk: Chunk) => Chunk,
): SpeakingState | null {
  const found = chunkOf(slice, workId)
  if (found === null) return null
  return edit(slice, found.utterance.id, utterance => ({
    ...utterance,
    chunks: utterance.chunks.map(chunk => (chunk === found.chunk ? change(chunk) : chunk)),
  }))
}

/** Place of the voice that an assistant uses. */
export function voiceOf(slice: Pick<SpeakingState, 'voices'>, member: number): number {
  return slice.voices[member] ?? 0
}

/** Name of the voice that an assistant uses. */
export function voiceName(slice: SpeakingState, member: number, { call }: Surroundings): string {
  return call.members[member]?.voice.voices[voiceOf(slice, member)]?.name ?? 'none'
}

/** The outcome with commands before its own. */
export function withCommands(commands: Command[], outcome: Outcome<SpeakingState>): Outcome<SpeakingState> {
  return { ...outcome, commands: [...commands, ...(outcome.commands ?? [])] }
}
