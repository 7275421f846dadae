import { cardinal, NUMBER, quantityInWords } from '../numbers-in-words.ts'
import type { TrackedText } from '../tracked-text.ts'

type OneMany = readonly [one: string, many: string]

const CURRENCIES: Readonly<Record<string, { whole: OneMany; part: OneMany }>> = {
  $: { whole: ['dollar', 'dollars'], part: ['cent', 'cents'] },
  '€': { whole: ['euro', 'euros'], part: ['cent', 'cents'] },
  '£': { whole: ['pound', 'pounds'], part: ['penny', 'pence'] },
  '¥': { whole: ['yen', 'yen'], part: ['sen', 'sen'] },
  '₹': { whole: ['rupee', 'rupees'], part: ['paisa', 'paise'] },
}

const SCALES: ReadonlyMap<string, string> = new Map([
  ['k', 'thousand'],
  ['m', 'million'],
  ['mm', 'million'],
  ['mn', 'million'],
  ['b', 'billion'],
  ['bn', 'billion'],
  ['t', 'trillion'],
  ['tn', 'trillion'],
])

const PERIODS: ReadonlyMap<string, string> = new Map([
  ['mo', 'month'],
  ['yr', 'year'],
  ['wk', 'week'],
  ['hr', 'hour'],
  ['min', 'minute'],
])

const SYMBOL = '[$€£¥₹]'
const SCALE = '(?:(?:[kKmMbBtT]|mm|MM|mn|[bB]n|tn| ?(?:[Tt]housand|[MmBb]illion|[Tt]rillion))(?![A-Za-z0-9]))'
/** `-US$1,234.56M-$2B USD/month`, every part but the symbol and the first number optional. */
const AMOUNT = new RegExp(
  String.raw`(?<!\w)(?<sign>[-−])?(?<country>[A-Z]{1,3})?(?<symbol>${SYMBOL})(?<innerSign>[-−])?` +
    `(?<first>${NUMBER})(?<firstScale>${SCALE})?` +
    String.raw`(?:(?:(?:[-–—]| [-–—] )\k<symbol>|[-–—])(?<second>${NUMBER})(?<secondScale>${SCALE})?)?` +
    String.raw`(?![A-Za-z0-9]|[.,]\d)(?<code> ?USD\b)?(?:\/(?<per>[A-Za-z]+))?`,
  'g',
)

/**
 * Says amounts of money: `$42.50` -> `forty two dollars and fifty cents`, `$1.5M` -> `one point five million dollars`,
 * `$5-$10` -> `five to ten dollars`, `$9/month` -> `nine dollars per month`. The cutoff for digits does not count: an
 * amount is no identifier. Also for € £ ¥ ₹.
 */
export function formatDollarAmounts(text: TrackedText): TrackedText {
  return text.replace(AMOUNT, match => {
    const { sign, country, symbol, innerSign, first, firstScale, second, secondScale, code, per } =
      match.groups ?? {}
    const currency = CURRENCIES[symbol]
    const named = (words: OneMany): OneMany => {
      const where = country ?? (code === undefined ? undefined : 'US')
      return where === undefined ? words : [`${where} ${words[0]}`, `${where} ${words[1]}`]
    }
    const names = { whole: named(currency.whole), part: currency.part }
    let spoken = amountInWords(first, firstScale, names)
    if (second !== undefined) {
      const isShared = !hasCents(first) && !hasCents(second) && firstScale === undefined
      const start = isShared ? quantityInWords(first) : spoken
      spoken = `${start} to ${amountInWords(second, secondScale, names)}`
    }
    const minus = sign === undefined && innerSign === undefined ? '' : 'minus '
    const rate = per === undefined ? '' : ` per ${PERIODS.get(per.toLowerCase()) ?? per}`
    return `${minus}${spoken}${rate}`
  })
}

function hasCents(number: string): boolean {
  return /\.\d{1,2}$/.test(number) && !/\.0{1,2}$/.test(number)
}

function amountInWords(
  number: string,
  scale: string | undefined,
  names: { whole: OneMany; part: OneMany },
): string {
  if (scale !== undefined) {
    const written = scale.trim().toLowerCase()
    return `${quantityInWords(number)} ${SCALES.get(written) ?? written} ${names.whole[1]}`
  }
  const [whole, fraction = ''] = number.replaceAll(',', '').split('.')
  if (fraction.length > 2) return `${quantityInWords(number)} ${names.whole[1]}`
  const parts = Number(fraction.padEnd(2, '0'))
  const wholeInWords = `${cardinal(whole === '' ? '0' : whole)} ${Number(whole) === 1 ? names.whole[0] : names.whole[1]}`
  if (parts === 0) return wholeInWords
  const partsInWords = `${cardinal(String(parts))} ${parts === 1 ? names.part[0] : names.part[1]}`
  return Number(whole) === 0 ? partsInWords : `${wholeInWords} and ${partsInWords}`
}
