import { distance } from 'fastest-levenshtein'
import { openBrowser } from '../auth/open-browser.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
import { operationsAskedFor, readEndpoint } from '../mcp/content/find-operations.ts'
import type { Library, LibraryPage } from '../mcp/content/library.ts'
import { printableLines } from '../output/table.ts'
import { libraryOf, libraryOptions } from './docs-library.ts'

/** So many pages are named where none has the name. */
const SUGGESTED = 5

export default defineCommand(
  {
    name: 'docs open',
    summary: 'read a page of the documentation in the terminal, or in the browser',
    description:
      'Prints the page as Markdown: its id or address as vapi docs search shows it, else the page that answers best.',
    args: [{ name: 'topic', summary: 'a page’s id or address, or words', required: true, variadic: true }],
    options: {
      web: { type: 'boolean', summary: 'open it in the browser instead' },
      ...libraryOptions,
    },
    formats: ['json', 'yaml'],
    examples: [
      { command: 'vapi docs open assistants/assistant-hooks', does: 'a page' },
      { command: 'vapi docs open command/call-local | less', does: 'page by page' },
      { command: 'vapi docs open voicemail --web', does: 'the best page about it, in the browser' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: words, options }, context) => {
    const { output, env } = context
    const topic = words.join(' ').trim()
    if (topic === '') throw usageError('there is no topic', 'vapi docs open assistants/assistant-hooks')
    const library = await libraryOf(options, context)
    const { head, text } = findPage(topic, library)
    if (options.web) {
      if (head.url === null)
        throw usageError(`${head.id} is only here, there is no address of it`, `vapi docs open ${head.id}`)
      const reason = await openBrowser(head.url, env)
      output.note(reason === null ? `opened ${head.url}` : `${reason}; open ${head.url}`)
      return undefined
    }
    const { keywords: _keywords, ...shown } = head
    if (output.isJson || output.options.format === 'yaml') await output.document({ ...shown, text })
    else {
      const description = head.description === '' ? '' : `${head.description}\n\n`
      output.text(printableLines(`# ${head.title}\n\n${description}${text}\n`))
    }
    if (head.url !== null) output.note(head.url)
    return undefined
  },
)

function findPage(topic: string, library: Library): LibraryPage {
  const named = library.page(topic)
  if (named !== null) return named
  const hits = library.search(topic, { limit: SUGGESTED })
  const ids = hits.flatMap(({ page }) => library.index.pages[page]?.id ?? [])
  // What looks like an id, an address or an endpoint is one.
  const isName = /^(?:https?:\/\/\S+|[\w-]+(?:\/[\w-]+)+)$/.test(topic)
  const isEndpoint = !isName && readEndpoint(topic).path !== null
  const isThere = !isEndpoint || operationsAskedFor(library.index, topic).length > 0
  const best = isName || !isThere ? null : library.page(ids[0] ?? '')
  if (best !== null) return best
  const near = isName ? nearestId(topic, library) : null
  const guess = near === null ? '' : `; did you mean ${near}?`
  const others = ids.length === 0 ? 'vapi docs search finds pages' : `there are: ${ids.join(', ')}`
  throw new VapiError({
    code: 'page-not-found',
    message: `there is no ${isEndpoint ? 'endpoint' : 'page'} ${topic}${guess}`,
    exit: Exit.notFound,
    hint: near === null ? others : `vapi docs open ${near}`,
  })
}

/** The id that an id was mistyped for; null where none is like it. */
function nearestId(topic: string, { index }: Library): string | null {
  const name = topic
    .replace(/^https?:\/\/[^/]+\//, '')
    .replace(/[#?].*$/, '')
    .toLowerCase()
  const most = Math.min(3, Math.floor(name.length / 4))
  const rated = index.pages.map(({ id }) => ({ id, far: distance(id.toLowerCase(), name) }))
  const [best] = rated.sort((one, other) => one.far - other.far)
  return best !== undefined && best.far <= most ? best.id : null
}
