/**
 * Text of a terminal, without what could steer it: control characters, and marks that turn the direction of the text
 * around them.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ')
}

/** The same for text of several lines: line breaks and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ')
}

/** How many columns of a terminal a text takes. */
export type Measure = (text: string) => number

export interface TableLayout {
  /** Measures text; by default one column a character. See `measureFor`. */
  measure?: Measure
  /**
   * The terminal's width; wider tables have their widest columns cut, and the last ones left out where the others would
   * be cut to nothing. Absent: nothing is cut.
   */
  columns?: number
  /** The last column is never cut: the terminal wraps it. */
  wrapsLast?: boolean
  /** Columns that are never cut, by their places, beside the first and those of ids. */
  whole?: readonly number[]
  /** Told the headings of the columns that were left out, if there are any. */
  onLeftOut?: (headings: string[]) => void
}

const GAP = '  '
/** No column is cut below this width. */
const NARROWEST = 12
/** So many columns are shown in any case. */
const FEWEST_COLUMNS = 3
/** A moment as lists show it: where there is no room for it, the seconds go first, then the time of day. */
const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/
const MINUTE_WIDTH = 16
const DAY_WIDTH = 10
/** Telephone numbers are worth nothing cut either, and have 16 characters at most. */
const TELEPHONE = /^\+\d{4,15}$/

/** Rows under headings, columns aligned, two spaces between them. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  layout: TableLayout = {},
): string {
  const { measure = text => text.length, columns = Number.POSITIVE_INFINITY } = layout
  const { wrapsLast = false, whole = [], onLeftOut } = layout
  const lines = [headings, ...rows.map(row => row.map(printable))]
  const all = headings.map((heading, place): ColumnWidth => {
    const cells = lines.slice(1).map(line => line[place] ?? '')
    // The first column says what a row is, and an id is worth nothing cut.
    const isWhole = place === 0 || whole.includes(place) || /\bID$/.test(heading)
    return {
      wanted: cells.reduce((widest, cell) => Math.max(widest, measure(cell)), measure(heading)),
      least: cells.reduce(
        (least, cell) => (TELEPHONE.test(cell) ? Math.max(least, cell.length) : least),
        NARROWEST,
      ),
      isWhole,
      isMoment: !isWhole && cells.some(cell => MOMENT.test(cell)),
    }
  })
  const fixed = wrapsLast ? all.slice(0, -1) : all
  const widths = fittingWidths(fixed, wrapsLast ? Number.POSITIVE_INFINITY : columns)
  if (widths.length < fixed.length) onLeftOut?.(headings.slice(widths.length))
  const render = (line: readonly string[]) => {
    const cells = widths.map((width, column) => {
      const text = cutCell(line[column] ?? '', width, measure)
      return text + ' '.repeat(width - measure(text))
    })
    if (wrapsLast) cells.push(line.at(-1) ?? '')
    return cells.join(GAP).trimEnd()
  }
  return lines.map(line => `${render(line)}\n`).join('')
}

/** Rows as tab-separated values without headings. */
export function renderTsv(rows: readonly (readonly string[])[]): string {
  return rows.map(row => `${row.map(printable).join('\t')}\n`).join('')
}

/**
 * How to measure these texts. The tables of wide characters (CJK, emoji) and of marks without width are loaded only
 * where a text has more than ASCII.
 */
export async function measureFor(texts: Iterable<string>): Promise<Measure> {
  for (const text of texts) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
    if (/[^\x00-\x7f]/.test(text)) return (await import('string-width')).default
  }
  return text => text.length
}

/** The text cut to a width, with … in place of what is missing. Never cuts a character that is seen as one. */
export function cut(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const size = measure(segment)
    if (used + size > width - 1) break
    kept += segment
    used += size
  }
  return `${kept.trimEnd()}…`
}

/** A cell cut to a width; a moment loses whole parts, so that it needs no mark. */
function cutCell(text: string, width: number, measure: Measure): string {
  if (MOMENT.test(text) && width < text.length)
    return text.slice(0, width < MINUTE_WIDTH ? DAY_WIDTH : MINUTE_WIDTH)
  return cut(text, width, measure)
}

interface ColumnWidth {
  wanted: number
  /** It is cut no further. */
  least: number
  isWhole: boolean
  isMoment: boolean
}

/** Widths of as many columns, from the first on, as fit beside each other; too many of them where even few do not. */
function fittingWidths(all: readonly ColumnWidth[], room: number): number[] {
  for (let count = all.length; ; count--) {
    const columns = all.slice(0, count)
    const free = room - GAP.length * (count - 1)
    const widths = shrink(columns, free)
    if (count <= FEWEST_COLUMNS || sum(widths) <= free) return widths
  }
}

/** Cuts moments first, then the widest column and those that become as wide, until all fit or none can give more. */
function shrink(columns: readonly ColumnWidth[], room: number): number[] {
  const floorAt = (momentWidth: number) =>
    columns.map(column =>
      column.isWhole ? column.wanted : Math.min(column.wanted, column.isMoment ? momentWidth : column.least),
    )
  const wanted = columns.map(column => column.wanted)
  if (sum(wanted) <= room) return wanted
  const floor = floorAt(sum(floorAt(MINUTE_WIDTH)) <= room ? MINUTE_WIDTH : DAY_WIDTH)
  const widths = columns.map(({ isMoment }, place) => (isMoment ? floor[place] : wanted[place]) ?? 0)
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    let widest = -1
    for (const [place, width] of widths.entries()) {
      if (width > (floor[place] ?? 0) && width > (widths[widest] ?? 0)) widest = place
    }
    if (widest === -1) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
