import { describe, expect, it } from 'vitest'
import type { Page } from '../../../src/mcp/index/page.ts'
import { createSearcher, type SearchOptions } from '../../../src/mcp/index/search.ts'
import { buildIndex } from '../../../src/mcp/index/search-index.ts'
import { durationOf, pageOf } from '../page.ts'

/** Pages about nothing that a test asks for: what is in all pages says little. */
const OTHERS = ['weather', 'garden', 'kitchen', 'mountain', 'river', 'village'].map(name =>
  pageOf(`other/${name}`, `# About the ${name}\n\nA ${name} is a ${name}.`),
)

/** The ids of what is found among these pages, without the others. */
function find(pages: readonly Page[], question: string, options?: SearchOptions): string[] {
  const index = buildIndex([...pages, ...OTHERS])
  return createSearcher(index)
    .search(question, options)
    .map(({ page }) => index.pages[page]?.id ?? '')
    .filter(id => !id.startsWith('other/'))
}

describe('names of code', () => {
  const pages = [
    pageOf('speaking', '# Turns\n\nSet `startSpeakingPlan` on the assistant.'),
    pageOf('tools', '# Replies\n\nA `tool-calls` message names them.'),
    pageOf('tokens', '# Length\n\n`max_tokens` is the limit.'),
  ]

  it.each([
    ['startSpeakingPlan', 'speaking'],
    ['startspeakingplan', 'speaking'],
    ['start speaking plan', 'speaking'],
    ['start_speaking_plan', 'speaking'],
    ['StartSpeakingPlan.waitSeconds', 'speaking'],
    ['tool-calls', 'tools'],
    ['toolCalls', 'tools'],
    ['toolcalls', 'tools'],
    ['maxTokens', 'tokens'],
  ])('are found however they are written: %s', (question, id) => {
    expect(find(pages, question)[0]).toBe(id)
  })

  it('count more whole than by a part', () => {
    const named = pageOf('whole', '# One\n\n`serverUrl` is set.')
    const parts = pageOf('parts', '# Two\n\nA server. Another thing has an url.')
    expect(find([parts, named], 'serverUrl')[0]).toBe('whole')
  })
})

describe('typing errors', () => {
  const pages = [
    pageOf('voicemail', '# Voicemail detection\n\nVoicemail is noticed.'),
    pageOf('transcriber', '# Transcriber\n\nThe transcriber hears.'),
  ]

  it.each([
    ['a letter too few', 'voicemal', 'voicemail'],
    ['a letter too many', 'voicemaill', 'voicemail'],
    ['a wrong letter', 'voicemeil', 'voicemail'],
    ['swapped letters', 'voicemial', 'voicemail'],
    ['two errors in a long word', 'transkribbr', 'transcriber'],
    ['a wrong first letter', 'boicemail', 'voicemail'],
    ['a word cut off', 'transcri', 'transcriber'],
    ['two words for one', 'voice mail', 'voicemail'],
  ])('are understood: %s', (_what, question, id) => {
    expect(find(pages, question)[0]).toBe(id)
  })

  it('count two swapped letters as one error, also in a short word', () => {
    expect(find([pageOf('agent', '# Squad\n\nOf some.')], 'sqaud')).toEqual(['agent'])
  })

  it('are not seen in words of three letters, nor where a word is known', () => {
    expect(find([pageOf('sip', '# Sip\n\nOver sip.')], 'sap')).toEqual([])
    expect(find([pageOf('hook', '# Hook\n'), pageOf('book', '# Book\n')], 'book')).toEqual(['book'])
  })
})

describe('synonyms', () => {
  it.each([
    ['hang up', '# End call\n\nThe end.'],
    ['end call', '# Hang up\n\nIt hangs up.'],
    ['barge-in', '# Interruption\n\nHow it stops.'],
    ['interrupt', '# Barge-in\n\nSpeech over speech.'],
    ['self-hosted', '# Own\n\nCustom ones.'],
    ['mid-call', '# Ongoing\n\nWhile it lasts.'],
    ['stt', '# Transcriber\n\nIt hears.'],
    ['text to speech', '# Voice\n\nIt speaks.'],
    ['tts', '# Voice\n\nIt speaks.'],
    ['llm', '# Model\n\nIt thinks.'],
  ])('find what is called otherwise: %s', (question, text) => {
    expect(find([pageOf('wanted', text)], question)).toEqual(['wanted'])
  })

  it('count less than the word itself', () => {
    const pages = [pageOf('other-word', '# Bot\n\nA bot.'), pageOf('same-word', '# Agent\n\nAn agent.')]
    expect(find(pages, 'agent')).toEqual(['same-word', 'other-word'])
  })
})

describe('a question', () => {
  const pages = [
    pageOf('transfer', '# Transfer calls\n\nTo a number. What you do with it.'),
    pageOf('record', '# Record calls\n\nFor later.'),
  ]

  it.each(['', '   ', '?!', '\0', '…'])('of no words finds nothing: %j', question => {
    expect(find(pages, question)).toEqual([])
  })

  it('of words that are nowhere finds nothing', () => {
    expect(find(pages, 'xyzzyqqq plughhh')).toEqual([])
  })

  it('of words that say nothing is still looked for', () => {
    expect(find(pages, 'what do you do with it')).toEqual(['transfer'])
  })

  it('that has more of its words on a page finds that first', () => {
    const found = find(
      [
        pageOf('one', '# Wakeup\n\nwakeup wakeup wakeup wakeup wakeup wakeup'),
        pageOf('both', '# Morning\n\nA wakeup for the elephant.'),
      ],
      'wakeup elephant',
    )
    expect(found[0]).toBe('both')
  })

  it.each(['__proto__', 'constructor', 'hasOwnProperty isPrototypeOf', 'proto'])(
    'may be a name of the language this is written in: %s',
    question => {
      expect(find(pages, question)).toEqual([])
      const text = `# ${question}\n\n\`${question}\``
      expect(find([pageOf('__proto__', text), pageOf('constructor', text)], question)).toHaveLength(2)
    },
  )

  it('may be long and wrong in every word', () => {
    const index = buildIndex(
      Array.from({ length: 300 }, (_, page) =>
        pageOf(`p${page}`, Array.from({ length: 100 }, (_, word) => `w${page}x${word}word`).join(' ')),
      ),
    )
    const searcher = createSearcher(index)
    const question = Array.from({ length: 150 }, (_, place) => `u${place}zz`).join(' ')
    expect(durationOf(() => searcher.search(question))).toBeLessThan(10_000)
  })
})

describe('what is found', () => {
  it('names the section that answers best, and the terms that were looked for', () => {
    const text =
      '# Calls\n\nAll of them.\n\n## Transfers\n\nTo whom a transfer goes.\n\n## Records\n\nKept.\n'
    const index = buildIndex([pageOf('calls', text), ...OTHERS])
    const [hit] = createSearcher(index).search('transfers')
    expect(index.sections[hit?.section ?? -1]?.anchor).toBe('transfers')
    expect(hit?.terms).toContain('transfer')
  })

  it('is at most ten pages, or as many as are asked for', () => {
    const pages = Array.from({ length: 14 }, (_, place) => pageOf(`p${place}`, '# Elephant\n\nElephants.'))
    expect(find(pages, 'elephant')).toHaveLength(10)
    expect(find(pages, 'elephant', { limit: 3 })).toHaveLength(3)
    expect(find(pages, 'elephant', { limit: 50 })).toHaveLength(14)
  })

  it('keeps the order of the pages where they are alike, each time', () => {
    const ids = ['c', 'a', 'b', 'd']
    const index = buildIndex(ids.map(id => pageOf(id, '# Elephant\n\nElephants.', { title: 'x' })))
    const searcher = createSearcher(index)
    const search = () => searcher.search('elephant').map(({ page }) => index.pages[page]?.id)
    expect(search()).toEqual(ids)
    searcher.search('something else entirely')
    expect(search()).toEqual(ids)
  })

  it('is of the wanted categories alone', () => {
    const pages = [
      pageOf('guide', '# Elephant\n'),
      pageOf('example', '# Elephant\n', { category: 'examples' }),
      pageOf('api', '# Elephant\n', { category: 'api' }),
    ]
    expect(find(pages, 'elephant', { categories: ['api'] })).toEqual(['api'])
    expect(find(pages, 'elephant', { categories: ['api', 'examples'] }).sort()).toEqual(['api', 'example'])
    expect(find(pages, 'elephant', { categories: [] })).toEqual([])
  })

  it('has a section that fits, where only such are wanted', () => {
    const pages = [
      pageOf('with', '# Elephant\n\n```python\nelephant()\n```\n'),
      pageOf('elsewhere', '# Elephant\n\nText.\n\n# Code\n\n```python\nother()\n```\n'),
      pageOf('without', '# Elephant\n\nText.\n'),
    ]
    const section: SearchOptions['section'] = ({ languages }) => languages.includes('python')
    expect(find(pages, 'elephant', { section })[0]).toBe('with')
    expect(find(pages, 'elephant', { section })).not.toContain('without')
  })

  it('is the change log only where nothing else is, or where one asks when something came', () => {
    const pages = [
      pageOf('changelog/2025-01-01', '# Elephants\n\nElephants are there.', { category: 'changelog' }),
      pageOf('elephants', '# Beasts\n\nThere are elephants and others.\n'),
    ]
    expect(find(pages, 'elephants')[0]).toBe('elephants')
    expect(find(pages, 'when were elephants introduced')[0]).toBe('changelog/2025-01-01')
    expect(find(pages.slice(0, 1), 'elephants')).toEqual(['changelog/2025-01-01'])
  })

  it('is the official page before our own of the same words', () => {
    const pages = [
      pageOf('ours', '# Elephant\n', { source: 'knowledge', title: 'x' }),
      pageOf('official', '# Elephant\n', { title: 'x' }),
    ]
    expect(find(pages, 'elephant')).toEqual(['official', 'ours'])
  })

  it('is found by keywords, title, path and description as well', () => {
    for (const rest of [{ keywords: ['elephant'] }, { title: 'Elephant' }, { description: 'An elephant.' }])
      expect(find([pageOf('a', 'Text.', rest)], 'elephant')).toEqual(['a'])
    expect(find([pageOf('zoo/elephant', 'Text.', { title: 'x' })], 'elephant')).toEqual(['zoo/elephant'])
  })

  it('is nothing in an index of no pages', () => {
    expect(createSearcher(buildIndex([])).search('elephant')).toEqual([])
  })
})
