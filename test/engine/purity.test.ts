import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileAssistant } from '../../src/assistant/compile.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { parseScenario } from '../../src/call/scenario.ts'
import type { Command } from '../../src/engine/commands.ts'
import type { CallPlan } from '../../src/engine/plan.ts'
import { type CallState, initialState, isSettled } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'
import { type SimulatedCall, simulateScenario } from '../support/simulation.ts'

const words = fc.constantFrom(
  'yes',
  'okay',
  'stop',
  'I need a table',
  'for two people.',
  'my number is 555',
  'hm',
  'what about tomorrow?',
  ' ',
)
const callerStep = fc.tuple(
  fc.constantFrom('at', 'after', 'during'),
  fc.double({ min: 0, max: 4, noNaN: true }),
  words,
  fc.double({ min: 0, max: 2, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
)
const scenarios = fc
  .record({
    caller: fc.array(callerStep, { maxLength: 6 }),
    replies: fc.array(
      fc.constantFrom(
        '',
        'Fine.',
        'This is a rather long answer, with a pause, that goes on. And on it goes!',
        'It costs $42.50. <flush /> Really.',
        'TOOL',
      ),
      { minLength: 6, maxLength: 14 },
    ),
    transcriberMs: fc.nat(600),
    modelMs: fc.nat(1500),
    voiceMs: fc.nat(800),
    toolMs: fc.nat(2000),
    numWords: fc.nat(3),
    voiceSeconds: fc.constantFrom(0, 0.2, 0.5),
    backoffSeconds: fc.constantFrom(0, 1, 3),
    waitSeconds: fc.constantFrom(0, 0.4, 2),
    interruptible: fc.boolean(),
    voiceFailures: fc.nat(2),
    control: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 20, noNaN: true }),
        send: fc.constantFrom(
          { type: 'say', content: 'Please hold the line for a moment.' },
          { type: 'say', content: 'Nothing stops this.', interruptionsEnabled: false },
          { type: 'add-message', message: { role: 'user', content: 'pressed the button' } },
        ),
      }),
      { maxLength: 2 },
    ),
  })
  .map(given => ({
    assistant: {
      firstMessage: 'Hello, what can I do for you today?',
      firstMessageInterruptionsEnabled: given.interruptible,
      silenceTimeoutSeconds: 10,
      model: {
        provider: 'openai',
        model: 'gpt-4o',
        tools: [{ type: 'function', function: { name: 'look' } }, { type: 'endCall' }],
      },
      voice: {
        provider: 'openai',
        voiceId: 'a',
        fallbackPlan: { voices: [{ provider: 'openai', voiceId: 'b' }] },
      },
      startSpeakingPlan: {
        waitSeconds: given.waitSeconds,
        smartEndpointingPlan: { provider: 'livekit', waitFunction: '2000 * x' },
      },
      stopSpeakingPlan: {
        numWords: given.numWords,
        voiceSeconds: given.voiceSeconds,
        backoffSeconds: given.backoffSeconds,
      },
    },
    latencies: {
      transcriberMs: given.transcriberMs,
      modelMs: given.modelMs,
      voiceMs: given.voiceMs,
      toolMs: given.toolMs,
    },
    caller: given.caller.map(([kind, time, say, lasts, finished]) => ({
      ...(kind === 'at' ? { at: time * 5 } : { [kind]: 'assistant', plus: time }),
      say,
      lasts,
      finished,
    })),
    model: given.replies.map(reply =>
      reply === 'TOOL' ? { reply: 'Let me look.', toolCalls: [{ name: 'look' }] } : { reply },
    ),
    control: given.control,
    failures: given.voiceFailures === 0 ? [] : [{ voice: 'openai/a', times: given.voiceFailures }],
  }))

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) deepFreeze(part)
  return value
}

/** Steps through a call's inputs again, with frozen states that went through JSON. */
async function replay(
  call: SimulatedCall,
  assistant: unknown,
): Promise<{ commands: Command[]; before: CallState }> {
  const compiled = await compileAssistant(parseAssistant(assistant, 'test'), {
    semantics: 'documentation',
    variables: {},
    epochMs: 0,
  })
  const plan: CallPlan = { members: [compiled.plan] }
  const commands: Command[] = []
  let state = initialState(plan)
  let before = state
  for (const input of call.inputs) {
    before = state
    const next = step(plan, deepFreeze(JSON.parse(JSON.stringify(state))), deepFreeze(structuredClone(input)))
    commands.push(...next.commands)
    state = next.state
  }
  return { commands, before }
}

describe('any call', () => {
  it('ends, keeps silent during a backoff, says nothing twice, and replays the same', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async given => {
        const scenario = parseScenario(given, 'random')
        const call = await simulateScenario(scenario)
        expect(call.all('call.ended')).toHaveLength(1)

        // Inputs come in order of time.
        const times = call.inputs.map(({ atMs }) => atMs)
        expect(times).toEqual([...times].sort((first, second) => first - second))

        // No sound between an interruption and the end of its backoff; speech starts and stops alternate.
        let silentUntilMs = 0
        let speaking = false
        for (const seen of call.observations) {
          if (seen.type === 'backoff.started') silentUntilMs = seen.untilMs
          if (seen.type === 'assistant.speech.started') {
            expect(seen.atMs).toBeGreaterThanOrEqual(silentUntilMs)
            expect(speaking).toBe(false)
            speaking = true
          }
          if (seen.type === 'assistant.speech.stopped') speaking = false
        }
        expect(speaking).toBe(false)

        // What was spoken to its end is exactly what the model or the configuration said.
        const sayable = [
          'Hello, what can I do for you today?',
          'Please hold the line for a moment.',
          'Nothing stops this.',
          ...(given.model ?? []).map(({ reply }) => reply.replace(' <flush />', '')),
        ]
        for (const { spokenText, reason, atMs } of call.all('assistant.speech.stopped')) {
          const source = call.all('assistant.speech.started').findLast(start => start.atMs <= atMs)?.source
          if (source === 'tool') continue
          if (reason === 'completed') expect(sayable).toContain(spokenText)
          else expect(sayable.some(text => text.startsWith(spokenText))).toBe(true)
        }

        const { commands, before } = await replay(call, given.assistant)
        const observed = commands.flatMap(command =>
          command.type === 'observe' ? [command.observation] : [],
        )
        expect(observed).toEqual(call.observations)

        // A silence that ends the call is the customer's: nothing was left to be said or asked.
        if (call.endedReason === 'silence-timed-out') expect(isSettled(before)).toBe(true)
      }),
      { numRuns: 150 },
    )
  }, 120_000)
})
