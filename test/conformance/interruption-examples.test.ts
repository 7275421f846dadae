import { describe, expect, it } from 'vitest'
import type { ObservationType } from '../../src/engine/observations.ts'
import { runScenario, stoppedAfter, warningsOf } from '../support/speaking.ts'

describe('the page’s timeline and set-up', () => {
  const page = (words: string) =>
    runScenario({
      assistant: {
        startSpeakingPlan: {
          waitSeconds: 0.4,
          smartEndpointingPlan: { provider: 'livekit', waitFunction: '100' },
          // Keeps the interrupting words from being a turn of their own before the customer goes on.
          customEndpointingRules: [{ type: 'customer', regex: 'wait$', timeoutSeconds: 5 }],
        },
        stopSpeakingPlan: { numWords: 0, voiceSeconds: 0, backoffSeconds: 1.0 },
      },
      latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300 },
      voice: { charactersPerSecond: 15 },
      caller: [
        { at: 0, say: 'I need a table.', lasts: 1 },
        { during: 'assistant', plus: 1.2, say: words, lasts: 0.5 },
        // 2.5 s after the assistant’s begin at 2.3 s.
        { at: 4.8, say: 'What about tomorrow?', lasts: 0.4 },
      ],
      model: [
        { reply: 'I can help you book a table for this evening in the old town by the river.' },
        { reply: 'For tomorrow nine is free.' },
      ],
    })

  it('[timeline-interruption-steps] comes out to the millisecond', async () => {
    const call = await page('Actually, wait')
    const begunMs = call.first('assistant.speech.started').atMs
    const last = (type: ObservationType) =>
      (call.observations.findLast(seen => seen.type === type)?.atMs ?? Number.NaN) - begunMs
    expect({
      stopped: call.first('assistant.speech.stopped').atMs - begunMs,
      backoff: call.first('backoff.started').atMs - begunMs,
      ready: call.first('backoff.ended').atMs - begunMs,
      asks: last('customer.speech.started'),
      endpointing: last('turn.ended'),
      voice: last('voice.ready'),
      answers: last('assistant.speech.started'),
    }).toEqual({
      stopped: 1200,
      backoff: 1200,
      ready: 2200,
      asks: 2500,
      endpointing: 3000,
      voice: 3800,
      answers: 4200,
    })
    expect(call.first('assistant.speech.stopped').spokenText).toBe('I can help you')
  })

  it('[timeline-interruption-total] takes 3.0 s from the interruption to the answer', async () => {
    const call = await page('Actually, wait')
    expect(call.all('assistant.speech.started')[1]?.atMs).toBe(call.first('interruption').atMs + 3000)
  })

  const shop = {
    startSpeakingPlan: {
      waitSeconds: 0.4,
      smartEndpointingPlan: { provider: 'livekit', waitFunction: '2000 / (1 + exp(-10 * (x - 0.5)))' },
    },
    stopSpeakingPlan: { numWords: 0, voiceSeconds: 0.15, backoffSeconds: 0.8 },
  }
  const shopping = (lasts: number) =>
    runScenario({
      assistant: shop,
      caller: [
        { at: 0, say: 'Where is my order?', lasts: 1 },
        { during: 'assistant', plus: 1, say: ' ', lasts },
      ],
      control: [{ at: 4, send: { type: 'say', content: 'Still here.' } }],
      model: [{ reply: 'Your order is on its way and should be with you soon.' }, { reply: 'Yes.' }],
    })

  it('[example-e-commerce] interrupts after 0.15 s of voice and blocks sound for 0.8 s', async () => {
    const call = await shopping(0.2)
    expect(warningsOf(call)).toEqual([])
    expect(call.first('endpointing.decided')).toMatchObject({ by: 'livekit', waitMs: 13 })
    expect(call.first('turn.latency').waitMs).toBe(400)
    expect(stoppedAfter(call)).toBe(150)
    const { atMs, untilMs } = call.first('backoff.started')
    expect(untilMs - atMs).toBe(800)
    expect(stoppedAfter(await shopping(0.1))).toBeNull()
  })
})
