import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { parseScenario } from '../../src/call/scenario.ts'
import { simulate } from '../../src/call/simulation/simulate.ts'
import { step } from '../../src/engine/step.ts'
import { changes } from '../support/fallback.ts'
import { requestsOf } from '../support/hooks.ts'
import { shippedPrices } from '../support/messages.ts'
import { base, runSimulation, type SimulatedCall, simulateScenario } from '../support/simulation.ts'

const model = '{ provider: openai, model: gpt-4o, fallbackModels: [gpt-4.1, gpt-4o-mini] }'
const caller = `
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { after: assistant, plus: 1, say: "And now?", lasts: 1 }
model: [{ reply: "Here I am." }, { reply: "All is well now." }]`
const failing = (failures: string, more = '') =>
  runSimulation(`assistant: { model: ${model}${more} }${caller}\nfailures: ${failures}`)
const asked = (call: SimulatedCall) =>
  call.all('model.requested').map(seen => `${seen.atMs} ${seen.turn} ${seen.model}`)
const said = (call: SimulatedCall) => call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)

describe('the models of fallbackModels', () => {
  it('[api-model-fallback] are asked in order and at once, with the same conversation, and the answer is whole', async () => {
    const call = await failing('[{ model: openai/gpt-4o }, { model: openai/gpt-4.1 }]')
    expect(changes(call)).toEqual([
      '1600 failed openai/gpt-4o',
      '1600 openai/gpt-4o > openai/gpt-4.1',
      '2100 failed openai/gpt-4.1',
      '2100 openai/gpt-4.1 > openai/gpt-4o-mini',
    ])
    expect(asked(call).slice(0, 3)).toEqual([
      '1100 1 openai/gpt-4o',
      '1600 1 openai/gpt-4.1',
      '2100 1 openai/gpt-4o-mini',
    ])
    const [first, second, third] = requestsOf(call)
    expect(second).toEqual(first)
    expect(third).toEqual(first)
    expect(call.first('assistant.speech.started').atMs).toBe(2900)
    expect(said(call)).toEqual(['Here I am.', 'All is well now.'])
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it('[api-model-fallback] stay for the rest of the call: who failed once is not asked again', async () => {
    const call = await failing('[{ model: openai/gpt-4o, times: 1 }]')
    expect(asked(call).map(request => request.split(' ').slice(1).join(' '))).toEqual([
      '1 openai/gpt-4o',
      '1 openai/gpt-4.1',
      '2 openai/gpt-4.1',
    ])
  })

  it('[api-model-fallback] are not asked where the model answers', async () => {
    const call = await failing('[]')
    expect(changes(call)).toEqual([])
    expect(call.all('model.requested').map(seen => seen.model)).toEqual(['openai/gpt-4o', 'openai/gpt-4o'])
  })

  it('[api-model-fallback] that have all failed end the call with the reason of the last', async () => {
    const call = await failing(
      '[{ model: openai/gpt-4o }, { model: openai/gpt-4.1 }, { model: openai/gpt-4o-mini }]',
    )
    expect(call.first('call.ended').atMs).toBe(2600)
    expect(call.endedReason).toBe('call.in-progress.error-providerfault-openai-llm-failed')
    expect(said(call)).toEqual([])
  })

  it.each([
    [1, 'Here'],
    [2, 'Here I'],
    [3, 'Here I am.'],
  ])(
    '[api-model-fallback] do not repeat what a model said before it failed: %i words stay, the next turn is another model’s',
    async (afterWords, heard) => {
      const call = await failing(`[{ model: openai/gpt-4o, afterWords: ${afterWords}, times: 1 }]`)
      expect(said(call)).toEqual([heard, 'All is well now.'])
      expect(changes(call)).toEqual(['1600 failed openai/gpt-4o', '1600 openai/gpt-4o > openai/gpt-4.1'])
      expect(call.all('model.requested').map(seen => seen.model)).toEqual(['openai/gpt-4o', 'openai/gpt-4.1'])
      const bot = call.result.ended.artifact.messages.flatMap(message =>
        message.role === 'bot' ? [message.message] : [],
      )
      expect(bot).toEqual([heard, 'All is well now.'])
      expect(call.endedReason).toBe('customer-ended-call')
    },
  )

  it('[api-model-fallback] missing, a model that fails in mid-answer is heard as far as it came, then the call ends', async () => {
    const call = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-4o } }${caller}
failures: [{ model: openai/gpt-4o, afterWords: 2 }]`)
    expect(said(call)).toEqual(['Here I'])
    // 0.6 s of words after the 300 ms of the voice.
    expect(call.first('call.ended').atMs).toBe(1600 + 300 + 600)
    expect(call.endedReason).toBe('call.in-progress.error-providerfault-openai-llm-failed')
    expect(call.result.failure?.message).toBe('openai/gpt-4o failed, as the script says')
  })

  it('[api-model-fallback] write what a hook has to say, also where the model fails in the middle of it', async () => {
    for (const afterWords of [0, 2]) {
      const call = await runSimulation(`
assistant: { model: ${model}, hooks: [{ on: session.created, do: [{ type: say, prompt: "Greet." }] }] }
model: [{ reply: "${afterWords > 0 ? 'A greeting that nobody hears.' : 'Welcome.'}" }, { reply: "Welcome." }]
failures: [{ model: openai/gpt-4o, afterWords: ${afterWords} }]
caller: [{ at: 20, say: " ", lasts: 1 }]`)
      expect(said(call)).toEqual(['Welcome.'])
      expect(asked(call)).toEqual(['0 0 openai/gpt-4o', '500 0 openai/gpt-4.1'])
      expect(changes(call)).toEqual(['500 failed openai/gpt-4o', '500 openai/gpt-4o > openai/gpt-4.1'])
    }
  })

  it('[api-model-fallback] are each the assistant’s own: the next assistant begins with its own model', async () => {
    const squad = `
squad:
  - assistant: { name: desk, model: ${model}, voice: { provider: openai, voiceId: a }, firstMessageMode: assistant-waits-for-user }
    assistantDestinations: [{ type: assistant, assistantName: sales, message: " " }]
  - assistant: { name: sales, model: { provider: openai, model: gpt-5, fallbackModels: [gpt-5-mini] }, voice: { provider: openai, voiceId: a }, firstMessage: "Sales." }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { after: assistant, plus: 1, say: "And now?", lasts: 1 }
failures: [{ model: openai/gpt-4o }, { model: openai/gpt-5 }]
model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: sales } }] }, { reply: "Fine." }]`
    const call = await simulateScenario(parseScenario(parse(squad), 'test.yaml'))
    expect(changes(call).map(change => change.replace(/^\d+ /, ''))).toEqual([
      'failed openai/gpt-4o',
      'openai/gpt-4o > openai/gpt-4.1',
      'failed openai/gpt-5',
      'openai/gpt-5 > openai/gpt-5-mini',
    ])
    expect(said(call)).toEqual(['Sales.', 'Fine.'])
  })

  it('[api-model-fallback, api-transcriber-fallback] are counted each by its own name, transcribers by their time', async () => {
    const scenario = parseScenario(
      {
        ...base,
        assistant: {
          ...base.assistant,
          model: parse(model),
          transcriber: { provider: 'deepgram', fallbackPlan: { transcribers: [{ provider: 'gladia' }] } },
        },
        ...parse(caller),
        failures: [
          { model: 'openai/gpt-4o', afterRequests: 1, afterWords: 1 },
          { transcriber: 'deepgram/default' },
        ],
        model: [{ reply: 'Here I am.' }, { reply: 'All is well now.' }],
      },
      'test.yaml',
    )
    const prices = await shippedPrices()
    const options = { semantics: 'documentation', variables: {}, epochMs: 0, seed: 7, prices } as const
    const { aftermath, result } = await simulate(scenario, 'test.yaml', options)
    const costs = aftermath.costs?.costs ?? []
    expect(costs.filter(({ type }) => type === 'model')).toMatchObject([
      { model: { provider: 'openai', model: 'gpt-4o' } },
    ])
    expect(costs.filter(({ type }) => type === 'transcriber')).toMatchObject([
      { transcriber: { provider: 'deepgram' }, minutes: 1 / 60 },
      { transcriber: { provider: 'gladia' }, minutes: (result.ended.atMs - 1000) / 60_000 },
    ])
    const both = await simulate(
      { ...scenario, failures: [{ model: 'openai/gpt-4o', afterRequests: 1 }] },
      'test.yaml',
      options,
    )
    expect(both.aftermath.costs?.costs.filter(({ type }) => type === 'model')).toMatchObject([
      { model: { provider: 'openai', model: 'gpt-4o' } },
      { model: { provider: 'openai', model: 'gpt-4.1' } },
    ])
  })

  it('[api-model-fallback] that are no names are refused with their path', async () => {
    await expect(
      runSimulation('assistant: { model: { provider: openai, fallbackModels: [{ model: gpt-4.1 }] } }'),
    ).rejects.toThrow('model.fallbackModels[0]')
  })
})

describe('the transcribers of the fallback plan', () => {
  const transcriber =
    '{ provider: deepgram, model: nova-2, fallbackPlan: { transcribers: [{ provider: azure, language: en-US }, { provider: gladia, model: solaria-1 }] } }'
  const words = 'I would like a table for two'
  const listening = (failures: string, more = '') =>
    runSimulation(`
assistant: { transcriber: ${transcriber}${more} }
caller: [{ at: 0, say: "${words}", lasts: 2.1 }]
model: [{ reply: "Certainly." }]
failures: ${failures}`)
  const heard = (call: SimulatedCall) =>
    call.result.ended.artifact.messages.flatMap(message => (message.role === 'user' ? [message.message] : []))

  it('[api-transcriber-fallback] listen in order', async () => {
    const call = await listening(
      '[{ transcriber: deepgram/nova-2, afterWords: 1 }, { transcriber: azure/default, afterWords: 3 }]',
    )
    expect(changes(call)).toEqual([
      '300 failed deepgram/nova-2',
      '300 deepgram/nova-2 > azure/default',
      '900 failed azure/default',
      '900 azure/default > gladia/solaria-1',
    ])
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    '[api-transcriber-fallback] lose no word of the open turn, and say none twice, when the first fails after %i words',
    async afterWords => {
      const call = await listening(`[{ transcriber: deepgram/nova-2, afterWords: ${afterWords} }]`)
      expect(call.all('transcriber.failed')).toEqual([
        {
          type: 'transcriber.failed',
          transcriber: 'deepgram/nova-2',
          code: 'transcriber-failed',
          message: 'deepgram/nova-2 failed, as the script says',
          atMs: afterWords * 300,
        },
      ])
      expect(call.all('turn.ended').map(({ text }) => text)).toEqual([words])
      expect(heard(call)).toEqual([words])
      expect(said(call)).toEqual(['Certainly.'])
    },
  )

  it('[api-transcriber-fallback] also give the words that came in place of a final transcript', async () => {
    const call = await listening('[{ transcriber: deepgram/nova-2 }, { transcriber: azure/default }]')
    expect(changes(call).map(change => Number(change.split(' ')[0]))).toEqual([2100, 2100, 2100, 2100])
    expect(heard(call)).toEqual([words])
  })

  it('[api-transcriber-fallback] stay for the rest of the call', async () => {
    const call = await runSimulation(`
assistant: { transcriber: ${transcriber} }
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { after: assistant, plus: 1, say: "And now?", lasts: 1 }]
model: [{ reply: "Here I am." }, { reply: "All is well now." }]
failures: [{ transcriber: deepgram/nova-2, times: 1 }, { transcriber: gladia/solaria-1 }]`)
    expect(call.all('transcriber.switched')).toHaveLength(1)
    expect(heard(call)).toEqual(['Hello.', 'And now?'])
  })

  it.each([
    ['deepgram', 'call.in-progress.error-vapifault-deepgram-transcriber-failed'],
    ['azure', 'call.in-progress.error-vapifault-azure-speech-transcriber-failed'],
    ['11labs', 'call.in-progress.error-vapifault-eleven-labs-transcriber-failed'],
    ['assembly-ai', 'call.in-progress.error-vapifault-assembly-ai-transcriber-failed'],
    ['custom-transcriber', 'call.in-progress.error-vapifault-custom-transcriber-failed'],
    ['local', 'call.in-progress.error-vapifault-vapi-transcriber-failed'],
  ])(
    '[api-transcriber-fallback] end the call with the reason of the last, here %s',
    async (last, endedReason) => {
      const call = await runSimulation(`
assistant: { transcriber: { provider: gladia, fallbackPlan: { transcribers: [{ provider: ${last} }] } } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
failures: [{ transcriber: gladia/default }, { transcriber: ${last}/default }]`)
      expect(call.endedReason).toBe(endedReason)
      expect(call.first('call.ended').atMs).toBe(1000)
    },
  )

  it('[api-transcriber-fallback] are not blamed for a transcriber that listens no more', async () => {
    const call = await listening('[{ transcriber: deepgram/nova-2, afterWords: 2 }]')
    const place = call.inputs.findIndex(({ type }) => type === 'transcriber.failed')
    const { plan, state } = call.at(place + 1)
    expect(state.transcription).toEqual({ transcriber: 1 })
    const again = call.inputs[place]
    if (again === undefined) throw new Error('no transcriber failed')
    expect(step(plan, state, again)).toEqual({ state, commands: [] })
  })

  it('[api-transcriber-fallback] missing, the failure of the transcriber ends the call', async () => {
    const call = await runSimulation(`
assistant: { transcriber: { provider: deepgram, model: nova-3 } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
failures: [{ transcriber: deepgram/nova-3 }]`)
    expect(changes(call)).toEqual(['1000 failed deepgram/nova-3'])
    expect(call.endedReason).toBe('call.in-progress.error-vapifault-deepgram-transcriber-failed')
  })

  it('[api-transcriber-fallback] are those of the list alone: automatic fallback is told to have no effect', async () => {
    const call = await runSimulation(
      'assistant: { transcriber: { provider: deepgram, fallbackPlan: { autoFallback: { enabled: true } } } }\ncaller: [{ at: 0, say: "Hello.", lasts: 1 }]\nmodel: [{ reply: "Hi." }]',
    )
    expect(call.all('warning').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('transcriber.fallbackPlan.autoFallback has no effect'),
    )
  })
})
