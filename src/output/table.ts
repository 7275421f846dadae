/** Text of a terminal, without what could steer it. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}

/** Rows under headings, columns aligned, two spaces between them. */
export function renderTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map(row => row.map(printable))
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...clean.map(row => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [headings, ...clean].map(cells => `${line(cells)}\n`).join('')
}

/** Rows as tab-separated values without headings. */
export function renderTsv(rows: readonly (readonly string[])[]): string {
  return rows.map(row => `${row.map(printable).join('\t')}\n`).join('')
}
