import type { ChunkPlan } from '../plan.ts'

/** The flush tag in its three forms (seed, Flush syntax). */
const FLUSH_TAG = /<\s*flush\s*\/?>|<\s*\/\s*flush\s*>/i
/** The beginning of what may become a flush tag with the next text. */
const OPEN_TAG_AT_END = /<[\s/]*(f(l(u(s(h[\s/]*)?)?)?)?)?$/i

/**
 * What is cut nowhere: a tag, or the words that a tag says how to speak; open ones too, up to a length that no tag has.
 */
const WHOLE =
  /<(spell|phoneme|sub)\b[^<>]*>[^<]{0,200}(?:<\/\1\s*>|(?:<\/?[a-z]*\s*)?$)|<<[^<>]{0,200}(?:>>|>?$)|<\/?[a-z][^<>]{0,200}(?:>|$)/gi

/** Text without any boundary is cut between words here: voices take no more, and nobody would wait for it. */
const MAXIMUM_CHARACTERS = 500

/** A cut from the front of the buffer: its first characters with the white space after them, without the tag. */
export interface Cut {
  text: string
  rest: string
}

/**
 * The next piece of a growing text that may go to the voice, or null where more is needed. Pieces end at a flush
 * tag, or at the first boundary that leaves at least the minimum of characters, or with the text itself once it is
 * `complete`. With chunking off the whole text is one piece, tags and all.
 */
export function nextCut(buffer: string, complete: boolean, plan: ChunkPlan): Cut | null {
  if (!plan.enabled) return complete && buffer !== '' ? { text: buffer, rest: '' } : null
  const flush = FLUSH_TAG.exec(buffer)
  const limit = flush === null ? buffer.length : flush.index
  const end = boundaryEnd(buffer, limit, complete || flush !== null, plan)
  if (end !== null) return cutAt(buffer, end)
  if (flush !== null) return cutAround(buffer, limit, limit + flush[0].length)
  if (buffer.length > MAXIMUM_CHARACTERS) return cutAt(buffer, lastSpace(buffer))
  if (!complete) return null
  return buffer === '' ? null : { text: buffer, rest: '' }
}

/** All whole words that are there, for a voice that is free; null where there are none, or where it has more to say first. */
export function wordsSoFar(buffer: string, complete: boolean, isFree: boolean): Cut | null {
  if (!isFree || buffer === '') return null
  if (complete) return { text: buffer, rest: '' }
  const end = buffer.search(/\s\S*$/)
  return end <= 0 ? null : cutAt(buffer, end)
}

/** Where a text without boundaries is cut: after its last word within the maximum. */
function lastSpace(buffer: string): number {
  const wholes = wholesOf(buffer)
  let place = buffer.lastIndexOf(' ', MAXIMUM_CHARACTERS)
  while (place > 0 && isInside(wholes, place)) place = buffer.lastIndexOf(' ', place - 1)
  return place > 0 ? place : MAXIMUM_CHARACTERS
}

/** Takes a flush tag out; white space of its own keeps the words before and after it apart. */
function cutAround(buffer: string, from: number, to: number): Cut {
  const text = buffer.slice(0, from)
  const after = buffer.slice(to)
  const rest = after.trimStart()
  const isOpen = text !== '' && !/\s$/.test(text)
  return { text: isOpen ? `${text} ` : text, rest }
}

function cutAt(buffer: string, end: number): Cut {
  const rest = buffer.slice(end).trimStart()
  return { text: buffer.slice(0, buffer.length - rest.length), rest }
}

/**
 * Where the first boundary at or after the minimum ends. A boundary counts only before white space, so that "2.5",
 * "3:30" and "example.com" stay whole; at the end of a text that may still grow it is not known yet.
 */
function boundaryEnd(buffer: string, limit: number, closed: boolean, plan: ChunkPlan): number | null {
  const held = closed ? limit : buffer.replace(OPEN_TAG_AT_END, '').length
  const wholes = wholesOf(buffer)
  for (let end = Math.max(plan.minimumCharacters, 1); end < held; end++) {
    if (!plan.boundaries.some(boundary => buffer.endsWith(boundary, end))) continue
    if (isInside(wholes, end)) continue
    if (/\s/.test(buffer[end] ?? '') || isFullWidth(buffer[end - 1] ?? '')) return end
  }
  return null
}

function wholesOf(buffer: string): [from: number, to: number][] {
  if (!buffer.includes('<')) return []
  return Array.from(buffer.matchAll(WHOLE), match => [match.index, match.index + match[0].length])
}

function isInside(wholes: readonly [from: number, to: number][], place: number): boolean {
  return wholes.some(([from, to]) => place > from && place < to)
}

/** Full-width marks stand without a following space. */
function isFullWidth(character: string): boolean {
  return character === '。' || character === '，'
}
