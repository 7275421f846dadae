import type { TextHeuristics } from '../plan.ts'

/** Punctuation that ends or divides sentences, in the scripts that the API's boundaries name. */
const ANY_PUNCTUATION = /[.!?;:,…。！？；：、،؟۔।॥]/u
const PUNCTUATION_AT_END = /[.!?;:,…。！？；：、،؟۔।॥]["'”’)\]]*\s*$/u
const NUMBER_WORDS =
  'zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|' +
  'seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million'
const NUMBER_AT_END = new RegExp(`(\\p{N}|\\b(${NUMBER_WORDS}))[.,]?\\s*$`, 'iu')

/**
 * The wait that the text alone suggests (seed, Vapi heuristic endpointing): a number at the end, else punctuation,
 * else none; an empty text waits for nothing.
 */
export function heuristicWait(text: string, heuristics: TextHeuristics): { waitMs: number; detail: string } {
  const trimmed = text.trim()
  if (trimmed === '') return { waitMs: 0, detail: 'no text' }
  if (NUMBER_AT_END.test(trimmed)) return { waitMs: heuristics.onNumberMs, detail: 'ends with a number' }
  const punctuation = heuristics.punctuation === 'anywhere' ? ANY_PUNCTUATION : PUNCTUATION_AT_END
  if (punctuation.test(trimmed)) return { waitMs: heuristics.onPunctuationMs, detail: 'punctuation' }
  return { waitMs: heuristics.onNoPunctuationMs, detail: 'no punctuation' }
}
