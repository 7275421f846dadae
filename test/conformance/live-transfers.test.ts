import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseScenario } from '../../src/call/scenario.ts'
import { requestsOf } from '../support/hooks.ts'
import { base, runSimulation, type SimulatedCall, simulateScenario } from '../support/simulation.ts'

const hello = `
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 20, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Bye." }, { reply: "Ciao." }]`
const send = (at: number, message: string) => `\ncontrol: [{ at: ${at}, send: { ${message} } }]`
/** A call with Reception, which speaks, and Billing. */
function runSquad(yaml: string): Promise<SimulatedCall> {
  const member = (name: string, fields: object, voiceId: string) => ({
    assistant: {
      ...base.assistant,
      name,
      ...fields,
      model: { ...base.assistant.model, messages: [{ role: 'system', content: `${name} does it.` }] },
      voice: { provider: 'openai', voiceId },
    },
  })
  const { latencies, voice } = base
  const members = [
    member('Reception', {}, 'alloy'),
    member('Billing', { firstMessageMode: 'assistant-speaks-first', firstMessage: 'Billing here.' }, 'echo'),
  ]
  return simulateScenario(
    parseScenario({ latencies, voice, squad: { members }, ...parse(yaml) }, 'test.yaml'),
  )
}

function said(call: SimulatedCall): [number, string][] {
  const stops = call.all('assistant.speech.stopped')
  return call.all('assistant.speech.started').map(({ atMs }, place) => [atMs, stops[place]?.spokenText ?? ''])
}

describe('transfer', () => {
  it.each([
    ['a number', '{ type: number, number: "+15551234567" }', { number: '+15551234567' }],
    ['a SIP address', '{ type: sip, sipUri: "sip:desk@example.com" }', { sipUri: 'sip:desk@example.com' }],
    [
      'a number that need not be E.164',
      '{ type: number, number: "5551", numberE164CheckEnabled: false }',
      { number: '5551' },
    ],
  ])(
    '[api-control-transfer] speaks its content, then transfers to %s: a recorded dry run',
    async (_case, to, where) => {
      const call = await runSimulation(
        hello + send(5, `type: transfer, content: "I connect you.", destination: ${to}`),
      )
      expect(said(call)).toEqual([
        [1900, 'Hi.'],
        [5300, 'I connect you.'],
      ])
      expect(call.all('transfer.started')).toEqual([
        {
          type: 'transfer.started',
          atMs: 6700,
          destination: expect.objectContaining(where),
          mode: 'blind-transfer',
          dryRun: true,
        },
      ])
      const { endedReason, atMs, artifact } = call.first('call.ended')
      expect({ endedReason, atMs }).toEqual({ endedReason: 'assistant-forwarded-call', atMs: 6700 })
      expect(artifact.transfers).toMatchObject([{ destination: where, status: 'completed', dryRun: true }])
    },
  )

  it('[api-control-transfer] has no words where it has no content, but those of its destination', async () => {
    const to = (more: string) =>
      `type: transfer, destination: { type: number, number: "+15551234567"${more} }`
    const silent = await runSimulation(hello + send(5, to('')))
    expect(said(silent)).toEqual([[1900, 'Hi.']])
    expect(silent.first('call.ended').atMs).toBe(5000)
    const own = await runSimulation(hello + send(5, to(', message: "Over to them."')))
    expect(said(own)[1]).toEqual([5300, 'Over to them.'])
    expect(own.first('transfer.started').atMs).toBe(6600)
  })

  it('[api-control-transfer] lets its words be heard to their end, and takes no other meanwhile', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 6, say: "Wait, no", lasts: 1 }]
model: [{ reply: "Hi." }]
control:
  - { at: 5, send: { type: transfer, content: "I connect you now.", destination: { type: number, number: "+15551234567" } } }
  - { at: 6.2, send: { type: transfer, destination: { type: number, number: "+15557654321" } } }`)
    expect(said(call)[1]).toEqual([5300, 'I connect you now.'])
    expect(call.all('warning').map(({ message }) => message)).toEqual([
      'transfer was refused: the call is being transferred already',
    ])
    expect(call.all('transfer.started')).toMatchObject([
      { destination: { number: '+15551234567' }, atMs: 7100 },
    ])
  })

  const to = '{ type: number, number: "+15551234567" }'
  /** What came after the transfer had begun, without the end. */
  const after = (call: SimulatedCall) => {
    const begun = call.observations.findIndex(({ type }) => type === 'transfer.started')
    return call.observations.slice(begun + 1).map(({ type, atMs }) => `${atMs} ${type}`)
  }

  it('[api-control-transfer] drops an answer that is not heard yet, and ends the call with its own words', async () => {
    // The answer to the first words is ready at 1.9 s, behind the transfer's own; more is said meanwhile.
    const call = await runSimulation(`
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 2.2, say: "Are you there?", lasts: 0.8 }, { at: 20, say: "Bye." }]
model: [{ reply: "A long answer to the first question." }, { reply: "A second answer." }, { reply: "A third." }]
control: [{ at: 1.05, send: { type: transfer, content: "Putting you through.", destination: ${to} } }]`)
    expect(said(call)).toEqual([[1350, 'Putting you through.']])
    expect(call.first('transfer.started').atMs).toBe(3350)
    expect(after(call).filter(line => !line.endsWith('call.ended'))).toEqual([])
    const { endedReason, atMs, artifact } = call.first('call.ended')
    expect({ endedReason, atMs }).toEqual({ endedReason: 'assistant-forwarded-call', atMs: 3350 })
    expect(call.all('model.requested').map(({ turn }) => turn)).toEqual([1])
    // Nothing that was said is lost.
    expect(artifact.transcript).toContain('User: Are you there?')
  })

  it('[api-control-transfer] without words drops the answer that is made; the one that is heard comes to an end', async () => {
    const transferAt = (at: number) =>
      runSimulation(`
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 20, say: "Bye." }]
model: [{ reply: "A long answer to the first question." }, { reply: "A second answer." }]
control: [{ at: ${at}, send: { type: transfer, destination: ${to} } }]`)
    for (const at of [1.3, 1.7]) {
      const call = await transferAt(at)
      expect(said(call)).toEqual([])
      expect(call.first('call.ended')).toMatchObject({
        endedReason: 'assistant-forwarded-call',
        atMs: at * 1000,
      })
    }
    const heard = await transferAt(3)
    expect(said(heard)).toEqual([[1900, 'A long answer to the first question.']])
    expect(heard.first('transfer.started').atMs).toBe(3000)
    expect(heard.first('call.ended')).toMatchObject({
      endedReason: 'assistant-forwarded-call',
      atMs: 5500,
    })
  })

  it('[api-control-transfer] is no transfer any more where the call’s last words are said', async () => {
    const call = await runSimulation(`
assistant: { endCallMessage: "Thank you and goodbye.", model: { provider: openai, model: gpt-4o, tools: [{ type: endCall }] } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: endCall }] }]
control: [{ at: 1.5, send: { type: transfer, content: "Over there.", destination: ${to} } }]`)
    expect(call.all('transfer.started')).toEqual([])
    expect(call.endedReason).toBe('assistant-ended-call')
  })

  it('[api-control-transfer] by a tool drops an unheard answer likewise', async () => {
    const call = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-4o, tools: [{ type: transferCall, destinations: [{ type: number, number: "+15551234567", message: "Putting you through." }] }] } }
latencies: { modelMs: 500, voiceMs: 300, toolMs: 700 }
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 2.2, say: "Are you there?", lasts: 0.8 }, { at: 20, say: "Bye." }]
model: [{ reply: "", toolCalls: [{ name: transferCall }] }, { reply: "A second answer." }]`)
    expect(said(call)).toEqual([[1900, 'Putting you through.']])
    expect(call.first('call.ended')).toMatchObject({ endedReason: 'assistant-forwarded-call', atMs: 4600 })
  })
})

describe('handoff', () => {
  it.each([['handoff'], ['transfer']])(
    '[api-control-handoff] %s speaks its content, then hands the call to another assistant',
    async type => {
      const call = await runSquad(
        hello +
          send(
            5,
            `type: ${type}, content: "One moment.", destination: { type: assistant, assistantName: Billing }`,
          ),
      )
      expect(said(call)).toEqual([
        [1900, 'Hi.'],
        [5300, 'One moment.'],
        [6700, 'Billing here.'],
        [21900, 'Bye.'],
      ])
      expect(call.all('assistant.changed')).toMatchObject([{ from: 'Reception', to: 'Billing', atMs: 6400 }])
      expect(call.all('voice.requested').map(({ voice }) => voice)).toEqual([
        'openai/alloy',
        'openai/alloy',
        'openai/echo',
        'openai/echo',
      ])
      expect(call.endedReason).toBe('customer-ended-call')
      // No tool was called: nothing of one is in the history.
      expect(requestsOf(call)[1]?.map(({ role, content }) => `${role} ${content}`)).toEqual([
        'system Reception does it.',
        'user Hello.',
        'assistant Hi.',
        'assistant One moment.',
        'system Billing does it.',
        'assistant Billing here.',
        'user Bye.',
      ])
    },
  )

  it.each([
    ['as a word', 'none'],
    ['as a plan', '{ type: none }'],
  ])(
    '[api-control-handoff] brings in an assistant of its own, with its context plan %s',
    async (_case, plan) => {
      const destination = `{ type: assistant, contextEngineeringPlan: ${plan}, assistant: { name: Newcomer, firstMessage: "New here.", model: { provider: openai, model: gpt-4o }, voice: { provider: openai, voiceId: nova } } }`
      const call = await runSimulation(hello + send(5, `type: handoff, destination: ${destination}`))
      expect(said(call)[1]).toEqual([5300, 'New here.'])
      expect(call.all('assistant.changed')).toMatchObject([{ to: 'Newcomer', atMs: 5000 }])
      expect(requestsOf(call)[1]?.map(({ content }) => content)).toEqual(['New here.', 'Bye.'])
    },
  )

  it('[api-control-handoff] to nobody, or to who speaks already, is told and changes nothing', async () => {
    const to = (name: string) =>
      runSquad(hello + send(5, `type: handoff, destination: { type: assistant, assistantName: ${name} }`))
    const nobody = await to('Sales')
    expect(nobody.all('warning')).toMatchObject([
      {
        message: 'the call was not transferred: there is no member named Sales; there are Reception, Billing',
      },
    ])
    expect(nobody.all('assistant.changed')).toEqual([])
    expect(nobody.endedReason).toBe('customer-ended-call')
    expect((await to('Reception')).all('warning')).toMatchObject([
      { message: 'the call was not transferred: the call is with Reception already' },
    ])
  })
})

describe('send-transport-message', () => {
  it.each([
    ['{ transport: twilio, twiml: "<Response/>" }', { transport: 'twilio', twiml: '<Response/>' }],
    [
      '{ transport: vapi.sip, sipVerb: INFO, headers: { X-A: b }, body: "hm" }',
      { transport: 'vapi.sip', sipVerb: 'INFO', headers: { 'X-A': 'b' }, body: 'hm' },
    ],
  ])('[api-control-transport-message] %s is recorded as a dry run', async (message, recorded) => {
    const call = await runSimulation(hello + send(5, `type: send-transport-message, message: ${message}`))
    expect(call.all('transport.message')).toEqual([
      { type: 'transport.message', atMs: 5000, message: recorded, dryRun: true },
    ])
    const { artifact, endedReason } = call.first('call.ended')
    expect(artifact.transportMessages).toEqual([
      { message: recorded, dryRun: true, time: Date.UTC(2026, 0, 5, 9) + 5000 },
    ])
    expect(endedReason).toBe('customer-ended-call')
  })
})
