import { describe, expect, it } from 'vitest'
import { planOf } from '../support/hooks.ts'
import { decisionOf, runScenario, sayOnce, warningsOf } from '../support/speaking.ts'

const PATH = 'startSpeakingPlan.smartEndpointingPlan'
const rule = { customEndpointingRules: [{ type: 'customer', regex: 'table', timeoutSeconds: 2.2 }] }
const otherRule = { customEndpointingRules: [{ type: 'customer', regex: 'chair', timeoutSeconds: 2.2 }] }
const livekit = { smartEndpointingPlan: { provider: 'livekit', waitFunction: '333' } }
const vapi = { smartEndpointingPlan: { provider: 'vapi' } }
const written = { transcriptionEndpointingPlan: { onPunctuationSeconds: 0.7 } }
/** A transcriber that tells the end of a turn; it does so with its final transcript. */
const teller = { provider: 'deepgram', model: 'flux-general-en' }
const plain = { provider: 'deepgram', model: 'nova-2' }

const starts = (plan: object, transcriber: object = plain) => ({
  transcriber,
  startSpeakingPlan: { waitSeconds: 0, ...plan },
})

describe('who decides that a turn is over', () => {
  it.each([
    ['pipeline-priority', { ...rule, ...livekit, ...written }, teller, 'custom-rule', 2200],
    ['pipeline-priority', { ...otherRule, ...livekit, ...written }, teller, 'livekit', 333],
    ['pipeline-priority', { ...otherRule, ...written }, teller, 'transcriber', 0],
    ['pipeline-priority', { ...otherRule, ...written }, plain, 'transcription', 700],
    ['pipeline-priority-custom-rules', { ...rule }, teller, 'custom-rule', 2200],
    ['pipeline-priority-custom-rules', { ...rule, ...livekit }, plain, 'custom-rule', 2200],
    ['pipeline-priority-smart', { ...otherRule, ...livekit }, plain, 'livekit', 333],
    ['pipeline-priority-smart', { ...otherRule, ...vapi }, plain, 'vapi', 100],
    ['pipeline-priority-transcriber', {}, teller, 'transcriber', 0],
    ['pipeline-priority-transcriber', { ...livekit }, teller, 'livekit', 333],
    ['smart-not-set-transcriber', {}, teller, 'transcriber', 0],
    ['smart-not-set-transcriber', { smartEndpointingPlan: null }, teller, 'transcriber', 0],
    ['transcription-plan-when-used', { ...written }, plain, 'transcription', 700],
    ['transcription-plan-when-used', { ...written }, teller, 'transcriber', 0],
    ['transcription-plan-when-used', { ...written, ...livekit }, plain, 'livekit', 333],
    ['transcription-plan-smart-wins', { ...written, ...livekit }, plain, 'livekit', 333],
    ['transcription-plan-rules-win', { ...written, ...rule }, plain, 'custom-rule', 2200],
    ['speech-off-transcriber', {}, teller, 'transcriber', 0],
    ['speech-off-transcriber', { smartEndpointingPlan: { provider: 'off' } }, teller, 'transcriber', 0],
    // Off: LiveKit with its default function, where the caller is surely done.
    ['speech-off-default', {}, plain, 'livekit', 200],
    ['speech-off-default', { smartEndpointingPlan: null }, plain, 'livekit', 200],
    ['speech-off-default', { smartEndpointingEnabled: false }, plain, 'livekit', 200],
    ['api-smart-enabled-legacy', { smartEndpointingEnabled: true }, plain, 'vapi', 100],
    ['api-smart-enabled-legacy', { smartEndpointingEnabled: true }, teller, 'vapi', 100],
    ['api-smart-enabled-legacy', { smartEndpointingEnabled: 'livekit' }, teller, 'livekit', 200],
    ['api-smart-enabled-legacy', { smartEndpointingEnabled: true, ...livekit }, plain, 'livekit', 333],
    ['api-smart-enabled-legacy', { smartEndpointingEnabled: 'livekit', ...vapi }, plain, 'vapi', 100],
    ['api-smart-enabled-legacy', { smartEndpointingEnabled: false, ...livekit }, plain, 'livekit', 333],
  ] as const)('[%s] with %j and %j: %s', async (_id, plan, transcriber, by, waitMs) => {
    const call = await sayOnce(starts(plan, transcriber), 'I want a table.')
    expect(decisionOf(call)).toEqual({ by, waitMs, endedMs: 1000 + waitMs })
  })

  it('[api-smart-enabled-legacy] takes no other word', async () => {
    await expect(planOf(starts({ smartEndpointingEnabled: 'krisp' }))).rejects.toThrow(
      'startSpeakingPlan.smartEndpointingEnabled',
    )
  })

  it.each([undefined, 'en', 'en-US', 'en-GB', 'en-AU'])(
    '[speech-off-english, smart-provider-livekit] with smart endpointing off and the language %s LiveKit decides',
    async language => {
      const call = await sayOnce(starts({}, { ...plain, language }), 'I want a table', { finished: 0.5 })
      expect(decisionOf(call)).toEqual({ by: 'livekit', waitMs: 4200, endedMs: 5200 })
    },
  )

  it.each(['es', 'es-419', 'de', 'fr', 'zh', 'pt-BR', 'nl-BE'])(
    '[speech-off-other-languages, smart-provider-livekit] with smart endpointing off and the language %s the text heuristics decide',
    async language => {
      const call = await sayOnce(starts({}, { ...plain, language }), 'Una mesa', { finished: 0.5 })
      expect(decisionOf(call)).toEqual({ by: 'vapi', waitMs: 1500, endedMs: 2500 })
    },
  )

  it.each([
    [{}, plain, 'transcription', 100],
    [{ ...written }, plain, 'transcription', 700],
    [{}, { ...plain, language: 'es' }, 'transcription', 100],
    [{ ...written }, teller, 'transcriber', 0],
    [{ ...livekit }, plain, 'livekit', 333],
  ] as const)(
    '[speech-off-openapi] with the API document’s reading, %j and %j: %s',
    async (plan, transcriber, by, waitMs) => {
      const call = await sayOnce(starts(plan, transcriber), 'I want a table.', { semantics: 'openapi' })
      expect(decisionOf(call)).toEqual({ by, waitMs, endedMs: 1000 + waitMs })
    },
  )
})

describe('the smart endpointing plan', () => {
  it('[smart-plan-shape] has a provider and, for livekit, a wait function', async () => {
    const { endpointing } = await planOf(
      starts({ smartEndpointingPlan: { provider: 'livekit', waitFunction: '9 * x' } }),
    )
    if (endpointing.method.type !== 'livekit') throw new Error(`${endpointing.method.type} decides`)
    expect([0, 0.5, 1].map(endpointing.method.waitMs)).toEqual([0, 5, 9])
    const call = await sayOnce(
      starts({
        smartEndpointingPlan: { provider: 'livekit', waitFunction: '2000 / (1 + exp(-10 * (x - 0.5)))' },
        waitSeconds: 0.4,
      }),
      'Hello.',
      { finished: 0.5 },
    )
    expect(decisionOf(call)).toEqual({ by: 'livekit', waitMs: 1000, endedMs: 2000 })
    expect(warningsOf(call)).toEqual([])
  })

  it.each([
    [{ waitFunction: '200' }, `${PATH}.provider`],
    [{ provider: 5 }, `${PATH}.provider`],
    [{ provider: 'livekit', waitFunction: 200 }, `${PATH}.waitFunction`],
    ['livekit', PATH],
  ])('[smart-plan-shape] %j is refused at %s', async (smartEndpointingPlan, path) => {
    await expect(planOf(starts({ smartEndpointingPlan }))).rejects.toThrow(path)
  })

  it('[smart-provider-livekit] judges the words of the turn and what the assistant said before', async () => {
    const call = await runScenario({
      assistant: {
        ...starts(livekit),
        firstMessageMode: 'assistant-speaks-first',
        firstMessage: 'How can I help?',
      },
      caller: [{ after: 'assistant', plus: 0.5, say: 'I want a table', lasts: 1 }],
      model: [{ reply: 'Yes.' }],
    })
    const asked = call.commands().flatMap(command => (command.type === 'predict' ? [command.request] : []))
    expect(asked).toMatchObject([{ text: 'I want a table', assistantText: 'How can I help?' }])
  })

  it('[smart-provider-vapi] judges by the text alone: nobody is asked', async () => {
    const call = await sayOnce(starts(vapi), 'I want a table', { finished: 0 })
    expect(decisionOf(call)).toEqual({ by: 'vapi', waitMs: 1500, endedMs: 2500 })
    expect(call.commands().filter(({ type }) => type === 'predict')).toEqual([])
  })
})

describe('set-ups of the page', () => {
  const spanish = {
    transcriber: { language: 'es' },
    startSpeakingPlan: {
      waitSeconds: 0.4,
      transcriptionEndpointingPlan: { onPunctuationSeconds: 0.1, onNoPunctuationSeconds: 2.0 },
    },
    stopSpeakingPlan: { numWords: 0, voiceSeconds: 0.3, backoffSeconds: 1.2 },
  }

  it.each([
    ['Quiero una mesa.', 100],
    ['quiero una mesa', 2000],
    ['para 5', 500],
  ])('[example-spanish] “%s” is waited for %d ms', async (words, waitMs) => {
    const call = await sayOnce(spanish, words)
    expect(decisionOf(call)).toEqual({ by: 'transcription', waitMs, endedMs: 1000 + waitMs })
    expect(call.first('turn.latency').waitMs).toBe(400)
    expect(warningsOf(call)).toEqual([])
  })

  it('[example-spanish] interrupts after 0.3 s of voice and is silent for 1.2 s', async () => {
    const call = await runScenario({
      assistant: spanish,
      caller: [
        { at: 0, say: 'Hola.', lasts: 1 },
        { during: 'assistant', plus: 1, say: 'Quiero otra cosa.', lasts: 0.5 },
      ],
      model: [{ reply: 'Buenos días, aquí tiene usted una respuesta muy larga.' }, { reply: 'Bien.' }],
    })
    const spokenMs = call.first('assistant.speech.started').atMs
    expect(call.first('interruption')).toMatchObject({ by: 'vad', atMs: spokenMs + 1300 })
    expect(call.first('backoff.started').untilMs).toBe(spokenMs + 2500)
    // Its answer was ready within the backoff, and waits for waitSeconds from its end.
    expect(call.all('assistant.speech.started')[1]?.atMs).toBe(spokenMs + 2500 + 400)
  })

  const education = {
    startSpeakingPlan: {
      waitSeconds: 0.7,
      smartEndpointingPlan: {
        provider: 'livekit',
        waitFunction: '(20 + 500 * sqrt(x) + 2500 * x^3 + 700 + 4000 * max(0, x-0.5)) / 2',
      },
      customEndpointingRules: [
        { type: 'assistant', regex: '(spell|define|explain|example)', timeoutSeconds: 4.0 },
      ],
    },
    stopSpeakingPlan: { numWords: 1, backoffSeconds: 1.5 },
  }

  it.each([
    ['Can you spell it?', 'custom-rule', 4000],
    ['Please define it.', 'custom-rule', 4000],
    ['Can you explain why?', 'custom-rule', 4000],
    ['Give an example.', 'custom-rule', 4000],
    ['What do you think?', 'livekit', 693],
  ])('[example-education] after the assistant’s “%s” it waits as %s: %d ms', async (question, by, waitMs) => {
    const call = await runScenario({
      assistant: { ...education, firstMessageMode: 'assistant-speaks-first', firstMessage: question },
      caller: [{ after: 'assistant', plus: 0.5, say: 'Let me see', lasts: 1, finished: 0.5 }],
      model: [{ reply: 'Good.' }],
    })
    expect(call.first('endpointing.decided')).toMatchObject({ by, waitMs })
    expect(call.first('turn.ended').atMs - call.first('customer.speech.stopped').atMs).toBe(waitMs)
    expect(call.first('turn.latency').waitMs).toBe(700)
    expect(warningsOf(call)).toEqual([])
  })

  it('[example-education] one word interrupts, and it is silent for 1.5 s', async () => {
    const call = await runScenario({
      assistant: education,
      caller: [
        { at: 0, say: 'Hello.', lasts: 1 },
        { during: 'assistant', plus: 1, say: 'Tomorrow perhaps', lasts: 1 },
      ],
      model: [{ reply: 'This is a rather long answer of mine to you.' }, { reply: 'Yes.' }],
    })
    const spokenMs = call.first('assistant.speech.started').atMs
    // The first of two words is transcribed after half a second.
    expect(call.first('interruption')).toMatchObject({ by: 'words', atMs: spokenMs + 1500 })
    expect(call.first('backoff.started').untilMs).toBe(spokenMs + 3000)
  })
})
