import type { TextSpan } from '../inputs.ts'
import type { HeardChunk } from '../ports/audio-output.ts'
import type { WordTiming } from '../ports/voice.ts'

/** A chunk that went to a voice. Offsets of `spans` lead from the formatted text back to `source`. */
export interface SpokenChunk {
  /** The text as the model wrote it. */
  source: string
  /** The text as the voice got it. */
  formatted: string
  spans: TextSpan[]
  words: WordTiming[]
  /** Length of its sound; null while the voice has not finished it. */
  durationMs: number | null
}

/** Pace that stands in for a length that is not known yet. */
const CHARACTERS_PER_SECOND = 15

/**
 * How many of the chunk's source characters were heard, whole words only. The pace counts where neither the length of the
 * chunk nor the times of its words are known.
 */
export function heardCharacters(
  chunk: SpokenChunk,
  heard: HeardChunk,
  charactersPerSecond = CHARACTERS_PER_SECOND,
): number {
  if (heard.heardMs <= 0) return 0
  const spoken = chunk.formatted.trim().length
  const estimateMs = (spoken / charactersPerSecond) * 1000
  const durationMs = heard.complete ? heard.receivedMs : Math.max(estimateMs, heard.receivedMs)
  // Where the words have times, sound that is not complete yet is no measure.
  const isMeasured = heard.complete || chunk.words.length === 0
  if (isMeasured && heard.heardMs >= durationMs) return chunk.source.length
  const formattedOffset =
    leadOf(chunk.formatted) +
    (chunk.words.length > 0
      ? offsetByTiming(chunk.words, heard.heardMs)
      : Math.floor((spoken * heard.heardMs) / durationMs))
  return wholeWords(chunk.source, sourceOffset(chunk.spans, formattedOffset))
}

/** White space that the voice was not given. */
function leadOf(text: string): number {
  return text.length - text.trimStart().length
}

function offsetByTiming(words: readonly WordTiming[], heardMs: number): number {
  let offset = 0
  for (const word of words) if (word.endMs <= heardMs) offset = Math.max(offset, word.to)
  return offset
}

/** The source character that a formatted offset stands for. Without spans the texts are the same. */
function sourceOffset(spans: readonly TextSpan[], formattedOffset: number): number {
  if (spans.length === 0) return formattedOffset
  for (const span of spans) {
    if (formattedOffset > span.to) continue
    const unchanged = span.to - span.from === span.sourceTo - span.sourceFrom
    if (unchanged) return span.sourceFrom + Math.max(0, formattedOffset - span.from)
    return formattedOffset === span.to ? span.sourceTo : span.sourceFrom
  }
  return spans[spans.length - 1]?.sourceTo ?? formattedOffset
}

/** Steps back to the end of the last word that lies wholly before `offset`. */
function wholeWords(text: string, offset: number): number {
  if (offset >= text.length) return text.length
  if (/\s/.test(text[offset] ?? '')) return offset
  let end = offset
  while (end > 0 && !/\s/.test(text[end - 1] ?? '')) end--
  return end
}
