import { EMAIL } from '../email-address.ts'
import type { FormatPlan } from '../plan.ts'
import type { TrackedText } from '../tracked-text.ts'
import { DISTANCES, UNITS } from '../units.ts'

/** Said as words; in capitals a voice may spell them. */
const SAID_AS_WORDS = new Set(
  (
    'NASA .NET NATO UNESCO UNICEF OPEC FIFA UEFA NASDAQ FEMA OSHA NOAA NAFTA ASEAN DARPA ICANN HIPAA FAFSA COVID ' +
    'AIDS SARS SCUBA LASER RADAR SONAR SWAT TASER PIN SIM RAM ROM LAN WAN BIOS GIF JPEG YAML JSON ASCII CAPTCHA ' +
    'AJAX CRUD SCADA WYSIWYG YOLO NIMBY ASAP IKEA LEGO PETA AWOL'
  ).split(' '),
)

/** Without a vowel, yet not spelled: titles and street abbreviations, and sounds. */
const LEFT_ALONE = new Set(
  'MR MRS MS DR JR SR ST RD VS LTD BLVD PKWY HWY HM HMM HMMM MM MMM MHM SH SHH SHHH PSST BRR BRRR GRR TSK ZZZ'.split(
    ' ',
  ),
)

/** Plural `s` allowed. Before `$` it is the country of an amount. */
const CAPITALS = String.raw`\.?\b[A-Z]{2,}s?\b(?!\$)`
const ACRONYM = new RegExp(CAPITALS, 'g')
const EMAIL_OR_ACRONYM = new RegExp(`${EMAIL}|${CAPITALS}`, 'g')
const LETTER = /\p{L}/u

/**
 * Makes known acronyms lower case and spaces out other words in capitals that have no vowel (`FBQ` -> `F B Q`; `Y`
 * counts as a vowel: `MY`, `WHY`). Left alone: email addresses, units behind a number, and words that an exact
 * replacement of the user names, so that it still finds them.
 */
export function formatAcronyms(text: TrackedText, plan: FormatPlan): TrackedText {
  const searched = text.openText
  return text.replace(searched.includes('@') ? EMAIL_OR_ACRONYM : ACRONYM, match => {
    if (match[0].includes('@')) return undefined
    const before = searched.slice(Math.max(0, match.index - 2), match.index)
    const after = searched.charAt(match.index + match[0].length)
    const dot = match[0].startsWith('.') ? '.' : ''
    const plural = match[0].endsWith('s') ? 's' : ''
    if ((dot === '' && LETTER.test(before.slice(-1))) || LETTER.test(after)) return undefined
    const word = match[0].slice(dot.length, match[0].length - plural.length)
    if (isNamedByReplacement(word, plan)) return undefined
    if (SAID_AS_WORDS.has(dot + word) || SAID_AS_WORDS.has(word)) return match[0].toLowerCase()
    if (/[AEIOUY]/.test(word) || LEFT_ALONE.has(word)) return undefined
    if (/\d ?$/.test(before) && isWrittenBehindNumbers(word)) return undefined
    return `${dot}${Array.from(word).join(' ')}${plural}`
  })
}

function isWrittenBehindNumbers(word: string): boolean {
  return word === 'PM' || Object.hasOwn(UNITS, word) || Object.hasOwn(DISTANCES, word)
}

function isNamedByReplacement(word: string, plan: FormatPlan): boolean {
  return plan.replacements.some(
    replacement => replacement.type === 'exact' && replacement.key.split(/\W+/).includes(word),
  )
}
