import { describe, expect, it } from 'vitest'
import { decodeIndex, encodeIndex } from '../../../src/mcp/index/index-file.ts'
import { createSearcher } from '../../../src/mcp/index/search.ts'
import { buildIndex, type SearchIndex } from '../../../src/mcp/index/search-index.ts'
import { pageOf } from '../page.ts'

const pages = [
  pageOf('a/b', '# Über\n\nStart `startSpeakingPlan` 🙂.\n\n```ts\nconst a = 1\n```\n', {
    keywords: ['one', 'two words'],
    url: null,
  }),
  pageOf('empty', ''),
  pageOf('__proto__', '# constructor\n\n日本語\0\n', { category: 'changelog', source: 'knowledge' }),
]

/** All of an index, in plain values. */
function contentOf(index: SearchIndex) {
  const { textOf, units, weights, wordTerms, pageCounts, headingCounts, starts, ...rest } = index
  const arrays = { units, weights, wordTerms, pageCounts, headingCounts, starts }
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, Array.from(array)])),
    texts: index.pages.map((_page, number) => textOf(number)),
  }
}

describe('the file of an index', () => {
  const built = buildIndex(pages)
  const file = encodeIndex(built)

  it('reads as what was built', () => {
    const read = decodeIndex(file)
    expect(read && contentOf(read)).toEqual(contentOf(built))
    expect(read && createSearcher(read).search('start speaking')).toEqual(
      createSearcher(built).search('start speaking'),
    )
  })

  it('reads so wherever it begins in memory', () => {
    for (const offset of [1, 2, 3, 4]) {
      const room = Buffer.alloc(file.length + offset)
      file.copy(room, offset)
      for (const piece of [
        room.subarray(offset),
        new Uint8Array(room.buffer, room.byteOffset + offset, file.length),
      ]) {
        const read = decodeIndex(piece)
        expect(read && contentOf(read)).toEqual(contentOf(built))
      }
    }
  })

  it('may be of no pages', () => {
    const read = decodeIndex(encodeIndex(buildIndex([])))
    expect(read && contentOf(read)).toEqual(contentOf(buildIndex([])))
  })

  it('is the same for the same pages', () => {
    expect(encodeIndex(buildIndex(pages)).equals(file)).toBe(true)
  })

  it('is none where it was cut off, at any place', () => {
    for (let length = 0; length < file.length; length += 7)
      expect(decodeIndex(file.subarray(0, length))).toBeNull()
  })

  it('is none where anything was altered or added', () => {
    for (let place = 0; place < file.length; place += 5) {
      const altered = Buffer.from(file)
      altered[place] = (altered[place] ?? 0) ^ 1
      expect(decodeIndex(altered)).toBeNull()
    }
    expect(decodeIndex(Buffer.concat([file, Buffer.alloc(4)]))).toBeNull()
  })

  it.each([
    ['nothing', ''],
    ['text', 'vapi is here'],
    ['JSON', '{"pages":[]}'],
    ['an older form', `vapi-docs-index 1\n${'\0'.repeat(64)}`],
    ['zeros', '\0'.repeat(1000)],
  ])('is none where it is %s', (_what, content) => {
    expect(decodeIndex(Buffer.from(content))).toBeNull()
  })
})
