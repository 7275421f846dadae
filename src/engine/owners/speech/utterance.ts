import type { HeardChunk } from '../../ports/audio-output.ts'
import type { Chunk, SpeakingState, Utterance } from '../../state.ts'
import { heardCharacters } from '../../text/heard.ts'

/** The chunk that a format or voice work belongs to; null where it was dropped. */
export function chunkOf(slice: SpeakingState, workId: string): { utterance: Utterance; chunk: Chunk } | null {
  for (const utterance of slice.queue) {
    // Its work was cancelled.
    if (utterance.stage === 'clearing') continue
    const chunk = utterance.chunks.find(
      candidate => candidate.workId === workId && candidate.stage !== 'voiced',
    )
    if (chunk !== undefined) return { utterance, chunk }
  }
  return null
}

/** Work of an utterance that is under way. */
export function workOf(utterance: Utterance): string[] {
  return utterance.chunks.flatMap(({ workId, stage }) =>
    workId !== null && stage !== 'voiced' ? [workId] : [],
  )
}

/** The words of an utterance that were heard; all that were given to a voice where `heard` is null. */
export function heardText(utterance: Utterance, heard: readonly HeardChunk[] | null): string {
  let text = ''
  for (const chunk of utterance.chunks) {
    if (heard === null) {
      text += chunk.source
      continue
    }
    if (chunk.durationMs === 0) continue
    const part = heard.find(candidate => candidate.workId === chunk.workId)
    const characters = part === undefined ? 0 : heardCharacters(chunk, part)
    text += chunk.source.slice(0, characters)
    if (characters < chunk.source.length) break
  }
  return text.replace(/ {2,}/g, ' ').trim()
}
