import { frequencyCode } from './frequencies.ts'
import { codeBlocksOf, sectionsOf, stretchesOf } from './markdown.ts'
import type { Page, Section } from './page.ts'
import { type KnownNames, tokensOf } from './words.ts'

export type PageHead = Omit<Page, 'text'>

export interface IndexedSection extends Section {
  /** Number of its page. */
  page: number
  /** Languages of its code. */
  languages: readonly string[]
}

/**
 * What is searched: an inverted index of BM25 weights. Units are pages (numbers below `pages.length`) and, after them,
 * sections. Made for reading from one file without any work: plain arrays.
 */
export interface SearchIndex {
  pages: readonly PageHead[]
  sections: readonly IndexedSection[]
  /** Sorted. */
  terms: readonly string[]
  /** Words as they stand in the texts, and the number of the term of each. */
  words: readonly string[]
  wordTerms: Uint32Array
  /** Of each term: in how many pages it stands, those of the reference left out. */
  pageCounts: Uint32Array
  /** The same for headings; one that stands in none says little about what a page is about. */
  headingCounts: Uint32Array
  /** Of each term: where its units begin; one more at the end. */
  starts: Uint32Array
  units: Uint32Array
  /** Of each unit: how much of the term is in it, by field and length (BM25F before saturation), as a code of `frequencyTable`. */
  weights: Uint8Array
  textOf(page: number): string
}

/** What a term counts in a field, and how much the field's length takes of that (0 to 1). */
interface Field {
  weight: number
  length: number
}

const PAGE_FIELDS = {
  title: { weight: 8, length: 0.3 },
  keywords: { weight: 5, length: 0.2 },
  path: { weight: 2, length: 0.3 },
  description: { weight: 3, length: 0.3 },
  headings: { weight: 1, length: 0.5 },
  body: { weight: 1, length: 0.6 },
  code: { weight: 0.6, length: 0.75 },
} as const satisfies Record<string, Field>

const SECTION_FIELDS = {
  heading: { weight: 2, length: 0.3 },
  path: { weight: 1.5, length: 0.3 },
  title: { weight: 1.5, length: 0.3 },
  body: { weight: 1, length: 0.6 },
  code: { weight: 0.7, length: 0.6 },
} as const satisfies Record<string, Field>

type Texts<Fields> = Readonly<Record<keyof Fields, string>>

/** Where a term stands. */
interface Posting {
  units: number[]
  weights: number[]
  pages: number
  headings: number
}

/** Makes the index of pages. Takes about a millisecond a page. */
export function buildIndex(pages: readonly Page[]): SearchIndex {
  const sections = pages.flatMap((page, number) =>
    sectionsOf(page.text).map(section => ({
      ...section,
      page: number,
      languages: languagesOf(page.text.slice(section.start, section.end)),
    })),
  )
  const pageTexts = pages.map(textsOfPage)
  const sectionTexts = sections.map(section => textsOfSection(section, pages[section.page]))
  const words = new Map<string, string>()
  const known: KnownNames = new Map()
  const units = [
    ...weigh(pageTexts, PAGE_FIELDS, words, known),
    ...weigh(sectionTexts, SECTION_FIELDS, words, known),
  ]
  // The reference has every name of a field somewhere, as a title too: that it stands there says nothing.
  const counted = pages.map(({ source }) => source !== 'reference')
  const postings = postingsOf(units, counted)
  pageTexts.forEach((text, number) => {
    if (!counted[number]) return
    for (const term of new Set(tokensOf(headingsOf(text), known).map(token => token.term))) {
      const posting = postings.get(term)
      if (posting !== undefined) posting.headings++
    }
  })
  return {
    pages: pages.map(({ text: _text, ...head }) => head),
    sections,
    textOf: page => pages[page]?.text ?? '',
    ...layOut(postings, words),
  }
}

function postingsOf(
  units: readonly ReadonlyMap<string, number>[],
  counted: readonly boolean[],
): Map<string, Posting> {
  const postings = new Map<string, Posting>()
  units.forEach((weights, unit) => {
    for (const [term, weight] of weights) {
      let posting = postings.get(term)
      if (posting === undefined) {
        posting = { units: [], weights: [], pages: 0, headings: 0 }
        postings.set(term, posting)
      }
      posting.units.push(unit)
      posting.weights.push(weight)
      if (counted[unit]) posting.pages++
    }
  })
  return postings
}

/** The postings one behind the other. */
function layOut(postings: ReadonlyMap<string, Posting>, words: ReadonlyMap<string, string>) {
  const sorted = [...postings].sort(([one], [other]) => (one < other ? -1 : 1))
  const numbers = new Map(sorted.map(([term], number) => [term, number]))
  const spelled = [...words].sort(([one], [other]) => (one < other ? -1 : 1))
  const starts = new Uint32Array(sorted.length + 1)
  sorted.forEach(([, { units }], number) => {
    starts[number + 1] = (starts[number] ?? 0) + units.length
  })
  const all = { units: new Uint32Array(starts.at(-1) ?? 0), weights: new Uint8Array(starts.at(-1) ?? 0) }
  sorted.forEach(([, { units, weights }], number) => {
    all.units.set(units, starts[number])
    all.weights.set(weights.map(frequencyCode), starts[number])
  })
  return {
    ...all,
    starts,
    terms: sorted.map(([term]) => term),
    words: spelled.map(([word]) => word),
    wordTerms: Uint32Array.from(spelled, ([, term]) => numbers.get(term) ?? 0),
    pageCounts: Uint32Array.from(sorted, ([, posting]) => posting.pages),
    headingCounts: Uint32Array.from(sorted, ([, posting]) => posting.headings),
  }
}

function headingsOf({ title, keywords, path, headings }: Texts<typeof PAGE_FIELDS>): string {
  return [title, keywords, path, headings].join('\n')
}

function textsOfPage(page: Page): Texts<typeof PAGE_FIELDS> {
  const { prose, code } = proseAndCode(page.text)
  return {
    title: page.title,
    keywords: page.keywords.join('\n'),
    path: page.id,
    description: page.description,
    headings: sectionsOf(page.text)
      .map(({ headings }) => headings.at(-1) ?? '')
      .join('\n'),
    body: prose,
    code,
  }
}

function textsOfSection(
  { headings, start, end }: IndexedSection,
  page: Page | undefined,
): Texts<typeof SECTION_FIELDS> {
  const { prose, code } = proseAndCode(page?.text.slice(start, end) ?? '')
  return {
    heading: headings.at(-1) ?? '',
    path: headings.slice(0, -1).join('\n'),
    title: page?.title ?? '',
    body: prose,
    code,
  }
}

function proseAndCode(text: string): { prose: string; code: string } {
  const prose = stretchesOf(text)
    .filter(({ isCode }) => !isCode)
    .map(stretch => stretch.text.replace(/\]\([^()]*\)/g, ']'))
  const code = codeBlocksOf(text).map(block => block.code)
  return { prose: prose.join('\n'), code: code.join('\n') }
}

function languagesOf(text: string): string[] {
  return [...new Set(codeBlocksOf(text).map(({ language }) => language))].filter(language => language !== '')
}

/** The weight of each term in each text: sum over the fields of frequency, by the field's length. Adds its words to `words`. */
function weigh<Name extends string>(
  texts: readonly Readonly<Record<Name, string>>[],
  fields: Readonly<Record<Name, Field>>,
  words: Map<string, string>,
  known: KnownNames,
): Map<string, number>[] {
  const names = Object.keys(fields) as Name[]
  const result = texts.map(() => new Map<string, number>())
  for (const name of names) {
    const { weight, length } = fields[name]
    const tokens = texts.map(text => tokensOf(text[name], known))
    const mean = tokens.reduce((sum, { length: count }) => sum + count, 0) / Math.max(1, texts.length)
    tokens.forEach((list, number) => {
      const share = weight / (1 - length + (length * list.length) / Math.max(1, mean))
      const into = result[number]
      for (const { word, term, weight: part } of list) {
        words.set(word, term)
        into?.set(term, (into.get(term) ?? 0) + part * share)
      }
    })
  }
  return result
}
