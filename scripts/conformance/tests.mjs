// The ids of rules that tests carry: in their sources, and in vitest's results.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Ids in square brackets at the beginning of a test's name: `[one] …`, `[one, two] …`. */
const NAMED = /^\[([^\]]*)\]/
/** The same in a source, as the first argument of a call; the word before the bracket tells a plain `it`. */
const IN_SOURCE = /(\w*)\(\s*(['"`])\[([a-z0-9-]+(?:,\s*[a-z0-9-]+)*)\]\s/g
/** What may be an id: tables give ids to the names of their tests, alone or in brackets. */
const WORD = /[a-z0-9]+(?:-[a-z0-9]+)+/g

/** The file that tests the rule files themselves; its samples are no tests of rules. */
export const OWN_TEST = 'rules.test.ts'

/** Texts of the test files in a folder. */
export function readSources(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts') && file !== OWN_TEST)
    .map(file => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
}

/**
 * What sources say of rules. `named`: ids at the beginning of test names, each with its file; `plain`: those of tests
 * that always run; `mentioned`: these and all else that may be an id.
 */
export function idsInSources(sources) {
  const named = []
  const plain = new Set()
  const mentioned = new Set()
  for (const { file, text } of sources) {
    for (const [, call, , ids] of text.matchAll(IN_SOURCE)) {
      for (const id of splitIds(ids)) {
        named.push({ id, file })
        mentioned.add(id)
        if (call === 'it' || call === 'test') plain.add(id)
      }
    }
    for (const [id] of text.matchAll(WORD)) mentioned.add(id)
  }
  return { named, plain, mentioned }
}

/**
 * Outcomes by rule id from vitest's JSON results: `holds` where at least one test passed and none failed. Throws
 * where a test file could not be loaded: its rules would seem not to be tested.
 */
export function outcomesOf(results) {
  const states = new Map()
  for (const { name, status, assertionResults, message } of results.testResults) {
    if (status === 'failed' && assertionResults.length === 0)
      throw new Error(`${name} could not be run: ${message ?? ''}`)
    for (const { title, status: outcome } of assertionResults) {
      if (outcome !== 'passed' && outcome !== 'failed') continue
      const ids = NAMED.exec(title)?.[1]
      if (ids === undefined) continue
      for (const id of splitIds(ids)) {
        if (outcome === 'failed') states.set(id, 'fails')
        else if (states.get(id) !== 'fails') states.set(id, 'holds')
      }
    }
  }
  return states
}

function splitIds(ids) {
  return ids.split(',').map(id => id.trim())
}
