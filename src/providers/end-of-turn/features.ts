import { classesOf, type Lexicon } from './lexicon.ts'
import { type Question, questionOf } from './question.ts'
import { wordsOf } from './words.ts'

const FINITE = new Set([
  'be',
  'do',
  'have',
  'modal',
  'negative',
  'contracted',
  'intending',
  'saying',
  'transitive',
  'verb',
  'past',
])
const SUBJECTS = new Set(['subject', 'you', 'contracted', 'intending', 'someone', 'demonstrative', 'object'])
/** Classes whose words seldom end a turn. */
const OPEN = new Set([
  'filler',
  'article',
  'possessive',
  'preposition',
  'to',
  'and',
  'but',
  'subordinate',
  'as',
  'so',
  'subject',
  'be',
  'modal',
  'negative',
  'contracted',
  'intending',
  'wh',
  'intensifier',
  'attributive',
  'transitive',
  'saying',
  'discourse',
  'opening',
  'dot',
])
const NUMERIC = new Set([
  'digit',
  'teen',
  'ten',
  'scale',
  'numeral',
  'numerals',
  'long-numeral',
  'code',
  'letter',
  'ordinal',
])

/**
 * What the estimator sees of a turn: names of features that are present. Empty for a turn without words. The names
 * are hashed, so that a new one needs no table, only training.
 */
export function featuresOf(text: string, assistantText: string, lexicon: Lexicon): string[] {
  const words = wordsOf(text)
  if (words.length === 0) return []
  const classes = classesOf(words, lexicon)
  const question = questionOf(assistantText)
  return [
    ...endFeatures(words, classes),
    ...answerFeatures(words, classes, question),
    ...numberFeatures(words, classes, question),
    ...clauseFeatures(words, classes),
  ]
}

/** The last words and their classes. */
function endFeatures(words: readonly string[], classes: readonly string[]): string[] {
  const word = (back: number) => words[words.length - back] ?? '^'
  const kind = (back: number) => classes[classes.length - back] ?? '^'
  const length = bucket(words.length)
  const found = [
    `w ${word(1)}`,
    `ww ${word(2)} ${word(1)}`,
    `c ${kind(1)}`,
    `cc ${kind(2)} ${kind(1)}`,
    `ccc ${kind(3)} ${kind(2)} ${kind(1)}`,
    `cw ${kind(2)} ${word(1)}`,
    `wc ${word(2)} ${kind(1)}`,
    `n ${length}`,
    `nc ${length} ${kind(1)}`,
    `first ${kind(words.length)} ${length}`,
  ]
  if (OPEN.has(kind(1))) found.push('open', `open2 ${OPEN.has(kind(2))}`)
  else found.push(`after ${kind(2)}`, `closed2 ${OPEN.has(kind(2))} ${OPEN.has(kind(3))}`)
  if (word(1) === word(2)) found.push('repeated')
  if (kind(1) === 'other' || word(1).length > 4)
    found.push(`end2 ${word(1).slice(-2)}`, `end3 ${word(1).slice(-3)}`)
  const pair = `${word(2)} ${word(1)}`
  if (/^(you know|i mean|kind of|sort of|let's see|and then|hold on|i think|i guess)$/.test(pair))
    found.push(`phrase ${pair}`)
  return found
}

/** How the turn answers what was asked. */
function answerFeatures(words: readonly string[], classes: readonly string[], { kind }: Question): string[] {
  const last = classes.at(-1) ?? ''
  const group = OPEN.has(last) ? 'open' : NUMERIC.has(last) ? 'number' : 'closed'
  return [
    `q ${kind}`,
    `qc ${kind} ${last}`,
    `qn ${kind} ${bucket(words.length)} ${group}`,
    `qf ${kind} ${classes[0]} ${bucket(words.length)}`,
  ]
}

/** How far a number, a spelling, a date or an address has come. */
function numberFeatures(words: readonly string[], classes: readonly string[], question: Question): string[] {
  let run = 0
  while (run < classes.length && NUMERIC.has(classes[classes.length - 1 - run] ?? '')) run++
  const digits = digitsIn(words, classes)
  const found: string[] = []
  if (run > 0)
    found.push(`run ${Math.min(run, 8)} ${question.kind}`, `runs ${run === words.length} ${Math.min(run, 4)}`)
  if (question.digits !== null && digits > 0) {
    const missing = question.digits - digits
    const state = missing > 0 ? (missing > 3 ? 'far' : 'near') : missing === 0 ? 'whole' : 'over'
    found.push(`digits ${state}`, `digits ${question.kind} ${state} ${run > 0}`)
  } else if (digits > 0) {
    found.push(`some ${question.kind} ${Math.min(digits, 10)} ${run > 0}`)
  }
  if (question.kind === 'birth' || question.kind === 'when') found.push(`date ${dateState(classes)}`)
  if (question.kind === 'email')
    found.push(`email ${words.includes('at')} ${classes.at(-1) === 'domain'} ${words.at(-1) === 'com'}`)
  if (question.kind === 'address')
    found.push(`address ${NUMERIC.has(classes[0] ?? '')} ${classes.includes('street')} ${run > 0}`)
  if (question.kind === 'spelling')
    found.push(`letters ${Math.min(9, classes.filter(name => name === 'letter').length)} ${run > 0}`)
  return found
}

/** Digits that were said: a numeral counts its figures, "twenty eight" two, "double" one more. */
function digitsIn(words: readonly string[], classes: readonly string[]): number {
  let count = 0
  for (const [index, name] of classes.entries()) {
    const word = words[index] ?? ''
    if (/^(numeral|numerals|long-numeral)$/.test(name)) count += word.length
    else if (name === 'digit' || word === 'one') count += classes[index - 1] === 'ten' ? 0 : 1
    else if (name === 'teen' || name === 'ten') count += 2
    else if (name === 'scale') count += word === 'hundred' ? 2 : 3
  }
  return count
}

function dateState(classes: readonly string[]): string {
  const month = classes.includes('month') ? 'month' : ''
  const day = classes.some(name => name === 'ordinal') ? 'day' : ''
  const numbers = classes.filter(name => name !== 'ordinal' && name !== 'letter' && NUMERIC.has(name)).length
  return `${month}${day}${Math.min(numbers, 4)}`
}

/** Whether the last clause stands on its own. */
function clauseFeatures(words: readonly string[], classes: readonly string[]): string[] {
  const start = Math.max(
    lastOf(classes, name => name === 'and' || name === 'but' || name === 'subordinate' || name === 'so') + 1,
    0,
  )
  const clause = classes.slice(start)
  const opener = start > 0 ? classes[start - 1] : '^'
  const subject = clause.findIndex(name => SUBJECTS.has(name))
  const verb = clause.findIndex((name, index) => FINITE.has(name) && (subject < 0 || index >= subject))
  const after = verb < 0 ? -1 : clause.length - 1 - verb
  const last = classes.at(-1) ?? ''
  const shape = `${subject >= 0 ? 's' : ''}${verb >= 0 ? 'v' : ''}${after > 0 ? Math.min(after, 4) : ''}`
  const found = [
    `clause ${opener} ${shape} ${OPEN.has(last)}`,
    `tail ${opener} ${bucket(clause.length)} ${OPEN.has(last)}`,
  ]
  const opened = words.findIndex((_, index) => classes[index] === 'subordinate')
  if (opened >= 0 && opened <= 2) {
    // "If I pay now" waits for its main clause: count what could be the heads of clauses after the opener.
    const heads = classes
      .slice(opened)
      .filter(name => name === 'subject' || name === 'intending' || name === 'you').length
    const verbs = classes.slice(opened).filter(name => FINITE.has(name)).length
    found.push(`sub ${Math.min(heads, 3)} ${Math.min(verbs, 3)}`, `sub1 ${heads < 2}`)
  }
  if (/^(wh|be|do|have|modal)$/.test(classes[0] ?? '')) {
    found.push(`asks ${classes[0]} ${bucket(words.length)} ${OPEN.has(last)}`)
  }
  return found
}

function lastOf(classes: readonly string[], test: (name: string) => boolean): number {
  // The last word opens nothing yet.
  for (let index = classes.length - 2; index >= 0; index--) if (test(classes[index] ?? '')) return index
  return -1
}

function bucket(length: number): string {
  if (length <= 4) return String(length)
  if (length <= 6) return '5'
  if (length <= 9) return '7'
  if (length <= 14) return '10'
  return '15'
}

/** FNV-1a, 32 bits, of the UTF-16 units of a name. */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}
