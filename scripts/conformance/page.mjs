// docs/conformance.md, made from rules and their states.
import { PARTS } from './rules.mjs'

const ROW = /^\| `([a-z0-9-]+)` \|.*\| (holds|fails|not yet|outside: .*) \|$/

/**
 * The page. `stateOf(id)` is `holds`, `fails` or undefined; rules that a local call cannot show are told as outside.
 */
export function renderPage({ pages, decisions, otherPages }, stateOf) {
  const rules = pages.flatMap(page => page.rules)
  const lines = [
    '# Conformance',
    '',
    'Every rule of the specification’s pages about calls, and whether a test shows that it holds. Made by',
    '`node scripts/conformance.mjs` from `test/conformance`; do not edit it.',
    '',
    'A rule **holds** when a test that carries its name passed and none failed, **fails** when one failed, and is',
    '**not yet** shown when no test carries its name. **Outside** are rules that a call on this machine cannot show.',
    '',
    '## Summary',
    '',
    ...summary(
      'page',
      pages.map(({ page, rules: own }) => [`[${page}](#${anchorOf(page)})`, own]),
      rules,
      stateOf,
    ),
    '',
    ...summary(
      'area',
      PARTS.map((name, place) => [`${place + 1}. ${name}`, rules.filter(({ part }) => part === place + 1)]),
      rules,
      stateOf,
    ),
    '',
    ...pages.flatMap(page => section(page, stateOf)),
    '## Decisions',
    '',
    'Where the sources leave a rule open or contradict each other. Rows are those of the table of disagreements between',
    'the specification and the API document; “seed” is the specification.',
    '',
    ...table(
      ['decision', 'says', 'rules'],
      decisions.map(({ decision, says }) => [
        decision,
        says,
        rules
          .filter(({ ruling }) => [ruling ?? []].flat().includes(decision))
          .map(({ id }) => `\`${id}\``)
          .join(' '),
      ]),
    ),
    '',
    '## Pages without rules',
    '',
    ...otherPages.map(({ page, why }) => `- ${page}: ${why}`),
    '',
  ]
  return lines.join('\n')
}

/** The states that a page tells, by rule id; rules that are not yet shown, or outside, are left out. */
export function statesOf(page) {
  const states = new Map()
  for (const line of page.split('\n')) {
    const [, id, state] = ROW.exec(line) ?? []
    if (state === 'holds' || state === 'fails') states.set(id, state)
  }
  return states
}

function section({ page, rules }, stateOf) {
  const bySection = rules.every(rule => rule.section !== undefined)
  return [
    `## ${page}`,
    '',
    ...(bySection
      ? ['Rules beyond the seed that refine it; sections are those of our notes on it.', '']
      : []),
    ...table(
      ['rule', bySection ? 'section' : 'seed line', 'says', 'state'],
      rules.map(rule => [`\`${rule.id}\``, rule.lines ?? rule.section, says(rule), state(rule, stateOf)]),
    ),
    '',
  ]
}

function says(rule) {
  const decided = [rule.ruling ?? []].flat()
  return decided.length === 0 ? rule.says : `${rule.says} (${decided.join(', ')})`
}

function state({ id, outside }, stateOf) {
  if (outside !== undefined) return `outside: ${outside}`
  return stateOf(id) ?? 'not yet'
}

function summary(name, groups, all, stateOf) {
  const rows = [...groups, ['all', all]].map(([title, rules]) => {
    const states = rules.map(rule => state(rule, stateOf).split(':')[0])
    const count = wanted => states.filter(candidate => candidate === wanted).length
    return [title, rules.length, count('holds'), count('fails'), count('not yet'), count('outside')]
  })
  return table([name, 'rules', 'hold', 'fail', 'not yet', 'outside'], rows)
}

function table(heads, rows) {
  const line = cells => `| ${cells.map(cell).join(' | ')} |`
  return [line(heads), `| ${heads.map(() => '---').join(' | ')} |`, ...rows.map(line)]
}

/** A bar would end the cell; tags and asterisks outside code would vanish. */
function cell(value) {
  return String(value)
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .split(/(`[^`]*`)/)
    .map((part, place) => (place % 2 === 1 ? part : part.replaceAll('<', '&lt;').replaceAll('*', '\\*')))
    .join('')
}

function anchorOf(title) {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-')
}
