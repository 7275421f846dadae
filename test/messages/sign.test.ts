import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { authHeaders, signRequest } from '../../src/messages/sign.ts'

const request = {
  method: 'POST',
  url: 'https://example.com/hook?x=1',
  body: '{"message":{"type":"hang"}}',
  nowMs: 1_700_000_000_999,
  messageId: 'msg_1',
}
const hmac = (algorithm: string, key: string | Buffer, text: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac(algorithm, key).update(text).digest(encoding)

describe('an HMAC credential', () => {
  it('signs time and body with SHA-256 in hex unless it says otherwise', () => {
    expect(signRequest({ secretKey: 'key' }, request)).toEqual({
      'x-signature': hmac('sha256', 'key', `1700000000.${request.body}`),
      'x-timestamp': '1700000000',
    })
  })

  it('gives the value that RFC 4231 names for its second test case', () => {
    const plan = { secretKey: 'Jefe', includeTimestamp: false }
    expect(signRequest(plan, { ...request, body: 'what do ya want for nothing?' })).toEqual({
      'x-signature': '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    })
  })

  it('follows headers, prefix, format, encoding and key of its plan', () => {
    const plan = {
      secretKey: Buffer.from('raw bytes').toString('base64'),
      secretIsBase64: true,
      algorithm: 'sha512',
      signatureHeader: 'webhook-signature',
      timestampHeader: 'webhook-timestamp',
      messageIdHeader: 'webhook-id',
      signaturePrefix: 'v1,',
      signatureEncoding: 'base64',
      payloadFormat: '{svix-id}.{timestamp}.{method}.{url}.{body}',
    } as const
    const payload = `msg_1.1700000000.POST.${request.url}.${request.body}`
    expect(signRequest(plan, request)).toEqual({
      'webhook-signature': `v1,${hmac('sha512', Buffer.from('raw bytes'), payload, 'base64')}`,
      'webhook-timestamp': '1700000000',
      'webhook-id': 'msg_1',
    })
  })

  it('does not take what stands in the body for a placeholder', () => {
    const body = '{"text":"{timestamp} {url}"}'
    expect(signRequest({ secretKey: 'k', payloadFormat: '{body}' }, { ...request, body })).toMatchObject({
      'x-signature': hmac('sha256', 'k', body),
    })
  })

  it('refuses a placeholder that there is not', () => {
    expect(() => signRequest({ secretKey: 'k', payloadFormat: '{when}.{body}' }, request)).toThrow(/\{when\}/)
  })
})

describe('other ways to prove who one is', () => {
  it('sends the secret, and the token as its credential has it', () => {
    expect(authHeaders({ secret: 's', bearer: { token: 't' } }, request)).toEqual({
      'X-Vapi-Secret': 's',
      Authorization: 'Bearer t',
    })
    const bearer = { token: 't', headerName: 'X-Key', bearerPrefixEnabled: false }
    expect(authHeaders({ bearer }, request)).toEqual({ 'X-Key': 't' })
    expect(authHeaders({}, request)).toEqual({})
  })
})
