import { describe, expect, it } from 'vitest'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { compileVoices } from '../../src/assistant/voices.ts'
import { nextCut } from '../../src/engine/text/chunks.ts'
import { createFormatter } from '../../src/format/formatter.ts'
import { planWith } from '../format/support.ts'
import { runSimulation } from '../support/simulation.ts'

const plan = compileVoices(parseAssistant({}, 'a test').voice).plan.chunks

/** What goes to the voice of a text that comes in pieces: each cut, and after which piece it was made. */
function cuts(...pieces: string[]): { text: string; after: number }[] {
  const made: { text: string; after: number }[] = []
  let buffer = ''
  for (const [index, piece] of [...pieces, ''].entries()) {
    buffer += piece
    const complete = index === pieces.length
    for (let cut = nextCut(buffer, complete, plan); cut !== null; cut = nextCut(buffer, complete, plan)) {
      if (cut.text.trim() !== '') made.push({ text: cut.text.trim(), after: index })
      buffer = cut.rest
    }
  }
  return made
}
const texts = (...pieces: string[]) => cuts(...pieces).map(({ text }) => text)

const call = (reply: string, chunkPlan = '{}', more = '') =>
  runSimulation(`
assistant: { voice: { provider: 11labs, voiceId: sarah, chunkPlan: ${chunkPlan} }${more} }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: ${JSON.stringify(reply)} }]`)
const voiced = async (...given: Parameters<typeof call>) =>
  (await call(...given)).all('voice.requested').map(({ text }) => text)

describe('a flush tag', () => {
  it.each(['Hm', 'Hello there, you', 'No end'])('[flush-sends-at-once] sends %j at once', text => {
    expect(cuts(`${text} <flush />`, ' more of it')[0]).toEqual({ text, after: 0 })
  })

  it('[flush-found-in-model-text] is found where it is divided between pieces of the model', () => {
    const tag = '<flush />'
    for (let at = 1; at < tag.length; at++) {
      const [first, ...rest] = cuts(`Hm ${tag.slice(0, at)}`, `${tag.slice(at)} more`)
      expect(first).toEqual({ text: 'Hm', after: 1 })
      expect(rest.map(({ text }) => text)).toEqual(['more'])
    }
  })

  it('[flush-splits-the-text] divides the text and is spoken by no voice', async () => {
    const reply = 'One moment<flush />please wait'
    expect(await voiced(reply)).toEqual(['One moment', 'please wait'])
    expect((await call(reply)).first('assistant.speech.stopped').spokenText).toBe('One moment please wait')
  })

  it('[flush-rest-is-buffered] leaves what follows to the usual minimum and boundary', () => {
    const made = cuts('Hm. <flush /> Yes. ', 'I can do that for you tomorrow. ', 'Fine')
    expect(made).toEqual([
      { text: 'Hm.', after: 0 },
      { text: 'Yes. I can do that for you tomorrow.', after: 1 },
      { text: 'Fine', after: 3 },
    ])
  })

  it('[flush-worked-example, flush-one-request-each] makes one more request for each text before it', async () => {
    expect(await voiced("I'm processing your request... <flush /> Here's the result")).toEqual([
      "I'm processing your request...",
      "Here's the result",
    ])
    expect(await voiced('One <flush/> two <flush/><flush/> three <flush/>')).toEqual(['One', 'two', 'three'])
  })

  it('[flush-during-tools] lets the text before a tool be heard while the tool runs', async () => {
    const run = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look } }] } }
latencies: { toolMs: 4000 }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "Looking <flush /> ", toolCalls: [{ name: look }] }, { reply: "Found it." }]`)
    const spoken = run.first('assistant.speech.started')
    expect(spoken.text).toBe('Looking')
    expect(spoken.atMs).toBeLessThan(run.first('tool.completed').atMs)
  })

  it('[flush-custom-llm] works in the text of a custom LLM before the rest has come', async () => {
    const more = ', model: { provider: custom-llm, url: "http://127.0.0.1:1", model: mine }'
    expect(await voiced("Here's your answer: 42. <flush /> Would you like", '{}', more)).toHaveLength(2)
    expect(cuts('On it <flush />', 'and the rest')[0].after).toBe(0)
  })

  it.each([
    ['flush-self-closing', '<flush />'],
    ['flush-opening', '<flush>'],
    ['flush-closing', '</flush>'],
    ['flush-any-case', '<FLUSH/>'],
    ['flush-any-case', '<Flush>'],
    ['flush-white-space', '< flush />'],
    ['flush-white-space', '<flush\t/>'],
    ['flush-white-space', '< / flush >'],
  ])('[%s] %s', (_rule, tag) => {
    expect(cuts(`Hm ${tag} more`)).toEqual([
      { text: 'Hm', after: 0 },
      { text: 'more', after: 1 },
    ])
  })

  it.each(['<flush now />', '<flush="1">', '<flush/ x>', '<flushed>'])(
    '[flush-no-attributes] %s is none',
    tag => {
      expect(texts(`Hm ${tag} more`)).toEqual([`Hm ${tag} more`])
    },
  )

  it('[flush-no-typos] a misspelled one is none; the formatter takes it out', () => {
    expect(texts('Hm <flsh /> more')).toEqual(['Hm <flsh /> more'])
    expect(createFormatter(planWith())('Hm <flsh /> more').text).toBe('Hm  more')
  })
})

describe('chunking', () => {
  const off = '{ enabled: false }'
  const reply = 'Hm. <flush /> Let me check that for you.'

  it('[flush-needs-chunking] is what a flush tag needs', async () => {
    expect(await voiced(reply, '{ enabled: true }')).toHaveLength(2)
    expect(await voiced(reply, off)).toHaveLength(1)
  })

  it('[flush-off-without-chunking, flush-spoken-without-chunking] off sends nothing early, and the tag is in the text of the voice', async () => {
    expect(await voiced(reply, off)).toEqual([reply])
    expect(nextCut(reply, false, { ...plan, enabled: false })).toBeNull()
  })

  it('[flush-chunking-unset] unset is on', async () => {
    expect(await voiced(reply, '{}')).toHaveLength(2)
    expect(await voiced(reply, '{ minCharacters: 80 }')).toHaveLength(2)
  })
})

describe('the examples of the page', () => {
  it.each([
    [
      'flush-example-acknowledgement',
      "I'm processing your request... <flush /> Let me check that for you.",
      2,
    ],
    ['flush-example-tool-feedback', 'Looking up that information... <flush /> This may take a moment.', 2],
    ['flush-example-conversation', "That's a great question. <flush /> Based on the data I have...", 2],
    ['flush-example-custom-llm', "Here's your answer: 42. <flush /> Would you like an explanation?", 2],
    ['flush-example-inserted', 'I understand your request <flush /> This is what I found.', 2],
    ['flush-example-nested', 'Starting process... <flush> Step 1 complete </flush> Moving to step 2...', 3],
  ])('[%s] %s is voiced in %i pieces', async (_rule, text, count) => {
    const parts = await voiced(text)
    expect(parts).toHaveLength(count)
    expect(parts.join(' ')).not.toMatch(/flush|[<>]/)
    const [before] = text.split(/ <\/?flush/)
    expect(cuts(text.slice(0, text.indexOf('>') + 1), text.slice(text.indexOf('>') + 1))[0]).toEqual({
      text: before,
      after: 0,
    })
  })
})

describe('a cut', () => {
  it.each([
    'Your code is, letter for letter, <spell>A, B. C</spell> and so on',
    'Please say after me, slowly now <phoneme alphabet="ipa" ph="tə. meɪ">tomato, soup</phoneme> again',
    'Wait a moment, I am going to look it up <break time="1. s" strength="x" /> there',
  ])('is not made inside of markup: %s', text => {
    for (const part of texts(...(text.match(/.{1,7}/g) ?? []))) {
      expect((part.match(/</g) ?? []).length).toBe((part.match(/>/g) ?? []).length)
      for (const name of ['spell', 'phoneme'])
        expect(part.includes(`<${name}`)).toBe(part.includes(`</${name}>`))
    }
  })

  it('is made between words outside of tags where there is no boundary', () => {
    const text = `${'word '.repeat(98)}<break time="1s" /> ${'word '.repeat(20)}`
    for (const part of texts(text)) expect(part).not.toMatch(/<[^>]*$|^[^<]*>/)
  })
})
