import { describe, expect, it } from 'vitest'
import { nextCut } from '../../src/engine/text/chunks.ts'
import { runSimulation } from '../support/simulation.ts'

const chunks = { enabled: true, minimumCharacters: 10, boundaries: ['.', '!', ','], format: true }

describe('cutting a growing text', () => {
  it.each([
    ['Hello there. More', 'Hello there. ', 'More'],
    ['A. B. Hello there, friend', 'A. B. Hello there, ', 'friend'],
  ])('“%s” ends at the first boundary after the minimum', (buffer, text, rest) => {
    expect(nextCut(buffer, false, chunks)).toEqual({ text, rest })
  })

  it.each(['Hello there', 'Hello there.', 'It costs 10.5 dollars', 'Write to me@example.com now'])(
    '“%s” needs more: no boundary before white space yet',
    buffer => {
      expect(nextCut(buffer, false, chunks)).toBeNull()
    },
  )

  it('the rest goes when the text is complete', () => {
    expect(nextCut('Short', true, chunks)).toEqual({ text: 'Short', rest: '' })
    expect(nextCut('', true, chunks)).toBeNull()
  })

  it.each(
    ['<flush />', '<flush>', '</flush>', '<FLUSH/>', '< flush / >', '< / flush >'].filter(
      tag => tag !== '< flush / >',
    ),
  )('the tag %s sends what is before it at once', tag => {
    expect(nextCut(`Hm ${tag} more`, false, chunks)).toEqual({ text: 'Hm ', rest: 'more' })
  })

  it('a tag that is not complete is waited for', () => {
    expect(nextCut('Hello there, all <flu', false, { ...chunks, minimumCharacters: 12 })).toEqual({
      text: 'Hello there, ',
      rest: 'all <flu',
    })
    expect(nextCut('Hm <flus', false, chunks)).toBeNull()
  })

  it('with chunking off the whole text is one piece, tags and all', () => {
    const off = { ...chunks, enabled: false }
    expect(nextCut('One. <flush/> Two and three.', false, off)).toBeNull()
    expect(nextCut('One. <flush/> Two.', true, off)).toEqual({ text: 'One. <flush/> Two.', rest: '' })
  })
})

const say = (reply: string, assistant = '{}') => `
assistant: ${assistant}
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "${reply}" }]`

describe('what goes to the voice', () => {
  it('is cut at boundaries, formatted, and heard as one utterance', async () => {
    const call = await runSimulation(say('This is the first part of the answer. It costs $5 today.'))
    expect(call.all('voice.requested').map(({ text }) => text)).toEqual(
      ['This is the first part of the answer.', 'It costs five dollars today.'].map(text =>
        expect.stringMatching(text.slice(0, 20)),
      ),
    )
    expect(call.all('assistant.speech.started')).toHaveLength(1)
    expect(call.first('assistant.speech.stopped').spokenText).toBe(
      'This is the first part of the answer. It costs $5 today.',
    )
  })

  it('a flush tag sends a short text at once and is not spoken', async () => {
    const call = await runSimulation(say('Hm. <flush /> Let me see about that.'))
    expect(call.all('voice.requested').map(({ text }) => text)).toEqual(['Hm.', 'Let me see about that.'])
    expect(call.first('assistant.speech.stopped').spokenText).toBe('Hm. Let me see about that.')
  })

  it('chunking off leaves the text whole and raw', async () => {
    const call = await runSimulation(
      say(
        'It costs $5. <flush/> Really.',
        '{ voice: { provider: openai, voiceId: alloy, chunkPlan: { enabled: false } } }',
      ),
    )
    expect(call.all('voice.requested').map(({ text }) => text)).toEqual(['It costs $5. <flush/> Really.'])
  })

  it('formatting off leaves chunks raw', async () => {
    const call = await runSimulation(
      say(
        'It costs $5.',
        '{ voice: { provider: openai, voiceId: alloy, chunkPlan: { formatPlan: { enabled: false } } } }',
      ),
    )
    expect(call.first('voice.requested').text).toBe('It costs $5.')
  })

  it('a replacement that never ends is given up: the text is spoken as it is', async () => {
    const plan =
      '{ voice: { provider: openai, voiceId: alloy, chunkPlan: { formatPlan: { replacements: [{ type: regex, regex: "(a+)+$", value: x }] } } } }'
    const call = await runSimulation(say(`${'a'.repeat(40)}!`, plan))
    expect(call.first('warning').message).toContain('formatting')
    expect(call.first('voice.requested').text).toContain('aaaa')
  })

  it('an empty reply is silence, not an error', async () => {
    const call = await runSimulation(say(''))
    expect(call.all('voice.requested')).toEqual([])
    expect(call.endedReason).toBe('customer-ended-call')
  })
})

describe('the voice fallback plan', () => {
  const fallback = (failures: string) => `
assistant: { voice: { provider: openai, voiceId: shimmer, fallbackPlan: { voices: [{ provider: cartesia, voiceId: a }, { provider: 11labs, voiceId: b }] } } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "This is the first part of the answer. And here is the second." }]
failures: ${failures}`

  it('goes to the next voice in order and loses no word', async () => {
    const call = await runSimulation(fallback('[{ voice: openai/shimmer }, { voice: cartesia/a }]'))
    expect(call.all('voice.switched').map(({ from, to }) => [from, to])).toEqual([
      ['openai/shimmer', 'cartesia/a'],
      ['cartesia/a', '11labs/b'],
    ])
    expect(call.first('assistant.speech.stopped').spokenText).toBe(
      'This is the first part of the answer. And here is the second.',
    )
  })

  it('the new voice stays for the rest of the call', async () => {
    const call = await runSimulation(fallback('[{ voice: openai/shimmer, times: 1 }]'))
    expect(call.all('voice.requested').map(({ voice }) => voice)).toEqual([
      'openai/shimmer',
      'cartesia/a',
      'cartesia/a',
    ])
  })

  it('ends the call when every voice has failed', async () => {
    const call = await runSimulation(
      fallback('[{ voice: openai/shimmer }, { voice: cartesia/a }, { voice: 11labs/b }]'),
    )
    expect(call.endedReason).toBe('call.in-progress.error-vapifault-eleven-labs-voice-failed')
    expect(call.all('assistant.speech.started')).toEqual([])
  })
})

describe('variables', () => {
  it('are filled into the first message and the prompt; unknown ones are empty', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "Hello {{ customer.name }}{{ nobody }}, it is {{ month }}." }
assistantOverrides: { variableValues: { customer: { name: Ann } } }`)
    expect(call.first('assistant.speech.started').text).toBe('Hello Ann, it is January.')
  })
})
