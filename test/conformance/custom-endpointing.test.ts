import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEndpointingServer } from '../../src/messages/endpointing-request.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import {
  type FakeOpenAi,
  type FakeReply,
  jsonReply,
  rawReply,
  startFakeOpenAi,
} from '../support/fake-openai.ts'
import { planOf } from '../support/hooks.ts'
import { callLive, typing } from '../support/live.ts'
import { decisionOf, runScenario, warningsOf } from '../support/speaking.ts'

const url = 'https://turns.example/'
const custom = (server: object = { url }, more: object = {}) => ({
  startSpeakingPlan: {
    waitSeconds: 0,
    smartEndpointingPlan: { provider: 'custom-endpointing-model', server },
    ...more,
  },
})
const saying = (endpointing: object[], more: object = {}, server?: object) =>
  runScenario({
    assistant: custom(server),
    caller: [{ at: 0, say: 'it is 5', lasts: 1 }],
    model: [{ reply: 'Good.' }],
    endpointing,
    ...more,
  })

describe('a custom endpointing model', () => {
  it.each([0, 0.3, 2.5, 15])(
    '[api-custom-endpointing-model] is waited for as it says, from the end of the speech: %d s',
    async timeoutSeconds => {
      const call = await saying([{ timeoutSeconds, afterMs: 120 }])
      const waitMs = timeoutSeconds * 1000
      expect(decisionOf(call)).toEqual({
        by: 'custom-model',
        waitMs,
        // An answer that comes later than its own wait is overdue.
        endedMs: 1000 + Math.max(waitMs, 120),
      })
      expect(call.first('endpointing.decided').detail).toBe(`the server says ${timeoutSeconds} s`)
      expect(warningsOf(call)).toEqual([])
    },
  )

  it.each([
    [[{ timeoutSeconds: 15.1 }], 'the server answered timeoutSeconds 15.1; it must be a number from 0 to 15'],
    [[{ timeoutSeconds: -1 }], 'the server answered timeoutSeconds -1; it must be a number from 0 to 15'],
    [[{ error: 'out of order' }], 'out of order'],
    [[], 'the script has no answer for the custom endpointing model'],
  ])(
    '[api-custom-endpointing-model, heuristics-fallback] leaves it to the heuristics, with a warning, for %j',
    async (endpointing, reason) => {
      const call = await saying(endpointing)
      expect(decisionOf(call)).toEqual({ by: 'vapi', waitMs: 500, endedMs: 1500 })
      expect(warningsOf(call)).toEqual([`${reason}; the text heuristics decide`])
    },
  )

  it.each([
    [{ url, timeoutSeconds: 2 }, 2],
    // Longer than the longest wait nothing is worth waiting for.
    [{ url }, 15],
  ])('[api-custom-endpointing-model] of %j has %d s for its answer', async (server, seconds) => {
    const call = await saying([{ timeoutSeconds: 1, afterMs: 16_000 }], {}, server)
    expect(decisionOf(call)).toEqual({ by: 'vapi', waitMs: 500, endedMs: 1000 + seconds * 1000 })
    expect(warningsOf(call)).toEqual([
      `the server did not answer within ${seconds} s; the text heuristics decide`,
    ])
  })

  it('[api-custom-endpointing-model] may be the assistant’s own server; without any the heuristics decide', async () => {
    const smart = { smartEndpointingPlan: { provider: 'custom-endpointing-model' } }
    const own = await planOf({ server: { url }, startSpeakingPlan: smart })
    expect(own.endpointing.method).toEqual({ type: 'custom-model' })
    const none = await planOf({ startSpeakingPlan: smart })
    expect(none.endpointing.method).toEqual({ type: 'heuristics', by: 'vapi' })
    expect(none.warnings).toEqual([
      'smart endpointing by custom-endpointing-model has no server (startSpeakingPlan.smartEndpointingPlan.server); the text heuristics decide',
    ])
  })

  it('[custom-rules-first] is not asked where a custom rule fits', async () => {
    const rules = { customEndpointingRules: [{ type: 'customer', regex: '5', timeoutSeconds: 2 }] }
    const call = await saying([{ timeoutSeconds: 0 }], { assistant: custom({ url }, rules) })
    expect(decisionOf(call)).toEqual({ by: 'custom-rule', waitMs: 2000, endedMs: 3000 })
    expect(call.commands().filter(({ type }) => type === 'endpointing.request')).toEqual([])
  })

  it('[api-custom-endpointing-model-again] is asked anew for every new transcript of an open turn, and the answer before is void', async () => {
    const call = await runScenario({
      assistant: { ...custom(), firstMessageMode: 'assistant-speaks-first', firstMessage: 'Yes?' },
      caller: [
        { at: 2, say: 'my number is', lasts: 1 },
        { at: 4, say: 'five five', lasts: 1 },
        { at: 7, say: 'six six', lasts: 1 },
      ],
      model: [{ reply: 'Good.' }],
      endpointing: [{ when: 'six$', timeoutSeconds: 0.2 }, { timeoutSeconds: 4 }],
    })
    const requests = call
      .commands()
      .flatMap(command => (command.type === 'endpointing.request' ? [command.request] : []))
    expect(requests.map(({ text }) => text)).toEqual([
      'my number is',
      'my number is five five',
      'my number is five five six six',
    ])
    expect(requests[1]?.messagesOpenAIFormatted).toEqual([
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: 'my number is five five' },
    ])
    expect(call.all('turn.ended').map(({ text, atMs }) => [text, atMs])).toEqual([
      ['my number is five five six six', 8200],
    ])
  })

  it('[api-custom-endpointing-model-again] an answer that the next transcript overtakes does not count', async () => {
    const call = await runScenario({
      assistant: custom(),
      caller: [
        { at: 0, say: 'my number is', lasts: 1 },
        { at: 1.5, say: 'five five', lasts: 1 },
      ],
      model: [{ reply: 'Good.' }],
      endpointing: [
        { when: 'five$', timeoutSeconds: 1 },
        { timeoutSeconds: 0, afterMs: 1000 },
      ],
    })
    expect(call.all('endpointing.decided').map(({ waitMs, atMs }) => [waitMs, atMs])).toEqual([[1000, 2500]])
    expect(call.all('turn.ended').map(({ atMs }) => atMs)).toEqual([3500])
  })
})

describe('the request to a custom endpointing model', () => {
  let server: FakeOpenAi
  let http: HttpClient
  beforeEach(async () => {
    server = await startFakeOpenAi()
    http = createHttpClient()
  })
  afterEach(async () => {
    http.close()
    await server.close()
  })

  const ask = (reply: FakeReply, more: object = {}) => {
    server.script(reply)
    const target = {
      url: `${server.url}/turns?key=s3cret`,
      timeoutSeconds: 20,
      headers: { 'X-Own': 'yes' },
      ...more,
    }
    const options = { http, envelope: () => ({ call: { id: 'c1' } }), now: () => 1234 }
    const messages = [{ role: 'user', message: 'Hello', time: 1, secondsFromStart: 0 }]
    const messagesOpenAIFormatted = [{ role: 'user' as const, content: 'Hello' }]
    return createEndpointingServer(target, options).timeoutSeconds(
      { text: 'Hello', messages, messagesOpenAIFormatted },
      new AbortController().signal,
    )
  }

  it('[api-custom-endpointing-model] is a call.endpointing.request with the conversation, posted to the plan’s server', async () => {
    expect(await ask(jsonReply({ timeoutSeconds: 0.5 }))).toBe(0.5)
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/turns?key=s3cret',
        headers: { 'x-own': 'yes', 'content-type': 'application/json' },
        json: {
          message: {
            type: 'call.endpointing.request',
            timestamp: 1234,
            call: { id: 'c1' },
            messages: [{ role: 'user', message: 'Hello', time: 1, secondsFromStart: 0 }],
            messagesOpenAIFormatted: [{ role: 'user', content: 'Hello' }],
          },
        },
      },
    ])
  })

  it.each<[FakeReply, string]>([
    [jsonReply({}), 'answered no timeoutSeconds; it must be a number from 0 to 15'],
    [jsonReply({ timeoutSeconds: 16 }), 'answered timeoutSeconds 16'],
    [jsonReply({ timeoutSeconds: '1' }), 'answered timeoutSeconds 1'],
    [jsonReply({ error: 'no idea' }), 'answered an error: no idea'],
    [rawReply('broken', 'text/plain', 500), 'answered 500'],
    [rawReply('soon', 'text/plain'), 'answered no JSON object: soon'],
  ])(
    '[api-custom-endpointing-model] fails for %j, without showing the address’s secrets',
    async (reply, message) => {
      const asked = ask(reply)
      await expect(asked).rejects.toThrow(message)
      await expect(asked).rejects.not.toThrow('s3cret')
    },
  )

  it('[api-custom-endpointing-model] fails where the server is silent for its timeoutSeconds', async () => {
    await expect(ask({ steps: ['silence'] }, { timeoutSeconds: 1 })).rejects.toThrow(
      'did not answer within 1 s',
    )
  })

  it('[api-custom-endpointing-model, api-custom-endpointing-model-again] is made in a live call, where its answer ends the turn', async () => {
    server.answerWith(() => jsonReply({ timeoutSeconds: 0.3 }))
    const call = await callLive(custom({ url: `${server.url}/turns` }), typing('my name is', 'Ann'), [
      'Yes?',
      'Good.',
    ])
    expect(call.all('endpointing.decided')).toMatchObject([
      { by: 'custom-model', waitMs: 300 },
      { by: 'custom-model', waitMs: 300 },
    ])
    const [stopped, ended] = [call.all('customer.speech.stopped'), call.all('turn.ended')]
    for (const place of [0, 1])
      expect((ended[place]?.atMs ?? 0) - (stopped[place]?.atMs ?? 0)).toBeGreaterThanOrEqual(300)
    expect(call.warnings).toEqual([])
    expect(server.requests.map(({ json }) => json)).toMatchObject([
      { message: { type: 'call.endpointing.request', messagesOpenAIFormatted: [{ content: 'my name is' }] } },
      {
        message: {
          call: { status: 'in-progress' },
          messages: [
            { role: 'user', message: 'my name is' },
            { role: 'bot', message: 'Yes?' },
            { role: 'user', message: 'Ann' },
          ],
        },
      },
    ])
  })
})
