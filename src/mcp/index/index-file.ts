import { crc32 } from 'node:zlib'
import type { Category, Source } from './page.ts'
import type { SearchIndex } from './search-index.ts'

/** Changes with the form of the file and with what is made of pages: an older file is made anew. */
const FORM = 'vapi-docs-index 3\n'
/** The form, a checksum of all that follows it, the header's size. */
const HEAD = FORM.length + 8

interface Header {
  pages: [
    id: string,
    title: string,
    description: string,
    url: string | null,
    category: Category,
    source: Source,
    keywords: string[],
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
      [...page.keywords],
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
  const used = HEAD + Buffer.byteLength(json)
  const head = Buffer.from(json + ' '.repeat((4 - (used % 4)) % 4))
  const arrays = [
    index.pageCounts,
    index.headingCounts,
    index.wordTerms,
    index.starts,
    differences(index.units),
  ].map(array => Buffer.from(array.buffer, array.byteOffset, array.byteLength))
  const file = Buffer.concat([Buffer.alloc(HEAD), head, ...arrays, index.weights, terms, words, ...texts])
  file.write(FORM)
  file.writeUInt32LE(head.length, HEAD - 4)
  file.writeUInt32LE(crc32(file.subarray(HEAD - 4)), HEAD - 8)
  return file
}

/** Reads such a file; null where it is none, was cut off or altered, or has another form. */
export function decodeIndex(file: Uint8Array): SearchIndex | null {
  // The arrays lie within the file's own memory, where it begins at a place that four divides.
  const { buffer, byteOffset, byteLength } = file.byteOffset % 4 === 0 ? file : new Uint8Array(file)
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  if (bytes.length < HEAD || bytes.toString('latin1', 0, FORM.length) !== FORM) return null
  if (crc32(bytes.subarray(HEAD - 4)) !== bytes.readUInt32LE(HEAD - 8)) return null
  const headEnd = HEAD + bytes.readUInt32LE(HEAD - 4)
  const header = JSON.parse(bytes.toString('utf8', HEAD, headEnd)) as Header
  const lengths = [header.terms, header.terms, header.words, header.terms + 1, header.postings]
  const arraysEnd = headEnd + 4 * lengths.reduce((sum, length) => sum + length, 0)
  const termsStart = arraysEnd + header.postings
  const wordsStart = termsStart + header.termBytes
  const textsStart = wordsStart + header.wordBytes
  let place = bytes.byteOffset + headEnd
  const take = (length: number) => {
    place += 4 * length
    return [bytes.buffer as ArrayBuffer, place - 4 * length, length] as Place
  }
  const [pageCounts, headingCounts, wordTerms, starts, units] = lengths.map(take) as Places
  const textStarts: number[] = [textsStart]
  for (const length of header.textBytes) textStarts.push((textStarts.at(-1) ?? 0) + length)
  return {
    pages: header.pages.map(([id, title, description, url, category, source, keywords]) => ({
      id,
      title,
      description,
      url,
      category,
      source,
      keywords,
    })),
    sections: header.sections.map(([page, start, end, anchor, headings, languages]) => ({
      page,
      start,
      end,
      anchor,
      headings,
      languages,
    })),
    terms: linesOf(bytes, termsStart, wordsStart),
    words: linesOf(bytes, wordsStart, textsStart),
    pageCounts: new Uint32Array(...pageCounts),
    headingCounts: new Uint32Array(...headingCounts),
    wordTerms: new Uint32Array(...wordTerms),
    starts: new Uint32Array(...starts),
    units: sums(new Uint32Array(...units)),
    weights: bytes.subarray(arraysEnd, termsStart),
    textOf: page => bytes.toString('utf8', textStarts[page], textStarts[page + 1]),
  }
}

/** Numbers that grow within a term are small as differences, which pack better. */
function differences(units: Uint32Array): Uint32Array {
  return units.map((unit, place) => unit - (place === 0 ? 0 : (units[place - 1] ?? 0)))
}

/** Undoes that; in 32 bits also where a term begins anew. */
function sums(steps: Uint32Array): Uint32Array {
  const units = new Uint32Array(steps.length)
  let unit = 0
  for (let place = 0; place < steps.length; place++) {
    unit += steps[place] ?? 0
    units[place] = unit
    unit = units[place] ?? 0
  }
  return units
}

function linesOf(bytes: Buffer, start: number, end: number): string[] {
  return start === end ? [] : bytes.toString('utf8', start, end).split('\n')
}

type Places = [Place, Place, Place, Place, Place]
type Place = readonly [buffer: ArrayBuffer, start: number, length: number]
