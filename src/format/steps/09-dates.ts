import type { TrackedText } from '../tracked-text.ts'

/**
 * Year first with any one separator, or year last. `T` of an ISO date and time is taken along. Three numbers behind
 * or before further ones of the same kind are no date.
 */
const DATE = new RegExp(
  String.raw`(?<![\w.]|\d[-/.])` +
    String.raw`(?:(?<year>[12]\d{3})(?<separator>[-/. ])(?<month>\d{1,2})\k<separator>(?<day>\d{1,2})` +
    String.raw`|(?<first>\d{1,2})(?<joint>[-/.])(?<second>\d{1,2})\k<joint>(?<lastYear>\d{4}|\d\d))` +
    String.raw`(?:(?<t>T)(?=\d\d:\d\d)|(?!\w|[-/.]\d))`,
  'g',
)

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

const MONTH = `(?:${MONTHS.join('|')}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)`
const DAY = String.raw`(?:3[01]|[12]\d|[1-9])`
const WRITTEN_DATE = new RegExp(
  String.raw`\b(?:${MONTH}\.? ${DAY}(?:, ?\d{4})?|${DAY} ${MONTH}(?:,? \d{4})?)(?![\w–-])`,
  'g',
)

/**
 * Says dates in numbers as `Wednesday, May 10, 2023`: `2023-05-10`, `2023/5/10`, `2023 05 10`, `05/10/2023` (month
 * first, unless only day first fits), `5/10/23` (this century up to 69), `10.05.2023` (day first). A date that does
 * not exist stays as it is. Written dates (`May 10, 2023`) are already what this step makes and are settled.
 */
export function formatDates(text: TrackedText): TrackedText {
  const spoken = text.replace(DATE, match => {
    const candidate = readDate(match.groups ?? {})
    if (candidate === undefined) return undefined
    const date = existing(candidate)
    if (date === undefined) return candidate.isSurelyDate ? match[0] : undefined
    return `${spokenDate(date)}${match.groups?.t === undefined ? '' : ' at '}`
  })
  return spoken.replace(WRITTEN_DATE, match => match[0])
}

/** As `Intl.DateTimeFormat` writes a full date in American English; making one of those costs more than all steps. */
function spokenDate(date: Date): string {
  const weekday = WEEKDAYS[date.getUTCDay()]
  return `${weekday}, ${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`
}

interface DateParts {
  readonly year: number
  readonly month: number
  readonly day: number
  /** Nothing else is written like this, so that an impossible one is left untouched by later steps too. */
  readonly isSurelyDate: boolean
}

function readDate(groups: Readonly<Record<string, string | undefined>>): DateParts | undefined {
  const { year, separator, month, day, first, joint, second, lastYear } = groups
  if (year !== undefined && month !== undefined && day !== undefined) {
    const isLoose = separator === ' ' || separator === '.'
    if (isLoose && !(/^(?:19|20)/.test(year) && month.length === 2 && day.length === 2)) return undefined
    return { year: Number(year), month: Number(month), day: Number(day), isSurelyDate: !isLoose }
  }
  if (lastYear === undefined || (lastYear.length === 2 && joint !== '/')) return undefined
  if (lastYear.length === 4 && !/^[12]/.test(lastYear)) return undefined
  const isDayFirst = joint === '.' || (Number(first) > 12 && Number(second) <= 12)
  return {
    year: fullYear(lastYear),
    month: Number(isDayFirst ? second : first),
    day: Number(isDayFirst ? first : second),
    isSurelyDate: lastYear.length === 4 && joint !== '.',
  }
}

function fullYear(year: string): number {
  if (year.length === 4) return Number(year)
  return Number(year) < 70 ? 2000 + Number(year) : 1900 + Number(year)
}

function existing({ year, month, day }: DateParts): Date | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : undefined
}
