import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { combinePages } from '../../src/mcp/content/combine.ts'
import { openDocsFolder } from '../../src/mcp/content/docs-folder.ts'
import { createLibrary, type Library } from '../../src/mcp/content/library.ts'
import { openShipped, shippedKeywords } from '../../src/mcp/content/shipped.ts'
import { buildIndex } from '../../src/mcp/index/search-index.ts'
import { packageFile } from '../../src/package-root.ts'
import { sharedFolder } from '../support/requires.ts'

interface Question {
  ask: string
  /** The best first; the others are right as well. */
  pages: string[]
  kind: string
  half: 'tuning' | 'test'
}

const FIRST = 0.7
const AMONG_FIVE = 0.9

const questions: Question[] = parse(readFileSync(packageFile('test', 'mcp', 'questions.yaml'), 'utf8'))
const shared = sharedFolder()

describe.skipIf(!shared)('questions as people ask them (needs ../shared/data/vapi-docs)', () => {
  let library: Library

  beforeAll(() => {
    const official = openDocsFolder(`${shared}/data/vapi-docs`).pages()
    library = createLibrary(buildIndex(combinePages(official, openShipped().pages(), shippedKeywords())))
  })

  const idsFor = (ask: string) =>
    library.search(ask, { limit: 5 }).map(({ page }) => library.index.pages[page]?.id ?? '')

  it('are about pages that there are', () => {
    const named = new Set(questions.flatMap(({ pages }) => pages))
    expect([...named].filter(id => library.page(id) === null)).toEqual([])
  })

  it.each(['tuning', 'test'] as const)('have their page among the first five and mostly first (%s)', half => {
    const asked = questions.filter(question => question.half === half)
    const results = asked.map(({ ask, pages }) => {
      const found = idsFor(ask)
      return { ask, pages, found, place: found.findIndex(id => pages.includes(id)) }
    })
    const share = (fits: (place: number) => boolean) =>
      results.filter(({ place }) => fits(place)).length / asked.length
    const first = share(place => place === 0)
    const amongFive = share(place => place >= 0)
    // Nothing is tuned by the half `test`: what it misses is not shown.
    const missed = results
      .filter(({ place }) => place !== 0)
      .map(({ ask, pages, found }) => `${ask}\n  wanted: ${pages.join(', ')}\n  found:  ${found.join(', ')}`)
    const figures = `${half}: first ${first.toFixed(3)}, among five ${amongFive.toFixed(3)} of ${asked.length}`
    const report = half === 'tuning' ? `${figures}\n${missed.join('\n')}` : figures
    if (process.env.VAPI_TEST_FIGURES === '1') process.stderr.write(`${figures}\n`)
    expect(asked.length).toBeGreaterThanOrEqual(70)
    expect(amongFive, report).toBeGreaterThanOrEqual(AMONG_FIVE)
    expect(first, report).toBeGreaterThanOrEqual(FIRST)
  })
})
