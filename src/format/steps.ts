/** The steps in the order in which they run. */
import type { FormatPlan, FormatterName } from './plan.ts'
import { removeAngleBracketContent } from './steps/01-angle-brackets.ts'
import { protectWebAddresses } from './steps/01-web-addresses.ts'
import { removeMarkdownSymbols } from './steps/02-markdown.ts'
import { removePhrasesInAsterisks } from './steps/03-asterisk-phrases.ts'
import { replaceNewLinesWithPeriods } from './steps/04-newlines.ts'
import { replaceColonsWithPeriods } from './steps/05-colons.ts'
import { formatAcronyms } from './steps/06-acronyms.ts'
import { formatDollarAmounts } from './steps/07-dollar-amounts.ts'
import { formatEmails } from './steps/08-emails.ts'
import { formatDates } from './steps/09-dates.ts'
import { formatTimes } from './steps/10-times.ts'
import { formatDistances } from './steps/11-distances.ts'
import { formatPercentages } from './steps/11-percentages.ts'
import { formatPhoneNumbers } from './steps/11-phone-numbers.ts'
import { formatUnits } from './steps/11-units.ts'
import { formatNumbers } from './steps/12-numbers.ts'
import { removeAsterisks } from './steps/13-asterisks.ts'
import { applyReplacements } from './steps/14-replacements.ts'
import type { TrackedText } from './tracked-text.ts'

export interface Step {
  /** Its name in `formattersEnabled`; null: it always runs. */
  readonly name: FormatterName | null
  readonly isOnByDefault: boolean
  readonly run: (text: TrackedText, plan: FormatPlan) => TrackedText
}

export const STEPS: readonly Step[] = [
  { name: null, isOnByDefault: true, run: removeAngleBracketContent },
  { name: null, isOnByDefault: true, run: protectWebAddresses },
  { name: 'markdown', isOnByDefault: true, run: removeMarkdownSymbols },
  { name: 'asterisk', isOnByDefault: false, run: removePhrasesInAsterisks },
  { name: 'newline', isOnByDefault: true, run: replaceNewLinesWithPeriods },
  { name: 'colon', isOnByDefault: true, run: replaceColonsWithPeriods },
  { name: 'acronym', isOnByDefault: true, run: formatAcronyms },
  { name: 'dollarAmount', isOnByDefault: true, run: formatDollarAmounts },
  { name: 'email', isOnByDefault: true, run: formatEmails },
  { name: 'date', isOnByDefault: true, run: formatDates },
  { name: 'time', isOnByDefault: true, run: formatTimes },
  { name: 'distance', isOnByDefault: true, run: formatDistances },
  { name: 'unit', isOnByDefault: true, run: formatUnits },
  { name: 'percentage', isOnByDefault: true, run: formatPercentages },
  { name: 'phoneNumber', isOnByDefault: true, run: formatPhoneNumbers },
  { name: 'number', isOnByDefault: true, run: formatNumbers },
  { name: 'stripAsterisk', isOnByDefault: true, run: removeAsterisks },
  { name: null, isOnByDefault: true, run: applyReplacements },
]
