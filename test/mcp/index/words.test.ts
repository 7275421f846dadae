import { describe, expect, it } from 'vitest'
import { partsOf, readQuestion, stem, tokensOf } from '../../../src/mcp/index/words.ts'
import { durationOf } from '../page.ts'

const termsOf = (text: string) => tokensOf(text).map(({ term }) => term)
const wordsOf = (text: string) => tokensOf(text).map(({ word }) => word)

describe('the words of a text', () => {
  it.each([
    ['startSpeakingPlan', ['start', 'speaking', 'plan']],
    ['tool-calls', ['tool', 'calls']],
    ['max_tokens', ['max', 'tokens']],
    ['HTTPServer', ['http', 'server']],
    ['getURL', ['get', 'url']],
    ['gpt4Mini', ['gpt4', 'mini']],
    ['SCREAMING_CASE', ['screaming', 'case']],
    ['don’t', ['dont']],
    ["caller's", ['callers']],
    ['11labs', ['11labs']],
  ])('takes %s apart', (name, parts) => {
    expect(partsOf(name)).toEqual(parts)
  })

  it('are names whole and by their parts, these at less weight', () => {
    const tokens = tokensOf('startSpeakingPlan')
    expect(tokens.map(({ word }) => word)).toEqual(['startspeakingplan', 'start', 'speaking', 'plan'])
    expect(tokens[0]?.weight).toBe(1)
    for (const { weight } of tokens.slice(1)) expect(weight).toBeLessThan(1)
  })

  it('are the parts of paths', () => {
    expect(wordsOf('POST /phone-number/{id} a.b')).toEqual([
      'post',
      'phonenumber',
      'phone',
      'number',
      'id',
      'a',
      'b',
    ])
  })

  it('are the same however they are inflected', () => {
    expect(new Set(termsOf('interrupt interrupts interrupted interrupting'))).toEqual(new Set(['interrupt']))
  })

  it('have numbers as they are', () => {
    expect(termsOf('gpt-4o 3.5 v2 43200')).toEqual(['gpt4o', 'gpt', '4o', '3', '5', 'v2', '43200'])
    expect(stem('v2s')).toBe('v2s')
  })

  it('may be of any script, with the marks on their letters', () => {
    expect(wordsOf('Über naïve café Привет 日本語 שלום')).toEqual([
      'über',
      'naïve',
      'café',
      'привет',
      '日本語',
      'שלום',
    ])
    expect(wordsOf('हिन्दी में')).toEqual(['हिन्दी', 'में'])
    expect(wordsOf('cafe\u0301 ＡＢＣ ﬁne')).toEqual(['café', 'abc', 'fine'])
  })

  it('may be names of the language this is written in', () => {
    expect(wordsOf('__proto__ constructor toString')).toEqual([
      'proto',
      'constructor',
      'tostring',
      'to',
      'string',
    ])
  })

  it.each(['', ' \n', '!?', '…', '\0', '—'])('are none in %j', text => {
    expect(tokensOf(text)).toEqual([])
  })
})

describe('a question', () => {
  const askedOf = (question: string) => readQuestion(question).asked.map(({ word }) => word)

  it('keeps what says something', () => {
    expect(askedOf('How do I transfer the call to a human?')).toEqual(['transfer', 'call', 'human'])
  })

  it('is asked as it stands where nothing in it says something', () => {
    expect(askedOf('what can you do')).toEqual(['what', 'can', 'you', 'do'])
  })

  it('may write such words with either apostrophe', () => {
    expect(askedOf("it's that's I'm won't don't isn't latency")).toEqual(['latency'])
    expect(askedOf('it’s that’s I’m won’t don’t isn’t latency')).toEqual(['latency'])
  })

  it('knows all its words in their order, for phrases', () => {
    expect(readQuestion('End-of-turn: when?').all).toEqual(['end of turn', 'when'])
  })

  it('may be empty', () => {
    expect(readQuestion('')).toEqual({ asked: [], all: [] })
  })
})

describe('hostile texts take time by their size alone', () => {
  it.each(['a', 'A', 'aB', "a'", 'a-', '-', '_', 'ing', 'y', '\u0301', 'ﷺ', '1', 'ies', 'ational'])(
    '%j',
    unit => {
      const text = unit.repeat(40_000)
      expect(durationOf(() => tokensOf(text))).toBeLessThan(10_000)
    },
  )
})
