import { z } from 'zod'
import { type OperationPage, operationsFor, operationsOf } from '../../content/find-operations.ts'
import type { Library } from '../../content/library.ts'
import { linkOf, type Place, placeOf, sectionNumbers, titlePath } from '../found.ts'
import {
  codeIn,
  codeOf,
  type Framework,
  frameworks,
  type Language,
  languages,
  mayHave,
} from '../languages.ts'
import { itemsThatFit, REPLY_LIMIT } from '../limit.ts'
import { createRelevance, type Relevance } from '../relevance.ts'
import { defineTool, READS_HERE } from '../tool.ts'

/** Pages that are looked through, best first, and sections that are shown. */
const LOOKED_AT = 40
const SHOWN = 5
const WORTH_SHOWING = 0.4

const example = z.object({
  title: z.string(),
  headings: z.array(z.string()),
  url: z.string().nullable(),
  uri: z.string(),
  code: z.array(
    z.object({ language: z.string().describe('as the documentation tags it'), code: z.string() }),
  ),
})
type Example = z.infer<typeof example>

const instead = z.object({ language: z.string(), sections: z.number() })

export const getExamples = defineTool({
  name: 'get_examples',
  title: 'Code examples',
  description:
    'Code for a feature of Vapi, whole, from the sections of the documentation that fit it best. The language is that of the code block; the framework is told by imports and words in the code or its headings. Where nothing fits, it says in which languages there is code for the feature.',
  input: z.strictObject({
    feature: z.string().trim().min(1).max(1000).describe('what the code does: "verify webhook signature"'),
    language: z.enum(languages).default('typescript').describe('language of the code'),
    framework: z.enum(frameworks).default('all').describe('only code for this framework'),
  }),
  output: z.object({
    feature: z.string(),
    language: z.string(),
    framework: z.string(),
    examples: z.array(example),
    instead: z.array(instead).describe('where nothing fits: languages that have code for the feature'),
    leftOut: z.number(),
  }),
  annotations: READS_HERE,
  async run({ feature, language, framework }, { library: open, signal }) {
    const library = await open()
    signal.throwIfAborted()
    const found = examplesFor(library, feature, language, framework)
    signal.throwIfAborted()
    const fitting = found.filter(each => textOf(each).length <= REPLY_LIMIT)
    const shown = itemsThatFit(fitting.slice(0, SHOWN), textOf)
    const leftOut = found.length - shown.length
    const others = found.length === 0 ? languagesFor(library, feature, language, framework) : []
    const text =
      shown.length === 0
        ? nothingText(feature, language, framework, others)
        : [
            ...shown.map(textOf),
            ...(leftOut > 0
              ? [`${leftOut} more sections have such code; name the feature more exactly.`]
              : []),
          ].join('\n\n')
    return { text, data: { feature, language, framework, examples: shown, instead: others, leftOut } }
  },
})

function examplesFor(library: Library, feature: string, language: Language, framework: Framework): Example[] {
  const { sections } = library.index
  const isAbout = createRelevance(library.index, feature)
  const hits = library.search(feature, {
    section: ({ languages: fences }) => mayHave(language, fences),
    limit: LOOKED_AT,
  })
  // A page that fits much worse than the best of any language is about something else.
  const least = (library.search(feature, { limit: 1 })[0]?.score ?? 0) * WORTH_SHOWING
  const [operation] = operationsFor(operationsOf(library.index), feature).filter(({ isWhole }) => isWhole)
  const found = hits.filter(({ page, score }) => score >= least && page !== operation?.page)
  const own = operation === undefined ? [] : [{ page: operation.page, section: null }]
  // What is said besides (`a web call`) may be told elsewhere; in curl only the operation does it.
  const isFirst = operation?.unnamed.length === 0 || language === 'curl'
  const candidates = isFirst ? [...own, ...found] : [...found, ...own]
  const isCode = operation?.unnamed.length === 0 ? callOf(library, operation) : null
  return candidates.flatMap(({ page, section }) => {
    // The best section of the page first; another one of it where that is not for the framework.
    const others = sectionNumbers(library, page).filter(number => number !== section)
    for (const number of [...(section === null ? [] : [section]), ...others]) {
      if (!mayHave(language, sections[number]?.languages ?? [])) continue
      const place = placeOf(library, page, number)
      const above = [place.head.id, place.head.title, ...place.headings].join('\n')
      const code = codeOf(framework, codeIn(place.text, language), above)
      if (code.length === 0 || !isPlaceAbout(library, page, place, isAbout)) continue
      if (isCode === null || page === operation?.page || code.some(block => isCode(block.code)))
        return [exampleOf(place, code)]
    }
    return []
  })
}

/** The page of an operation is about one thing, of which its sections tell only a part. */
function isPlaceAbout(library: Library, page: number, { head, headings, text }: Place, isAbout: Relevance) {
  const own = head.source === 'reference' ? library.index.textOf(page) : text
  return isAbout([head.id, head.title, head.description, ...head.keywords, ...headings].join('\n'), own)
}

/** Who asks for an operation gets code that calls it: with the SDK, or at its address. */
function callOf({ index }: Library, { page, method, path }: OperationPage): (code: string) => boolean {
  const name = /`client(\.\w+\.\w+)`/.exec(index.textOf(page).slice(0, 400))?.[1]
  const address = new RegExp(`vapi\\.ai${escaped(path).replace(/\\\{[^{}]*\\\}/g, '[^/\\s]+')}(?![\\w/-])`)
  const says = new RegExp(`\\b${method}\\b|\\.${method.toLowerCase()}\\(`)
  const sends = /\b(?:POST|PUT|PATCH|DELETE)\b|(?:^|\s)(?:-d|--data\S*)\s|\.(?:post|put|patch|delete)\(/m
  return code =>
    (name !== undefined && code.includes(`${name}(`)) ||
    (address.test(code) && (method === 'GET' ? !sends.test(code) : says.test(code)))
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function exampleOf({ head, headings, url, uri }: Place, code: Example['code']): Example {
  return { title: head.title, headings: [...headings], url, uri, code }
}

/** Other languages, the most frequent first; the same one where only the framework does not fit. */
function languagesFor(
  library: Library,
  feature: string,
  asked: Language,
  framework: Framework,
): z.infer<typeof instead>[] {
  return languages
    .filter(language => language !== 'all' && (language !== asked || framework !== 'all'))
    .map(language => ({ language, sections: examplesFor(library, feature, language, 'all').length }))
    .filter(({ sections }) => sections > 0)
    .sort((one, other) => other.sections - one.sections)
}

function textOf(found: Example): string {
  const blocks = found.code.map(({ language, code }) => {
    const fence = code.includes('```') ? '````' : '```'
    return `${fence}${language}\n${code}\n${fence}`
  })
  return `## ${titlePath(found.title, found.headings)}\n${linkOf(found)}\n\n${blocks.join('\n\n')}`
}

function nothingText(
  feature: string,
  language: Language,
  framework: Framework,
  others: readonly z.infer<typeof instead>[],
): string {
  const what = [language === 'all' ? '' : language, framework === 'all' ? '' : `for ${framework}`]
    .filter(word => word !== '')
    .join(' ')
  const there = others
    .map(({ language: name, sections }) => `${name} (${sections} ${sections === 1 ? 'section' : 'sections'})`)
    .join(', ')
  return `There is no ${what === '' ? '' : `${what} `}code for "${feature}" here.${
    there === ''
      ? ' Nor in another language: try search_documentation, or other words.'
      : ` There is code for it in: ${there}. Call get_examples with that language${framework === 'all' ? '' : ', or with framework "all"'}.`
  }`
}
