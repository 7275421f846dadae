import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../src/call/scenario.ts'
import { isSettled } from '../../src/engine/state.ts'
import { simulateScenario } from '../support/simulation.ts'

const message = fc.constantFrom(
  { type: 'request-start', content: '' },
  { type: 'request-start', content: 'Let me look that up.' },
  { type: 'request-start', content: 'Let me look.', blocking: true },
  { type: 'request-response-delayed', content: 'Soon.', timingMilliseconds: 700 },
  { type: 'request-complete', content: 'There you are.' },
  { type: 'request-complete', role: 'system', content: 'Be brief.' },
  { type: 'request-failed', content: 'That failed.' },
)
const rejected = { conditions: [{ type: 'regex', regex: 'table', target: { role: 'user' } }] }
const tool = (name: string) =>
  fc.record({
    type: fc.constant('function'),
    function: fc.constant({ name }),
    async: fc.boolean(),
    messages: fc.array(message, { maxLength: 3 }),
    rejectionPlan: fc.constantFrom(undefined, rejected),
  })
const transfer = fc.constantFrom('', 'One moment please.', undefined)
const reply = fc.constantFrom(
  { reply: 'Fine, thank you.' },
  { reply: '', toolCalls: [{ name: 'look' }] },
  { reply: 'Let me see.', toolCalls: [{ name: 'look' }, { name: 'book' }] },
  { reply: '', toolCalls: [{ name: 'look' }, { name: 'transferCall', arguments: { destination: 'sales' } }] },
  { reply: '', toolCalls: [{ name: 'transferCall', arguments: { destination: 'desk' } }] },
  { reply: 'I will.', toolCalls: [{ name: 'transferCall', arguments: { destination: '+15551234567' } }] },
  { reply: '', toolCalls: [{ name: 'nothing' }] },
)
const answer = fc.constantFrom(
  { result: 'ok' },
  { error: 'broken' },
  { result: 'late', afterMs: 2500 },
  { result: 'never', afterMs: 1_000_000 },
  { client: true },
  { result: { name: 'Ann' } },
)
const opening = fc.constantFrom(
  'assistant-speaks-first',
  'assistant-waits-for-user',
  'assistant-speaks-first-with-model-generated-message',
)

const scenarios = fc
  .record({
    tools: fc.tuple(tool('look'), tool('book')),
    openings: fc.tuple(opening, opening),
    messages: fc.tuple(transfer, transfer),
    replies: fc.array(reply, { minLength: 1, maxLength: 8 }),
    answers: fc.record({ look: answer, book: answer }),
    busy: fc.boolean(),
    caller: fc.array(
      fc.tuple(
        fc.constantFrom('at', 'after', 'during'),
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.constantFrom('yes', 'stop', 'a table please', 'what about it?'),
        fc.double({ min: 0, max: 2, noNaN: true }),
      ),
      { maxLength: 5 },
    ),
  })
  .map(given => {
    const model = { provider: 'openai', model: 'gpt-4o', tools: given.tools }
    const number = { type: 'number', number: '+15551234567' }
    const member = (name: string, other: string, place: 0 | 1) => ({
      assistant: {
        name,
        model,
        firstMessageMode: given.openings[place],
        firstMessage: `The ${name} speaks.`,
        silenceTimeoutSeconds: 60,
        startSpeakingPlan: { waitSeconds: 0.1 },
      },
      assistantDestinations: [
        {
          type: 'assistant',
          assistantName: other,
          ...(given.messages[place] !== undefined && { message: given.messages[place] }),
        },
        number,
      ],
    })
    return {
      squad: [member('desk', 'sales', 0), member('sales', 'desk', 1)],
      latencies: { modelMs: 300, voiceMs: 200, toolMs: 150 },
      model: [...given.replies, ...Array.from({ length: 30 }, () => ({ reply: 'Is there anything else?' }))],
      tools: { ...given.answers, ...(given.busy && { transferCall: { error: 'busy' } }) },
      caller: given.caller.map(([kind, time, say, lasts]) => ({
        ...(kind === 'at' ? { at: time * 5 } : { [kind]: 'assistant', plus: time }),
        say,
        lasts,
      })),
    }
  })

describe('any call with tools and hand-overs', () => {
  it('ends, leaves nothing running, and reports every tool once', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async given => {
        const call = await simulateScenario(parseScenario(JSON.parse(JSON.stringify(given)), 'random'))
        expect(call.all('call.ended')).toHaveLength(1)

        // Every call is reported at most once, and never before it was called.
        const called = call.all('tool.called').map(({ toolCallId }) => toolCallId)
        const completed = call.all('tool.completed').map(({ toolCallId }) => toolCallId)
        expect(new Set(called).size).toBe(called.length)
        expect(new Set(completed).size).toBe(completed.length)
        expect(completed.filter(id => !called.includes(id))).toEqual([])

        // Each change goes on from the one before.
        let speaks: string | null = 'desk'
        for (const { from, to } of call.all('assistant.changed')) {
          expect(from).toBe(speaks)
          expect(to).not.toBe(from)
          speaks = to
        }

        // Timers that were set for tools are over or cleared.
        const timers = new Set<string>()
        for (const command of call.commands()) {
          if (command.type === 'timer.set' && command.timerId.startsWith('tools.'))
            timers.add(command.timerId)
          if (command.type === 'timer.clear') timers.delete(command.timerId)
        }
        for (const input of call.inputs) if (input.type === 'timer') timers.delete(input.timerId)
        expect([...timers]).toEqual([])

        // A silence that ends the call is the customer's: no tool is waited for, nobody owes an answer.
        if (call.endedReason === 'silence-timed-out')
          expect(isSettled(call.at(call.inputs.length - 1).state)).toBe(true)
      }),
      { numRuns: 200 },
    )
  }, 120_000)
})
