/** Azure's speech markup (learn.microsoft.com, Speech Synthesis Markup Language overview; voice and sound; prosody). */

export interface Spoken {
  text: string
  voice: string
  /** BCP 47 */
  locale: string
  /** A multiple of the voice's usual pace. */
  rate?: number
  /** A speaking style, how strong it is (0.01 to 2), and a role. */
  style?: string
  styleDegree?: number
  role?: string
}

/** One document that says the text as it stands. */
export function toSsml({ text, voice, locale, rate, style, styleDegree, role }: Spoken): string {
  const paced =
    rate === undefined || rate === 1 ? escapeXml(text) : element('prosody', { rate }, escapeXml(text))
  const styled =
    style === undefined
      ? paced
      : element('mstts:express-as', { style, styledegree: styleDegree, role }, paced)
  const names = {
    version: '1.0',
    xmlns: 'http://www.w3.org/2001/10/synthesis',
    'xmlns:mstts': 'https://www.w3.org/2001/mstts',
    'xml:lang': locale,
  }
  return element('speak', names, element('voice', { name: voice }, styled))
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content: string,
): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(String(value))}"`],
  )
  return `<${name}${written.join('')}>${content}</${name}>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text as XML 1.0 may hold it: characters that no document may have are left out. */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"']/g, character => ENTITIES[character] ?? character)
}

/** Controls but for tabs and line ends, halves of characters, and what Unicode keeps for itself. */
const FORBIDDEN = /(?![\t\n\r])[\p{Cc}\p{Cs}\u{fffe}\u{ffff}]/gu
