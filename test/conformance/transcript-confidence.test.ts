import { describe, expect, it } from 'vitest'
import { planOf } from '../support/hooks.ts'
import { runScenario } from '../support/speaking.ts'

describe('a final transcript of low confidence', () => {
  const unsure = (transcriber: object | undefined, confidence: number) =>
    runScenario({
      assistant: transcriber === undefined ? {} : { transcriber },
      caller: [{ at: 0, say: 'a mumble', lasts: 1, confidence }],
      model: [{ reply: 'Good.' }],
    })

  it.each([
    [undefined, 0.39, true],
    [undefined, 0.4, false],
    [{ provider: 'deepgram' }, 0.39, true],
    [{ provider: 'deepgram', confidenceThreshold: 0.7 }, 0.69, true],
    [{ provider: 'deepgram', confidenceThreshold: 0.7 }, 0.7, false],
    [{ provider: 'deepgram', confidenceThreshold: 0 }, 0, false],
    [{ provider: 'azure' }, 0.1, false],
  ])('[api-deepgram-confidence] of %j at %d is dropped: %j', async (transcriber, confidence, dropped) => {
    const call = await unsure(transcriber, confidence)
    expect(call.all('turn.ended').map(({ text }) => text)).toEqual(dropped ? [] : ['a mumble'])
    const minimum = (transcriber as { confidenceThreshold?: number } | undefined)?.confidenceThreshold ?? 0.4
    expect(call.all('transcript.dropped')).toMatchObject(
      dropped ? [{ transcript: 'a mumble', confidence, minimum }] : [],
    )
    const finals = call
      .all('transcript')
      .filter(({ role, transcriptType }) => role === 'user' && transcriptType === 'final')
    expect(finals).toHaveLength(dropped ? 0 : 1)
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it('[api-deepgram-confidence] does not keep the words before it from being answered', async () => {
    const call = await runScenario({
      latencies: { transcriberMs: 0, modelMs: 2000, voiceMs: 300 },
      caller: [
        { at: 0, say: 'a table', lasts: 1, confidence: 0.9 },
        { at: 1.5, say: 'mumble', lasts: 0.5, confidence: 0.1 },
      ],
      model: [{ reply: 'Good.' }, { reply: 'Very good.' }],
    })
    expect(call.all('turn.ended').map(({ text, atMs }) => [text, atMs])).toEqual([
      ['a table', 1100],
      ['a table', 2100],
    ])
  })

  it.each([1.1, -0.1, 'high'])('[api-deepgram-confidence] a threshold of %j is refused', async threshold => {
    await expect(
      planOf({ transcriber: { provider: 'deepgram', confidenceThreshold: threshold } }),
    ).rejects.toThrow('transcriber.confidenceThreshold')
  })

  it('[api-deepgram-confidence] is left to a hook that is there for it', async () => {
    const on = 'assistant.transcriber.endpointedSpeechLowConfidence'
    const call = await runScenario({
      assistant: { hooks: [{ on, do: [{ type: 'say', exact: 'Pardon?' }] }] },
      caller: [{ at: 0, say: 'a mumble', lasts: 1, confidence: 0.3 }],
    })
    expect(call.all('transcript.dropped')).toEqual([])
    expect(call.first('hook.triggered')).toMatchObject({ on })
  })
})
