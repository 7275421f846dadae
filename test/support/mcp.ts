import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { onTestFinished } from 'vitest'
import { createLibrary, type Library } from '../../src/mcp/content/library.ts'
import type { Category, Page } from '../../src/mcp/index/page.ts'
import { buildIndex } from '../../src/mcp/index/search-index.ts'
import { createDocsServer, type DocsServerOptions } from '../../src/mcp/server/docs-server.ts'
import { packageFile } from '../../src/package-root.ts'
import { cleanEnvironment, temporaryFolder } from './program.ts'

/** A page of a test's library. */
export function page(
  id: string,
  title: string,
  category: Category,
  text: string,
  more: Partial<Page> = {},
): Page {
  return { id, title, description: '', url: null, category, source: 'knowledge', keywords: [], text, ...more }
}

export function libraryOf(pages: readonly Page[]): Library {
  return createLibrary(buildIndex(pages))
}

export interface TestClient {
  client: Client
  /** Calls a tool. */
  call(name: string, args?: Record<string, unknown>): Promise<CallToolResult>
  /** Its text. */
  text(name: string, args?: Record<string, unknown>): Promise<string>
  /** Its structured content; fails where it is an error. */
  data(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>
}

/** The SDK's client, which checks every structured reply against the schema that the server gave for it. */
export function testClient(client: Client): TestClient {
  const call = async (name: string, args: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: args })) as CallToolResult
  return {
    client,
    call,
    text: async (name, args) => textOf(await call(name, args)),
    data: async (name, args) => {
      const result = await call(name, args)
      if (result.isError === true) throw new Error(textOf(result))
      return result.structuredContent as Record<string, unknown>
    },
  }
}

export function textOf({ content }: CallToolResult): string {
  return content.map(block => (block.type === 'text' ? block.text : '')).join('')
}

export function newClient(): Client {
  return new Client({ name: 'test', version: '1' })
}

/** A client and a server of this library in one process. */
export async function connected(
  pages: readonly Page[],
  options: Partial<DocsServerOptions> = {},
): Promise<TestClient> {
  const library = libraryOf(pages)
  const server = createDocsServer({ library: async () => library, version: '1.2.3', ...options })
  const [near, far] = InMemoryTransport.createLinkedPair()
  const client = newClient()
  await Promise.all([server.connect(far), client.connect(near)])
  onTestFinished(() => client.close())
  // The client knows the schemas of replies from here on.
  await client.listTools()
  return testClient(client)
}

/** The built program, started as an editor starts it. */
export async function startServer(
  args: readonly string[] = [],
  { env = {}, cwd = temporaryFolder() }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<TestClient & { stderr(): string }> {
  const { home, ...rest } = { home: temporaryFolder(), ...env }
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [packageFile('bin', 'vapi.js'), 'mcp', 'serve', ...args],
    cwd,
    env: definedOnly(cleanEnvironment({ HOME: home, USERPROFILE: home, ...rest })),
    stderr: 'pipe',
  })
  let stderr = ''
  transport.stderr?.on('data', text => {
    stderr += text
  })
  const client = newClient()
  await client.connect(transport)
  onTestFinished(() => client.close())
  await client.listTools()
  return { ...testClient(client), stderr: () => stderr }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
