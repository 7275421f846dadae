import { describe, expect, it } from 'vitest'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { compileVoices } from '../../src/assistant/voices.ts'
import { nextCut } from '../../src/engine/text/chunks.ts'
import { runSimulation } from '../support/simulation.ts'

const planOf = (chunkPlan: object = {}) => {
  const voice = { provider: 'openai', voiceId: 'alloy', chunkPlan }
  return compileVoices(parseAssistant({ voice }, 'a test').voice).plan.chunks
}
const plan = planOf()
const cut = (text: string, complete = false, chunkPlan = plan) =>
  nextCut(text, complete, chunkPlan)?.text.trim() ?? null

const BOUNDARIES = ['。', '，', '.', '!', '?', ';', ')', '،', '۔', '।', '॥', '|', '||', ',', ':']
const WORDS = 'This is a text of some length'

describe('a chunk', () => {
  it('[api-chunk-minimum-default] has at least 30 characters where nothing is set', () => {
    expect(plan.minimumCharacters).toBe(30)
    expect(cut(`${WORDS}. And`)).toBe(`${WORDS}.`)
    expect(cut('This is a text of a length. And')).toBeNull()
  })

  it('[api-chunk-minimum-range] has a minimum from 1 to 80', () => {
    for (const minCharacters of [1, 40, 80])
      expect(planOf({ minCharacters }).minimumCharacters).toBe(minCharacters)
    for (const minCharacters of [0, 81, 2.5, '30'])
      expect(() => planOf({ minCharacters })).toThrow('voice.chunkPlan.minCharacters')
    expect(cut('Hi. And', false, planOf({ minCharacters: 1 }))).toBe('Hi.')
  })

  it('[api-chunk-boundaries] ends at the first of its boundaries after the minimum', () => {
    expect(cut(`${WORDS}, and; more. Of it`)).toBe(`${WORDS},`)
    expect(cut(`${WORDS}, and; more. Of it`, false, planOf({ punctuationBoundaries: [';'] }))).toBe(
      `${WORDS}, and;`,
    )
    expect(cut(`${WORDS} 2.5 and 3:30 at a.b. Then`)).toBe(`${WORDS} 2.5 and 3:30 at a.b.`)
  })

  it.each(BOUNDARIES)('[api-chunk-boundaries-default] may end with %s', boundary => {
    expect(plan.boundaries).toEqual(BOUNDARIES)
    expect(cut(`${WORDS}${boundary} and`)).toBe(`${WORDS}${boundary}`)
  })

  it('[api-chunk-from-first-token] goes to the voice while the model is still writing', async () => {
    // A reply that the model has not finished: its first sentence is with the voice before it is complete.
    expect(cut(`${WORDS}. And there is`, false)).toBe(`${WORDS}.`)
    const call = await runSimulation(`
assistant: { voice: { provider: openai, voiceId: alloy } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "${WORDS}. And this is the second one of them." }]`)
    const voiced = call.all('voice.requested')
    expect(voiced.map(({ text }) => text)).toEqual([`${WORDS}.`, 'And this is the second one of them.'])
    expect(call.first('assistant.speech.started').atMs).toBeLessThan(voiced[1].atMs + 300)
  })

  it('[api-chunking-off-whole-reply] is the whole reply with chunking off', async () => {
    const off = planOf({ enabled: false })
    const text = `${WORDS}. ${WORDS}. ${WORDS}.`
    expect(cut(text, false, off)).toBeNull()
    expect(cut(text, true, off)).toBe(text)
  })
})
