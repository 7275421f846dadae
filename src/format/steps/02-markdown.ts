import { EMAIL } from '../email-address.ts'
import type { TrackedText } from '../tracked-text.ts'

const SYMBOL = /[_`~]/g
const EMAIL_OR_SYMBOL = new RegExp(`${EMAIL}|[_\`~]`, 'g')

/** Removes `_`, backtick and `~`; asterisks are left to a later step. Inside an email address `_` stays. */
export function removeMarkdownSymbols(text: TrackedText): TrackedText {
  if (!text.openText.includes('@')) return text.replace(SYMBOL, () => '')
  return text.replace(EMAIL_OR_SYMBOL, match => (match[0].includes('@') ? undefined : ''))
}
