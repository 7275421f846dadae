// The rule files of test/conformance: reading and checking them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** What a rule may be. */
export const KINDS = ['default', 'range', 'must', 'only', 'never', 'order', 'shape', 'behaviour', 'example']

/** The areas of the call engine that a rule's `part` names, by number. */
export const PARTS = [
  'configuration',
  'start speaking',
  'stop speaking',
  'text to speech',
  'fallbacks',
  'hooks',
  'live control',
  'tools and squads',
  'denoising',
  'languages',
  'ends',
  'messages and artifact',
]

const FIELDS = ['id', 'lines', 'section', 'part', 'kind', 'says', 'ruling', 'outside']
const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/
const LINES = /^\d+(-\d+)?(, \d+(-\d+)?)*$/
const SECTION = /^\d+\.\d+$/

/** The file name of a page's rules, without its ending. */
export function slugOf(title) {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/** Ranges of line numbers from `12`, `"12-15"` or `"12, 20-22"`; from and to belong to them. */
export function lineRanges(lines) {
  return String(lines)
    .split(', ')
    .map(range => {
      const [from, to = from] = range.split('-').map(Number)
      return { from, to }
    })
}

/**
 * Reads the rules, decisions and other pages of a folder like test/conformance. Pages come in the order of the seed,
 * those without lines last. Throws for files that are not well formed, with all their faults.
 */
export function readRules(folder) {
  const read = file => parse(readFileSync(join(folder, file), 'utf8'))
  const files = readdirSync(join(folder, 'rules')).filter(file => file.endsWith('.yaml'))
  const decisions = read('decisions.yaml')
  const pages = files.map(file => ({ file, ...read(join('rules', file)) }))
  const faults = faultsOf(pages, new Set(decisions.map(({ decision }) => decision)))
  if (faults.length > 0) throw new Error(`the rule files are not well formed\n  ${faults.join('\n  ')}`)
  return {
    pages: pages.sort((one, other) => firstLine(one) - firstLine(other)),
    decisions,
    otherPages: read('other-pages.yaml'),
  }
}

function firstLine({ rules }) {
  return Math.min(
    ...rules.map(rule => (rule.lines === undefined ? Infinity : lineRanges(rule.lines)[0].from)),
  )
}

/** What is wrong with rule files, in words. */
export function faultsOf(pages, decisions) {
  const faults = []
  const owners = new Map()
  for (const { file, page, rules, ...rest } of pages) {
    for (const key of Object.keys(rest)) faults.push(`${file}: ${key} is no field of a page`)
    if (typeof page !== 'string' || file !== `${slugOf(page)}.yaml`)
      faults.push(`${file}: its name does not fit the page ${page}`)
    if (!Array.isArray(rules) || rules.length === 0) {
      faults.push(`${file}: it has no rules`)
      continue
    }
    for (const rule of rules) {
      for (const fault of ruleFaults(rule, decisions)) faults.push(`${file}: ${rule?.id}: ${fault}`)
      if (owners.has(rule?.id)) faults.push(`${file}: ${rule.id} is in ${owners.get(rule.id)} too`)
      owners.set(rule?.id, file)
    }
  }
  return faults
}

function ruleFaults(rule, decisions) {
  if (typeof rule !== 'object' || rule === null) return ['it is no rule']
  const { id, lines, section, part, kind, says, ruling, outside } = rule
  const faults = Object.keys(rule)
    .filter(key => !FIELDS.includes(key))
    .map(key => `${key} is no field of a rule`)
  if (!ID.test(id)) faults.push('id is not in kebab case')
  if ((lines === undefined) === (section === undefined)) faults.push('give lines or section')
  if (lines !== undefined && (!LINES.test(lines) || lineRanges(lines).some(({ from, to }) => from > to)))
    faults.push(`lines ${lines} are none`)
  if (section !== undefined && !SECTION.test(section)) faults.push(`section ${section} is none`)
  if (!Number.isInteger(part) || part < 1 || part > PARTS.length) faults.push(`part ${part} is none`)
  if (!KINDS.includes(kind)) faults.push(`kind ${kind} is none`)
  if (typeof says !== 'string' || says.length < 20) faults.push('says is no sentence')
  for (const decision of [ruling ?? []].flat())
    if (!decisions.has(decision)) faults.push(`${decision} is not in decisions.yaml`)
  if (outside !== undefined && (typeof outside !== 'string' || outside === ''))
    faults.push('outside needs a reason')
  return faults
}
