import { stemmer } from 'stemmer'

/** Words that say nothing about what is asked, as `partsOf` leaves them: without apostrophes. */
const STOP_WORDS = new Set(
  `a about after again all also am an and any are as at be because been before being both but by can cannot could did do does
  doing dont down each few for from further get gets getting got had has have having he her here him his how i im if in
  into is isnt it its itself just like ll me more most my need no nor not now of off on once one only or other our out
  over own please re same she should so some such than that thats the their them then there these they thing things this those
  through to too under until up us use used using ve very via want wants was we were what when where which while who whom why
  will with wont would you your something somehow way ways work works working tell show give let lets happen happens try trying
  able possible best anyone someone everything`.split(/\s+/),
)

/** A token of a text. */
export interface Token {
  /** In lower case, as it stands there. */
  word: string
  /** What is compared: the stem. */
  term: string
  /** 1 for what stands there, less for a part of a longer name. */
  weight: number
}

const NAME = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:[_\-'’][\p{L}\p{M}\p{N}]+)*/gu
const PART_WEIGHT = 0.8

/** What names were found to be made of; most stand in a text many times. */
export type KnownNames = Map<string, readonly Token[]>

/** The terms of a text: words by their stems, names of code whole and by their parts (`startSpeakingPlan`, `tool-calls`). */
export function tokensOf(text: string, known: KnownNames = new Map()): Token[] {
  const tokens: Token[] = []
  for (const [name] of text.normalize('NFKC').matchAll(NAME)) {
    let found = known.get(name)
    if (found === undefined) {
      found = tokensOfName(partsOf(name))
      known.set(name, found)
    }
    tokens.push(...found)
  }
  return tokens
}

function tokensOfName(parts: readonly string[]): Token[] {
  const [first = ''] = parts
  if (parts.length < 2) return parts.length === 0 ? [] : [tokenOf(first, 1)]
  const word = parts.join('')
  return [{ word, term: word, weight: 1 }, ...parts.map(part => tokenOf(part, PART_WEIGHT))]
}

function tokenOf(word: string, weight: number): Token {
  return { word, term: stem(word), weight }
}

function namesIn(text: string): string[][] {
  return [...text.normalize('NFKC').matchAll(NAME)]
    .map(([name]) => partsOf(name))
    .filter(({ length }) => length > 0)
}

/** `startSpeakingPlan` → start, speaking, plan; `don't` stays one. In lower case. */
export function partsOf(name: string): string[] {
  return name
    .replace(/['’]/g, '')
    .split(/[_-]/)
    .flatMap(word => word.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u))
    .map(part => part.toLowerCase())
    .filter(part => part !== '')
}

function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word)
}

/** The stem of an English word in lower case; numbers and words with digits as they are. */
export function stem(word: string): string {
  return /^[a-z]+$/.test(word) && word.length > 2 ? stemmer(word) : word
}

/** A word of a question, or a name of code. */
export interface Asked {
  /** Its parts as one word, in lower case. */
  word: string
  parts: readonly string[]
}

/** The words of a question that say something; all of them where none does. `all`: as they were typed, in lower case. */
export function readQuestion(question: string): { asked: Asked[]; all: string[] } {
  const words = namesIn(question).map(parts => ({ word: parts.join(''), parts }))
  const telling = words.filter(({ word }) => !isStopWord(word))
  return { asked: telling.length > 0 ? telling : words, all: words.map(({ parts }) => parts.join(' ')) }
}
