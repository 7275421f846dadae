import type { Category, Source } from './page.ts'
import type { SearchIndex } from './search-index.ts'

/** Changes with the form of the file and with what is made of pages: an older file is made anew. */
const FORM = 'vapi-docs-index 1\n'

interface Header {
  pages: [
    id: string,
    title: string,
    description: string,
    url: string | null,
    category: Category,
    source: Source,
  ][]
  sections: [
    page: number,
    start: number,
    end: number,
    anchor: string,
    headings: string[],
    languages: string[],
  ][]
  /** Numbers of terms, words and postings; bytes of the terms, the words and of each page's text. */
  terms: number
  words: number
  postings: number
  termBytes: number
  wordBytes: number
  textBytes: number[]
}

/** The index as one file: a header in JSON, then arrays that need no reading, terms and texts. */
export function encodeIndex(index: SearchIndex): Buffer {
  const texts = index.pages.map((_page, number) => Buffer.from(index.textOf(number)))
  const terms = Buffer.from(index.terms.join('\n'))
  const words = Buffer.from(index.words.join('\n'))
  const header: Header = {
    pages: index.pages.map(page => [
      page.id,
      page.title,
      page.description,
      page.url,
      page.category,
      page.source,
    ]),
    sections: index.sections.map(section => [
      section.page,
      section.start,
      section.end,
      section.anchor,
      [...section.headings],
      [...section.languages],
    ]),
    terms: index.terms.length,
    words: index.words.length,
    postings: index.units.length,
    termBytes: terms.length,
    wordBytes: words.length,
    textBytes: texts.map(({ length }) => length),
  }
  const json = JSON.stringify(header)
  // The arrays begin at a place that four divides.
  const used = FORM.length + 4 + Buffer.byteLength(json)
  const head = Buffer.from(json + ' '.repeat((4 - (used % 4)) % 4))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(head.length)
  const arrays = [
    index.pageCounts,
    index.headingCounts,
    index.wordTerms,
    index.starts,
    index.units,
    index.weights,
  ].map(array => Buffer.from(array.buffer, array.byteOffset, array.byteLength))
  return Buffer.concat([Buffer.from(FORM), size, head, ...arrays, terms, words, ...texts])
}

/** Reads such a file; null where it is none, was cut off, or has another form. */
export function decodeIndex(file: Uint8Array): SearchIndex | null {
  // The arrays lie within the file's own memory, where it begins at a place that four divides.
  const { buffer, byteOffset, byteLength } = file.byteOffset % 4 === 0 ? file : file.slice()
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  if (bytes.length < FORM.length + 4 || bytes.toString('latin1', 0, FORM.length) !== FORM) return null
  const headEnd = FORM.length + 4 + bytes.readUInt32LE(FORM.length)
  const header = headerOf(bytes.toString('utf8', FORM.length + 4, headEnd))
  if (header === null) return null
  const lengths = [
    header.terms,
    header.terms,
    header.words,
    header.terms + 1,
    header.postings,
    header.postings,
  ]
  const arraysEnd = headEnd + 4 * lengths.reduce((sum, length) => sum + length, 0)
  const wordsStart = arraysEnd + header.termBytes
  const textsStart = wordsStart + header.wordBytes
  if (bytes.length !== textsStart + header.textBytes.reduce((sum, length) => sum + length, 0)) return null
  let place = bytes.byteOffset + headEnd
  const take = (length: number) => {
    place += 4 * length
    return [bytes.buffer as ArrayBuffer, place - 4 * length, length] as Place
  }
  const [pageCounts, headingCounts, wordTerms, starts, units, weights] = lengths.map(take) as Places
  const textStarts: number[] = [textsStart]
  for (const length of header.textBytes) textStarts.push((textStarts.at(-1) ?? 0) + length)
  return {
    pages: header.pages.map(([id, title, description, url, category, source]) => ({
      id,
      title,
      description,
      url,
      category,
      source,
    })),
    sections: header.sections.map(([page, start, end, anchor, headings, languages]) => ({
      page,
      start,
      end,
      anchor,
      headings,
      languages,
    })),
    terms: linesOf(bytes, arraysEnd, wordsStart),
    words: linesOf(bytes, wordsStart, textsStart),
    pageCounts: new Uint32Array(...pageCounts),
    headingCounts: new Uint32Array(...headingCounts),
    wordTerms: new Uint32Array(...wordTerms),
    starts: new Uint32Array(...starts),
    units: new Uint32Array(...units),
    weights: new Float32Array(...weights),
    textOf: page => bytes.toString('utf8', textStarts[page], textStarts[page + 1]),
  }
}

function linesOf(bytes: Buffer, start: number, end: number): string[] {
  return start === end ? [] : bytes.toString('utf8', start, end).split('\n')
}

type Places = [Place, Place, Place, Place, Place, Place]
type Place = readonly [buffer: ArrayBuffer, start: number, length: number]

function headerOf(json: string): Header | null {
  try {
    return JSON.parse(json) as Header
  } catch {
    return null
  }
}
