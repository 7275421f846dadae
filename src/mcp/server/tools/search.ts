import { z } from 'zod'
import { codeBlocksOf } from '../../index/markdown.ts'
import type { SearchOptions } from '../../index/search.ts'
import { snippetOf } from '../../index/snippet.ts'
import { linkOf, placeOf, titlePath } from '../found.ts'
import { cutText, itemsThatFit } from '../limit.ts'
import { defineTool, READS_HERE, type ToolContext } from '../tool.ts'

const categories = ['api', 'guides', 'examples', 'changelog', 'all'] as const
const SNIPPET_CHARACTERS = 600
/** A code block in a snippet stays whole up to this. */
const LONGEST_SNIPPET = 4000

const result = z.object({
  title: z.string(),
  headings: z.array(z.string()).describe('headings from the page down to the section'),
  url: z.string().nullable().describe('address in a browser, where there is one'),
  uri: z.string().describe('the whole page as a resource of this server'),
  category: z.string(),
  score: z.number(),
  snippet: z.string().describe('Markdown'),
})

export const searchDocumentation = defineTool({
  name: 'search_documentation',
  title: 'Search the Vapi documentation',
  description:
    'Searches everything that is known here about Vapi: guides, the API reference, code examples, the change log and the vapi command. Takes questions, symptoms ("agent talks over the caller"), names of fields (startSpeakingPlan), error texts and endpoints; typing errors and synonyms are understood. Best result first, each with a snippet and a link; read a whole page through its uri.',
  input: z.strictObject({
    query: z.string().trim().min(1).max(1000).describe('what is looked for, in your own words'),
    category: z
      .enum(categories)
      .default('all')
      .describe(
        'only pages of this kind; examples: pages made of examples, and sections of other pages that hold code',
      ),
    limit: z.number().int().min(1).max(50).default(5).describe('results at most'),
  }),
  output: z.object({
    query: z.string(),
    category: z.string(),
    results: z.array(result),
    leftOut: z.number().describe('further results that the size of a reply did not allow'),
  }),
  annotations: READS_HERE,
  async run({ query, category, limit }, { library, signal }) {
    const results = await find(query, category, limit, { library, signal })
    const shown = itemsThatFit(results, textOf)
    const leftOut = results.length - shown.length
    const text =
      results.length === 0
        ? `Nothing was found for "${query}"${category === 'all' ? '' : ` in the category ${category}; try category "all"`}. Try fewer or other words: the name of a field, an endpoint, or the symptom.`
        : [
            ...shown.map((each, place) => `${place + 1}. ${textOf(each)}`),
            ...(leftOut === 0 ? [] : [`${leftOut} more results did not fit; ask more narrowly.`]),
          ].join('\n\n')
    return { text, data: { query, category, results: shown, leftOut } }
  },
})

type Result = z.infer<typeof result>

async function find(
  query: string,
  category: (typeof categories)[number],
  limit: number,
  context: ToolContext,
): Promise<Result[]> {
  const library = await context.library()
  context.signal.throwIfAborted()
  const { pages } = library.index
  const filter: SearchOptions =
    category === 'all'
      ? {}
      : category === 'examples'
        ? {
            section: ({ page, languages }) => pages[page]?.category === 'examples' || languages.length > 0,
          }
        : { categories: [category] }
  const hits = library.search(query, { ...filter, limit })
  return hits.map(hit => {
    const { head, headings, url, uri, text } = placeOf(library, hit.page, hit.section)
    return {
      title: head.title,
      headings: [...headings],
      url,
      uri,
      category: head.category,
      score: Math.round(hit.score * 1000) / 1000,
      snippet: snippetFor(text, hit.terms, category === 'examples'),
    }
  })
}

/** The part of a section that answers; `withCode`: with code in any case, where it has some. */
function snippetFor(text: string, terms: readonly string[], withCode: boolean): string {
  const found = snippetOf(text, terms, SNIPPET_CHARACTERS)
  // A heading alone tells nothing that the path of headings does not.
  const isBare = found.replace(/^#{1,6} .*$/gm, '').trim() === ''
  const snippet = isBare ? cutText(text.trim(), SNIPPET_CHARACTERS).text : found
  const [block] = withCode && !snippet.includes('```') ? codeBlocksOf(text) : []
  const code = block === undefined ? '' : `\n\n\`\`\`${block.language}\n${block.code}\n\`\`\``
  return cutText(`${snippet}${code}`, LONGEST_SNIPPET).text
}

function textOf(found: Result): string {
  return `**${titlePath(found.title, found.headings)}** [${found.category}]\n${linkOf(found)}\n\n${found.snippet}`
}
