import { describe, expect, it } from 'vitest'
import { assign, parseAssignment } from '../../../src/api/body.ts'
import type { JsonObject } from '../../../src/api/types.ts'
import type { CallLog } from '../../../src/call/replay/read.ts'
import { parseCallLog } from '../../../src/call/replay/read.ts'
import { whatIf } from '../../../src/call/replay/what-if.ts'
import { saveYaml } from '../../support/replay.ts'

/** A call of two turns: each is over 100 ms after the speech, the model takes 500 ms, the voice 300 ms, the wait 400 ms. */
const twoTurns = `
assistant:
  model: { provider: openai, model: gpt-4o, messages: [{ role: system, content: Be brief. }] }
  startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: livekit, waitFunction: "100" } }
caller:
  - { at: 0, say: "A table, please.", lasts: 1 }
  - { after: assistant, plus: 0.7, say: "At nine.", lasts: 0.5 }
model: [{ reply: "For when?" }, { reply: "Good. See you then." }]
`

function changed(log: CallLog, ...set: string[]) {
  const assignments = set.map(text => parseAssignment(text))
  return whatIf(log, document => assign(document as JsonObject, assignments))
}

const same = { endpointingMs: 0, modelMs: 0, voiceMs: 0, waitMs: 0, totalMs: 0 }

describe('a saved call with another setting', () => {
  it('is the same where nothing changes', async () => {
    const { log } = await saveYaml(twoTurns)
    const { turns, differs, diverged } = await changed(log, 'startSpeakingPlan.waitSeconds=0.4')
    expect({ differs, diverged }).toEqual({ differs: false, diverged: null })
    const latency = { endpointingMs: 100, modelMs: 500, voiceMs: 300, waitMs: 400, totalMs: 1300 }
    expect(turns).toMatchObject([
      {
        turn: 1,
        status: 'same',
        before: { customer: 'A table, please.', assistant: 'For when?', latency },
        after: { latency },
        difference: same,
      },
      { turn: 2, status: 'same', before: { assistant: 'Good. See you then.', latency }, difference: same },
    ])
  })

  it('has no customer who joins where none did', async () => {
    const { log } = await saveYaml(`
assistant: { firstMessage: Hello?, firstMessageMode: assistant-speaks-first }
joinsAfter: 600`)
    const { ended, unlike } = await changed(log, 'startSpeakingPlan.waitSeconds=0.8')
    const endedReason = 'call.in-progress.error-assistant-did-not-receive-customer-audio'
    expect(unlike).toEqual([])
    expect(ended).toMatchObject({ before: { endedReason }, after: { endedReason } })
  })

  it('answers exactly 400 ms later in each turn where it waits 400 ms longer', async () => {
    const { log } = await saveYaml(twoTurns)
    const { turns, differs, diverged, ended } = await changed(log, 'startSpeakingPlan.waitSeconds=0.8')
    expect({ differs, diverged }).toEqual({ differs: true, diverged: null })
    expect(turns.map(({ status, difference }) => ({ status, difference }))).toEqual(
      Array.from({ length: 2 }, () => ({
        status: 'differs',
        difference: { ...same, waitMs: 400, totalMs: 400 },
      })),
    )
    // The customer goes on 700 ms after the assistant's words, as before: two longer waits end the call 800 ms later.
    expect((ended.after?.lengthMs ?? 0) - (ended.before?.lengthMs ?? 0)).toBe(800)
  })

  it.each([
    {
      set: 'startSpeakingPlan.smartEndpointingPlan.waitFunction="700"',
      byMs: 600,
      by: 'livekit',
      waitMs: 700,
    },
    { set: 'startSpeakingPlan.smartEndpointingPlan.waitFunction="20"', byMs: -80, by: 'livekit', waitMs: 20 },
    // Both texts end in punctuation: the heuristics' 0.1 s.
    { set: 'startSpeakingPlan.smartEndpointingPlan={"provider":"vapi"}', byMs: 0, by: 'vapi', waitMs: 100 },
    {
      set: 'startSpeakingPlan.customEndpointingRules=[{"type":"customer","regex":"nine","timeoutSeconds":1.1}]',
      byMs: 1000,
      by: 'custom-rule',
      waitMs: 1100,
      onlySecond: true,
    },
  ])('decides the end of turns anew: $set', async ({ set, byMs, by, waitMs, onlySecond }) => {
    const { log } = await saveYaml(twoTurns)
    const { turns, diverged } = await changed(log, set)
    expect(diverged).toBe(null)
    const [first, second] = turns
    if (onlySecond) expect(first?.status).toBe('same')
    else expect(first?.difference).toEqual({ ...same, endpointingMs: byMs, totalMs: byMs })
    expect(second?.difference).toEqual({ ...same, endpointingMs: byMs, totalMs: byMs })
    expect(second?.before?.endpointing).toMatchObject({ by: 'livekit', waitMs: 100 })
    expect(second?.after?.endpointing).toMatchObject({ by, waitMs })
  })

  it('diverges from the first request of the model on where the prompt is another one', async () => {
    const { log } = await saveYaml(twoTurns)
    const { turns, diverged, differs } = await changed(log, 'model.messages[0].content=Be long.')
    expect(diverged).toEqual({
      turn: 1,
      // Speech of 1 s, decided 100 ms later.
      atMs: 1100,
      reason: 'the model openai/gpt-4o was not asked this before',
      difference: { path: 'messages.0.content', before: 'Be brief.', after: 'Be long.' },
    })
    expect(differs).toBe(true)
    expect(turns.map(({ status, difference }) => ({ status, difference }))).toEqual([
      { status: 'diverged', difference: null },
      { status: 'diverged', difference: null },
    ])
    // What was known until then, and what was recorded, is there.
    expect(turns[0]?.after).toMatchObject({ endpointing: { waitMs: 100 }, assistant: '', latency: null })
    expect(turns[1]).toMatchObject({ before: { assistant: 'Good. See you then.' }, after: null })
  })

  it.each([
    ['model.model=gpt-4o-mini', 'the model openai/gpt-4o-mini was not asked this before', 1100],
    ['model.temperature=0.9', 'the model openai/gpt-4o was not asked this before', 1100],
    // The voice is asked when the model has answered.
    ['voice.voiceId=nova', 'the voice openai/nova did not speak “For when?” before', 1600],
    ['voice.speed=2', 'the voice openai/alloy did not speak “For when?” before', 1600],
    [
      'firstMessageMode=assistant-speaks-first-with-model-generated-message',
      'the model openai/gpt-4o was not asked this before',
      0,
    ],
  ])('diverges where another provider is asked: %s', async (set, reason, atMs) => {
    const { log } = await saveYaml(twoTurns)
    const { diverged, turns } = await changed(log, set)
    expect(diverged).toMatchObject({ reason, atMs })
    expect(turns.every(({ status }) => status === 'diverged')).toBe(true)
  })

  it('diverges in a later turn alone where only that one is touched', async () => {
    const { log } = await saveYaml(twoTurns)
    // “good” is in the second answer.
    const { diverged, turns } = await changed(
      log,
      'voice.chunkPlan={"formatPlan":{"replacements":[{"type":"exact","key":"Good","value":"Fine"}]}}',
    )
    expect(turns.map(({ status }) => status)).toEqual(['same', 'diverged'])
    expect(diverged).toMatchObject({ turn: 2 })
    expect(diverged?.reason).toContain('Fine. See you then.')
  })
})

describe('interruptions in a saved call', () => {
  const interrupted = `
assistant: { stopSpeakingPlan: { numWords: 0, voiceSeconds: 0.2, backoffSeconds: 1 } }
caller:
  - { at: 0, say: Tell me., lasts: 1 }
  - { during: assistant, plus: 1, say: "One moment, please.", lasts: 0.6 }
model: [{ reply: "This is a long story of many words." }, { reply: "Yes?" }]
`

  it('are taken at the same place of the assistant’s speech, also where that comes later', async () => {
    const { log } = await saveYaml(interrupted)
    const { turns } = await changed(log, 'startSpeakingPlan.waitSeconds=0.5')
    // Each answer comes 500 ms later, the interruption too: the same words were heard, and asked with.
    expect(turns).toMatchObject([
      { status: 'differs', difference: { waitMs: 500, totalMs: 500 }, after: { interrupted: true } },
      { status: 'differs', after: { assistant: 'Yes?' } },
    ])
    expect(turns[0]?.after?.assistant).toBe(turns[0]?.before?.assistant)
  })

  it('are ignored where they have too few words, and the rest of the answer is needed', async () => {
    const { log } = await saveYaml(interrupted)
    const { turns, diverged } = await changed(log, 'stopSpeakingPlan.numWords=5')
    // The whole sentence was voiced before it was cut off: it is heard to its end.
    expect(turns[0]).toMatchObject({
      before: { interrupted: true },
      after: { interrupted: false, assistant: 'This is a long story of many words.' },
    })
    // What is asked after it was not asked before.
    expect(turns.map(({ status }) => status)).toEqual(['differs', 'diverged'])
    expect(diverged).toMatchObject({ turn: 2, reason: 'the model openai/gpt-4o was not asked this before' })
  })
})

describe('squads and tools in a saved call', () => {
  const squad = `
squad:
  - assistant:
      name: desk
      firstMessageMode: assistant-waits-for-user
      model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look }, messages: [{ type: request-start, content: "" }] }] }
      voice: { provider: openai, voiceId: alloy }
      startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: livekit, waitFunction: "100" } }
    assistantDestinations: [{ type: assistant, assistantName: sales, message: "One moment." }]
  - assistant:
      name: sales
      firstMessage: Sales.
      voice: { provider: openai, voiceId: nova }
      startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: livekit, waitFunction: "100" } }
latencies: { toolMs: 250 }
tools: { look: { result: free } }
caller: [{ at: 0, say: "Look.", lasts: 1 }, { after: assistant, plus: 0.5, say: Sales please., lasts: 1 }, { after: assistant, plus: 2, say: Bye., lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: look }] }, { reply: Nine is free. }, { reply: "", toolCalls: [{ name: transferCall, arguments: { destination: sales } }] }, { reply: Goodbye. }]
`

  it('change where their member’s setting does', async () => {
    const { log } = await saveYaml(squad)
    const { turns, diverged } = await changed(log, 'members[1].assistant.startSpeakingPlan.waitSeconds=0.3')
    expect(diverged).toBe(null)
    expect(turns.map(({ status, difference }) => [status, difference?.totalMs ?? null])).toEqual([
      ['same', 0],
      ['same', 0],
      ['differs', 300],
    ])
  })

  it('diverge where a tool is called otherwise', async () => {
    const { log } = await saveYaml(squad)
    const fixed = JSON.stringify([
      {
        type: 'function',
        function: { name: 'look' },
        messages: [{ type: 'request-start', content: '' }],
        parameters: [{ key: 'shop', value: 'main' }],
      },
    ])
    const { diverged } = await changed(log, `members[0].assistant.model.tools=${fixed}`)
    expect(diverged).toMatchObject({
      turn: 1,
      reason: 'the tool look was not called with these arguments before',
    })
  })
})

describe('a record that was cut off', () => {
  it('compares the turns that it has', async () => {
    const { log, lines } = await saveYaml(twoTurns)
    // Up to the second end of turn.
    const end = log.steps.findIndex(({ commands }) =>
      commands.some(
        command =>
          command.type === 'observe' &&
          command.observation.type === 'turn.ended' &&
          command.observation.turn === 2,
      ),
    )
    const cut = parseCallLog(`${lines.slice(0, log.steps[end]?.line).join('\n')}\n{"type":"inp`, 'cut')
    expect(cut.isCutOff).toBe(true)
    const { turns, diverged, unrecorded } = await changed(cut, 'startSpeakingPlan.waitSeconds=0.8')
    expect(turns).toMatchObject([
      { status: 'differs', difference: { totalMs: 400 } },
      { status: 'not-recorded', before: { customer: 'At nine.' } },
    ])
    expect(diverged).toBe(null)
    expect(unrecorded).toMatchObject({ turn: 2, reason: 'the recorded call was cut off here' })
  })
})
