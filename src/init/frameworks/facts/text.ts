/**
 * Texts of a project are anybody's: what is looked for in them must take time in proportion to their length. So nothing here
 * uses a regex that looks for an end again and again.
 */

/** Without what stands between two marks. A mark that is never closed is left as it is. */
export function withoutBlocks(text: string, open: string, close: string): string {
  const kept: string[] = []
  let from = 0
  for (let start = text.indexOf(open); start !== -1; start = text.indexOf(open, from)) {
    const end = text.indexOf(close, start + open.length)
    if (end === -1) break
    kept.push(text.slice(from, start))
    from = end + close.length
  }
  return kept.length === 0 ? text : [...kept, text.slice(from)].join('')
}

/** Without comments that begin a line, as C and its children write them. (Others are left: their marks may stand in a string.) */
export function withoutComments(text: string): string {
  const kept: string[] = []
  let inBlock = false
  for (const line of text.split('\n')) {
    const start = line.trimStart()
    if (inBlock) inBlock = !start.includes('*/')
    else if (start.startsWith('/*')) inBlock = !start.includes('*/', 2)
    else if (!start.startsWith('//')) kept.push(line)
  }
  return kept.join('\n')
}
