import { beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../src/assistant/overrides.ts'
import { loadChecks } from '../../src/commands/call-checks.ts'
import { turnEndMs } from '../../src/engine/ports/transcriber.simulated.ts'
import { callWith } from '../support/configured.ts'
import { planOf } from '../support/hooks.ts'
import { base } from '../support/simulation.ts'
import { decisionOf, observationsInstead, runScenario, sayOnce, warningsOf } from '../support/speaking.ts'

let check: (assistant: Json) => string[]
beforeAll(async () => {
  check = await loadChecks()
})
const told = (assistant: object) =>
  check({ firstMessageMode: 'assistant-waits-for-user', ...assistant }).filter(
    message => !message.startsWith('firstMessage'),
  )

const noPlan = { startSpeakingPlan: { waitSeconds: 0 } }
const flux = (settings: object = {}) => ({
  transcriber: { provider: 'deepgram', model: 'flux-general-en', language: 'en', ...settings },
  ...noPlan,
})
const assembly = (settings: object = {}) => ({
  transcriber: { provider: 'assembly-ai', language: 'en', ...settings },
  ...noPlan,
})
/** Speech ends at 1.0 s; when the turn does. */
const endedAt = async (assistant: object, finished: number) => {
  const { by, waitMs, endedMs } = decisionOf(await sayOnce(assistant, 'a table', { finished }))
  expect([by, waitMs]).toEqual(['transcriber', endedMs - 1000])
  return endedMs
}

describe('Deepgram Flux', () => {
  it.each([
    [1, 1000],
    [0.7, 1000],
    [0.69, 6000],
    [0, 6000],
  ])(
    '[flux-threshold-default, flux-threshold-meaning, flux-timeout-default] ends a turn at a confidence of %d at %d ms',
    async (finished, endedMs) => {
      expect(await endedAt(flux(), finished)).toBe(endedMs)
    },
  )

  it('[flux-at-the-transcriber, speech-flux, smart-not-set-transcriber] is configured at the transcriber and decides by itself', async () => {
    const call = await sayOnce(flux({ eotThreshold: 0.8, eotTimeoutMs: 3000 }), 'a table', { finished: 0.8 })
    expect(call.first('endpointing.decided')).toMatchObject({
      by: 'transcriber',
      waitMs: 0,
      detail: 'end of turn reported',
    })
    expect(call.first('model.requested').atMs).toBe(1000)
    expect(await endedAt(flux({ eotThreshold: 0.8, eotTimeoutMs: 3000 }), 0.79)).toBe(4000)
  })

  it.each([0.5, 0.55, 0.6])(
    '[flux-threshold-aggressive] ends a turn at a threshold of %d where the default does not',
    async eotThreshold => {
      expect(await endedAt(flux({ eotThreshold }), 0.6)).toBe(1000)
      expect(await endedAt(flux(), 0.6)).toBe(6000)
    },
  )

  it.each([0.6, 0.65, 0.7, 0.75, 0.8])(
    '[flux-threshold-balanced] takes a threshold of %d',
    async eotThreshold => {
      const call = await sayOnce(flux({ eotThreshold }), 'a table', { finished: eotThreshold })
      expect(decisionOf(call).endedMs).toBe(1000)
      expect(warningsOf(call)).toEqual([])
      expect(await endedAt(flux({ eotThreshold }), eotThreshold - 0.01)).toBe(6000)
    },
  )

  it('[flux-threshold-conservative] does not end a turn at 0.85 with 0.9', async () => {
    expect(await endedAt(flux({ eotThreshold: 0.9 }), 0.85)).toBe(6000)
    expect(await endedAt(flux({ eotThreshold: 0.9 }), 0.9)).toBe(1000)
    expect(await endedAt(flux(), 0.85)).toBe(1000)
  })

  it.each([
    [{ eotThreshold: 1 }, 0.9, 0.89, 'transcriber.eotThreshold is from 0.5 to 0.9: 1 counts as 0.9'],
    [{ eotThreshold: 0.95 }, 0.9, 0.89, 'transcriber.eotThreshold is from 0.5 to 0.9: 0.95 counts as 0.9'],
    [{ eotThreshold: 0.2 }, 0.5, 0.49, 'transcriber.eotThreshold is from 0.5 to 0.9: 0.2 counts as 0.5'],
  ])('[flux-threshold-range] holds %j in its range', async (settings, enough, less, warning) => {
    const call = await sayOnce(flux(settings), 'a table', { finished: enough })
    expect(decisionOf(call).endedMs).toBe(1000)
    expect(warningsOf(call)).toEqual([warning])
    expect(await endedAt(flux(settings), less)).toBe(6000)
    // It is told once: the check of the configuration leaves it to the call.
    expect(told(flux(settings))).toEqual([])
  })

  it.each([
    ['flux-timeout-fast', 2000],
    ['flux-timeout-fast', 2500],
    ['flux-timeout-fast', 3000],
    ['flux-timeout-standard', 4000],
    ['flux-timeout-standard', 5000],
    ['flux-timeout-standard', 6000],
    ['flux-timeout-extended', 7000],
    ['flux-timeout-extended', 8500],
    ['flux-timeout-extended', 10_000],
  ])('[%s, flux-timeout-forces] forces an end after %d ms', async (_rule, eotTimeoutMs) => {
    const call = await sayOnce(flux({ eotTimeoutMs }), 'a table', { finished: 0.1 })
    expect(decisionOf(call)).toEqual({
      by: 'transcriber',
      waitMs: eotTimeoutMs,
      endedMs: 1000 + eotTimeoutMs,
    })
    expect(warningsOf(call)).toEqual([])
  })

  it.each([
    [400, 500],
    [20_000, 10_000],
  ])('[flux-timeout-forces] holds a time limit of %d ms at %d', async (eotTimeoutMs, held) => {
    const call = await sayOnce(flux({ eotTimeoutMs }), 'a table', { finished: 0.1 })
    expect(decisionOf(call).waitMs).toBe(held)
    expect(warningsOf(call)).toEqual([
      `transcriber.eotTimeoutMs is from 500 to 10000: ${eotTimeoutMs} counts as ${held}`,
    ])
  })

  it('[flux-timeout-forces] begins the time limit anew where the customer goes on', async () => {
    const call = await runScenario({
      assistant: flux(),
      caller: [
        { at: 0, say: 'I need', lasts: 0.5, finished: 0.2 },
        { at: 5, say: 'a table', lasts: 0.5, finished: 0.2 },
      ],
      model: [{ reply: 'Good.' }],
    })
    expect(call.all('turn.ended').map(({ text, atMs }) => [text, atMs])).toEqual([['I need a table', 10_500]])
  })

  it('[flux-timeout-forces] lets a turn end again whose answer a sound without words took back', async () => {
    const call = await runScenario({
      assistant: flux(),
      latencies: { transcriberMs: 0, modelMs: 2000, voiceMs: 300 },
      caller: [
        { at: 0, say: 'a table', lasts: 1 },
        { at: 1.5, say: ' ', lasts: 0.3 },
      ],
      model: [{ reply: 'Good.' }, { reply: 'Very good.' }],
    })
    expect(call.all('turn.ended').map(({ atMs }) => atMs)).toEqual([1000, 1800])
    // A transcriber that hears no words may report nothing: 2 s later the turn ends all the same.
    const place = call.inputs.findIndex(input => input.type === 'transcript' && input.text === '')
    const timer = { type: 'timer', timerId: 'endpointing.transcript', atMs: 3800 } as const
    expect(observationsInstead(call, place, timer)).toMatchObject([
      { type: 'endpointing.decided', by: 'transcriber', detail: 'no new words' },
      { type: 'turn.ended', text: 'a table', atMs: 3800 },
      { type: 'model.requested' },
    ])
  })

  it('[flux-example, example-flux] ends turns with the page’s set-up, and two words interrupt', async () => {
    const page = {
      transcriber: {
        provider: 'deepgram',
        model: 'flux-general-en',
        language: 'en',
        eotThreshold: 0.7,
        eotTimeoutMs: 5000,
      },
      stopSpeakingPlan: {
        numWords: 2,
        voiceSeconds: 0.2,
        backoffSeconds: 1.0,
        acknowledgementPhrases: ['okay', 'right', 'uh-huh', 'yeah', 'mm-hmm', 'got it'],
      },
      startSpeakingPlan: {},
    }
    const call = await runScenario({
      assistant: page,
      caller: [
        { at: 0, say: 'Tell me.', lasts: 1, finished: 0.75 },
        { during: 'assistant', plus: 0.5, say: 'Hello there', lasts: 0.6, finished: 0.75 },
      ],
      model: [{ reply: 'There is a great deal to say about that.' }, { reply: 'Well then.' }],
    })
    expect(call.all('endpointing.decided').map(({ by, waitMs }) => [by, waitMs])).toEqual([
      ['transcriber', 0],
      ['transcriber', 0],
    ])
    expect(call.first('interruption')).toMatchObject({ by: 'words', ignored: false })
    expect(warningsOf(call)).toEqual([])
    expect(told(page).filter(message => !message.startsWith('stopSpeakingPlan'))).toEqual([])
  })

  it.each(['livekit', 'vapi', 'krisp'])(
    '[flux-no-smart-plan] does not decide beside a smart plan of %s, which is warned about',
    async provider => {
      const assistant = {
        ...flux(),
        startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider } },
      }
      expect(decisionOf(await sayOnce(assistant, 'a table', { finished: 1 })).by).toBe(provider)
      expect(told(assistant)).toEqual([
        'startSpeakingPlan.smartEndpointingPlan: it turns the end of turn of Deepgram Flux off (leave it out)',
      ])
      expect(told(flux())).toEqual([])
    },
  )

  it('[flux-english-only] is warned about with another language', () => {
    expect(told(flux({ language: 'es' }))).toEqual([
      'transcriber.language: flux-general-en knows English only, not es (model: flux-general-multi)',
    ])
    expect(told(flux({ language: 'en-US' }))).toEqual([])
  })

  it('[pipeline-priority-transcriber] hands over to the heuristics where its fallback reports no end of turn', async () => {
    const call = await runScenario({
      assistant: flux({ fallbackPlan: { transcribers: [{ provider: 'deepgram', model: 'nova-3' }] } }),
      caller: [{ at: 0, say: 'a table', lasts: 1 }],
      model: [{ reply: 'Good.' }],
      failures: [{ transcriber: 'deepgram/flux-general-en' }],
    })
    expect(decisionOf(call)).toEqual({ by: 'vapi', waitMs: 1500, endedMs: 2500 })
    expect(warningsOf(call)).toEqual([
      'deepgram/nova-3 does not report the end of a turn; the text heuristics decide',
    ])
  })
})

const AGGRESSIVE = {
  endOfTurnConfidenceThreshold: 0.4,
  minEndOfTurnSilenceWhenConfident: 160,
  maxTurnSilence: 400,
}
const BALANCED = { ...AGGRESSIVE, minEndOfTurnSilenceWhenConfident: 400, maxTurnSilence: 1280 }
const CONSERVATIVE = {
  endOfTurnConfidenceThreshold: 0.7,
  minEndOfTurnSilenceWhenConfident: 800,
  maxTurnSilence: 3600,
}

describe('AssemblyAI', () => {
  it.each([
    ['assembly-aggressive', AGGRESSIVE, 0.4, 1160],
    ['assembly-aggressive', AGGRESSIVE, 0.39, 1400],
    ['assembly-balanced', BALANCED, 0.4, 1400],
    ['assembly-balanced', BALANCED, 0.39, 2280],
    ['assembly-conservative', CONSERVATIVE, 0.7, 1800],
    ['assembly-conservative', CONSERVATIVE, 0.69, 4600],
  ])(
    '[%s] with %j and a confidence of %d ends a turn at %d ms',
    async (_rule, settings, finished, endedMs) => {
      expect(await endedAt(assembly(settings), finished)).toBe(endedMs)
    },
  )

  it('[assembly-aggressive-fast] ends a short answer sooner with the aggressive set than with the balanced one', async () => {
    const endWith = async (settings: object) =>
      decisionOf(await sayOnce(assembly(settings), 'yes', { finished: 0.9 })).endedMs
    expect([await endWith(AGGRESSIVE), await endWith(BALANCED)]).toEqual([1160, 1400])
  })

  it.each([
    [CONSERVATIVE, ['I think we could do that']],
    [AGGRESSIVE, ['I think', 'we could do that']],
  ])('[assembly-conservative-patient] with %j a pause of 2 s gives the turns %j', async (settings, turns) => {
    const call = await runScenario({
      assistant: assembly(settings),
      latencies: { transcriberMs: 0, modelMs: 100, voiceMs: 100 },
      caller: [
        { at: 0, say: 'I think', lasts: 1, finished: 0.3 },
        { at: 3, say: 'we could do that', lasts: 1, finished: 0.9 },
      ],
      model: [{ reply: 'Hm.' }, { reply: 'Good.' }],
    })
    expect(call.all('turn.ended').map(({ text }) => text)).toEqual(turns)
  })

  it('[assembly-end-of-turn, speech-assembly, smart-not-set-transcriber, speech-off-transcriber] ends a turn with its report, and the model is asked', async () => {
    const call = await sayOnce(assembly(BALANCED), 'a table', { finished: 0.9 })
    const reports = call.inputs.filter(input => input.type === 'transcript' && input.endOfTurn)
    expect(reports).toMatchObject([{ audioMs: 1400, atMs: 1400 }])
    expect(call.first('endpointing.decided')).toMatchObject({ by: 'transcriber', atMs: 1400 })
    expect(call.first('turn.ended').atMs).toBe(1400)
    expect(call.first('model.requested').atMs).toBe(1400)
  })

  it('[assembly-end-of-turn] reports as late as it transcribes', async () => {
    const call = await sayOnce(assembly(BALANCED), 'a table', {
      finished: 0.9,
      latencies: { transcriberMs: 250 },
    })
    expect(decisionOf(call)).toEqual({ by: 'transcriber', waitMs: 400, endedMs: 1650 })
  })

  it.each([
    [{}, 0.72, 1160],
    [{}, 0.68, 1400],
    [{ endOfTurnConfidenceThreshold: 0.6 }, 0.68, 1160],
    [{ minEndOfTurnSilenceWhenConfident: 300 }, 0.72, 1300],
    [{ maxTurnSilence: 900 }, 0.68, 1900],
    // Nothing is waited for longer than the longest silence.
    [{ minEndOfTurnSilenceWhenConfident: 800 }, 0.72, 1400],
  ])(
    '[assembly-fields-at-the-transcriber] gets %j: at %d the turn ends at %d ms',
    async (settings, finished, endedMs) => {
      expect(await endedAt(assembly(settings), finished)).toBe(endedMs)
    },
  )

  it.each([
    { endOfTurnConfidenceThreshold: 1.1 },
    { endOfTurnConfidenceThreshold: -0.1 },
    { minEndOfTurnSilenceWhenConfident: -1 },
    { maxTurnSilence: -1 },
  ])('[assembly-fields-at-the-transcriber] %j is refused with its path', async settings => {
    const [field] = Object.keys(settings)
    await expect(planOf(assembly(settings))).rejects.toThrow(`transcriber.${field}`)
  })

  it.each(['livekit', 'vapi', 'krisp'])(
    '[assembly-no-smart-plan] does not decide beside a smart plan of %s, which is warned about',
    async provider => {
      const assistant = {
        ...assembly(AGGRESSIVE),
        startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider } },
      }
      expect(decisionOf(await sayOnce(assistant, 'a table', { finished: 1 })).by).toBe(provider)
      expect(told(assistant)).toContain(
        'startSpeakingPlan.smartEndpointingPlan: it turns the end of turn of AssemblyAI off (leave it out)',
      )
      expect(told(assembly(AGGRESSIVE))).toEqual([])
    },
  )

  it('[assembly-english-only] is warned about with another language than English and multi', () => {
    expect(told(assembly({ language: 'es' })).join()).toContain(
      'transcriber.language: AssemblyAI hears English only with these settings, not es',
    )
    expect(told(assembly())).toEqual([])
    expect(told(assembly({ language: 'multi', speechModel: 'universal-3-5-pro' }))).toEqual([])
  })

  it('[example-assembly] ends turns with the page’s set-up, whose provider is read as assembly-ai', async () => {
    const page = {
      transcriber: { provider: 'assembly', ...BALANCED },
      startSpeakingPlan: { waitSeconds: 0.4 },
      stopSpeakingPlan: { numWords: 0, voiceSeconds: 0.2, backoffSeconds: 1.0 },
    }
    const { observations, warnings } = await callWith({
      ...base,
      assistant: { ...base.assistant, ...page },
      caller: [{ at: 0, say: 'a table', lasts: 1, finished: 0.9 }],
      model: [{ reply: 'Good.' }],
    })
    expect(observations.find(({ type }) => type === 'endpointing.decided')).toMatchObject({
      by: 'transcriber',
      waitMs: 400,
      atMs: 1400,
    })
    expect(warnings).toEqual(['transcriber.provider: assembly is an old spelling; write assembly-ai'])
  })
})

describe('the end of a turn as a transcriber reports it', () => {
  const settings = { type: 'assembly', threshold: 0.7, confidentMs: 160, maximumMs: 400 } as const

  it.each([
    [0.9, null, 1160],
    [0.9, 1160, 1160],
    [0.9, 1159, null],
    [0.1, 1300, null],
    [0.1, 1500, 1400],
  ])('at a confidence of %d, with more speech from %j on, comes at %j', (finished, nextStartMs, reportMs) => {
    expect(turnEndMs(settings, finished, { endMs: 1000, nextStartMs })).toBe(reportMs)
  })
})
