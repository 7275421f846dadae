import { describe, expect, it } from 'vitest'
import { wordsSoFar } from '../../src/engine/text/chunks.ts'
import { runSimulation } from '../support/simulation.ts'

describe('words for a voice whose sound comes with them', () => {
  it('are all whole words that are there, once the voice is free', () => {
    expect(wordsSoFar('Sure', false, true)).toBeNull()
    expect(wordsSoFar('Sure, I ca', false, true)).toEqual({ text: 'Sure, I ', rest: 'ca' })
    expect(wordsSoFar('Sure, I can.', true, true)).toEqual({ text: 'Sure, I can.', rest: '' })
    expect(wordsSoFar('Sure, I can', false, false)).toBeNull()
    expect(wordsSoFar('', true, true)).toBeNull()
  })

  it('are asked for one chunk after the other, without a gap or a word twice', async () => {
    const call = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-realtime-2025-08-28 } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { after: assistant, plus: 1, say: "Thanks.", lasts: 1 }]
model: [{ reply: "One two three. Four five six, seven." }, { reply: "Bye." }]`)
    expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'One two three. Four five six, seven.',
      'Bye.',
    ])
    const asked = call.all('voice.requested').map(({ text }) => text)
    expect(asked.join(' ')).toBe('One two three. Four five six, seven. Bye.')
  })
})
