import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../src/call/scenario.ts'
import { base, simulateScenario } from '../support/simulation.ts'

const to = { type: 'number', number: '+15551234567' }
const billing = { type: 'assistant', assistantName: 'Billing' }
const verbs = ['mute-assistant', 'unmute-assistant', 'mute-customer', 'unmute-customer', 'say-first-message']
const messages = fc.oneof(
  fc.record({
    type: fc.constant('say'),
    content: fc.constantFrom('Please hold the line for a moment.', 'Soon.', ''),
    interruptAssistantEnabled: fc.boolean(),
    interruptionsEnabled: fc.boolean(),
  }),
  fc.constantFrom(...[...verbs, ...verbs.slice(2, 4)].map(control => ({ type: 'control', control }))),
  fc.record({
    type: fc.constant('add-message'),
    message: fc.record({
      role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'function'),
      content: fc.constant('pressed the button'),
    }),
  }),
  fc.record({
    type: fc.constantFrom('handoff', 'transfer'),
    content: fc.constantFrom('One moment.', ''),
    destination: fc.constantFrom(billing, { type: 'assistant', assistantName: 'Nobody' }),
  }),
  fc.constantFrom({ type: 'transfer', content: 'Over there.', destination: to }, { type: 'end-call' }),
)
const seconds = fc.integer({ min: 0, max: 200 }).map(tenths => tenths / 10)
const member = (name: string, voiceId: string) => ({
  assistant: {
    ...base.assistant,
    name,
    firstMessage: `${name} speaking, what can I do?`,
    voice: { provider: 'openai', voiceId },
  },
})
const scenarios = fc
  .record({
    transcriberMs: fc.nat(1500),
    caller: fc.array(fc.tuple(seconds, fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 4 }),
    control: fc.array(fc.record({ at: seconds, send: messages }), { maxLength: 8 }),
  })
  .map(({ transcriberMs, caller, control }) => {
    let at = 0
    return {
      squad: { members: [member('Reception', 'alloy'), member('Billing', 'echo')] },
      latencies: { transcriberMs, modelMs: 500, voiceMs: 300 },
      caller: caller.map(([pause, lasts]) => {
        at += pause / 4
        const step = { at, say: 'I would like to have a table', lasts: lasts / 10 }
        at += lasts / 10
        return step
      }),
      model: Array.from({ length: 40 }, () => ({ reply: 'Very well, I look for a table for you.' })),
      control,
    }
  })

describe('live control at any time', () => {
  it('lets calls end, keeps a muted customer unheard, and replays the same', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async scenario => {
        const call = await simulateScenario(parseScenario(scenario, 'random'))
        expect(['customer-ended-call', 'manually-canceled', 'assistant-forwarded-call']).toContain(
          call.endedReason,
        )
        // Nobody's speech begins twice, or while nobody is to be heard.
        let [talking, muted] = [false, false]
        for (const { type, atMs } of call.observations) {
          if (type === 'customer.muted') muted = true
          if (type === 'customer.unmuted') muted = false
          if (type === 'customer.speech.started') {
            expect([talking, muted, atMs]).toEqual([false, false, atMs])
            talking = true
          }
          if (type === 'customer.speech.stopped') {
            expect([talking, atMs]).toEqual([true, atMs])
            talking = false
          }
        }
        const timers = new Set<string>()
        for (const command of call.commands()) {
          if (command.type === 'timer.set') timers.add(`${command.timerId} ${command.atMs}`)
          if (command.type === 'timer.clear')
            for (const timer of timers) if (timer.startsWith(`${command.timerId} `)) timers.delete(timer)
        }
        for (const input of call.inputs)
          if (input.type === 'timer') timers.delete(`${input.timerId} ${input.atMs}`)
        expect([...timers]).toEqual([])
        expect(call.commands(state => JSON.parse(JSON.stringify(state)))).toEqual(call.commands())
      }),
      { numRuns: 150 },
    )
  }, 120_000)
})

describe('the end that comes during last words', () => {
  it('is reached, also where a hook has something to say then', async () => {
    const { endedReason, observations } = await simulateScenario(
      parseScenario(
        {
          ...base,
          assistant: {
            ...base.assistant,
            endCallMessage: 'Thank you for calling us, and have a wonderful day.',
            model: { ...base.assistant.model, tools: [{ type: 'endCall' }] },
            hooks: [{ on: 'call.ending', do: [{ type: 'say', exact: 'Bye.' }] }],
          },
          latencies: { modelMs: 100, voiceMs: 100 },
          caller: [{ at: 0, say: 'I am done.', lasts: 1 }],
          model: [{ reply: '', toolCalls: [{ name: 'endCall' }] }],
          control: [{ at: 3, send: { type: 'end-call' } }],
        },
        'test',
      ),
    )
    const heard = observations.flatMap(seen =>
      seen.type === 'assistant.speech.stopped' ? [`${seen.reason}: ${seen.spokenText}`] : [],
    )
    expect(heard).toEqual([expect.stringMatching(/^interrupted: Thank you/), 'completed: Bye.'])
    expect(endedReason).toBe('call.ending.hook-executed-say')
  }, 5000)
})
