import { z } from 'zod'
import type { Library } from '../../content/library.ts'
import { linkOf, placeOf } from '../found.ts'
import { cutText, itemsThatFit, REPLY_LIMIT } from '../limit.ts'
import { defineTool, READS_HERE } from '../tool.ts'

const types = ['features', 'fixes', 'breaking', 'all'] as const
type Type = (typeof types)[number]

/** An entry may be of several types, or of none. */
const words: Readonly<Record<Exclude<Type, 'all'>, RegExp>> = {
  features:
    /\b(?:new|add(?:s|ed|ing|ition)?|introduc\w+|launch\w*|support(?:s|ed)?|can now|you can|now (?:available|supports?)|enhanc\w+|improv\w+)\b/i,
  fixes: /\b(?:fix(?:es|ed|ing)?|bugs?|resolv(?:es|ed|ing)|correct(?:s|ed|ion)|no longer fails?)\b/i,
  breaking:
    /\b(?:breaking|deprecat\w+|remov(?:es|ed|al|ing)|no longer (?:be )?(?:support\w*|availab\w*|offer\w*|accept\w*|allow\w*|work\w*|return\w*|includ\w*|exist\w*|configurable|possible|valid|use[ds]?|able|nullable|maintained|exposed|permitted)|renam\w+|replac(?:es|ed)|sunset\w*|discontinu\w+|migrat\w+|(?:is|are) now required|must now)\b/i,
}
/** Said of what became easier: nobody has to change anything. */
const EASED =
  /\bno longer (?:\w+ )?(?:need|requir|have to|limit)\w*|\bremoved from the required\b|\b(?:limit|restriction|label)s?\b[^.\n]{0,40}\bremoved\b|\bremoved? (?:all |the )?(?:\W*\w+\W+){0,2}(?:limit|restriction|label)s?\b|\b(?:add|search|filter)\w* or remov\w+/gi
const TYPE_RULE =
  'features: the entry speaks of something new, added, supported or improved; fixes: of a fix, bug or correction; breaking: of something deprecated, removed, renamed, replaced, no longer possible or now required. An entry may be of several types'

const release = z.object({
  id: z.string(),
  date: z.string().nullable(),
  title: z.string(),
  url: z.string().nullable(),
  uri: z.string(),
  entries: z.array(z.string()).describe('Markdown'),
})
type Release = z.infer<typeof release>

export const getChangelog = defineTool({
  name: 'get_changelog',
  title: 'Change log',
  description: `What changed in Vapi, newest first. Types are told by words (${TYPE_RULE}). The change log is part of the official documentation: vapi docs update fetches it.`,
  input: z.strictObject({
    version: z
      .string()
      .trim()
      .max(200)
      .optional()
      .describe('a date (2025-03-04), a month (2025-03), a year, or words that an entry must have'),
    limit: z.number().int().min(1).max(50).default(10).describe('dated pages at most'),
    type: z.enum(types).default('all').describe('only entries of this type'),
  }),
  output: z.object({
    version: z.string().nullable(),
    type: z.string(),
    typeRule: z.string(),
    releases: z.array(release),
    leftOut: z.number().describe('further pages that fit'),
  }),
  annotations: READS_HERE,
  async run({ version = '', limit, type }, { library: open, signal }) {
    const library = await open()
    signal.throwIfAborted()
    const all = changePages(library)
    const found: Release[] = []
    for (const page of all) {
      signal.throwIfAborted()
      const fitting = releaseOf(library, page, version, type)
      if (fitting !== null) found.push(fitting)
    }
    const releases = itemsThatFit(found.slice(0, limit), textOf)
    const leftOut = found.length - releases.length
    const data = { version: version || null, type, typeRule: TYPE_RULE, releases, leftOut }
    if (all.length === 0)
      return {
        text: 'There is no change log here: it is part of the official documentation. vapi docs update, in a terminal, fetches it.',
        data,
      }
    if (releases.length === 0) {
      const newest = dateOf(library.index.pages[all[0] ?? 0]?.id ?? '')
      const text = `Nothing in the change log fits${version === '' ? '' : ` "${version}"`}${type === 'all' ? '' : ` of the type ${type} (${TYPE_RULE})`}. It has ${all.length} pages, the newest of ${newest}.`
      return { text, data }
    }
    const more = leftOut === 0 ? [] : [`${leftOut} older pages fit as well; name a month, or a larger limit.`]
    return { text: [...releases.map(textOf), ...more].join('\n\n'), data }
  },
})

/** Numbers of the pages of the change log, newest first. */
function changePages({ index }: Library): number[] {
  return index.pages
    .flatMap(({ category, id }, number) =>
      category === 'changelog' ? [{ number, date: dateOf(id) ?? '' }] : [],
    )
    .sort((one, other) => (one.date < other.date ? 1 : -1))
    .map(({ number }) => number)
}

function dateOf(id: string): string | null {
  return /\d{4}-\d{2}-\d{2}/.exec(id)?.[0] ?? null
}

function releaseOf(library: Library, page: number, version: string, type: Type): Release | null {
  const { head, url, uri, text } = placeOf(library, page, null)
  const date = dateOf(head.id)
  const isDate = /^\d{4}(?:-\d{2}(?:-\d{2})?)?$/.test(version)
  if (isDate && date?.startsWith(version) !== true) return null
  const wanted = isDate ? [] : version.toLowerCase().split(/\s+/).filter(Boolean)
  const entries = entriesOf(text)
    .filter(
      entry => type === 'all' || words[type].test(type === 'breaking' ? entry.replace(EASED, '') : entry),
    )
    .filter(entry => wanted.every(word => entry.toLowerCase().includes(word)))
    .map(entry => cutText(entry, REPLY_LIMIT / 3).text)
  return entries.length === 0 ? null : { id: head.id, date, title: head.title, url, uri, entries }
}

/** The entries of a page: what begins with a number or a heading, else with a bullet, else paragraphs. */
export function entriesOf(text: string): string[] {
  const lines = text.split('\n')
  const inCode = fenced(lines)
  const begins = (pattern: RegExp) => lines.map((line, place) => !inCode[place] && pattern.test(line))
  const numbered = begins(/^(?:\*\*)?\d+[.)]\s|^#{2,4}\s/)
  const bullets = begins(/^[-*]\s|^#{1,4}\s/)
  const paragraphs = lines.map((_line, place) => !inCode[place] && (lines[place - 1] ?? '').trim() === '')
  const starts = [numbered, bullets, paragraphs].find(each => each.filter(Boolean).length > 1) ?? paragraphs
  const entries: string[] = []
  lines.forEach((line, place) => {
    if (starts[place] || entries.length === 0) entries.push(line)
    else entries[entries.length - 1] += `\n${line}`
  })
  return entries.map(entry => entry.trim()).filter(entry => entry !== '' && !/^#{1,4}[^\n]*$/.test(entry))
}

function fenced(lines: readonly string[]): boolean[] {
  let fence: string | null = null
  return lines.map(line => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark === undefined) return fence !== null
    if (fence === null) fence = mark
    else if (mark.startsWith(fence)) fence = null
    return true
  })
}

function textOf(found: Release): string {
  return `## ${found.date ?? found.title}\n${linkOf(found)}\n\n${found.entries.join('\n\n')}`
}
