import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { renderPage, statesOf } from '../../scripts/conformance/page.mjs'
import { faultsOf, lineRanges, type Rule, type Rules, readRules } from '../../scripts/conformance/rules.mjs'
import { idsInSources, outcomesOf, readSources, type TestResults } from '../../scripts/conformance/tests.mjs'
import { findFaults } from '../../scripts/conformance.mjs'
import { defaults } from '../../src/assistant/defaults.ts'
import { isObject } from '../../src/is-object.ts'

const folder = import.meta.dirname
const seedFile = join(folder, '../../../shared/seed/000_16bdccbc07a6af93.md')
const rules = readRules(folder)
const all = rules.pages.flatMap(page => page.rules)

describe('the rule list', () => {
  it('is well formed, with each name once', () => {
    expect(all.length).toBeGreaterThan(500)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })

  it('has rules of every area, and every ruling in some rule', () => {
    expect([...new Set(all.map(({ part }) => part))].sort((one, other) => one - other)).toEqual(
      Array.from({ length: 12 }, (_, place) => place + 1),
    )
    const cited = new Set(all.flatMap(({ ruling = [] }) => [ruling].flat()))
    expect(rules.decisions.filter(({ decision }) => !cited.has(decision))).toEqual([])
  })

  it('knows every name that a test carries', () => {
    expect(findFaults(rules, idsInSources(readSources(folder)))).toEqual([])
  })
})

describe('the table of mutations', () => {
  const { mutations } = parse(readFileSync(join(folder, 'mutations.yaml'), 'utf8')) as {
    mutations: { rule: string; file: string; from: string; to: string }[]
  }

  it('has every default of the assistant', () => {
    const changed = mutations.filter(({ file }) => file === 'assistant/defaults.ts').map(({ from }) => from)
    const source = readFileSync(join(folder, '../../src/assistant/defaults.ts'), 'utf8')
    // A list counts as one default: losing one of its entries is a change of it.
    const held = (name: string, value: unknown): boolean =>
      Array.isArray(value)
        ? changed.some(from =>
            source
              .slice(source.indexOf(`${name}: [`))
              .split(']')[0]
              ?.includes(from),
          )
        : isObject(value)
          ? Object.entries(value).every(([key, inner]) => held(key, inner))
          : changed.some(
              from => from.startsWith(`${name}: `) || from === value || String(value).includes(from),
            )
    const unheld = Object.entries(defaults).filter(([name, value]) => !held(name, value))
    expect(unheld.map(([name]) => name)).toEqual([])
  })

  it.each(mutations)('changes a text that stands once: $file, $from', ({ file, from }) => {
    const source = readFileSync(join(folder, '../../src', file), 'utf8')
    expect(source.split(from)).toHaveLength(2)
  })
})

/** Its lines, numbered from 1, and the titles of its pages with the lines between which they stand. */
function readSeed() {
  const lines = ['', ...readFileSync(seedFile, 'utf8').split('\n')]
  const starts = lines.flatMap((line, number) => {
    const title = lines[number - 1] === '---' ? /^title: (.+)$/.exec(line)?.[1] : undefined
    return title === undefined ? [] : [{ title, from: number }]
  })
  const pages = starts.map(({ title, from }, place) => ({
    title,
    from,
    to: (starts[place + 1]?.from ?? lines.length) - 1,
  }))
  return { lines, pages }
}

// The seed lies beside the project where it is developed, and nowhere else.
describe.skipIf(!existsSync(seedFile))('the rule list against the seed (skipped: no ../shared here)', () => {
  it('has a file, or a reason for none, for each page, and no other', () => {
    const titles = readSeed().pages.map(({ title }) => title)
    const ours = rules.pages.flatMap(({ page, rules: own }) =>
      own.some(({ lines }) => lines !== undefined) ? [page] : [],
    )
    expect([...ours, ...rules.otherPages.map(({ page }) => page)].sort()).toEqual(titles.sort())
  })

  it('cites lines of the rule’s own page that are not all empty', () => {
    const { lines, pages } = readSeed()
    const wrong = rules.pages.flatMap(({ page, rules: own }) => {
      const place = pages.find(({ title }) => title === page)
      return own.filter(rule => {
        if (rule.lines === undefined) return false
        return lineRanges(rule.lines).some(
          ({ from, to }) =>
            place === undefined ||
            from < place.from ||
            to > place.to ||
            lines.slice(from, to + 1).every(line => line.trim() === ''),
        )
      })
    })
    expect(wrong.map(({ id, lines: cited }) => `${id}: ${cited}`)).toEqual([])
  })
})

const rule = (id: string, more: Partial<Rule> = {}): Rule => ({
  id,
  lines: 12,
  part: 2,
  kind: 'default',
  says: 'A rule that says what it says.',
  ...more,
})
const small = (...own: Rule[]): Rules => ({
  pages: [{ file: 'a-page.yaml', page: 'A page', rules: own }],
  decisions: [{ decision: 'ruling 1', says: 'So it is.' }],
  otherPages: [],
})
const source = (text: string) => idsInSources([{ file: 'some.test.ts', text }])
const results = (tests: Record<string, string>): TestResults => ({
  testResults: [
    {
      name: 'some.test.ts',
      status: 'passed',
      assertionResults: Object.entries(tests).map(([title, status]) => ({ title, status })),
    },
  ],
})

describe('a rule file', () => {
  const faults = (own: unknown, file = 'a-page.yaml') =>
    faultsOf([{ file, page: 'A page', rules: own }], new Set(['ruling 1']))

  it('may have all fields', () => {
    expect(
      faults([rule('one', { lines: '3, 5-9', ruling: ['ruling 1'] }), rule('two', { outside: 'money' })]),
    ).toEqual([])
  })

  it.each([
    ['a name that is not in kebab case', [rule('One')]],
    ['a name twice', [rule('one'), rule('one')]],
    ['lines that end before they begin', [rule('one', { lines: '9-3' })]],
    ['lines and a section', [rule('one', { section: '4.1' })]],
    ['an unknown area', [rule('one', { part: 13 })]],
    ['an unknown kind', [rule('one', { kind: 'maybe' })]],
    ['nothing to say', [rule('one', { says: '' })]],
    ['an unknown decision', [rule('one', { ruling: 'ruling 99' })]],
    ['an empty reason', [rule('one', { outside: '' })]],
    ['a mistyped field', [{ ...rule('one'), sayz: 'oops' }]],
    ['no rules', []],
  ])('is refused for %s', (_fault, own) => {
    expect(faults(own)).toHaveLength(1)
  })

  it('is named after its page', () => {
    expect(faults([rule('one')], 'another.yaml')).toHaveLength(1)
  })
})

describe('the state of a rule', () => {
  it('holds with a passed test, fails with one failed one, and is not yet shown by skipped ones', () => {
    const states = outcomesOf(
      results({
        '[one] works': 'passed',
        '[one, two] work together': 'passed',
        '[two] works alone': 'failed',
        '[three] waits': 'skipped',
        'a test without a rule': 'failed',
      }),
    )
    expect([...states]).toEqual([
      ['one', 'holds'],
      ['two', 'fails'],
    ])
  })

  it('is unknown where a test file could not be loaded', () => {
    const broken = { name: 'some.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }
    expect(() => outcomesOf({ testResults: [broken] })).toThrow('no such module')
  })

  it('stands in the page, and is read from it again', () => {
    const some = small(
      rule('one'),
      rule('two'),
      rule('three'),
      rule('four', { outside: 'a telephone | line' }),
    )
    const page = renderPage(some, id =>
      new Map([
        ['one', 'holds'],
        ['two', 'fails'],
      ]).get(id),
    )
    expect(page).toContain('| `three` | 12 | A rule that says what it says. | not yet |')
    expect(page).toContain('outside: a telephone \\| line')
    expect(page).toContain('| [A page](#a-page) | 4 | 1 | 1 | 1 | 1 |')
    expect([...statesOf(page)]).toEqual([
      ['one', 'holds'],
      ['two', 'fails'],
    ])
  })
})

describe('names of tests', () => {
  it('are found in all ways of writing them', () => {
    const { named, plain, mentioned } = source(`
      it('[one] a', () => {})
      test.skipIf(x)("[two, three] b", f)
      it.each(table)(
        \`[four] c %s\`, f)
      it.each([['five-and-six', 1]])('[%s] d', f)
      const array = [seven]
    `)
    expect(named.map(({ id }) => id)).toEqual(['one', 'two', 'three', 'four'])
    expect([...plain]).toEqual(['one'])
    expect(mentioned.has('five-and-six')).toBe(true)
  })

  it('must be rules, and not such that are outside', () => {
    const some = small(rule('one'), rule('two', { outside: 'money' }))
    expect(findFaults(some, source(`it('[one] a', f); it('[two] b', f); it('[none] c', f)`))).toEqual([
      'some.test.ts: the rule two is told as outside',
      'some.test.ts: there is no rule none',
    ])
  })
})

describe('a page', () => {
  const some = small(rule('one'), rule('two'))
  const tested = source(`it('[one] a', f)`)
  const page = renderPage(some, id => (id === 'one' ? 'holds' : undefined))

  it('is fresh while rules and tests are the same', () => {
    expect(findFaults(some, tested, page)).toEqual([])
  })

  it.each([
    ['is missing', some, tested, null],
    ['has another rule', small(rule('one'), rule('two'), rule('three')), tested, page],
    [
      'says something else',
      small(rule('one', { says: 'It is quite another thing.' }), rule('two')),
      tested,
      page,
    ],
    ['lacks a test', some, source(`it('[one, two] a', f)`), page],
    ['shows a test that is gone', some, source(''), page],
  ])('is stale when it %s', (_case, given, ids, text) => {
    expect(findFaults(given, ids, text)).toHaveLength(1)
  })
})
