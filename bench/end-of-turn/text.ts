import { heuristicWait } from '../../src/engine/text/heuristics.ts'
import { createTextJudge, loadShippedModel } from '../../src/providers/end-of-turn/estimator.ts'
import { type Item, readCorpus, withoutPunctuation } from './corpus.ts'
import { type Cost, costAtCutIns, costOf } from './cost.ts'
import { areaUnderCurve, type Judged, ratesAt, reliability } from './score.ts'

/** The seed's default waits of the transcription plan, in milliseconds. */
const HEURISTICS = {
  onPunctuationMs: 100,
  onNoPunctuationMs: 1500,
  onNumberMs: 500,
  punctuation: 'anywhere',
} as const

export interface TextFigures {
  name: string
  judged: Judged[]
  auc: number
  accuracy: number
  f1: number
}

/** Held-out moments judged by the estimator: the words alone, or as punctuated by an ideal recogniser. */
export function judgeHeldOut(data: string, punctuated: boolean): TextFigures {
  const judge = createTextJudge(loadShippedModel())
  const judged = heldOut(data).map(({ text, assistantText, complete }) => ({
    finished: judge(punctuated ? text : withoutPunctuation(text), assistantText),
    complete,
  }))
  return figuresOf(punctuated ? 'estimator, ideal punctuation' : 'estimator, no punctuation', judged)
}

/** The same moments by the punctuation heuristic: the shorter its wait, the likelier the end. */
export function judgeHeldOutByHeuristic(
  data: string,
  text: Spelling,
  at: 'anywhere' | 'at-end',
): TextFigures {
  const judged = heldOut(data).map(item => {
    const { waitMs } = heuristicWait(SPELLINGS[text](item.text), { ...HEURISTICS, punctuation: at })
    return { finished: 1 - waitMs / 1500, complete: item.complete }
  })
  return figuresOf(`heuristic (${at}), ${text}`, judged)
}

export type Spelling = keyof typeof SPELLINGS

/** How recognisers write what they heard. */
const SPELLINGS = {
  'no punctuation': withoutPunctuation,
  'ideal punctuation': (text: string) => text,
  'a full stop always': (text: string) => text.replace(/[,\s]*$/, '').replace(/(?<![.?!])$/, '.'),
}

function heldOut(data: string): Item[] {
  return readCorpus(data).filter(({ split }) => split === 'held-out')
}

function figuresOf(name: string, judged: Judged[]): TextFigures {
  const { accuracy, f1 } = ratesAt(judged, 0.5)
  return { name, judged, auc: areaUnderCurve(judged), accuracy, f1 }
}

/** Wait functions of `x`, the probability that the caller goes on; milliseconds. */
const WAITS: Record<string, (x: number) => number> = {
  '200 + 8000 * x (seed default)': x => 200 + 8000 * x,
  '20 + 500 * sqrt(x) + 2500 * x^3 (API default)': x => 20 + 500 * Math.sqrt(x) + 2500 * x ** 3,
  '2000 / (1 + exp(-10 * (x - 0.5))) (aggressive)': x => 2000 / (1 + Math.exp(-10 * (x - 0.5))),
}

/** Prints everything about the text estimator. */
export function printText(data: string): void {
  const items = heldOut(data)
  const complete = items.filter(item => item.complete).length
  console.log(
    `held out: ${items.length} moments (${complete} complete, ${items.length - complete} cut off), all written by hand`,
  )
  const spellings: Spelling[] = ['no punctuation', 'ideal punctuation', 'a full stop always']
  const estimator = judgeHeldOut(data, false)
  const heuristics = spellings.flatMap(text =>
    (['anywhere', 'at-end'] as const).map(at => judgeHeldOutByHeuristic(data, text, at)),
  )
  for (const figures of [estimator, judgeHeldOut(data, true), ...heuristics]) {
    const { name, auc, accuracy, f1 } = figures
    console.log(
      `${name.padEnd(44)} AUC ${auc.toFixed(3)}  accuracy ${percent(accuracy)}  F1 ${f1.toFixed(3)}`,
    )
  }
  console.log('\nreliability (no punctuation): judged → share that was complete')
  const { rows, error } = reliability(estimator.judged)
  for (const { from, count, mean, share } of rows)
    console.log(
      `  ${from.toFixed(1)}–${(from + 0.1).toFixed(1)}  ${String(count).padStart(4)}  ${mean.toFixed(2)} → ${share.toFixed(2)}`,
    )
  console.log(`  mean gap ${error.toFixed(3)}`)
  console.log(
    '\ncost, words without punctuation (pauses inside a turn assumed log-normal, median 0.6 s, spread 0.8)',
  )
  const byHeuristic = waitsOf(judgeHeldOutByHeuristic(data, 'no punctuation', 'at-end').judged, x => 1500 * x)
  printCost('the heuristic: 0.5 s after numbers, else 1.5 s', costOf(byHeuristic))
  const { cutIns } = costOf(byHeuristic)
  for (const [name, wait] of Object.entries(WAITS)) {
    const waits = waitsOf(estimator.judged, wait)
    printCost(name, costOf(waits))
    printCost('  stretched to the heuristic’s cut-ins', costAtCutIns(waits, cutIns))
  }
  printSpeed(items)
}

function waitsOf(
  judged: readonly Judged[],
  wait: (x: number) => number,
): { waitMs: number; complete: boolean }[] {
  return judged.map(({ finished, complete }) => ({ waitMs: wait(1 - finished), complete }))
}

function printCost(name: string, { waitMs, cutIns }: Cost): void {
  console.log(`${name.padEnd(52)} ${(waitMs / 1000).toFixed(2)} s added, ${percent(cutIns)} cut in`)
}

function printSpeed(items: readonly Item[]): void {
  const judge = createTextJudge(loadShippedModel())
  const long = Array.from({ length: 40 }, () => 'and then I told them about the invoice').join(' ')
  for (const { text, assistantText } of items) judge(text, assistantText)
  const rounds = 10
  const started = performance.now()
  for (let round = 0; round < rounds; round++)
    for (const { text, assistantText } of items) judge(text, assistantText)
  const each = ((performance.now() - started) * 1000) / (rounds * items.length)
  const longStarted = performance.now()
  for (let round = 0; round < 500; round++) judge(long, '')
  const longEach = ((performance.now() - longStarted) * 1000) / 500
  console.log(
    `\n${each.toFixed(0)} µs a judgement, ${longEach.toFixed(0)} µs after a minute of speech (budget 2000 µs)`,
  )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
