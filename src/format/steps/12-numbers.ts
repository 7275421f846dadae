import { digitByDigit, integerInWords, ordinal, quantityInWords } from '../numbers-in-words.ts'
import type { FormatPlan } from '../plan.ts'
import { type TrackedText, VISIBLE_MASK } from '../tracked-text.ts'

/** A whole chain of digits and what joins them, so that no part of a chain is mistaken for a number of its own. */
const CHAIN = String.raw`(?:(?<!\.)\.)?\d+(?:[.,:/–-]\d+)*`
/** As on a payment card: `4111 1111 1111 1111`. */
const GROUPS_OF_FOUR = String.raw`\d{4}(?: \d{4}){3}`

const NUMBERS = new RegExp(
  String.raw`(?<![\w$€£¥₹]|\d[.,:/–-]|[A-Za-z]\.)(?<sign>(?<!${VISIBLE_MASK})[-−])?` +
    `(?<chain>${GROUPS_OF_FOUR}|${CHAIN})` +
    String.raw`(?<ending>st|nd|rd|th)?(?![\w%°$€£¥₹¢]|[.,:/–-]\d)`,
  'g',
)

/**
 * Says what numbers are left. Whole numbers: see `integerInWords`. `2.5` -> `two point five`, `-9` -> `minus nine`,
 * `12,345` (grouped, so a quantity) in words at any cutoff, `21st` -> `twenty first`, `1.2.3` -> `one dot two dot
 * three`. `3-5` that rises is a range, `three to five`; any other chain with hyphens, and groups of four, are a code,
 * read digit by digit. Left alone: fractions (`1/2`, `24/7`), ratios (`16:9`) and digits joined to letters (`MP3`) or
 * to signs that an earlier step was not asked to say (`$5`, `50%`).
 */
export function formatNumbers(text: TrackedText, plan: FormatPlan): TrackedText {
  return text.replace(NUMBERS, match => {
    const { sign, chain, ending } = match.groups ?? {}
    const spoken =
      ending === undefined ? spokenChain(chain, plan.numberToDigitsCutoff) : spokenOrdinal(chain, ending)
    if (spoken === undefined || sign === undefined) return spoken
    return `minus ${/^(?:19|20)\d\d$/.test(chain) ? quantityInWords(chain) : spoken}`
  })
}

function spokenChain(chain: string, cutoff: number): string | undefined {
  if (/^\d+$/.test(chain)) return integerInWords(chain, cutoff)
  if (/^(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.\d+)$/.test(chain)) return quantityInWords(chain)
  if (/^\d+(?:\.\d+)+$/.test(chain)) return joined(chain, '.', ' dot ', cutoff)
  if (/^\d+(?:[–-]\d+)+$/.test(chain)) return spokenRangeOrCode(chain, cutoff)
  if (chain.includes(' '))
    return /^(?:(?:19|20)\d\d ?)+$/.test(chain) ? chain : digitByDigit(chain.replaceAll(' ', ''))
  if (/^[\d.,]+$/.test(chain)) return joined(chain, ',', ',', cutoff)
  return undefined
}

function joined(chain: string, separator: string, spokenSeparator: string, cutoff: number): string {
  return chain
    .split(separator)
    .map(part => spokenChain(part, cutoff) ?? part)
    .join(spokenSeparator)
}

function spokenRangeOrCode(chain: string, cutoff: number): string {
  const parts = chain.split(/[–-]/)
  const isPair = parts.length === 2 && !parts.some(part => /^0\d/.test(part))
  const isRange =
    chain.includes('–') || Number(parts[0]) < Number(parts[1]) || /^(?:19|20)\d\d-\d\d$/.test(chain)
  if (isPair && isRange) return parts.map(part => integerInWords(part, cutoff)).join(' to ')
  return digitByDigit(parts.join(''))
}

function spokenOrdinal(chain: string, ending: string): string | undefined {
  if (!/^(?:\d+|\d{1,3}(?:,\d{3})+)$/.test(chain)) return undefined
  const digits = chain.replaceAll(',', '')
  const isTeen = /1\d$/.test(digits)
  const rightEnding = (isTeen ? undefined : { 1: 'st', 2: 'nd', 3: 'rd' }[digits.slice(-1)]) ?? 'th'
  return ending === rightEnding ? ordinal(digits) : undefined
}
