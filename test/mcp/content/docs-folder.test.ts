import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { VapiError } from '../../../src/errors.ts'
import { combinePages } from '../../../src/mcp/content/combine.ts'
import { openDocsFolder } from '../../../src/mcp/content/docs-folder.ts'
import { officialPage } from '../../../src/mcp/content/official-page.ts'
import { temporaryFolder } from '../../support/program.ts'
import { pageOf } from '../page.ts'

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

const idsIn = (folder: string) =>
  openDocsFolder(folder)
    .pages()
    .map(({ id }) => id)

function failure(work: () => unknown): VapiError {
  try {
    work()
  } catch (error) {
    if (error instanceof VapiError) return error
    throw error
  }
  throw new Error('it did not fail')
}

/** As somebody whom permissions concern. */
function asNobody<Result>(work: () => Result): Result {
  if (process.getuid?.() !== 0 || process.seteuid === undefined) return work()
  process.seteuid(65_534)
  try {
    return work()
  } finally {
    process.seteuid(0)
  }
}

describe('a folder of documentation', () => {
  it('has a page for each Markdown and MDX file, by its path', () => {
    const folder = folderOf({
      'b.mdx': 'B',
      'a/c.md': 'C',
      'a/b/d.mdx': 'D',
      'image.png': 'no',
      'notes.txt': 'no',
    })
    expect(idsIn(folder)).toEqual(['a/b/d', 'a/c', 'b'])
  })

  it('leaves out hidden folders, installed packages, parts of other pages and empty pages', () => {
    const folder = folderOf({
      '.git/a.md': 'A',
      'node_modules/a/readme.md': 'A',
      'snippets/a.mdx': 'A',
      'empty.mdx': '---\ntitle: A\n---\n\n{/* nothing */}\n',
      'page.mdx': 'A',
    })
    expect(idsIn(folder)).toEqual(['page'])
  })

  it('has odd files as pages, without harm', () => {
    const folder = folderOf({
      'binary.md': Uint8Array.from({ length: 2000 }, (_, place) => (place * 7) % 256),
      'nul.md': 'a\0b',
      'spaces in it.md': 'A',
      '__proto__.md': 'A',
      'constructor.md': 'A',
      '日本語.md': 'A',
    })
    const pages = openDocsFolder(folder).pages()
    expect(pages.map(({ id }) => id).sort()).toEqual(
      ['__proto__', 'binary', 'constructor', 'nul', 'spaces in it', '日本語'].sort(),
    )
    expect(combinePages(pages, [], { toString: ['never'] }).flatMap(({ keywords }) => keywords)).toEqual([])
  })

  it('has one page where a file is there as .md and .mdx', () => {
    const folder = folderOf({ 'a.md': 'Markdown', 'a.mdx': 'MDX' })
    expect(openDocsFolder(folder).pages()).toMatchObject([{ id: 'a', text: 'MDX' }])
  })

  it('leaves out files that are too large', () => {
    const folder = folderOf({ 'a.md': 'A', 'large.md': 'B' })
    truncateSync(join(folder, 'large.md'), 2_000_001)
    expect(idsIn(folder)).toEqual(['a'])
  })

  it('does not follow links, which may go round in circles, but may be one itself', () => {
    const folder = folderOf({ 'a/b.md': 'B' })
    symlinkSync(folder, join(folder, 'a', 'circle'))
    symlinkSync(join(folder, 'a', 'b.md'), join(folder, 'link.md'))
    symlinkSync(join(folder, 'nowhere.md'), join(folder, 'broken.md'))
    expect(idsIn(folder)).toEqual(['a/b'])
    const link = join(temporaryFolder(), 'link')
    symlinkSync(folder, link)
    expect(idsIn(link)).toEqual(['a/b'])
  })

  it('leaves out files and folders that cannot be read', () => {
    const folder = folderOf({ 'a.md': 'A', 'closed.md': 'B', 'closed/c.md': 'C' })
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'closed.md'), 0)
    chmodSync(join(folder, 'closed'), 0)
    expect(asNobody(() => idsIn(folder))).toEqual(['a'])
    chmodSync(join(folder, 'closed'), 0o755)
  })

  it.each([
    ['is not there', () => join(temporaryFolder(), 'none'), 'there is no such file or folder'],
    ['is a file', () => join(folderOf({ 'a.md': 'A' }), 'a.md'), 'a part of the path is no folder'],
    ['has no Markdown files', () => folderOf({ 'a.txt': 'A' }), 'there are no Markdown files in'],
  ])('that %s is a wrong argument', (_what, folder, words) => {
    const error = failure(() => openDocsFolder(folder()))
    expect(error.exit).toBe(2)
    expect(error.message).toContain(words)
  })
})

describe('the signature of a folder', () => {
  const signatureOf = (folder: string) => openDocsFolder(folder).signature

  it('stays while nothing changes', () => {
    const folder = folderOf({ 'a.md': 'A', 'b/c.md': 'C' })
    expect(signatureOf(folder)).toBe(signatureOf(folder))
  })

  it.each<[string, (folder: string) => void]>([
    ['is added', folder => writeFileSync(join(folder, 'new.md'), 'N')],
    ['goes', folder => rmSync(join(folder, 'b', 'c.md'))],
    ['grows', folder => writeFileSync(join(folder, 'a.md'), 'AA')],
    ['is written anew', folder => utimesSync(join(folder, 'a.md'), 1, 1)],
    [
      'moves',
      folder => {
        rmSync(join(folder, 'a.md'))
        writeFileSync(join(folder, 'b', 'a.md'), 'A')
      },
    ],
  ])('changes when a file %s', (_what, change) => {
    const folder = folderOf({ 'a.md': 'A', 'b/c.md': 'C' })
    const before = signatureOf(folder)
    change(folder)
    expect(signatureOf(folder)).not.toBe(before)
  })

  it('does not change with files that are no pages', () => {
    const folder = folderOf({ 'a.md': 'A' })
    const before = signatureOf(folder)
    writeFileSync(join(folder, 'picture.png'), 'P')
    expect(signatureOf(folder)).toBe(before)
  })
})

describe('a page of the official documentation', () => {
  it('has the title, description and address of its front matter', () => {
    expect(officialPage('a/b', '---\ntitle: T\nsubtitle: S\nslug: x/y\n---\nText')).toEqual({
      id: 'a/b',
      title: 'T',
      description: 'S',
      url: 'https://docs.vapi.ai/x/y',
      category: 'guides',
      source: 'official',
      keywords: [],
      text: 'Text',
    })
  })

  it.each([
    ['its first heading', 'Text\n\n## The `heading` ##\n', 'The heading'],
    ['not a comment in code', '```bash\n# a comment\n```\n\n# Real\n', 'Real'],
    ['its name where it has none', 'Text', 'My page'],
    ['its name where the title is none', '---\ntitle: [a]\n---\nText', 'My page'],
  ])('has for a title %s', (_what, file, title) => {
    expect(officialPage('folder/my-page', file)?.title).toBe(title)
  })

  it.each([
    ['changelog/2025', 'changelog'],
    ['api-reference/calls', 'api'],
    ['assistants/examples/a', 'examples'],
    ['examples', 'guides'],
    ['a', 'guides'],
  ])('is by its folder: %s is of %s', (id, category) => {
    expect(officialPage(id, 'Text')?.category).toBe(category)
  })
})

describe('pages of both', () => {
  it('are the official ones first; of the same id the official one has it, with our keywords, and ours stands beside it', () => {
    const official = [pageOf('a', 'official'), pageOf('b', 'official')]
    const ours = [pageOf('b', 'ours', { keywords: ['k'] }), pageOf('c', 'ours')]
    expect(combinePages(official, ours, { a: ['x'], b: ['y'], c: ['z'] })).toMatchObject([
      { id: 'a', text: 'official', keywords: ['x'] },
      { id: 'b', text: 'official', keywords: ['k', 'y'] },
      { id: 'guide/b', text: 'ours', keywords: [] },
      { id: 'c', text: 'ours', keywords: [] },
    ])
  })

  it('have an address where it is known that it is one of the documentation', () => {
    const official = ['calls/recording', 'recording', 'mine'].map(id => pageOf(id, 'official', { url: null }))
    expect(
      combinePages(official.slice(1), [], { 'calls/recording': ['x'] }).map(({ id, url }) => [id, url]),
    ).toEqual([
      ['calls/recording', 'https://docs.vapi.ai/calls/recording'],
      ['mine', null],
    ])
  })
})
