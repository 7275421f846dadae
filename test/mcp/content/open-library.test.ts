import { chmodSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { requireDocsCache } from '../../../src/mcp/content/docs-cache.ts'
import { createLibrary, type Library } from '../../../src/mcp/content/library.ts'
import { openLibrary } from '../../../src/mcp/content/open-library.ts'
import { buildIndex } from '../../../src/mcp/index/search-index.ts'
import { temporaryFolder } from '../../support/program.ts'
import { pageOf } from '../page.ts'

interface Opened {
  library: Library
  /** Whether an index was made. */
  made: boolean
}

async function open(
  env: Record<string, string>,
  files: { docsDir?: string; openapi?: string } = {},
): Promise<Opened> {
  let made = false
  const library = await openLibrary({
    env,
    workingDirectory: temporaryFolder(),
    docsDir: files.docsDir ?? null,
    openapi: files.openapi ?? null,
    indexing: () => {
      made = true
    },
  })
  return { library, made }
}

function docsFolder(): string {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'elephant.mdx'), '---\ntitle: Elephant\n---\nTrunks.')
  return folder
}

const idOf = ({ library }: Opened, question: string) =>
  library.index.pages[library.search(question, { limit: 1 })[0]?.page ?? -1]?.id

describe('the library', () => {
  it('is what the program brings, where there is nothing else, and makes no index', async () => {
    const home = temporaryFolder()
    const opened = await open({ HOME: home })
    expect(opened.made).toBe(false)
    expect(opened.library.page('command/docs-search')?.head.title).toBe('vapi docs search')
    expect(readdirSync(home)).toEqual([])
    expect((await open({})).made).toBe(false)
  })

  it('has the official pages over ours, with an index that is made once and then used', async () => {
    const env = { HOME: temporaryFolder() }
    const docsDir = docsFolder()
    const first = await open(env, { docsDir })
    const second = await open(env, { docsDir })
    expect([first.made, second.made]).toEqual([true, false])
    for (const opened of [first, second]) {
      expect(idOf(opened, 'elephant trunks')).toBe('elephant')
      expect(opened.library.page('command/docs-search')).not.toBeNull()
    }
    expect(second.library.search('interrupt the assistant')).toEqual(
      first.library.search('interrupt the assistant'),
    )
  })

  it('makes its index anew after a change', async () => {
    const env = { HOME: temporaryFolder() }
    const docsDir = docsFolder()
    await open(env, { docsDir })
    writeFileSync(join(docsDir, 'elephant.mdx'), '---\ntitle: Giraffe\n---\nNecks, long ones.')
    const changed = await open(env, { docsDir })
    expect(changed.made).toBe(true)
    expect(idOf(changed, 'giraffe')).toBe('elephant')
    writeFileSync(join(docsDir, 'lion.md'), '# Lion\n\nManes.')
    const added = await open(env, { docsDir })
    expect([added.made, idOf(added, 'lion')]).toEqual([true, 'lion'])
  })

  it('has what was fetched', async () => {
    const env = { VAPI_CACHE_DIR: temporaryFolder() }
    const file = { url: 'https://docs.example', etag: null, bytes: 1, sha256: 'a', fetchedAt: '2026-01-01' }
    requireDocsCache(env).keep('llms-full.txt', '# Walrus\n\nTusks.\n', file)
    const first = await open(env)
    expect([first.made, idOf(first, 'walrus tusks')]).toEqual([true, 'walrus'])
    expect((await open(env)).made).toBe(false)
    requireDocsCache(env).keep('llms-full.txt', '# Seal\n\nFins.\n', { ...file, sha256: 'b' })
    expect(idOf(await open(env), 'seal fins')).toBe('seal')
  })

  it.each<[string, (path: string) => void]>([
    ['cut off', path => truncateSync(path, 5000)],
    ['empty', path => truncateSync(path, 0)],
    ['foreign', path => writeFileSync(path, 'something else')],
    [
      'altered',
      path => {
        const bytes = readFileSync(path)
        bytes.fill(255, 100_000, 100_100)
        writeFileSync(path, bytes)
      },
    ],
  ])('makes its index anew where the kept one is %s', async (_what, spoil) => {
    const env = { VAPI_CACHE_DIR: temporaryFolder() }
    const docsDir = docsFolder()
    await open(env, { docsDir })
    const folder = join(env.VAPI_CACHE_DIR, 'docs')
    for (const name of readdirSync(folder)) spoil(join(folder, name))
    const opened = await open(env, { docsDir })
    expect([opened.made, idOf(opened, 'elephant')]).toEqual([true, 'elephant'])
    expect((await open(env, { docsDir })).made).toBe(false)
  })

  it('works where nothing can be kept', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const docsDir = docsFolder()
    for (const env of [{ VAPI_CACHE_DIR: join(file, 'below') }, { HOME: file }, {}])
      expect(idOf(await open(env as Record<string, string>, { docsDir }), 'elephant')).toBe('elephant')
  })

  it('uses an index in a folder that it cannot write to', async () => {
    const root = temporaryFolder()
    const env = { VAPI_CACHE_DIR: root }
    const docsDir = docsFolder()
    await open(env, { docsDir })
    for (const folder of [root, join(root, 'docs')]) chmodSync(folder, 0o555)
    const isRoot = process.getuid?.() === 0
    try {
      if (isRoot) process.seteuid?.(65_534)
      expect((await open(env, { docsDir })).made).toBe(false)
    } finally {
      if (isRoot) process.seteuid?.(0)
      for (const folder of [root, join(root, 'docs')]) chmodSync(folder, 0o755)
    }
  })

  it('has an API reference of another description', async () => {
    const env = { HOME: temporaryFolder() }
    const openapi = join(temporaryFolder(), 'api.json')
    const paths = { '/zebra': { get: { summary: 'List zebras', responses: {} } } }
    writeFileSync(openapi, JSON.stringify({ openapi: '3.0.0', info: {}, paths }))
    const opened = await open(env, { openapi })
    expect(opened.library.index.pages.filter(({ source }) => source === 'reference')).toHaveLength(1)
    expect(opened.library.page('command/docs-search')).not.toBeNull()
  })

  it.each([
    ['a folder that is not there', { docsDir: '/no/such/folder' }],
    ['a folder without pages', { docsDir: '' }],
    ['a description that is not there', { openapi: '/no/such/file' }],
  ])('names what is wrong with %s', async (_what, files) => {
    const home = temporaryFolder()
    await expect(open({ HOME: home }, files)).rejects.toMatchObject({ exit: 2 })
    expect(existsSync(join(home, '.vapi'))).toBe(false)
  })
})

describe('a page of the library', () => {
  const { page } = createLibrary(
    buildIndex([pageOf('elephant', 'Trunks.', { url: 'https://docs.vapi.ai/elephant' })]),
  )

  it.each([
    'elephant',
    '/elephant',
    '/elephant/',
    'elephant.mdx',
    'elephant#trunks',
    'https://docs.vapi.ai/elephant',
    'https://docs.vapi.ai/elephant/',
    'https://docs.vapi.ai/elephant?a=b#trunks',
    'https://docs.vapi.ai/elephant/#trunks',
    'https://docs.vapi.ai/elephant.md',
  ])('is found as %s', name => {
    expect(page(name)).toMatchObject({ head: { id: 'elephant' }, text: 'Trunks.' })
  })

  it.each(['', '/', '__proto__', 'constructor', 'eleph', '\0', '//'])('is none as %j', name => {
    expect(page(name)).toBeNull()
  })
})
