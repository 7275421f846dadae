/**
 * What keeps a text from being a key, in words that repeat nothing of it (`has a blank inside`); null where nothing does. Blanks
 * around it do not count.
 */
export function keyFault(text: string): string | null {
  const key = text.trim()
  if (/^["'`\u2018-\u201f]|["'`\u2018-\u201f]$/.test(key)) return 'has quotes around it'
  if (/[\r\n]/.test(key)) return 'has a line break inside'
  if (/\s/.test(key)) return 'has a blank inside'
  return /[^\x21-\x7e]/.test(key) ? 'has a control or non-ASCII character inside' : null
}
