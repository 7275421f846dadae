import { describe, expect, it } from 'vitest'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { planOf } from '../support/hooks.ts'
import { runSimulation } from '../support/simulation.ts'

const never = '{ at: 9000, say: "Are you there?", lasts: 1 }'
const tools = (tool: string) => `model: { provider: openai, model: gpt-4o, tools: [${tool}] }`

describe('silence', () => {
  it('[api-silence-default, api-silence-ends] of 30 s ends the call', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: "Hello.", lasts: 1 }, ${never}]
model: [{ reply: "Ten letters" }]`)
    const { atMs } = call.first('assistant.speech.stopped')
    expect(call.first('call.ended')).toMatchObject({
      endedReason: 'silence-timed-out',
      atMs: atMs + 30_000,
    })
  })

  it('[api-silence-ends] counts from the last word of either side', async () => {
    const call = await runSimulation(`
assistant: { silenceTimeoutSeconds: 6, model: { provider: openai, model: gpt-4o } }
caller:
  - { at: 5, say: "Hello.", lasts: 3 }
  - { at: 14, say: "Hm", lasts: 1 }
  - ${never}
model: [{ reply: "Ten letters" }, { reply: "" }]`)
    // The assistant spoke from 8.9 s to 10 s, the customer until 15 s.
    expect(call.first('call.ended')).toMatchObject({ endedReason: 'silence-timed-out', atMs: 21_000 })
  })

  it('[api-silence-ends] does not count while somebody speaks', async () => {
    const call = await runSimulation(`
assistant: { silenceTimeoutSeconds: 5 }
caller: [{ at: 0, say: "I have a lot to tell you", lasts: 12 }]
model: [{ reply: "This takes me quite a while to say, for there are many words." }]`)
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it.each([5, 10, 3600])('[api-silence-range] may be %d s', async seconds => {
    expect((await planOf({ silenceTimeoutSeconds: seconds })).silenceTimeoutMs).toBe(seconds * 1000)
  })

  it.each([4.9, 0, 3601])('[api-silence-range] of %d s is refused', seconds => {
    expect(() => parseAssistant({ silenceTimeoutSeconds: seconds }, 'test')).toThrow('silenceTimeoutSeconds')
  })

  it('[api-silence-range] under 10 s is warned about', async () => {
    const warnings = async (seconds: number) =>
      (await planOf({ silenceTimeoutSeconds: seconds })).warnings.filter(text => text.includes('silence'))
    expect(await warnings(9.9)).toEqual(['silenceTimeoutSeconds under 10 is refused by the hosted API'])
    expect(await warnings(10)).toEqual([])
  })
})

describe('the duration', () => {
  const talks = (seconds: number) => `
caller: [{ at: 2, say: "I talk and talk", lasts: ${seconds} }]`

  it('[api-duration-default, api-duration-ends] of 600 s since the first sound ends the call', async () => {
    const call = await runSimulation(talks(700))
    expect(call.first('call.ended')).toMatchObject({ endedReason: 'exceeded-max-duration', atMs: 602_000 })
  })

  it('[api-duration-ends] is what was set, and counts from the assistant’s sound too', async () => {
    const call = await runSimulation(`
assistant: { maxDurationSeconds: 10, firstMessageMode: assistant-speaks-first, firstMessage: "Hello there." }${talks(50)}`)
    expect(call.first('call.ended')).toMatchObject({ endedReason: 'exceeded-max-duration', atMs: 10_300 })
  })

  it.each([10, 43_200])('[api-duration-range] may be %d s', async seconds => {
    expect((await planOf({ maxDurationSeconds: seconds })).maximumDurationMs).toBe(seconds * 1000)
  })

  it.each([9.9, 43_201])('[api-duration-range] of %d s is refused', seconds => {
    expect(() => parseAssistant({ maxDurationSeconds: seconds }, 'test')).toThrow('maxDurationSeconds')
  })
})

describe('a phrase that ends the call', () => {
  const phrases = (more = '') =>
    `assistant: { endCallPhrases: ["have a nice day", "Good-bye"]${more}, endCallMessage: "Never said." }`

  it('[api-end-phrases] does so after the speech that it stands in', async () => {
    const call = await runSimulation(`
${phrases()}
caller: [{ at: 0, say: "That is all.", lasts: 1 }, ${never}]
model: [{ reply: "Then have a nice day, and call again." }]`)
    expect(call.all('assistant.speech.stopped')).toMatchObject([
      { spokenText: 'Then have a nice day, and call again.', reason: 'completed', atMs: 5600 },
    ])
    expect(call.first('call.ended')).toMatchObject({
      endedReason: 'assistant-said-end-call-phrase',
      atMs: 5600,
    })
  })

  it.each([
    ['in capitals', 'HAVE A NICE DAY'],
    ['in another case than configured', 'good-BYE!'],
    ['within a word', 'A good-byes song.'],
    ['over a line break', 'Have a\nnice day'],
  ])('[api-end-phrases] may stand %s', async (_where, reply) => {
    const call = await runSimulation(`
${phrases()}
caller: [{ at: 0, say: "That is all.", lasts: 1 }, ${never}]
model: [{ reply: ${JSON.stringify(reply)} }]`)
    expect(call.endedReason).toBe('assistant-said-end-call-phrase')
  })

  it('[api-end-phrases] may be in the first message, in what a tool and in what the control port says', async () => {
    const said = [
      'assistant: { endCallPhrases: [goodbye], firstMessageMode: assistant-speaks-first, firstMessage: "Goodbye now." }',
      `
assistant: { endCallPhrases: [goodbye], ${tools('{ type: function, function: { name: book }, messages: [{ type: request-complete, content: "Booked. Goodbye." }] }')} }
caller: [{ at: 0, say: "Book it.", lasts: 1 }, ${never}]
model: [{ reply: "One moment.", toolCalls: [{ name: book }] }]`,
      `
assistant: { endCallPhrases: [goodbye] }
caller: [${never}]
control: [{ at: 1, send: { type: say, content: "Goodbye." } }]`,
    ]
    for (const yaml of said)
      expect((await runSimulation(yaml)).endedReason, yaml).toBe('assistant-said-end-call-phrase')
  })

  it('[api-end-phrases] lets what waits to be said be said', async () => {
    const call = await runSimulation(`
${phrases()}
caller: [{ at: 0, say: "That is all.", lasts: 1 }, ${never}]
model: [{ reply: "Then have a nice day." }]
control: [{ at: 3, send: { type: say, content: "Please hang up now." } }]`)
    expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'Then have a nice day.',
      'Please hang up now.',
    ])
    expect(call.endedReason).toBe('assistant-said-end-call-phrase')
  })

  it('[api-end-phrases] is the assistant’s own: the customer may say it', async () => {
    const call = await runSimulation(`
${phrases()}
caller: [{ at: 0, say: "Have a nice day. Good-bye.", lasts: 1 }]
model: [{ reply: "You too." }]`)
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it('[api-end-phrases] must have been heard: an interruption before it keeps the call', async () => {
    const interrupted = (plus: number) =>
      runSimulation(`
${phrases()}
caller:
  - { at: 0, say: "That is all.", lasts: 1 }
  - { during: assistant, plus: ${plus}, say: "Oh, wait a moment", lasts: 1 }
model: [{ reply: "Then have a nice day, and do not forget to call us again." }, { reply: "Yes?" }]`)
    expect((await interrupted(0.8)).endedReason).toBe('customer-ended-call')
    expect((await interrupted(3)).endedReason).toBe('assistant-said-end-call-phrase')
  })

  it.each([2, 140])('[api-end-phrases-length] may have %d characters', async length => {
    expect((await planOf({ endCallPhrases: ['x'.repeat(length)] })).endCallPhrases[0]).toHaveLength(length)
  })

  it.each([1, 141])('[api-end-phrases-length] of %d characters is refused', length => {
    expect(() => parseAssistant({ endCallPhrases: ['x'.repeat(length)] }, 'test')).toThrow(
      'endCallPhrases[0]',
    )
  })
})

describe('the last words', () => {
  it('[api-end-message] are spoken before the end that the assistant wants', async () => {
    const call = await runSimulation(`
assistant: { endCallMessage: "Goodbye, {{customer.name}}!", ${tools('{ type: endCall }')} }
customer: { name: Ann }
caller: [{ at: 0, say: "Bye.", lasts: 1 }]
model: [{ reply: "Thanks.", toolCalls: [{ name: endCall }] }]`)
    expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'Thanks.',
      'Goodbye, Ann!',
    ])
    expect(call.first('call.ended').atMs).toBe(call.all('assistant.speech.stopped').at(-1)?.atMs)
  })

  it('[api-end-message] are not spoken at other ends', async () => {
    for (const ending of [
      'control: [{ at: 3, send: { type: end-call } }]',
      'failures: [{ model: openai/gpt-4o }]',
    ]) {
      const call = await runSimulation(`
assistant: { endCallMessage: "Goodbye!" }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]
${ending}`)
      expect(call.all('assistant.speech.started').map(({ text }) => text)).not.toContain('Goodbye!')
    }
  })

  it('may be none: the call ends at once, and once', async () => {
    const call = await runSimulation(`
assistant: { ${tools('{ type: endCall }')} }
caller: [{ at: 0, say: "Bye.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: endCall }] }]`)
    expect(call.all('call.ended')).toMatchObject([{ endedReason: 'assistant-ended-call', atMs: 1600 }])
  })
})

describe('a customer who does not join', () => {
  const reason = 'call.in-progress.error-assistant-did-not-receive-customer-audio'

  it.each([
    ['15 s', '', 15_000],
    ['what is set', 'assistant: { customerJoinTimeoutSeconds: 2 }', 2000],
  ])('[api-customer-join] ends the call after %s', async (_what, assistant, atMs) => {
    const call = await runSimulation(`
${assistant}
joinsAfter: 100
caller: [{ at: 0, say: "Hello.", lasts: 1 }]`)
    expect(call.all('customer.joined')).toEqual([])
    expect(call.first('call.ended')).toMatchObject({ endedReason: reason, atMs })
  })

  it('[api-customer-join] in time is waited for', async () => {
    const call = await runSimulation(`
joinsAfter: 14.9
caller: [{ at: 16, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]`)
    expect(call.first('customer.joined').atMs).toBe(14_900)
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it.each([1, 60])('[api-customer-join] may take %d s', async seconds => {
    expect((await planOf({ customerJoinTimeoutSeconds: seconds })).joinTimeoutMs).toBe(seconds * 1000)
  })

  it.each([0.9, 61])('[api-customer-join] cannot be given %d s', seconds => {
    expect(() => parseAssistant({ customerJoinTimeoutSeconds: seconds }, 'test')).toThrow(
      'customerJoinTimeoutSeconds',
    )
  })
})
