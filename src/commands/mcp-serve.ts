import { readFile } from 'node:fs/promises'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { messageOf, usageError } from '../errors.ts'
import type { Library } from '../mcp/content/library.ts'
import type { ServerTool } from '../mcp/server/tool.ts'
import { packageFile } from '../package-root.ts'
import { libraryOptions } from './docs-library.ts'

const PREPARE_AFTER_MS = 200
const GROUPS = ['docs', 'api', 'local'] as const

export default defineCommand(
  {
    name: 'mcp serve',
    summary: 'serve the documentation and tools to coding assistants (MCP)',
    description:
      'Speaks the Model Context Protocol on standard input and output, or over HTTP with --http. What it knows is in the program and in what vapi docs update has fetched; serving needs no network and no account. --tools adds tools: api acts on the account of this run (lists, reads, creates and changes; it never deletes; --read-only leaves out what changes anything), local simulates and explains calls and reads the journal of vapi listen in the folder where it was started. Editors are set up by vapi mcp setup.',
    args: [],
    options: {
      tools: {
        type: 'string',
        placeholder: 'GROUPS',
        default: 'docs',
        summary: 'which tools to offer, separated by commas: docs, api, local',
      },
      'read-only': { type: 'boolean', summary: 'only tools that change nothing (for --tools api)' },
      http: {
        type: 'number',
        placeholder: 'PORT',
        minimum: 0,
        summary: 'serve Streamable HTTP at this port (0: any free one) in place of standard input',
      },
      host: {
        type: 'string',
        placeholder: 'ADDRESS',
        summary: 'listen at this address; other than this machine’s own needs --token (default 127.0.0.1)',
      },
      token: {
        type: 'string',
        placeholder: 'TOKEN',
        summary: 'demand this bearer token (VAPI_MCP_TOKEN keeps it out of the process list)',
      },
      ...libraryOptions,
    },
    formats: [],
    examples: [
      { command: 'vapi mcp serve', does: 'what an editor starts' },
      { command: 'vapi mcp serve --tools docs,api --read-only', does: 'with a look into the account' },
      { command: 'vapi mcp serve --http 8787 --token "$TOKEN"', does: 'over HTTP, on this machine' },
    ],
    needsLogin: false,
    destructive: false,
    endsOnSignal: true,
  },
  async ({ options }, context) => {
    const groups = groupsOf(options.tools)
    const [http, host] = [options.http, options.host]
    const token = options.token ?? (context.env.VAPI_MCP_TOKEN || undefined)
    if (http === undefined && (host !== undefined || options.token !== undefined))
      throw usageError('--host and --token are for --http', 'vapi mcp serve --http PORT')
    if (http !== undefined && (!Number.isInteger(http) || http > 65_535))
      throw usageError(`--http ${http} is no port`, 'a whole number up to 65535')
    if (host === '') throw usageError('--host is empty', 'leave it out for this machine alone')
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
      throw usageError('--token is empty or holds what a header cannot carry', 'letters, digits and signs')
    if (options['read-only'] && !groups.has('api'))
      throw usageError('--read-only is for --tools api', 'vapi mcp serve --tools docs,api --read-only')
    const [{ createDocsServer }, version, more, library] = await Promise.all([
      import('../mcp/server/docs-server.ts'),
      programVersion(),
      extraTools(groups, options['read-only'], context),
      opener(options, context),
    ])
    const makeServer = () => {
      const server = createDocsServer({ library, version, tools: more, withoutDocs: !groups.has('docs') })
      server.onerror = error => context.output.trace(`mcp: ${messageOf(error)}`)
      // Opened when the client has asked what there is: making an index takes seconds. A failure is told with the first question.
      server.oninitialized = () => {
        setTimeout(() => void library().catch(() => {}), PREPARE_AFTER_MS).unref()
      }
      return server
    }
    if (http === undefined) await serveStdio(makeServer, context)
    else await serveHttp(makeServer, { port: http, host: host ?? '127.0.0.1', token: token ?? null }, context)
    return undefined
  },
)

function groupsOf(list: string): Set<(typeof GROUPS)[number]> {
  const names = list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
  const known = GROUPS.filter(group => names.includes(group))
  const unknown = names.find(name => !known.some(group => group === name))
  if (unknown !== undefined) throw usageError(`--tools knows no ${unknown}`, `it takes ${GROUPS.join(', ')}`)
  if (known.length === 0) throw usageError('--tools is empty', `it takes ${GROUPS.join(', ')}`)
  return new Set(known)
}

async function extraTools(groups: ReadonlySet<string>, readOnly: boolean, context: Context) {
  const tools: ServerTool[] = []
  if (groups.has('api')) tools.push(...(await import('./mcp-tools-api.ts')).apiTools(context, { readOnly }))
  if (groups.has('local')) tools.push(...(await import('./mcp-tools-local.ts')).localTools(context))
  return tools
}

type LibraryChoice = { 'docs-dir'?: string | undefined; openapi?: string | undefined }

/** Opens the documentation once; after a failure the next question tries again. */
async function opener(options: LibraryChoice, { env, workingDirectory, output }: Context) {
  const { checkLibraryRequest, openLibrary } = await import('../mcp/content/open-library.ts')
  const request = {
    env,
    workingDirectory,
    docsDir: options['docs-dir'] ?? null,
    openapi: options.openapi ?? null,
    indexing: () => output.trace('mcp: making the index of the documentation'),
  }
  checkLibraryRequest(request)
  let opened: Promise<Library> | null = null
  return () => {
    opened ??= openLibrary(request).catch((error: unknown) => {
      opened = null
      throw error
    })
    return opened
  }
}

async function programVersion(): Promise<string> {
  const manifest: { version: string } = JSON.parse(await readFile(packageFile('package.json'), 'utf8'))
  return manifest.version
}

type MakeServer = () => ReturnType<typeof import('../mcp/server/docs-server.ts')['createDocsServer']>

async function serveStdio(makeServer: MakeServer, { output, signal }: Context): Promise<void> {
  const [{ createStdioTransport }, { reserveStdout }] = await Promise.all([
    import('../mcp/server/stdio.ts'),
    import('../output/protocol-stream.ts'),
  ])
  const protocol = reserveStdout(output.streams, text => output.trace(`mcp: kept off the protocol: ${text}`))
  if (output.streams.stdinIsTerminal)
    output.note('serving the Model Context Protocol on standard input; an editor starts this: vapi mcp setup')
  const transport = createStdioTransport(output.streams.stdin, protocol, text => output.trace(`mcp: ${text}`))
  const onAbort = () => void transport.close()
  signal.addEventListener('abort', onAbort, { once: true })
  await makeServer().connect(transport)
  if (signal.aborted) onAbort()
  await transport.closed
}

async function serveHttp(
  makeServer: MakeServer,
  address: { port: number; host: string; token: string | null },
  { output, signal }: Context,
): Promise<void> {
  const { startHttpServer } = await import('../mcp/server/http.ts')
  const server = await startHttpServer({
    ...address,
    makeServer,
    onNote: text => output.trace(`mcp: ${text}`),
  })
  output.note(`serving the Model Context Protocol at ${server.url}`)
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await server.close()
}
