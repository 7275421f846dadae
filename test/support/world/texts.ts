import type { TextSpan } from '../../../src/engine/inputs.ts'
import type { Choices } from './choices.ts'
import type { SoundWord } from './player.ts'

/** A word that stands once in a call, so that it shows where it is lost or said again; half of it is none. */
const WORD = /w\d{4}/g
const FLUSH = /<\s*flush\s*\/?>|<\s*\/\s*flush\s*>/gi

export function wordsOf(text: string): string[] {
  return text.match(WORD) ?? []
}

/** The text without flush tags and white space. */
export function bare(text: string): string {
  return text.replace(FLUSH, '').replace(/\s+/g, '')
}

/** Makes texts whose words are all different. */
export class Writer {
  private count = 0

  text(choices: Choices): string {
    const length = choices.oneIn(8) ? 0 : 1 + choices.below(20)
    let text = ''
    for (let place = 0; place < length; place++) {
      text += `w${String(this.count++).padStart(4, '0')}${choices.of(['', '', '', '.', ',', '!', '?', ';', '…'])}`
      text += choices.of([' ', ' ', ' ', ' ', '  ', '\n', ' <flush /> ', ' <flush> ', ' </FLUSH> '])
    }
    return choices.below(3) === 0 ? text : text.trim()
  }
}

/** A text cut anywhere, also inside words and tags. */
export function pieces(text: string, choices: Choices): string[] {
  const cut: string[] = []
  for (let rest = text; rest !== ''; ) {
    const length = 1 + choices.below(Math.min(rest.length, 24))
    cut.push(rest.slice(0, length))
    rest = rest.slice(length)
  }
  return cut
}

/** The formatted text: each word as it is, or as two (“w0007 and x0007”). */
export function formatted(text: string, expands: boolean): { text: string; spans: TextSpan[] } {
  if (!expands) return { text, spans: [] }
  let out = ''
  const spans: TextSpan[] = []
  const add = (part: string, sourceFrom: number, sourceTo: number) => {
    if (part === '') return
    spans.push({ from: out.length, to: out.length + part.length, sourceFrom, sourceTo })
    out += part
  }
  let last = 0
  for (const match of text.matchAll(WORD)) {
    add(text.slice(last, match.index), last, match.index)
    last = match.index + match[0].length
    add(`${match[0]} and x${match[0].slice(1)}`, match.index, last)
  }
  add(text.slice(last), last, text.length)
  return { text: out, spans }
}

/** What a voice says of a text, word by word. A word of the model ends with “x0007” where it was made two, else with itself. */
export function soundWords(text: string): SoundWord[] {
  return [...text.matchAll(/\S+/g)].map(match => {
    const [said] = match
    const name = /x\d{4}/.exec(said)?.[0]
    const own = /w\d{4}/.exec(said)?.[0]
    const isFirstOfTwo =
      own !== undefined && text.slice(match.index + own.length).startsWith(` and x${own.slice(1)}`)
    const word = name !== undefined ? `w${name.slice(1)}` : own === undefined || isFirstOfTwo ? null : own
    return { text: said, from: match.index, to: match.index + said.length, word }
  })
}
