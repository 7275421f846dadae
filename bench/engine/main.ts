import { compileAssistant } from '../../src/assistant/compile.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { createRealClock } from '../../src/call/real-clock.ts'
import { parseScenario, type Scenario } from '../../src/call/scenario.ts'
import { simulate } from '../../src/call/simulation/simulate.ts'
import type { Input } from '../../src/engine/inputs.ts'
import type { CallPlan } from '../../src/engine/plan.ts'
import { initialState } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'

const options = { semantics: 'documentation', variables: {}, epochMs: 0, seed: 1 } as const
const assistant = {
  model: {
    provider: 'openai',
    model: 'gpt-4o',
    messages: [{ role: 'system', content: 'Be brief and friendly.' }],
  },
  voice: { provider: 'openai', voiceId: 'alloy' },
  firstMessage: 'Hello, what can I do for you today?',
}

/** A call of so many turns, some of them interrupted, about fifteen seconds each. */
export function scenario(turns: number): Scenario {
  return parseScenario(
    {
      assistant,
      latencies: { transcriberMs: 200, modelMs: 800, voiceMs: 400 },
      caller: Array.from({ length: turns }, (_, turn) =>
        turn % 5 === 4
          ? { during: 'assistant', plus: 2, say: 'Actually, I have another question about that.', lasts: 3 }
          : {
              after: 'assistant',
              plus: 1.5,
              say: `This is what I want to ask you in turn ${turn}, please.`,
              lasts: 4.2,
            },
      ),
      model: Array.from({ length: turns }, (_, turn) => ({
        reply: `This is answer ${turn}. It costs $42.50, and it is a little longer than one sentence, as answers are. Is that fine?`,
      })),
    },
    'bench',
  )
}

export async function simulateOnce(turns: number): Promise<{ durationMs: number }> {
  const { result } = await simulate(scenario(turns), '/bench', options)
  return { durationMs: result.ended.atMs }
}

/**
 * How long after each input of a call on the wall clock its commands had been carried out, in milliseconds. The call
 * has so many turns of about six seconds.
 */
export async function commandDelays(turns: number): Promise<number[]> {
  const clock = createRealClock()
  const delays: number[] = []
  const stepped = ({ atMs }: Input) => delays.push(clock.now() - atMs)
  await simulate(quickScenario(turns), '/bench', { ...options, clock }, { stepped })
  return delays
}

function quickScenario(turns: number): Scenario {
  return parseScenario(
    {
      assistant: { ...assistant, firstMessage: 'Hello.' },
      latencies: { transcriberMs: 100, modelMs: 200, voiceMs: 100 },
      caller: Array.from({ length: turns }, () => ({
        after: 'assistant',
        plus: 0.2,
        say: 'Please go on.',
        lasts: 0.8,
      })),
      model: Array.from({ length: turns }, () => ({
        reply: 'That is fine, and here is the next part of it.',
      })),
    },
    'bench',
  )
}

/** What such a call takes in, and its plan. */
async function recordedCall(turns: number) {
  const inputs: Input[] = []
  await simulate(scenario(turns), '/bench', options, { input: input => inputs.push(input) })
  const compiled = await compileAssistant(parseAssistant(assistant, 'bench'), options)
  const plan: CallPlan = { members: [compiled.plan] }
  return { inputs, plan }
}

/** The time of each step of such a call, in milliseconds, over so many repetitions, warm. */
export async function stepTimes(turns: number, repetitions: number): Promise<number[]> {
  const { inputs, plan } = await recordedCall(turns)
  const times: number[] = []
  const warming = repetitions / 2
  for (let repetition = -warming; repetition < repetitions; repetition++) {
    let state = initialState(plan)
    for (const input of inputs) {
      const started = performance.now()
      state = step(plan, state, input).state
      if (repetition >= 0) times.push(performance.now() - started)
    }
  }
  return times
}

/** Inputs that the engine takes in a second of CPU time, without a clock between them. */
export async function inputsPerSecond(turns: number, repetitions: number): Promise<number> {
  const { inputs, plan } = await recordedCall(turns)
  const run = () => {
    let state = initialState(plan)
    for (const input of inputs) state = step(plan, state, input).state
  }
  for (let repetition = 0; repetition < repetitions / 2; repetition++) run()
  const before = process.cpuUsage()
  for (let repetition = 0; repetition < repetitions; repetition++) run()
  const { user, system } = process.cpuUsage(before)
  return (inputs.length * repetitions) / ((user + system) / 1e6)
}

/** JSON round trips a second of an initial state: the reference for steps a second. */
export function calibrate(): number {
  const text = JSON.stringify({ ...assistant, numbers: Array.from({ length: 60 }, (_, place) => place) })
  const started = performance.now()
  let count = 0
  while (performance.now() - started < 300) {
    JSON.stringify(JSON.parse(text))
    count++
  }
  return count / ((performance.now() - started) / 1000)
}
