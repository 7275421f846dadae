/**
 * Text of a terminal, without what could steer it: control characters, and marks that turn the direction of the text
 * around them.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ')
}

/** How many columns of a terminal a text takes. */
export type Measure = (text: string) => number

export interface TableLayout {
  /** Measures text; by default one column a character. See `measureFor`. */
  measure?: Measure
  /** The terminal's width; wider tables have their widest columns cut. Absent: nothing is cut. */
  columns?: number
  /** True for columns that are never cut. By default those of ids, which are worth nothing cut. */
  isWhole?: (column: number) => boolean
}

const GAP = '  '
/** No column is cut below this width. */
const NARROWEST = 8

/** Rows under headings, columns aligned, two spaces between them. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  layout: TableLayout = {},
): string {
  const { measure = text => text.length, columns = Number.POSITIVE_INFINITY } = layout
  const isWhole = layout.isWhole ?? (column => /\bID$/.test(headings[column] ?? ''))
  const lines = [headings, ...rows.map(row => row.map(printable))]
  const wanted = headings.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, measure(line[column] ?? '')), 0),
  )
  const widths = shrink(wanted, columns - GAP.length * (headings.length - 1), isWhole)
  const render = (line: readonly string[]) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0
        const text = cut(cell, width, measure)
        return text + ' '.repeat(width - measure(text))
      })
      .join(GAP)
      .trimEnd()
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

/** Takes columns from the widest one, and from those that become as wide, until all fit or none can give more. */
function shrink(wanted: readonly number[], room: number, isWhole: (column: number) => boolean): number[] {
  const widths = [...wanted]
  let excess = widths.reduce((sum, width) => sum + width, 0) - room
  while (excess > 0) {
    let widest = -1
    for (const [column, width] of widths.entries()) {
      if (!isWhole(column) && width > NARROWEST && width > (widths[widest] ?? 0)) widest = column
    }
    if (widest === -1) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess--
  }
  return widths
}
