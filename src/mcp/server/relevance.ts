import { distance } from 'fastest-levenshtein'
import { VERBS } from '../content/operation-names.ts'
import type { SearchIndex } from '../index/search-index.ts'
import { createSynonyms } from '../index/synonyms.ts'
import { readQuestion, stem, tokensOf } from '../index/words.ts'

/** Words of a question that do not say what it is about. */
const FILLERS = new Set(
  `api article build code doc docs documentation example examples guide guides handle handling implement integrate
  introduction learn manage overview program quickstart sample samples sdk setup snippet snippets step steps tutorial vapi
  simple basic basics whole full complete part parts kind kinds
  reduce improve increase avoid enable configure`.split(/\s+/),
)
const VERB_WORDS = new Set(Object.values(VERBS).flat())
/** What a word counts that stands in the text only, and not in what the text says it is about. */
const IN_BODY = 0.4
const ENOUGH = 0.6

/** True for a text that is about what was asked: it has the telling words, or other words for them, best in its headings. */
export type Relevance = (headings: string, body: string) => boolean

/** How a question tells what is about it. Rare words tell more; words that no page has may be mistyped. */
export function createRelevance(index: SearchIndex, question: string): Relevance {
  const synonyms = createSynonyms()
  const { asked, all } = readQuestion(question)
  const isTelling = ({ word }: { word: string }) => !FILLERS.has(word) && !VERB_WORDS.has(word)
  const telling = asked.some(isTelling) ? asked.filter(isTelling) : asked
  const numbers = new Map(index.terms.map((term, number) => [term, number]))
  const typed = ` ${all.join(' ')} `
  const phrases = [...synonyms.phrases].filter(([phrase]) => typed.includes(` ${phrase} `))
  const groups = telling.map(({ word, parts }) => {
    const others = phrases
      .filter(([phrase]) => phrase.split(' ').includes(word))
      .flatMap(([, names]) => names)
    const ways = [[word], parts, ...[...synonyms(word), ...others].map(name => name.split(' '))]
    const number = numbers.get(stem(word))
    const count = number === undefined ? 0 : (index.pageCounts[number] ?? 0)
    const weight = Math.log(1 + index.pages.length / (count + 1))
    return { word, isKnown: number !== undefined, weight, ways: ways.map(way => way.map(stem)) }
  })
  const sum = groups.reduce((total, { weight }) => total + weight, 0)
  const coverage = (text: string) => {
    const tokens = tokensOf(text)
    const there = new Set(tokens.flatMap(({ word, term }) => [word, term]))
    return groups.map(
      ({ word, isKnown, ways }) =>
        ways.some(way => way.every(part => there.has(part))) ||
        (!isKnown && tokens.some(token => isAlike(token.word, word))),
    )
  }
  return (headings, body) => {
    const above = coverage(headings)
    const within = coverage(body)
    const found = groups.reduce(
      (total, { weight }, place) => total + weight * (above[place] ? 1 : within[place] ? IN_BODY : 0),
      0,
    )
    return sum > 0 && found / sum >= ENOUGH
  }
}

function isAlike(one: string, other: string): boolean {
  const most = other.length < 4 ? 0 : other.length < 8 ? 1 : 2
  return Math.abs(one.length - other.length) <= most && distance(one, other) <= most
}
