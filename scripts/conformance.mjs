// Writes docs/conformance.md: the rules of test/conformance and whether a test shows each.
//   node scripts/conformance.mjs                  runs the tests of test/conformance first
//   node scripts/conformance.mjs --results FILE   takes vitest's JSON results from a file
//   node scripts/conformance.mjs --check          runs nothing; exit 1 when rules, ids and page do not fit together
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { renderPage, statesOf } from './conformance/page.mjs'
import { readRules } from './conformance/rules.mjs'
import { idsInSources, outcomesOf, readSources } from './conformance/tests.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * What does not fit together, in words: ids of tests that are no rules, tests of rules that are outside, and, where a
 * page is given, a page that was not made from these rules and tests.
 */
export function findFaults(rules, ids, page) {
  const known = new Map(rules.pages.flatMap(({ rules: own }) => own.map(rule => [rule.id, rule])))
  const faults = ids.named.flatMap(({ id, file }) => {
    if (!known.has(id)) return [`${file}: there is no rule ${id}`]
    return known.get(id).outside === undefined ? [] : [`${file}: the rule ${id} is told as outside`]
  })
  if (page === undefined) return faults
  if (page === null) return [...faults, 'there is no page yet']
  const states = statesOf(page)
  if (renderPage(rules, id => states.get(id)) !== page) faults.push('the page does not fit the rule files')
  for (const id of states.keys())
    if (!ids.mentioned.has(id)) faults.push(`the page shows ${id} as tested, and no test carries it`)
  for (const id of ids.plain)
    if (known.has(id) && !states.has(id)) faults.push(`the page does not show the test of ${id}`)
  return faults
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'vapi-conformance-'))
  const file = join(folder, 'results.json')
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const run = ['run', 'test/conformance', '--reporter=json', `--outputFile=${file}`]
    const { status, stderr } = spawnSync(process.execPath, [vitest, ...run], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    const results = read(file)
    if (results === null) throw new Error(`the tests did not run (exit ${status})\n${stderr}`)
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

function main() {
  const { values } = parseArgs({ options: { results: { type: 'string' }, check: { type: 'boolean' } } })
  const folder = join(root, 'test', 'conformance')
  const target = join(root, 'docs', 'conformance.md')
  const rules = readRules(folder)
  const ids = idsInSources(readSources(folder))
  if (values.check) return findFaults(rules, ids, read(target))
  const text = values.results === undefined ? runTests() : read(values.results)
  if (text === null) return [`there is no file ${values.results}`]
  const states = outcomesOf(JSON.parse(text))
  const named = [...states.keys()].map(id => ({ id, file: 'the results' }))
  const faults = findFaults(rules, { ...ids, named: [...ids.named, ...named] })
  if (faults.length > 0) return [...new Set(faults)]
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(
    target,
    renderPage(rules, id => states.get(id)),
  )
  const count = rules.pages.reduce((sum, page) => sum + page.rules.length, 0)
  const failing = [...states].filter(([, state]) => state === 'fails').map(([id]) => id)
  process.stdout.write(`${count} rules, ${states.size - failing.length} hold, ${failing.length} fail\n`)
  if (failing.length > 0) process.stdout.write(`failing: ${failing.join(', ')}\n`)
  return []
}

/** Broken rule files and results are faults like others, not crashes. */
function tell(run) {
  try {
    return run()
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = tell(main)
  for (const fault of faults) process.stderr.write(`conformance: ${fault}\n`)
  process.exitCode = faults.length > 0 ? 1 : 0
}
