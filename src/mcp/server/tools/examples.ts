import { z } from 'zod'
import type { Library } from '../../content/library.ts'
import { linkOf, type Place, placeOf, sectionNumbers, titlePath } from '../found.ts'
import {
  codeIn,
  codeOf,
  type Framework,
  frameworks,
  type Language,
  languageOf,
  languages,
  mayHave,
} from '../languages.ts'
import { itemsThatFit, REPLY_LIMIT } from '../limit.ts'
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
    const others = found.length === 0 ? languagesFor(library, feature) : []
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
  const hits = library.search(feature, {
    section: ({ languages: fences }) => mayHave(language, fences),
    limit: LOOKED_AT,
  })
  // A page that fits much worse than the best of any language is about something else.
  const least = (library.search(feature, { limit: 1 })[0]?.score ?? 0) * WORTH_SHOWING
  return hits
    .filter(({ score }) => score >= least)
    .flatMap(hit => {
      // The best section of the page first; another one of it where that is not for the framework.
      const others = sectionNumbers(library, hit.page).filter(number => number !== hit.section)
      for (const number of [...(hit.section === null ? [] : [hit.section]), ...others]) {
        if (!mayHave(language, sections[number]?.languages ?? [])) continue
        const place = placeOf(library, hit.page, number)
        const above = [place.head.id, place.head.title, ...place.headings].join('\n')
        const code = codeOf(framework, codeIn(place.text, language), above)
        if (code.length > 0) return [exampleOf(place, code)]
      }
      return []
    })
}

function exampleOf({ head, headings, url, uri }: Place, code: Example['code']): Example {
  return { title: head.title, headings: [...headings], url, uri, code }
}

/** Languages of the code that the best pages for the feature have, the most frequent first. */
function languagesFor(library: Library, feature: string): z.infer<typeof instead>[] {
  const counts = new Map<string, number>()
  for (const { page } of library.search(feature, { limit: 10 }))
    for (const number of sectionNumbers(library, page)) {
      const names = codeIn(placeOf(library, page, number).text, 'all').map(languageOf)
      for (const name of new Set(names)) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  return [...counts]
    .map(([language, sections]) => ({ language, sections }))
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
  const there = others.map(({ language: name, sections }) => `${name} (${sections} sections)`).join(', ')
  return `There is no ${what === '' ? '' : `${what} `}code for "${feature}" here.${
    there === ''
      ? ' No other language has any on the pages that fit best: try search_documentation, or other words.'
      : ` The pages that fit best have code in: ${there}. Call get_examples with that language${framework === 'all' ? '' : ', or with framework "all"'}.`
  }`
}
