import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LiveCall } from '../../src/api/live-call.ts'
import {
  addMessageBody,
  type ControlBody,
  muteBody,
  postControl,
  sayBody,
  transferBody,
} from '../../src/api/live-control.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { type MonitorServer, startMonitorServer } from '../support/monitor-server.ts'
import { createStrictCheck } from '../support/openapi/strict-schema.ts'
import { documentAbsent, loadOpenApiDocument } from '../support/openapi-mock.ts'

const bodies: [string, ControlBody, object][] = [
  ['say', sayBody('Hello'), { type: 'say', content: 'Hello' }],
  [
    'say, then hang up, and do not be cut off',
    sayBody('Bye', { endAfter: true, interrupts: true, interruptible: false }),
    {
      type: 'say',
      content: 'Bye',
      endCallAfterSpoken: true,
      interruptAssistantEnabled: true,
      interruptionsEnabled: false,
    },
  ],
  [
    'message',
    addMessageBody('system', 'Note', false),
    { type: 'add-message', message: { role: 'system', content: 'Note' }, triggerResponseEnabled: false },
  ],
  [
    'message with an answer',
    addMessageBody('user', 'Hi', true),
    { type: 'add-message', message: { role: 'user', content: 'Hi' } },
  ],
  ['mute', muteBody('assistant', false), { type: 'control', control: 'mute-assistant' }],
  ['unmute', muteBody('customer', true), { type: 'control', control: 'unmute-customer' }],
  ['end', { type: 'end-call' }, { type: 'end-call' }],
  [
    'transfer',
    transferBody('+1 (555) 123-4567', 'One moment'),
    { type: 'transfer', destination: { type: 'number', number: '+15551234567' }, content: 'One moment' },
  ],
  [
    'transfer to SIP',
    transferBody('sip:desk@example.com'),
    { type: 'transfer', destination: { type: 'sip', sipUri: 'sip:desk@example.com' } },
  ],
]

describe('a control message', () => {
  it.each(bodies)('%s has the documented fields', (_name, body, expected) => {
    expect(body).toEqual(expected)
  })

  const document = loadOpenApiDocument()
  it.skipIf(document === false)(
    document
      ? 'is valid by the API’s document'
      : `is valid by the API’s document (skipped: ${documentAbsent})`,
    () => {
      if (document === false) return
      const names: Record<ControlBody['type'], string> = {
        say: 'Say',
        'add-message': 'AddMessage',
        control: 'Control',
        'end-call': 'EndCall',
        transfer: 'Transfer',
      }
      const check = createStrictCheck(document)
      const faults = bodies.flatMap(([, body]) =>
        check({ $ref: `#/components/schemas/ClientInboundMessage${names[body.type]}` }, body),
      )
      expect(faults).toEqual([])
      expect(
        check({ $ref: '#/components/schemas/ClientInboundMessageSay' }, { type: 'say', words: 'x' }),
      ).not.toEqual([])
    },
  )

  it.each(['12345', 'desk@example.com', '5551234567', '+0123', 'sip:'])(
    'is not made for the destination %s',
    destination => {
      expect(() => transferBody(destination)).toThrow(/no telephone number/)
    },
  )
})

describe('posting a control message', () => {
  let server: MonitorServer
  let http: HttpClient
  beforeEach(async () => {
    server = await startMonitorServer()
    http = createHttpClient()
  })
  afterEach(async () => {
    http.close()
    await server.close()
  })

  const post = (call: LiveCall, publicKey: string | null = null) =>
    postControl(http, {
      call,
      body: { type: 'end-call' },
      publicKey,
      privateKey: 'private',
      timeoutMs: 5000,
      signal: new AbortController().signal,
    })
  const running = (more: object = {}): LiveCall =>
    ({ id: 'c1', status: 'in-progress', monitor: { controlUrl: server.controlUrl }, ...more }) as LiveCall
  const protectedCall = (where: string) =>
    running({ [where]: { monitorPlan: { controlAuthenticationEnabled: true } } })

  it('sends the body once, without any key', async () => {
    await post(running())
    expect(server.posted).toHaveLength(1)
    expect(server.posted[0]).toMatchObject({ path: '/call-1/control', json: { type: 'end-call' } })
    expect(server.posted[0]?.headers.authorization).toBeUndefined()
  })

  it('gives the reply', async () => {
    server.answer = { status: 200, body: '{"ok":true}' }
    expect(await post(running())).toEqual({ ok: true })
    server.answer = { status: 201, body: 'fine' }
    expect(await post(running())).toBe('fine')
  })

  it.each(['assistant', 'assistantOverrides'])('sends the public key where %s asks for one', async where => {
    await post(protectedCall(where), 'public')
    expect(server.posted[0]?.headers.authorization).toBe('Bearer public')
  })

  it('sends nothing where a public key is needed and none is there', async () => {
    await expect(post(protectedCall('assistant'))).rejects.toMatchObject({
      code: 'public-key-needed',
      exit: 4,
    })
    expect(server.posted).toEqual([])
  })

  it('never sends the private key in place of the public one', async () => {
    await expect(post(running(), 'private')).rejects.toMatchObject({ exit: 2 })
    expect(server.posted).toEqual([])
  })

  it.each(['http://example.com/c/control', 'ftp://localhost/x', 'not an address'])(
    'refuses the address %s',
    async url => {
      await expect(post(running({ monitor: { controlUrl: url } }))).rejects.toMatchObject({
        code: 'insecure-url',
        exit: 1,
      })
    },
  )

  it.each([
    [401, 'public-key-needed', 4],
    [404, 'call-over', 1],
    [422, 'control-refused', 1],
    [500, 'control-refused', 1],
  ])('says what a reply of %i means', async (status, code, exit) => {
    server.answer = { status, body: '{"message":"no"}' }
    await expect(post(running())).rejects.toMatchObject({ code, exit })
    expect(server.posted).toHaveLength(1)
  })

  it('says that a public key was refused', async () => {
    server.answer = { status: 401, body: '' }
    await expect(post(running(), 'wrong')).rejects.toMatchObject({ code: 'public-key-refused', exit: 4 })
  })

  it.each([
    ['ended', 'call-over', /is over \(ended: customer-ended-call\)/],
    ['scheduled', 'call-not-started', /has not begun \(scheduled\)/],
    ['in-progress', 'call-not-controllable', /has no control URL/],
  ])('of a call that is %s without an address says so', async (status, code, message) => {
    const call = running({
      status,
      monitor: {},
      ...(status === 'ended' && { endedReason: 'customer-ended-call' }),
    })
    await expect(post(call)).rejects.toMatchObject({ code, exit: 1, message: expect.stringMatching(message) })
  })
})
