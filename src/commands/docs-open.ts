import { openBrowser } from '../auth/open-browser.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
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
  // What looks like an id or an address is one.
  const best = /^(?:https?:\/\/\S+|[\w-]+(?:\/[\w-]+)+)$/.test(topic) ? null : library.page(ids[0] ?? '')
  if (best !== null) return best
  throw new VapiError({
    code: 'page-not-found',
    message: `there is no page ${topic}`,
    exit: Exit.notFound,
    hint: ids.length === 0 ? 'vapi docs search finds pages' : `there are: ${ids.join(', ')}`,
  })
}
