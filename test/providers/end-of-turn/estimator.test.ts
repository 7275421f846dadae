import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNear, readCorpus, withoutPunctuation } from '../../../bench/end-of-turn/corpus.ts'
import { costAtCutIns, costOf } from '../../../bench/end-of-turn/cost.ts'
import { makeTextWeights } from '../../../bench/end-of-turn/make-text-weights.ts'
import { reliability } from '../../../bench/end-of-turn/score.ts'
import { judgeHeldOut, judgeHeldOutByHeuristic } from '../../../bench/end-of-turn/text.ts'
import { packageFile } from '../../../src/package-root.ts'
import {
  createTextEndOfTurnModel,
  createTextJudge,
  loadShippedModel,
} from '../../../src/providers/end-of-turn/estimator.ts'
import { wordsOf } from '../../../src/providers/end-of-turn/words.ts'

const data = packageFile('bench', 'end-of-turn', 'data')
const judge = createTextJudge(loadShippedModel())

describe('on turns that it never saw, without punctuation, the text estimator', () => {
  const estimator = judgeHeldOut(data, false)
  const heuristic = judgeHeldOutByHeuristic(data, 'no punctuation', 'at-end')

  it('is judged by 300 moments or more', () => {
    expect(estimator.judged.length).toBeGreaterThanOrEqual(300)
    expect(estimator.judged.filter(({ complete }) => complete).length).toBeGreaterThan(100)
  })

  it('tells complete from cut-off ones, where the heuristic cannot', () => {
    expect(estimator.auc).toBeGreaterThan(0.89)
    expect(estimator.accuracy).toBeGreaterThan(0.8)
    expect(estimator.f1).toBeGreaterThan(0.78)
    expect(heuristic.auc).toBeLessThan(0.55)
    expect(estimator.accuracy).toBeGreaterThan(heuristic.accuracy + 0.2)
  })

  it('means its probabilities: they differ from the shares by less than 0.07 on average', () => {
    expect(reliability(estimator.judged).error).toBeLessThan(0.07)
  })

  it('adds less than half of the heuristic’s silence at as many cut-ins', () => {
    const byHeuristic = heuristic.judged.map(({ finished, complete }) => ({
      waitMs: 1500 * (1 - finished),
      complete,
    }))
    const waits = estimator.judged.map(({ finished, complete }) => ({
      waitMs: 200 + 8000 * (1 - finished),
      complete,
    }))
    const cost = costOf(byHeuristic)
    expect(costAtCutIns(waits, cost.cutIns).waitMs).toBeLessThan(cost.waitMs / 2)
  })
})

describe('the text estimator', () => {
  it.each([
    [
      'What is your phone number?',
      'five five five two one',
      'five five five two one three four four six seven',
    ],
    ['What is your zip code?', 'nine four', 'nine four one one zero'],
    ['', 'i would like to', 'i would like to cancel my order'],
    ['', 'is there a bus from the', 'is there a bus from the airport'],
    ['Would Monday work?', 'yes but', 'yes'],
    ['How can I help you?', 'um', 'my phone is broken'],
    ['Could you spell that?', 'it is b', 'it is b a k e r'],
  ])('after “%s” finds “%s” less finished than “%s”', (assistantText, cut, whole) => {
    expect(judge(cut, assistantText)).toBeLessThan(0.5)
    expect(judge(whole, assistantText)).toBeGreaterThan(0.5)
  })

  it('takes digits as words or numerals alike', () => {
    const asked = 'What is your phone number?'
    expect(judge('415 555', asked)).toBeLessThan(0.5)
    expect(judge('(415) 555-0182', asked)).toBeGreaterThan(0.5)
  })

  it('does not look at punctuation or case', () => {
    for (const { text, assistantText } of readCorpus(data).slice(0, 200))
      expect(judge(withoutPunctuation(text), assistantText)).toBe(judge(text, assistantText))
  })

  it('finds a turn without words not finished', () => {
    expect(judge('', 'Are you there?')).toBe(0)
    expect(judge('…', '')).toBe(0)
  })

  it('gives a probability for any text, the same each time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.string({ maxLength: 100 }),
        (text, assistantText) => {
          const finished = judge(text, assistantText)
          return finished >= 0 && finished <= 1 && finished === judge(text, assistantText)
        },
      ),
    )
  })

  it('looks at no more than the last words of a monologue', () => {
    expect(wordsOf('and so on '.repeat(100_000))).toHaveLength(60)
  })

  it('is an EndOfTurnModel for English', async () => {
    const model = createTextEndOfTurnModel()
    expect(model.languages).toEqual(['en'])
    const request = { text: 'that is all', assistantText: '' }
    expect(await model.finished(request, new AbortController().signal)).toBe(judge('that is all', ''))
  })
})

describe('the data of the text estimator', () => {
  const items = readCorpus(data)

  it('has no moment of the held-out split in another one, not even nearly', () => {
    const others = items.filter(({ split }) => split !== 'held-out').map(({ text }) => wordsOf(text))
    const known = new Set(others.map(words => words.join(' ')))
    const repeated = items.filter(({ split, text }) => {
      const words = wordsOf(text)
      return (
        split === 'held-out' && (known.has(words.join(' ')) || others.some(other => isNear(words, other)))
      )
    })
    expect(repeated).toEqual([])
  })

  it('gives the shipped weights when it is trained on again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vapi-weights-'))
    try {
      makeTextWeights(data, join(folder, 'weights.ts'))
      const shipped = readFileSync(packageFile('src', 'providers', 'end-of-turn', 'weights.ts'), 'utf8')
      expect(readFileSync(join(folder, 'weights.ts'), 'utf8')).toBe(shipped)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
