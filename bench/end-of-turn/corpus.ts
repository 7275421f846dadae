import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf } from '../../src/providers/end-of-turn/features.ts'
import { wordsOf } from '../../src/providers/end-of-turn/words.ts'

export type Split = 'train' | 'dev' | 'held-out'

/** One moment of a telephone conversation at which the caller falls silent. */
export interface Item {
  /** What the caller said, as an ideal recogniser would punctuate it. */
  text: string
  assistantText: string
  complete: boolean
  split: Split
  /** The file it stands in, without `.txt`. */
  domain: string
}

/** Shares of the caller's turns, in percent: fixed before anything was trained. */
const TRAIN_PERCENT = 45
const DEV_PERCENT = 15

/**
 * Reads `data/*.txt`. A line is `assistant's message > caller's turn`: "/" marks a place where the caller was cut
 * off, "|" one where the turn could have ended, the end of the line is a complete turn unless it ends in "...".
 * Files named `training-*` were written later and have no held-out items. All items of one turn are in one split, by the hash of its words. An item whose words are those of an item of an earlier
 * split, or nearly, is left out.
 */
export function readCorpus(folder: string): Item[] {
  return withoutRepeats(linesOf(folder).flatMap(({ line, domain }) => itemsOf(line, domain)))
}

function linesOf(folder: string): { line: string; domain: string }[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.txt'))
    .sort()
    .flatMap(file =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .filter(line => line.trim() !== '' && !line.startsWith('#'))
        .map(line => ({ line, domain: file.slice(0, -4) })),
    )
}

function itemsOf(line: string, domain: string): Item[] {
  const [assistantText, turn] = line.includes(' > ') ? (line.split(' > ') as [string, string]) : ['', line]
  const whole = turn.replace(/[/|]/g, ' ').replace(/\s+/g, ' ').trim()
  const split = splitOf(whole, domain)
  const items: Item[] = []
  let said = ''
  for (const part of turn.split(/(?<=[/|])/)) {
    const mark = part.at(-1)
    said = `${said} ${part.replace(/[/|]/, '').trim()}`.replace(/\s+/g, ' ').trim()
    const complete = mark === '|' || (mark !== '/' && !said.endsWith('...'))
    const text = complete ? said.replace(/,$/, '').replace(/(?<![.?!])$/, '.') : said.replace(/\.\.\.$/, '')
    items.push({ text, assistantText: assistantText.trim(), complete, split, domain })
  }
  return items
}

function splitOf(turn: string, domain: string): Split {
  const percent = domain.startsWith('training') ? TRAIN_PERCENT + DEV_PERCENT : 100
  const place = hashOf(wordsOf(turn).join(' ')) % percent
  return place < TRAIN_PERCENT ? 'train' : place < TRAIN_PERCENT + DEV_PERCENT ? 'dev' : 'held-out'
}

/** Order in which splits keep an item that stands in several of them. */
const ORDER: readonly Split[] = ['train', 'dev', 'held-out']

function withoutRepeats(items: readonly Item[]): Item[] {
  const kept: Item[] = []
  const seen = new Map<string, Split>()
  const long: { words: string[]; split: Split }[] = []
  for (const split of ORDER) {
    for (const item of items.filter(one => one.split === split)) {
      const words = wordsOf(item.text)
      const key = words.join(' ')
      const repeated =
        split === 'train'
          ? seen.has(`${key} ${item.assistantText} ${item.complete}`)
          : seen.has(key) && seen.get(key) !== split
      const same = split !== 'train' && seen.has(`${key} ${item.assistantText} ${item.complete}`)
      if (words.length === 0 || repeated || same) continue
      if (long.some(other => other.split !== split && isNear(words, other.words))) continue
      seen.set(`${key} ${item.assistantText} ${item.complete}`, split)
      if (!seen.has(key)) seen.set(key, split)
      long.push({ words, split })
      kept.push(item)
    }
  }
  return kept
}

/** Four words or more that differ in one word at most. */
export function isNear(left: readonly string[], right: readonly string[]): boolean {
  if (Math.min(left.length, right.length) < 4 || Math.abs(left.length - right.length) > 1) return false
  let from = 0
  while (from < left.length && left[from] === right[from]) from++
  let back = 0
  while (
    back < Math.min(left.length, right.length) - from &&
    left[left.length - 1 - back] === right[right.length - 1 - back]
  )
    back++
  return Math.max(left.length, right.length) - from - back <= 1
}

/** The words alone, as a recogniser without punctuation gives them. */
export function withoutPunctuation(text: string): string {
  return text
    .toLowerCase()
    .replace(/[.,?!]+(?=\s|$)/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
