import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Advice } from '../../../src/call/explain/explanation.ts'
import { explainEvents, explainSimulation } from '../../support/explain.ts'
import { runSimulation } from '../../support/simulation.ts'

/** Sets a value of the assistant by its path. */
function withSetting(yaml: string, path: string, value: unknown): string {
  const scenario = parse(yaml)
  const names = path.replace(/\[(\d+)\]/g, '.$1').split('.')
  const last = names.pop() ?? ''
  let place = scenario.assistant
  for (const name of names) {
    place[name] ??= {}
    place = place[name]
  }
  place[last] = value
  return stringify(scenario)
}

async function adviceOn(yaml: string, setting: string): Promise<Advice> {
  const { explanation } = await explainSimulation(yaml)
  const found = explanation.advice.find(each => each.setting.endsWith(setting))
  if (found === undefined) throw new Error(`no advice on ${setting}: ${JSON.stringify(explanation.advice)}`)
  return found
}

const plan = (start: string, rest = '') => `
assistant:
  startSpeakingPlan: ${start}
  ${rest}
latencies: { transcriberMs: 150, modelMs: 500, voiceMs: 300 }
caller:
  - { at: 0, say: I need a table, lasts: 1, finished: 0.9 }
  - { after: assistant, plus: 1, say: for four people, lasts: 1, finished: 0.7 }
  - { after: assistant, plus: 1, say: my number is 5551234, lasts: 1.5, finished: 1 }
model: [{ reply: When? }, { reply: Your number? }, { reply: Thank you. }]
`
const byText =
  '{ waitSeconds: 0.4, smartEndpointingPlan: { provider: vapi }, transcriptionEndpointingPlan: { onNoPunctuationSeconds: 1.5, onNumberSeconds: 0.8 } }'

describe('exact advice comes true when it is followed', () => {
  it.each([
    ['waitSeconds', plan(byText), [400, 400, 400]],
    ['onNoPunctuationSeconds', plan(byText), [900, 900]],
    ['onNumberSeconds', plan(byText), [500]],
    [
      'timeoutSeconds',
      plan(
        '{ waitSeconds: 0, customEndpointingRules: [{ type: customer, regex: table, timeoutSeconds: 3 }] }',
      ),
      [1500],
    ],
    [
      'waitFunction',
      plan('{ waitSeconds: 0, smartEndpointingPlan: { provider: livekit, waitFunction: 200 + 8000 * x } }'),
      // 1000 → 700, 2600 → 700 and, with x = 0, 200 → 700.
      [300, 1900, -500],
    ],
  ])('%s', async (name, yaml, saves) => {
    const advice = await adviceOn(yaml, name)
    expect(advice.certainty).toBe('exact')
    expect(advice.saves.map(({ ms }) => ms)).toEqual(saves)
    const changed = withSetting(yaml, advice.setting, advice.to)
    const [before, after] = await Promise.all([runSimulation(yaml), runSimulation(changed)])
    const saved = before.all('turn.latency').map(({ turn, totalMs }, place) => ({
      turn,
      ms: totalMs - (after.all('turn.latency')[place]?.totalMs ?? Number.NaN),
    }))
    expect(saved.filter(({ ms }) => ms !== 0)).toEqual(advice.saves)
  })

  it('backoffSeconds', async () => {
    const yaml = `
assistant: { stopSpeakingPlan: { numWords: 0, voiceSeconds: 0, backoffSeconds: 2.75 } }
caller:
  - { at: 0, say: Hello., lasts: 1 }
  - { during: assistant, plus: 1, say: Wait a minute., lasts: 0.5 }
model: [{ reply: This is a long answer that nobody wants to hear to its very end. }, { reply: Yes? }]
`
    const advice = await adviceOn(yaml, 'backoffSeconds')
    expect(advice).toMatchObject({ from: 2.75, to: 1.4, saves: [{ turn: 2, ms: 1350 }] })
    const after = await runSimulation(withSetting(yaml, advice.setting, 1.4))
    const [, second] = after.all('turn.latency')
    const [, first] = (await runSimulation(yaml)).all('turn.latency')
    expect((first?.totalMs ?? 0) - (second?.totalMs ?? 0)).toBe(1350)
  })
})

describe('advice is careful', () => {
  it('waits stay longer than the longest pause that they bridged', async () => {
    const paused = (seconds: number) =>
      plan(byText)
        .replace(
          'caller:\n',
          `caller:\n  - { at: 0, say: Well hello, lasts: 1 }\n  - { at: ${1 + seconds}, say: I need help, lasts: 1 }\n`,
        )
        .replace('at: 0, say: I need a table', 'at: 12, say: I need a table')
        .replace('model: [', 'model: [{ reply: Hello. }, ')
    const [small, large] = await Promise.all([
      adviceOn(paused(0.3), 'onNoPunctuationSeconds'),
      adviceOn(paused(0.84), 'onNoPunctuationSeconds'),
    ])
    expect(small.to).toBe(0.6)
    expect(large.to).toBe(1)
    expect(large.risk).toContain('The longest such pause in this call was 840 ms.')
  })

  it('a wait that was over before the transcript came is not advised on', async () => {
    const slow = plan(byText).replace('transcriberMs: 150', 'transcriberMs: 1600')
    const { explanation } = await explainSimulation(slow)
    const settings = explanation.advice.map(({ setting }) => setting)
    expect(settings.filter(setting => setting.includes('transcriptionEndpointingPlan'))).toEqual([])
    expect(explanation.advice.find(({ setting }) => setting === 'transcriber')).toMatchObject({
      certainty: 'at-most',
      saves: [
        { turn: 1, ms: 100 },
        { turn: 2, ms: 100 },
        { turn: 3, ms: 800 },
      ],
    })
  })

  it('a wait that the backoff would swallow is not advised on', async () => {
    const { explanation } = await explainSimulation(`
assistant:
  startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: vapi }, transcriptionEndpointingPlan: { onNoPunctuationSeconds: 1.5 } }
  stopSpeakingPlan: { numWords: 0, voiceSeconds: 0, backoffSeconds: 5 }
caller:
  - { at: 0, say: Hello., lasts: 1 }
  - { during: assistant, plus: 1, say: not so fast, lasts: 0.5 }
model: [{ reply: This is a long answer that nobody wants to hear to its very end. }, { reply: Yes? }]
`)
    expect(explanation.advice.map(({ setting }) => setting)).toContain('stopSpeakingPlan.backoffSeconds')
    expect(explanation.advice.filter(({ setting }) => setting.includes('onNoPunctuation'))).toEqual([])
  })

  it('a floor that holds the answer anyway leaves nothing to save in the wait before it', async () => {
    const yaml = plan(
      '{ waitSeconds: 3, smartEndpointingPlan: { provider: vapi }, transcriptionEndpointingPlan: { onNoPunctuationSeconds: 1.5 } }',
    )
    const { explanation } = await explainSimulation(yaml)
    expect(explanation.advice.map(({ setting }) => setting)).toContain(
      'startSpeakingPlan.transcriptionEndpointingPlan.onNoPunctuationSeconds',
    )
    const floored = await explainEvents((await runSimulation(yaml, 'openapi')).observations)
    expect(floored.settings?.waitMode).toBe('floor')
    expect(floored.advice.filter(({ setting }) => setting.includes('onNoPunctuation'))).toEqual([])
  })

  it('names slow models and voices last, without promising a number', async () => {
    const { explanation } = await explainSimulation(
      plan(byText).replace('modelMs: 500, voiceMs: 300', 'modelMs: 1200, voiceMs: 700'),
    )
    const unknown = explanation.advice.filter(({ certainty }) => certainty === 'unknown')
    expect(explanation.advice.slice(-2)).toEqual(unknown)
    expect(unknown.map(({ setting, from }) => [setting, from])).toEqual([
      ['model.model', 'openai/gpt-4o'],
      ['voice', 'openai/alloy'],
    ])
    expect(unknown[0]?.finding).toContain('took 1,200 ms in the median of 3 turns')
  })

  it('puts what saves most first', async () => {
    const { explanation } = await explainSimulation(plan(byText))
    expect(explanation.advice.map(({ setting }) => setting.split('.').at(-1))).toEqual([
      'onNoPunctuationSeconds',
      'waitSeconds',
      'onNumberSeconds',
      'model',
    ])
  })

  it('has nothing to say of a quick call', async () => {
    const { explanation } = await explainSimulation(
      plan('{ waitSeconds: 0, smartEndpointingPlan: { provider: livekit, waitFunction: "150" } }').replace(
        'modelMs: 500',
        'modelMs: 300',
      ),
    )
    expect(explanation.advice).toEqual([])
  })

  it('asks for a fixed first message where the model wrote it, and for chunks where there are none', async () => {
    const { explanation } = await explainSimulation(`
assistant: { firstMessageMode: assistant-speaks-first-with-model-generated-message }
latencies: { modelMs: 700, voiceMs: 300 }
caller: [{ after: assistant, plus: 1, say: Hello., lasts: 1 }]
model: [{ reply: Welcome. }, { reply: Fine. }]
`)
    expect(explanation.advice.find(({ setting }) => setting === 'firstMessage')).toMatchObject({
      saves: [{ turn: 0, ms: 700 }],
    })
  })
})
