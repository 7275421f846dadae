import type { TextHeuristics } from '../plan.ts'

/** Punctuation that ends or divides sentences, of every script; closing quotes and brackets may stand after it. */
const ANY_PUNCTUATION = /[\p{Terminal_Punctuation}…]/u
const PUNCTUATION_AT_END = /[\p{Terminal_Punctuation}…]["'\p{Pf}\p{Pe}]*\s*$/u
const NUMBER_WORDS =
  'zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|' +
  'seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million'
/** A number as the last thing: a mark after it is punctuation (seed, Transcription-Based Detection). */
const NUMBER_AT_END = new RegExp(`(\\p{N}|\\b(${NUMBER_WORDS}))\\s*$`, 'iu')

/** What the end of a text looks like to the heuristics. */
export type TextSign = 'number' | 'punctuation' | 'no-punctuation' | 'no-text'

/**
 * The wait that the text alone suggests (seed, Vapi heuristic endpointing): a number at the end, else punctuation,
 * else none; an empty text waits for nothing.
 */
export function heuristicWait(
  text: string,
  heuristics: TextHeuristics,
): { waitMs: number; detail: string; sign: TextSign } {
  const trimmed = text.trim()
  if (trimmed === '') return { waitMs: 0, detail: 'no text', sign: 'no-text' }
  if (NUMBER_AT_END.test(trimmed))
    return { waitMs: heuristics.onNumberMs, detail: 'ends with a number', sign: 'number' }
  const punctuation = heuristics.punctuation === 'anywhere' ? ANY_PUNCTUATION : PUNCTUATION_AT_END
  if (punctuation.test(trimmed))
    return { waitMs: heuristics.onPunctuationMs, detail: 'punctuation', sign: 'punctuation' }
  return { waitMs: heuristics.onNoPunctuationMs, detail: 'no punctuation', sign: 'no-punctuation' }
}
