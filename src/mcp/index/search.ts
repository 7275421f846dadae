import { distance } from 'fastest-levenshtein'
import { frequencyTable } from './frequencies.ts'
import type { Category, Source } from './page.ts'
import type { SearchIndex } from './search-index.ts'
import { createSynonyms } from './synonyms.ts'
import { type Asked, readQuestion, stem } from './words.ts'

export interface SearchOptions {
  /** Only pages of these; all unless given. */
  categories?: readonly Category[]
  /** Only sections for which this is true. */
  section?: (section: SearchIndex['sections'][number]) => boolean
  /** 10 unless given. */
  limit?: number
}

/** A page that was found, with the section that answers best. */
export interface Hit {
  /** Number of the page. */
  page: number
  /** Number of its best section, or null where none fits. */
  section: number | null
  score: number
  /** Terms of the index that were looked for, for marking. */
  terms: readonly string[]
}

export interface Searcher {
  search(question: string, options?: SearchOptions): Hit[]
}

/** How fast more of the same term counts less, as in BM25. */
const SATURATION = 2.5
const SECTION_SHARE = 0.6
/** What a page keeps that has none of the question's other words. */
const COVERED_NOTHING = 0.35
const PARTS_OF_KNOWN_NAME = 0.35
const SYNONYM = 0.7
const PREFIX = 0.6
const MISTYPED = 0.8
const JOINED = 0.9
const NEVER_IN_HEADING = 0.6
/** The change log tells of everything once; it is the answer where nothing else is. */
const PRIORS: Readonly<Record<Category, number>> = { guides: 1, api: 0.95, examples: 0.9, changelog: 0.55 }

/** Ours tell how to do it with this program; the reference has every name once. */
const SOURCES: Readonly<Record<Source, number>> = {
  official: 1,
  knowledge: 0.55,
  commands: 0.4,
  reference: 0.28,
}
/** Who names a method and a path, or the reference itself, asks that. */
const ENDPOINT =
  /(?:^|\s)(?:GET|POST|PUT|PATCH|DELETE)\s|(?:^|\s)\/[a-z-]+|^(?:get|post|put|patch|delete) [\w-]+(?: \w+)?$|\bapi reference\b/
const SOURCES_OF_ENDPOINTS: Readonly<Record<Source, number>> = { ...SOURCES, reference: 1.2 }
/** Who asks when something came asks the change log. */
const CHANGES =
  /\b(change ?log|release notes?|released|what.?s new|when (was|were|did|has)|since when|introduced|deprecated in)\b/i
const PRIORS_OF_CHANGES: Readonly<Record<Category, number>> = { ...PRIORS, changelog: 1.6 }

/** Terms that stand for one word of the question, by their numbers, and how much each counts. */
type Group = Map<number, number>

/** Searches an index with BM25 over pages and sections; typing errors, parts of names and synonyms are understood. */
export function createSearcher(index: SearchIndex): Searcher {
  const { terms, words, pages, sections } = index
  const numbers = new Map(terms.map((term, number) => [term, number]))
  const synonyms = createSynonyms()
  const unitCount = pages.length + sections.length
  const total = new Float32Array(unitCount)
  const covered = new Float32Array(unitCount)
  const best = new Float32Array(unitCount)
  const frequencies = frequencyTable()
  const letters = Uint32Array.from(words, lettersOf)

  /** How much a term tells: rare ones more, those that stand in no heading less. */
  function rarity(term: number): number {
    const count = index.pageCounts[term] ?? 0
    const idf = Math.log(1 + (pages.length - count + 0.5) / (count + 0.5))
    return (index.headingCounts[term] ?? 0) > 0 ? idf : idf * NEVER_IN_HEADING
  }

  function add(group: Group, term: string, weight: number): boolean {
    const number = numbers.get(term)
    if (number === undefined) return false
    group.set(number, Math.max(weight, group.get(number) ?? 0))
    return true
  }

  /** The terms that a mistyped or cut-off word may stand for. */
  function addAlike(group: Group, word: string): void {
    const found: { term: number; far: number }[] = []
    const most = word.length < 4 ? 0 : word.length < 8 ? 1 : 2
    const own = lettersOf(word)
    for (let place = 0; place < words.length; place++) {
      const known = words[place] ?? ''
      const term = index.wordTerms[place] ?? 0
      if (word.length >= 3 && known.startsWith(word)) found.push({ term, far: 0.5 })
      else if (
        Math.abs(known.length - word.length) <= most &&
        differing(own, letters[place] ?? 0) <= 2 * most
      ) {
        const far = editDistance(known, word)
        if (far <= most) found.push({ term, far: far + (known[0] === word[0] ? 0 : 0.5) })
      }
    }
    const nearest = found.reduce((least, { far }) => Math.min(least, far), most + 1)
    for (const { term, far } of found)
      if (far <= nearest + 0.5)
        group.set(term, Math.max(group.get(term) ?? 0, far === 0.5 ? PREFIX : MISTYPED / Math.max(1, far)))
  }

  function groupsOf(question: string): Group[] {
    const { asked, all } = readQuestion(question)
    const groups: Group[] = []
    asked.forEach((one, place) => {
      const group: Group = new Map()
      const known = [termOf(one), one.word].map(term => add(group, term, 1)).includes(true)
      const next = asked[place + 1]
      const before = asked[place - 1]
      if (next !== undefined) add(group, one.word + next.word, JOINED)
      if (before !== undefined) add(group, before.word + one.word, JOINED)
      if (one.parts.length > 1)
        for (const part of one.parts) {
          const partGroup: Group = new Map()
          if (add(partGroup, stem(part), known ? PARTS_OF_KNOWN_NAME : 1)) groups.push(partGroup)
        }
      if (!known && group.size === 0) addAlike(group, one.word)
      for (const other of synonyms(one.word)) addWords(group, other)
      if (group.size > 0) groups.push(group)
    })
    const text = ` ${all.join(' ')} `
    for (const [phrase, others] of synonyms.phrases) {
      if (!text.includes(` ${phrase} `)) continue
      const group: Group = new Map()
      for (const other of others) addWords(group, other)
      if (group.size > 0) groups.push(group)
    }
    return groups
  }

  function addWords(group: Group, words: string): void {
    const parts = words.split(' ')
    add(group, parts.length > 1 ? parts.join('') : stem(words), SYNONYM)
    if (parts.length > 1) for (const part of parts) add(group, stem(part), SYNONYM / parts.length)
  }

  function termOf({ word, parts }: Asked): string {
    return parts.length > 1 ? word : stem(word)
  }

  /** Adds what a group finds to `total` and `covered`; a unit counts its best term only. */
  function score(group: Group): number {
    const touched: number[] = []
    let mass = 0
    for (const [term, weight] of group) {
      const telling = rarity(term)
      mass = Math.max(mass, weight * telling)
      const end = index.starts[term + 1] ?? 0
      for (let place = index.starts[term] ?? 0; place < end; place++) {
        const unit = index.units[place] ?? 0
        const frequency = frequencies[index.weights[place] ?? 0] ?? 0
        const value = (weight * telling * frequency * (SATURATION + 1)) / (SATURATION + frequency)
        if (best[unit] === 0) touched.push(unit)
        if (value > (best[unit] ?? 0)) best[unit] = value
      }
    }
    for (const unit of touched) {
      total[unit] = (total[unit] ?? 0) + (best[unit] ?? 0)
      covered[unit] = (covered[unit] ?? 0) + mass
      best[unit] = 0
    }
    return mass
  }

  function search(question: string, options: SearchOptions = {}): Hit[] {
    total.fill(0)
    covered.fill(0)
    const groups = groupsOf(question)
    const sources = ENDPOINT.test(question) ? SOURCES_OF_ENDPOINTS : SOURCES
    const priors = CHANGES.test(question) ? PRIORS_OF_CHANGES : PRIORS
    const mass = groups.reduce((sum, group) => sum + score(group), 0)
    if (mass === 0) return []
    const value = (unit: number) =>
      (total[unit] ?? 0) * (COVERED_NOTHING + (1 - COVERED_NOTHING) * ((covered[unit] ?? 0) / mass))
    const sectionOf = new Map<number, { section: number; value: number }>()
    sections.forEach((section, number) => {
      const own = value(pages.length + number)
      if (own === 0 || options.section?.(section) === false) return
      if (own > (sectionOf.get(section.page)?.value ?? 0))
        sectionOf.set(section.page, { section: number, value: own })
    })
    const wanted = [...new Set(groups.flatMap(group => [...group.keys()]))].map(term => terms[term] ?? '')
    return pages
      .flatMap(({ category, source }, page): Hit[] => {
        if (options.categories !== undefined && !options.categories.includes(category)) return []
        const section = sectionOf.get(page) ?? null
        if (options.section !== undefined && section === null) return []
        const sum = value(page) + SECTION_SHARE * (section?.value ?? 0)
        if (sum === 0) return []
        return [
          {
            page,
            section: section?.section ?? null,
            score: sum * priors[category] * sources[source],
            terms: wanted,
          },
        ]
      })
      .sort((one, other) => other.score - one.score)
      .slice(0, options.limit ?? 10)
  }

  return { search }
}

/** Which letters a word has, one bit each: words that are alike differ in few. */
function lettersOf(word: string): number {
  let bits = 0
  for (let place = 0; place < word.length; place++) bits |= 1 << (word.charCodeAt(place) % 32)
  return bits
}

function differing(one: number, other: number): number {
  let bits = one ^ other
  let count = 0
  for (; bits !== 0; count++) bits &= bits - 1
  return count
}

/** Two letters that changed places count once. */
function editDistance(one: string, other: string): number {
  const far = distance(one, other)
  return far === 2 && one.length === other.length && isSwapped(one, other) ? 1 : far
}

function isSwapped(one: string, other: string): boolean {
  const place = [...one].findIndex((letter, number) => letter !== other[number])
  return (
    one[place] === other[place + 1] &&
    one[place + 1] === other[place] &&
    one.slice(place + 2) === other.slice(place + 2)
  )
}
