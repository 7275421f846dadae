import { defineCommand } from '../cli/definition.ts'
import { asVapiError, Exit } from '../errors.ts'
import { requireDocsCache } from '../mcp/content/docs-cache.ts'
import { openLibrary } from '../mcp/content/open-library.ts'
import { OFFICIAL_URLS, type Update, updateOfficial } from '../mcp/content/update.ts'
import { formatBytes } from '../output/rate.ts'

export default defineCommand(
  {
    name: 'docs update',
    summary: 'fetch the official documentation and API description',
    description:
      'Asks the servers whether something is new, and keeps both files and an index of them in the cache folder (.vapi/cache in the home folder, or VAPI_CACHE_DIR). What was there stays until the new file is whole.',
    args: [],
    options: {
      'docs-url': {
        type: 'string',
        placeholder: 'URL',
        default: OFFICIAL_URLS['llms-full.txt'],
        summary: 'where the documentation is, as one file of Markdown',
      },
      'openapi-url': {
        type: 'string',
        placeholder: 'URL',
        default: OFFICIAL_URLS['openapi.json'],
        summary: 'where the API description is',
      },
    },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv'],
    examples: [
      { command: 'vapi docs update', does: 'also from a nightly job: unchanged files are not fetched again' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, context) => {
    const { output, env, workingDirectory, signal } = context
    const cache = requireDocsCache(env)
    const http = await context.http()
    const { timeoutMs } = await context.connection()
    const done = output.waiting('Asking for what is new')
    const updates: Update[] = []
    let failed = false
    try {
      for (const [name, url] of [
        ['llms-full.txt', options['docs-url']],
        ['openapi.json', options['openapi-url']],
      ] as const) {
        try {
          updates.push(await updateOfficial(name, url, { http, cache, timeoutMs, signal }))
        } catch (error) {
          signal.throwIfAborted()
          failed = true
          output.error(asVapiError(error))
        }
      }
    } finally {
      done()
    }
    if (updates.some(({ outcome }) => outcome === 'new')) {
      output.note('making the index')
      await openLibrary({ env, workingDirectory, docsDir: null, openapi: null })
    }
    await output.list(
      updates,
      [
        { heading: 'FILE', value: row => row.name },
        { heading: 'STATE', value: row => row.outcome },
        { heading: 'SIZE', value: row => formatBytes(row.bytes) },
        { heading: 'FROM', value: row => row.url, wraps: true },
      ],
      row => row.name,
    )
    return failed ? Exit.failed : undefined
  },
)
