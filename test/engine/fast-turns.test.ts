import { describe, expect, it } from 'vitest'
import { compileModels } from '../../src/assistant/fallbacks.ts'
import { changes } from '../support/fallback.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

const caller = `
caller:
  - { at: 0, say: "One.", lasts: 1 }
  - { after: assistant, plus: 1, say: "Two.", lasts: 1 }
  - { after: assistant, plus: 1, say: "Three.", lasts: 1 }
model: [{ reply: "First." }, { reply: "Second." }, { reply: "Third." }]`
const run = (model: string, more = '') => runSimulation(`assistant: { model: ${model} }${caller}${more}`)
const asked = (call: SimulatedCall) => call.all('model.requested').map(seen => `${seen.turn} ${seen.model}`)

describe('numFastTurns', () => {
  it('has the smaller model of the provider answer the first turns, then the assistant’s own', async () => {
    const call = await run('{ provider: openai, model: gpt-4o, numFastTurns: 2 }')
    expect(asked(call)).toEqual(['1 openai/gpt-3.5-turbo', '2 openai/gpt-3.5-turbo', '3 openai/gpt-4o'])
    expect(changes(call)).toEqual([])
    expect(call.result.model).toBe(1)
  })

  it('of 0, or of a model that is the small one itself, changes nothing', async () => {
    expect(asked(await run('{ provider: openai, model: gpt-4o, numFastTurns: 0 }'))[0]).toBe(
      '1 openai/gpt-4o',
    )
    const small = await run('{ provider: openai, model: gpt-3.5-turbo, numFastTurns: 2 }')
    expect(asked(small).map(line => line.slice(2))).toEqual(Array(3).fill('openai/gpt-3.5-turbo'))
    expect(small.result.model).toBe(0)
  })

  it('goes on with the assistant’s own model for good when the small one fails, and with its fallbacks after that', async () => {
    const failed = await run(
      '{ provider: openai, model: gpt-4o, numFastTurns: 3 }',
      '\nfailures: [{ model: openai/gpt-3.5-turbo }]',
    )
    expect(asked(failed)).toEqual([
      '1 openai/gpt-3.5-turbo',
      '1 openai/gpt-4o',
      '2 openai/gpt-4o',
      '3 openai/gpt-4o',
    ])
    const later = await run(
      '{ provider: openai, model: gpt-4o, fallbackModels: [gpt-4.1], numFastTurns: 1 }',
      '\nfailures: [{ model: openai/gpt-4o }]',
    )
    expect(asked(later)).toEqual([
      '1 openai/gpt-3.5-turbo',
      '2 openai/gpt-4o',
      '2 openai/gpt-4.1',
      '3 openai/gpt-4.1',
    ])
  })

  it('of a provider whose small model is not known is told and has no effect', () => {
    const { settings, fastTurns, warnings } = compileModels({
      provider: 'custom-llm',
      model: 'mine',
      numFastTurns: 2,
    })
    expect({ names: settings.map(({ model }) => model), fastTurns }).toEqual({
      names: ['mine'],
      fastTurns: 0,
    })
    expect(warnings).toEqual([expect.stringContaining('numFastTurns has no effect')])
  })
})

it('settings of the model that nobody honours here are told', () => {
  const { warnings } = compileModels({
    provider: 'custom-llm',
    model: 'mine',
    emotionRecognitionEnabled: true,
    wordLevelConfidenceEnabled: true,
  })
  expect(warnings).toHaveLength(2)
  expect(compileModels({ provider: 'openai', model: 'gpt-4o' }).warnings).toEqual([])
})
