import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import type { Library } from '../mcp/content/library.ts'
import type { Hit } from '../mcp/index/search.ts'
import { snippetOf } from '../mcp/index/snippet.ts'
import { libraryOf, libraryOptions } from './docs-library.ts'
import { describeFound } from './docs-view.ts'

const DEFAULT_LIMIT = 5

/** A page that was found, as `--json` shows it. */
export interface Found {
  /** For `vapi docs open`. */
  id: string
  title: string
  /** The headings of the section that answers best; empty for the beginning of the page. */
  section: readonly string[]
  /** Of the section, where the page can be read in a browser. */
  url: string | null
  category: string
  source: string
  snippet: string
  score: number
}

export default defineCommand(
  {
    name: 'docs search',
    summary: 'search the documentation, without a network',
    description:
      'Searches the pages that vapi brings and, after vapi docs update or with --docs-dir, the official documentation. Typing errors, names of code and other words for the same thing are understood.',
    args: [{ name: 'words', summary: 'what you look for, in any words', required: true, variadic: true }],
    options: {
      limit: {
        type: 'number',
        placeholder: 'N',
        minimum: 1,
        summary: `pages at the most (default ${DEFAULT_LIMIT})`,
      },
      ...libraryOptions,
    },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi docs search the assistant talks over me', does: 'a symptom' },
      { command: 'vapi docs search startSpeakingPlan.waitSeconds --limit 1', does: 'a field' },
      { command: "vapi docs search transfer a call --jq '.[0].id'", does: 'for scripts' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: words, options }, context) => {
    const { output } = context
    const question = words.join(' ').trim()
    if (question === '') throw usageError('there is nothing to look for', 'vapi docs search endpointing')
    const library = await libraryOf(options, context)
    const found = library
      .search(question, { limit: options.limit ?? DEFAULT_LIMIT })
      .map(hit => foundOf(hit, library))
    const { format } = output.options
    const isText = format === 'table' || (format === null && output.streams.stdoutIsTerminal)
    if (isText && !output.isJson) output.text(await describeFound(found, output))
    else
      await output.list(
        found,
        [
          { heading: 'ID', value: row => row.id },
          { heading: 'TITLE', value: row => row.title },
          { heading: 'SECTION', value: row => row.section.join(' > ') },
          { heading: 'URL', value: row => row.url ?? '' },
        ],
        row => row.id,
      )
    if (found.length === 0) output.note('nothing was found; try other words, or vapi docs update')
    return undefined
  },
)

function foundOf({ page, section, score, terms }: Hit, { index }: Library): Found {
  const { id, title, url, category, source } = index.pages[page] ?? missing()
  const best = section === null ? null : (index.sections[section] ?? null)
  const text = index.textOf(page)
  const anchor = best === null || best.anchor === '' ? '' : `#${best.anchor}`
  return {
    id,
    title,
    section: best?.headings ?? [],
    url: url === null ? null : `${url}${anchor}`,
    category,
    source,
    snippet: snippetOf(best === null ? text : text.slice(best.start, best.end), terms),
    score: Math.round(score * 100) / 100,
  }
}

function missing(): never {
  throw new Error('the index names a page that it does not have')
}
