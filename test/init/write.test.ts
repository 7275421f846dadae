import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { emptyJournal, type Journal, readJournal } from '../../src/init/journal.ts'
import type { FileChange } from '../../src/init/types.ts'
import { undoInit } from '../../src/init/undo.ts'
import { createWriter } from '../../src/init/write.ts'
import { temporaryFolder } from '../support/program.ts'

let root: string
let journal: Journal
beforeEach(() => {
  root = temporaryFolder()
  journal = emptyJournal('2026-01-01T00:00:00.000Z')
})

const create = (path: string, after = 'ours\n'): FileChange => ({
  path,
  part: 'button',
  kind: 'create',
  before: null,
  after,
})
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const everything = () =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(join(root, path)).isFile())
    .sort()

function undo(force = false) {
  const last = readJournal(root)
  if (last === null) throw new Error('there is no journal')
  return undoInit(root, last, force)
}

describe('what vapi init writes', () => {
  it('is taken back to the byte: files, folders, modes and texts that are no UTF-8', () => {
    const before = Buffer.from([0xff, 0xfe, 10])
    writeFileSync(join(root, 'mine.txt'), before, { mode: 0o640 })
    const writer = createWriter(root, journal)
    writer.write(create('src/components/Button.tsx'), false)
    writer.write({ ...create('mine.txt'), kind: 'edit', before: before.toString() }, false)
    expect(text('src/components/Button.tsx')).toBe('ours\n')
    expect(statSync(join(root, 'mine.txt')).mode & 0o777).toBe(0o640)

    expect(undo()).toEqual({
      restored: ['mine.txt'],
      removed: ['src/components/Button.tsx'],
      changed: [],
      installs: [],
    })
    expect(readFileSync(join(root, 'mine.txt'))).toEqual(before)
    expect(everything()).toEqual(['mine.txt'])
    expect(readdirSync(root)).toEqual(['mine.txt'])
  })

  it('is left alone by undo where somebody has changed it since, and the journal stays', () => {
    const writer = createWriter(root, journal)
    writer.write(create('a.ts'), false)
    writer.write(create('b.ts'), false)
    writeFileSync(join(root, 'a.ts'), 'mine now')
    expect(undo()).toMatchObject({ removed: ['b.ts'], changed: ['a.ts'] })
    expect(text('a.ts')).toBe('mine now')
    expect(undo(true)).toMatchObject({ removed: ['a.ts'], changed: [] })
    expect(everything()).toEqual([])
  })

  it('keeps what is in the way as a backup, also a second time', () => {
    writeFileSync(join(root, 'a.ts'), 'first')
    const writer = createWriter(root, journal)
    expect(writer.write({ ...create('a.ts'), kind: 'replace', before: 'first' }, true)).toBe('a.ts.backup')
    expect(writer.write({ ...create('a.ts', 'x'), kind: 'replace', before: 'ours\n' }, true)).toBe(
      'a.ts.backup.2',
    )
    expect([text('a.ts'), text('a.ts.backup'), text('a.ts.backup.2')]).toEqual(['x', 'first', 'ours\n'])
    undo()
    expect(everything()).toEqual(['a.ts'])
    expect(text('a.ts')).toBe('first')
  })

  it('does not go over a file that changed after the plan was made', () => {
    writeFileSync(join(root, 'a.ts'), 'new')
    expect(() =>
      createWriter(root, journal).write({ ...create('a.ts'), kind: 'replace', before: 'old' }, false),
    ).toThrow('a.ts has changed while vapi init was running')
    expect(text('a.ts')).toBe('new')
  })

  it('does not go out of the project by a link', () => {
    const elsewhere = temporaryFolder()
    symlinkSync(elsewhere, join(root, 'src'))
    expect(() => createWriter(root, journal).write(create('src/deep/a.ts'), false)).toThrow(
      'outside of the project',
    )
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it('takes back what a package manager did to the manifest', async () => {
    writeFileSync(join(root, 'package.json'), '{}')
    const writer = createWriter(root, journal)
    await writer.around(['package.json', 'package-lock.json'], ['npm', 'install', 'x'], async () => {
      writeFileSync(join(root, 'package.json'), '{"dependencies":{}}')
      writeFileSync(join(root, 'package-lock.json'), '{}')
    })
    expect(undo()).toMatchObject({
      restored: ['package.json'],
      removed: ['package-lock.json'],
      installs: [['npm', 'install', 'x']],
    })
    expect(everything()).toEqual(['package.json'])
  })

  it('is in the journal before it is on disk: a run that dies between the two is taken back', () => {
    createWriter(root, journal).write(create('a.ts'), false)
    journal.entries.push({ path: 'never.ts', before: null, after: 'of what was not written', mode: null })
    expect(undoInit(root, journal, false)).toMatchObject({ removed: ['a.ts'], changed: [] })
  })

  it('says what to do where a file cannot be written', () => {
    writeFileSync(join(root, 'src'), 'a file')
    expect(() => createWriter(root, journal).write(create('src/a.ts'), false)).toThrow(
      'src/a.ts: a part of the path is no folder',
    )
  })

  it('refuses a journal that it does not understand', () => {
    mkdirSync(join(root, '.vapi/init'), { recursive: true })
    writeFileSync(join(root, '.vapi/init/journal.json'), '{"format": 9}')
    expect(() => readJournal(root)).toThrow('is not a journal of this version')
  })
})
