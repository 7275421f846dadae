import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../src/call/scenario.ts'
import { timersLeft } from '../support/hooks.ts'
import { simulateScenario } from '../support/simulation.ts'

const action = fc.constantFrom(
  { type: 'say', exact: 'Are you still there?' },
  { type: 'say', exact: ['One?', 'Two, or rather three?', ''] },
  { type: 'say', prompt: 'Ask. So far: {{transcript}}' },
  { type: 'tool', tool: { type: 'function', function: { name: 'note' } } },
  { type: 'tool', tool: { type: 'function', async: true, function: { name: 'log' } } },
  { type: 'tool', tool: { type: 'endCall' } },
  {
    type: 'tool',
    tool: { type: 'transferCall', destinations: [{ type: 'number', number: '+15551234567' }] },
  },
  { type: 'message.add', message: { role: 'system', content: 'Note {{now}}' } },
  { type: 'message.add', triggerResponseEnabled: false, message: { role: 'user', content: 'Note' } },
)
const event = fc.oneof(
  fc.record({
    on: fc.constant('customer.speech.timeout'),
    options: fc.record({
      timeoutSeconds: fc.constantFrom(1, 1.5, 2, 4, 7),
      triggerMaxCount: fc.constantFrom(1, 2, 10),
      triggerResetMode: fc.constantFrom('never', 'onUserSpeech'),
    }),
  }),
  fc.record({
    on: fc.constant('call.timeElapsed'),
    options: fc.record({ seconds: fc.constantFrom(1, 2.5, 6) }),
  }),
  fc.record({
    on: fc.constantFrom(
      'call.ending',
      'assistant.speech.interrupted',
      'customer.speech.interrupted',
      'session.created',
      'model.response.timeout',
      'assistant.transcriber.endpointedSpeechLowConfidence',
    ),
  }),
)
const hook = fc
  .tuple(event, fc.array(action, { maxLength: 3 }))
  .map(([given, does]) => ({ ...given, do: does, name: JSON.stringify(given) }))
const callerStep = fc
  .tuple(
    fc.constantFrom('at', 'after', 'during'),
    fc.double({ min: 0, max: 6, noNaN: true }),
    fc.constantFrom('yes', 'stop', 'I need a table for two people', 'okay', ' '),
    fc.double({ min: 0, max: 3, noNaN: true }),
    fc.constantFrom(0.3, 0.9),
  )
  .map(([kind, time, say, lasts, confidence]) => ({
    ...(kind === 'at' ? { at: time * 5 } : { [kind]: 'assistant', plus: time }),
    say,
    lasts,
    confidence,
  }))
const scenarios = fc
  .record({
    hooks: fc.array(hook, { minLength: 1, maxLength: 5 }),
    idle: fc.boolean(),
    opening: fc.constantFrom('assistant-speaks-first', 'assistant-waits-for-user'),
    caller: fc.array(callerStep, { maxLength: 5 }),
    replies: fc.array(fc.constantFrom('', 'Fine.', 'This is rather long, and it goes on and on.', 'TOOL'), {
      minLength: 10,
      maxLength: 20,
    }),
    modelMs: fc.nat(3000),
    voiceMs: fc.nat(1200),
    toolMs: fc.nat(6000),
    backoffSeconds: fc.constantFrom(0, 1),
    control: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 20, noNaN: true }),
        send: fc.constantFrom(
          { type: 'say', content: 'Please hold the line for a moment.' },
          { type: 'say', content: 'Nothing stops this.', interruptionsEnabled: false },
          { type: 'end-call' },
        ),
      }),
      { maxLength: 2 },
    ),
    failures: fc.constantFrom(
      [],
      [{ voice: 'openai/a' }],
      [{ voice: 'openai/a', times: 2 }],
      [{ model: 'openai/gpt-4o', times: 1 }],
    ),
  })
  .map(given => ({
    assistant: {
      firstMessageMode: given.opening,
      firstMessage: 'Hello, what can I do for you today?',
      silenceTimeoutSeconds: 12,
      model: {
        provider: 'openai',
        model: 'gpt-4o',
        tools: [{ type: 'function', function: { name: 'look' } }],
      },
      voice: { provider: 'openai', voiceId: 'a' },
      startSpeakingPlan: {
        waitSeconds: 0,
        smartEndpointingPlan: { provider: 'livekit', waitFunction: '300' },
      },
      stopSpeakingPlan: { backoffSeconds: given.backoffSeconds },
      hooks: given.hooks,
      ...(given.idle && {
        messagePlan: { idleMessages: ['Hm?'], idleTimeoutSeconds: 3, silenceTimeoutMessage: 'Bye.' },
      }),
    },
    latencies: { transcriberMs: 0, modelMs: given.modelMs, voiceMs: given.voiceMs, toolMs: given.toolMs },
    caller: given.caller,
    model: given.replies.map(reply =>
      reply === 'TOOL' ? { reply: 'Let me look.', toolCalls: [{ name: 'look' }] } : { reply },
    ),
    control: given.control,
    failures: given.failures,
  }))

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) deepFreeze(part)
  return value
}

describe('hooks in any call', () => {
  it('let it end, leave no timers, talk over nobody, and replay the same', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async given => {
        const call = await simulateScenario(parseScenario(given, 'random'))
        expect(call.all('call.ended')).toHaveLength(1)
        expect(timersLeft(call)).toEqual([])

        let customerTalks = false
        let speaking = false
        let openTools = 0
        const endingFromMs = call.observations.find(
          seen => seen.type === 'hook.triggered' && seen.on === 'call.ending',
        )?.atMs
        for (const seen of call.observations) {
          if (seen.type === 'customer.speech.started') customerTalks = true
          if (seen.type === 'customer.speech.stopped') customerTalks = false
          if (seen.type === 'assistant.speech.started') {
            expect(speaking).toBe(false)
            const ofHooks = seen.source === 'hook' || seen.source === 'idle'
            const isLive = seen.atMs < (endingFromMs ?? Number.POSITIVE_INFINITY)
            if (ofHooks && isLive) expect(customerTalks).toBe(false)
            speaking = true
          }
          if (seen.type === 'assistant.speech.stopped') speaking = false
          if (seen.type === 'tool.called') openTools++
          if (seen.type === 'tool.completed') openTools--
          // Nothing of a silence is triggered into speech.
          if (seen.type === 'hook.triggered' && seen.on === 'customer.speech.timeout') {
            expect(customerTalks).toBe(false)
            expect(openTools === 0 || given.assistant.hooks.some(isAsync)).toBe(true)
          }
        }
        expect(speaking).toBe(false)

        for (const { options, name, on } of given.assistant.hooks.map(each => ({ options: {}, ...each }))) {
          if (on !== 'customer.speech.timeout' || !('triggerResetMode' in options)) continue
          const alike = given.assistant.hooks.filter(other => other.name === name).length
          const most = alike * options.triggerMaxCount
          const triggered = call.all('hook.triggered').filter(seen => seen.name === name).length
          if (options.triggerResetMode === 'never') expect(triggered).toBeLessThanOrEqual(most)
        }

        // The state is plain JSON, and no step changes it.
        const again = call.commands(state => deepFreeze(JSON.parse(JSON.stringify(state))))
        expect(again.flatMap(seen => (seen.type === 'observe' ? [seen.observation] : []))).toEqual(
          call.observations.filter(({ type }) => type !== ('call.report' as string)),
        )
      }),
      { numRuns: 150 },
    )
  }, 120_000)
})

function isAsync({ do: does }: { do: { tool?: object }[] }): boolean {
  return does.some(({ tool }) => tool !== undefined && 'async' in tool)
}
