import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import callLocal from '../../src/commands/call-local.ts'
import type { OutgoingMessage } from '../../src/engine/ports/message-sink.ts'
import { deliver } from '../../src/messages/deliver.ts'
import { readDeliveryPlan } from '../../src/messages/delivery-plan.ts'
import { createServerSink } from '../../src/messages/server-sink.ts'
import { readToolReply } from '../../src/messages/tool-calls.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { type FakeOpenAi, jsonReply, startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { runCommand } from '../support/run-command.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function hook(): Promise<FakeOpenAi> {
  const server = await startFakeOpenAi()
  server.answerWith(() => jsonReply({ received: true }))
  open.push(() => server.close())
  return server
}

interface Sent {
  delivered: [string, number][]
  warnings: string[]
  pausesMs: number[]
  send(...types: string[]): void
  close(): Promise<void>
}

/** The way of the messages of one assistant. */
function sinkOf(assistant: Record<string, unknown>, phoneNumber: Record<string, unknown> = {}): Sent {
  const http = createHttpClient()
  open.push(() => http.close())
  const plan = readDeliveryPlan(assistant, phoneNumber)
  const sent: Omit<Sent, 'send' | 'close'> = { delivered: [], warnings: [...plan.warnings], pausesMs: [] }
  const sink = createServerSink({
    http,
    serverOf: () => plan.server,
    now: () => 1_700_000_000_000,
    delivered: (type, status) => sent.delivered.push([type, status]),
    warn: message => sent.warnings.push(message),
    sleep: async durationMs => void sent.pausesMs.push(durationMs),
  })
  return {
    ...sent,
    send: (...types) => {
      for (const type of types) sink.send(message(type))
    },
    close: () => sink.close(AbortSignal.timeout(20_000)),
  }
}

function message(type: string): OutgoingMessage {
  return { recipient: 'server', member: 0, type, body: { type, timestamp: 1 } }
}

describe('a message to a server', () => {
  it('[web-webhook-envelope] is a POST whose JSON body holds it under message', async () => {
    const server = await hook()
    const sink = sinkOf({ server: { url: `${server.url}/hook` } })
    sink.send('status-update', 'speech-update', 'hang')
    await sink.close()
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/hook', json: { message: { type: 'status-update' } } },
      { method: 'POST', path: '/hook', json: { message: { type: 'speech-update' } } },
      { method: 'POST', path: '/hook', json: { message: { type: 'hang' } } },
    ])
    expect(server.requests[0]?.headers['content-type']).toBe('application/json')
    expect(sink.delivered.map(([type]) => type)).toEqual(['status-update', 'speech-update', 'hang'])
  })

  it('[api-one-server-per-message] goes to the assistant’s server, and to the number’s where it has none', async () => {
    const [own, number] = [await hook(), await hook()]
    const phone = { server: { url: number.url } }
    const withOwn = sinkOf({ server: { url: own.url } }, phone)
    withOwn.send('status-update')
    await withOwn.close()
    expect([own.requests.length, number.requests.length]).toEqual([1, 0])
    const without = sinkOf({}, phone)
    without.send('status-update')
    await without.close()
    expect([own.requests.length, number.requests.length]).toEqual([1, 1])
  })

  it('[web-information-reply-ignored] is done with whatever the reply holds', async () => {
    const server = await hook()
    server.script(jsonReply({ results: [], error: 'no', assistant: { name: 'x' } }), {
      steps: ['not json'],
    })
    const sink = sinkOf({ server: { url: server.url } })
    sink.send('status-update', 'transcript')
    await sink.close()
    expect(sink.delivered).toEqual([
      ['status-update', 200],
      ['transcript', 200],
    ])
    expect(sink.warnings).toEqual([])
  })

  it('that is not taken is told once, and the next ones are sent all the same', async () => {
    const server = await hook()
    server.script(jsonReply({}, 500), jsonReply({}, 500), jsonReply({ ok: true }))
    const sink = sinkOf({ server: { url: server.url } })
    sink.send('status-update', 'hang', 'transcript')
    await sink.close()
    expect(sink.delivered).toEqual([['transcript', 200]])
    expect(sink.warnings).toHaveLength(2)
    expect(sink.warnings[0]).toContain('500')
    expect(sink.warnings[1]).toContain('2 messages')
  })
})

describe('sending again', () => {
  const failing = () => Array.from({ length: 6 }, () => jsonReply({}, 503))

  it('[api-retries-only-with-plan] happens only with a backoff plan, so often and after its delays', async () => {
    const server = await hook()
    server.script(...failing())
    const once = sinkOf({ server: { url: server.url } })
    once.send('hang')
    await once.close()
    expect(server.requests).toHaveLength(1)

    const fixed = { type: 'fixed', maxRetries: 2, baseDelaySeconds: 1 }
    const again = sinkOf({ server: { url: server.url, backoffPlan: fixed } })
    again.send('hang')
    await again.close()
    expect(server.requests).toHaveLength(4)
    expect(again.pausesMs).toEqual([1000, 1000])
    expect(again.warnings).toHaveLength(1)
  })

  it('[api-retries-only-with-plan] waits longer each time with an exponential plan, and ends with success', async () => {
    const server = await hook()
    server.script(...failing().slice(0, 3))
    const backoffPlan = { type: 'exponential', maxRetries: 5, baseDelaySeconds: 0.5 }
    const sink = sinkOf({ server: { url: server.url, backoffPlan } })
    sink.send('hang')
    await sink.close()
    expect(sink.pausesMs).toEqual([500, 1000, 2000])
    expect(sink.delivered).toEqual([['hang', 200]])
  })

  it('[api-retries-only-with-plan] leaves excluded status codes alone', async () => {
    const server = await hook()
    server.script(jsonReply({}, 404))
    const backoffPlan = { type: 'fixed', maxRetries: 3, baseDelaySeconds: 1, excludedStatusCodes: [404] }
    const sink = sinkOf({ server: { url: server.url, backoffPlan } })
    sink.send('hang')
    await sink.close()
    expect(server.requests).toHaveLength(1)
  })
})

describe('how a server knows the sender', () => {
  async function headersOf(server: Record<string, unknown>, credentials: unknown[] = []) {
    const peer = await hook()
    const sink = sinkOf({ server: { url: peer.url, ...server }, credentials })
    sink.send('hang')
    await sink.close()
    const [request] = peer.requests
    return { headers: request?.headers ?? {}, body: request?.body ?? '' }
  }
  const credential = (plan: unknown) => [{ provider: 'webhook', name: 'mine', authenticationPlan: plan }]

  it('[api-auth-legacy-secret] by the legacy secret, of the server or beside it', async () => {
    expect((await headersOf({ secret: 's3cret' })).headers['x-vapi-secret']).toBe('s3cret')
    const peer = await hook()
    const sink = sinkOf({ serverUrl: peer.url, serverUrlSecret: 'older' })
    sink.send('hang')
    await sink.close()
    expect(peer.requests[0]?.headers['x-vapi-secret']).toBe('older')
  })

  it('[api-auth-bearer] by a bearer token, under its own header where it has one', async () => {
    const plain = credential({ type: 'bearer', token: 't' })
    expect((await headersOf({ credentialId: 'mine' }, plain)).headers.authorization).toBe('Bearer t')
    const own = credential({ type: 'bearer', token: 't', headerName: 'X-Key', bearerPrefixEnabled: false })
    expect((await headersOf({ credentialId: 'mine' }, own)).headers['x-key']).toBe('t')
  })

  it('[api-auth-headers-win] by an Authorization of the server’s headers before the credential’s', async () => {
    const bearer = credential({ type: 'bearer', token: 't' })
    const { headers } = await headersOf(
      { credentialId: 'mine', headers: { Authorization: 'Basic x' } },
      bearer,
    )
    expect(headers.authorization).toBe('Basic x')
  })

  it('[api-auth-hmac] by a signature of time and body', async () => {
    const { headers, body } = await headersOf(
      { credentialId: 'mine' },
      credential({ type: 'hmac', secretKey: 'key' }),
    )
    expect(headers['x-timestamp']).toBe('1700000000')
    const expected = createHmac('sha256', 'key').update(`1700000000.${body}`).digest('hex')
    expect(headers['x-signature']).toBe(expected)
  })

  it('is told where a stored credential is not at hand', () => {
    const { warnings } = readDeliveryPlan({ server: { url: 'https://x', credentialId: 'stored' } })
    expect(warnings).toEqual([expect.stringContaining('stored')])
  })
})

describe('a reply', () => {
  it('[api-reply-wrapper] is read bare and inside messageResponse', () => {
    const bare = { results: [{ toolCallId: 'c1', result: 'nine' }] }
    for (const reply of [bare, { messageResponse: bare }])
      expect(readToolReply(JSON.stringify(reply), 'c1')).toMatchObject({ type: 'result', result: 'nine' })
  })
})

describe('a server that is slow', () => {
  it('does not hold up anything, is given up at its time limit, and at once when the end is cut short', async () => {
    const server = await hook()
    server.answerWith(() => ({ steps: ['silence'] }))
    const http = createHttpClient()
    open.push(() => http.close())
    const patient = { url: server.url, headers: {}, auth: {}, nowMs: 0, messageId: '', body: '{}' }
    const signal = new AbortController().signal
    await expect(deliver(http, { ...patient, timeoutMs: 50, signal })).rejects.toMatchObject({
      code: 'timeout',
    })

    const sink = sinkOf({ server: { url: server.url } })
    const cut = new AbortController()
    const plan = readDeliveryPlan({ server: { url: server.url } })
    const slow = createServerSink({
      http,
      serverOf: () => plan.server,
      now: () => 0,
      delivered: () => {},
      warn: text => sink.warnings.push(text),
    })
    slow.send(message('hang'))
    await server.request(1)
    cut.abort()
    await slow.close(cut.signal)
    expect(sink.warnings).toEqual([])
  })
})

describe('a live call', () => {
  it('[api-message-order, api-end-of-call-report, api-summary-default] sends its messages, and the report with the analysis at the end', async () => {
    const [server, model] = [await hook(), await startFakeOpenAi()]
    open.push(() => model.close())
    model.answerWith(() => textReply(['true']))
    const folder = mkdtempSync(join(tmpdir(), 'delivery-'))
    open.push(() => rmSync(folder, { recursive: true }))
    const assistant = {
      name: 'Desk',
      firstMessage: 'Hello there.',
      model: { provider: 'custom-llm', url: model.baseUrl, model: 'test' },
      server: { url: `${server.url}/hook` },
      analysisPlan: { minMessagesThreshold: 1 },
    }
    writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
    const argv = ['assistant.json', '--in', 'text', '--json', '--client-messages', 'client.jsonl']
    const { finished } = runCommand(callLocal, argv, { baseUrl: server.url, cwd: folder })
    const { exit, error, stdout } = await finished
    expect({ exit, error }).toEqual({ exit: 0, error: null })
    const told = server.requests.map(({ json }) => (json as { message: Record<string, unknown> }).message)
    expect(told[0]).toMatchObject({ type: 'status-update', status: 'in-progress' })
    expect(told.at(-2)).toMatchObject({ type: 'status-update', status: 'ended' })
    expect(told.at(-1)).toMatchObject({
      type: 'end-of-call-report',
      analysis: { summary: 'true', successEvaluation: 'true' },
      call: { status: 'ended' },
      artifact: { transcript: 'AI: Hello there.' },
    })
    const events = stdout.trim().split('\n')
    expect(events.filter(line => line.includes('"type":"message.sent"'))).toHaveLength(told.length)
    const client = readFileSync(join(folder, 'client.jsonl'), 'utf8').trim().split('\n')
    expect(JSON.parse(client[0] ?? '')).toMatchObject({ type: 'status-update', status: 'in-progress' })
    expect(JSON.parse(client.at(-1) ?? '')).toMatchObject({ type: 'status-update', status: 'ended' })
  })
})
