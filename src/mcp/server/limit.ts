/** Characters of a tool's text; what is more fills the context of a coding assistant without helping it. */
export const REPLY_LIMIT = 25_000
const NOTE = '\n\n… (cut)'

/**
 * The beginning of a text, at most so many characters: cut before a heading where one stands in its second half, else
 * between paragraphs, else between lines; an open code fence is closed.
 */
export function cutText(text: string, maximum: number): { text: string; isCut: boolean } {
  if (text.length <= maximum) return { text, isCut: false }
  const room = text.slice(0, Math.max(0, maximum - NOTE.length - 4))
  const heading = lastOutsideCode(room, /^#{1,6} /)
  const paragraph = lastOutsideCode(room, /^\s*$/)
  const line = room.lastIndexOf('\n')
  const place = [heading, paragraph, line].find(end => end > room.length / 2) ?? room.length
  const kept = room.slice(0, place).trimEnd()
  return { text: `${kept}${openFence(kept)}${NOTE}`, isCut: true }
}

/** Where the last line outside code begins that fits; -1 where none does. */
function lastOutsideCode(text: string, pattern: RegExp): number {
  let last = -1
  let place = 0
  let fence: string | null = null
  for (const line of text.split('\n')) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== null) {
      if (mark?.startsWith(fence)) fence = null
    } else if (mark !== undefined) fence = mark
    else if (pattern.test(line)) last = place
    place += line.length + 1
  }
  return last
}

function openFence(text: string): string {
  let fence: string | null = null
  for (const line of text.split('\n')) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark === undefined) continue
    if (fence === null) fence = mark
    else if (mark.startsWith(fence)) fence = null
  }
  return fence === null ? '' : `\n${fence}`
}

/** So many of the first items as fit into a reply, at least one; `render` gives an item's text. */
export function itemsThatFit<Item>(
  items: readonly Item[],
  render: (item: Item) => string,
  maximum = REPLY_LIMIT - 1000,
): Item[] {
  let length = 0
  const kept: Item[] = []
  for (const item of items) {
    length += render(item).length + 2
    if (kept.length > 0 && length > maximum) break
    kept.push(item)
  }
  return kept
}
