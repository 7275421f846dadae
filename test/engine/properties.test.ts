import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileAssistant } from '../../src/assistant/compile.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import type { CallPlan } from '../../src/engine/plan.ts'
import { initialState } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'
import { runWorld } from '../support/world/world.ts'

const voice = (fallbacks: number, chunkPlan: object) => ({
  provider: 'openai',
  voiceId: 'a',
  chunkPlan,
  fallbackPlan: {
    voices: Array.from({ length: fallbacks }, (_, place) => ({
      provider: 'openai',
      voiceId: `b${place}`,
      chunkPlan,
    })),
  },
})

const tools = [
  { type: 'function', function: { name: 'look' } },
  {
    type: 'function',
    function: { name: 'book' },
    messages: [
      { type: 'request-start', content: 'Let me book that.' },
      { type: 'request-response-delayed', content: 'Soon.', timingMilliseconds: 700 },
    ],
  },
  {
    type: 'function',
    async: true,
    function: { name: 'note' },
    messages: [{ type: 'request-start', content: '' }],
  },
]

const hooks = [
  { on: 'assistant.speech.interrupted', do: [{ type: 'say', exact: 'Sorry.' }] },
  {
    on: 'customer.speech.timeout',
    options: { timeoutSeconds: 4 },
    do: [{ type: 'say', exact: ['Hello?', 'There?'] }],
  },
  { on: 'call.ending', do: [{ type: 'say', exact: 'Goodbye.' }] },
]

/** Assistants of all kinds; the numbers are small, so that everything happens in a short call. */
const assistants = fc.record({
  firstMessageMode: fc.constantFrom(
    'assistant-speaks-first',
    'assistant-speaks-first-with-model-generated-message',
    'assistant-waits-for-user',
  ),
  firstMessage: fc.constant('Hello, what can I do for you?'),
  firstMessageInterruptionsEnabled: fc.boolean(),
  silenceTimeoutSeconds: fc.constantFrom(10, 60),
  endCallMessage: fc.constantFrom(undefined, 'Bye.'),
  model: fc.constantFrom([], tools, [...tools, { type: 'endCall' }]).map(list => ({
    provider: 'openai',
    model: 'gpt-4o',
    tools: list,
  })),
  voice: fc
    .tuple(
      fc.nat(3),
      fc.constantFrom(
        { minCharacters: 1 },
        { minCharacters: 12 },
        { minCharacters: 12, formatPlan: { enabled: false } },
        { enabled: false },
      ),
    )
    .map(([fallbacks, chunkPlan]) => voice(fallbacks, chunkPlan)),
  hooks: fc.constantFrom([], hooks, hooks.slice(0, 2)),
  startSpeakingPlan: fc.record({
    waitSeconds: fc.constantFrom(0, 0.4, 2),
    smartEndpointingPlan: fc.constantFrom(
      { provider: 'livekit', waitFunction: '2000 * x' },
      { provider: 'vapi' },
    ),
    customEndpointingRules: fc.constantFrom([], [{ type: 'customer', regex: 'table', timeoutSeconds: 1 }]),
  }),
  stopSpeakingPlan: fc.record({
    numWords: fc.constantFrom(0, 1, 3),
    voiceSeconds: fc.constantFrom(0, 0.2, 0.5),
    backoffSeconds: fc.constantFrom(0, 1, 4),
  }),
})
const numbers = fc.array(fc.nat(9999), { minLength: 150, maxLength: 800, size: 'max' })

/** A counterexample that is not the smallest is better than none. */
const limit = { interruptAfterTimeLimit: 90_000 }

async function planOf(assistant: unknown): Promise<CallPlan> {
  const document = parseAssistant(JSON.parse(JSON.stringify(assistant)), 'random')
  const compiled = await compileAssistant(document, { semantics: 'documentation', variables: {}, epochMs: 0 })
  return { members: [compiled.plan] }
}

describe('a call in which everything happens at any time', () => {
  it('keeps the laws of the engine', async () => {
    await fc.assert(
      fc.asyncProperty(assistants, numbers, async (assistant, script) => {
        expect(runWorld(await planOf(assistant), script).problems).toEqual([])
      }),
      { numRuns: 200, ...limit },
    )
  }, 120_000)

  it('gives the same commands when the same script runs again, and when its inputs are taken again', async () => {
    await fc.assert(
      fc.asyncProperty(assistants, numbers, async (assistant, script) => {
        const first = runWorld(await planOf(assistant), script)
        const second = runWorld(await planOf(assistant), script)
        expect(second.commands).toEqual(first.commands)
        const plan = await planOf(assistant)
        let state = initialState(plan)
        const again = first.log.flatMap(input => {
          const next = step(plan, state, input)
          state = next.state
          return next.commands
        })
        expect(again).toEqual(first.commands)
      }),
      { numRuns: 30, ...limit },
    )
  }, 120_000)
})
