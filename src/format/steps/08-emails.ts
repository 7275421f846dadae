import { EMAIL } from '../email-address.ts'
import type { TrackedText } from '../tracked-text.ts'

const EMAIL_PATTERN = new RegExp(EMAIL, 'g')

const SPOKEN_SIGNS: Readonly<Record<string, string>> = {
  '@': 'at',
  '.': 'dot',
  _: 'underscore',
  '-': 'dash',
  '+': 'plus',
  '%': 'percent',
}

/** Makes email addresses speakable: `john.doe@example.com` -> `john dot doe at example dot com`. Case is kept. */
export function formatEmails(text: TrackedText): TrackedText {
  if (!text.openText.includes('@')) return text
  return text.replace(EMAIL_PATTERN, ([address]) =>
    address
      .split(/([@._+%-])/)
      .filter(part => part !== '')
      .map(part => SPOKEN_SIGNS[part] ?? part)
      .join(' '),
  )
}
