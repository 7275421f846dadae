const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
/** Comments and texts, the longer forms first; texts with expressions in them are looked into by brackets alone. */
const PIECES =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|@\*[\s\S]*?\*@|"""[\s\S]*?"""|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[()[\]{}"]/g

/** The first bracket or quotation mark without its other half, with its line; null where all are in pairs. */
export function unbalanced(text: string): string | null {
  const open: { sign: string; line: number }[] = []
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    const line = text.slice(0, index).split('\n').length
    if (piece === '"') return `" in line ${line}`
    if (piece.length > 1) continue
    if (!(piece in PAIRS)) open.push({ sign: piece, line })
    else if (open.pop()?.sign !== PAIRS[piece]) return `${piece} in line ${line}`
  }
  const last = open.at(-1)
  return last === undefined ? null : `${last.sign} in line ${last.line}`
}
