import { expect, it } from 'vitest'
import { formatTrace, isSecretName, maskHeaders, maskUrl } from '../../src/net/trace.ts'

it('masks the values of headers that carry secrets and keeps the others', () => {
  const headers = {
    authorization: 'Bearer sk-1',
    'api-key': 'k',
    'x-vapi-secret': 's',
    cookie: 'a=b',
    'content-type': 'application/json',
  }
  expect(maskHeaders(headers)).toEqual({
    authorization: '***',
    'api-key': '***',
    'x-vapi-secret': '***',
    cookie: '***',
    'content-type': 'application/json',
  })
})

it('knows names of secrets by their words, and lets alone what only begins like one', () => {
  const secret =
    'Authorization x-api-key xi-api-key api_key apiKey APIKey apikey key ocp-apim-subscription-key clientSecret access_token X-Amz-Security-Token X-Amz-Credential set-cookie sig code password x-vapi-signature credentials x-auth oauthToken basicauth x-authenticated-user jwt'
  const harmless =
    'keyterm keyterms_prompt keytermsPrompt keywords keyword author max_tokens maxTokens tokenizer encoding language_code content-type'
  expect(secret.split(' ').filter(name => !isSecretName(name))).toEqual([])
  expect(harmless.split(' ').filter(isSecretName)).toEqual([])
  expect(maskUrl('wss://api.example/v1/listen?keyterm=Vapi&keywords=a%3A2&token=t')).toBe(
    'wss://api.example/v1/listen?keyterm=Vapi&keywords=a%3A2&token=***',
  )
})

it('masks user, password and secret query values of an address', () => {
  const masked = maskUrl('https://me:pw@example.com/hook?limit=5&token=t1&api_key=k1&sig=x&code=c&token=t2')
  expect(masked).toBe('https://***:***@example.com/hook?limit=5&token=***&api_key=***&sig=***&code=***')
})

it('masks all query values where the whole query is a secret', () => {
  expect(maskUrl('https://x.example/f?a=1&b=2', true)).toBe('https://x.example/f?a=***&b=***')
})

it('is written in two lines, masked once more', () => {
  const trace = {
    method: 'GET',
    url: 'https://api.example.com/call?limit=5&token=t',
    headers: { accept: 'application/json', authorization: 'Bearer sk-1' },
    status: 200,
    durationMs: 81.4,
    firstByteMs: 60.2,
    reusedConnection: true,
    proxy: 'http://proxy:3128',
  }
  expect(formatTrace(trace)).toBe(
    'http: GET https://api.example.com/call?limit=5&token=*** -> 200 (first byte 60 ms, 81 ms, kept connection, proxy http://proxy:3128)\n' +
      'http:   accept: application/json; authorization: ***',
  )
  const failed = {
    ...trace,
    status: undefined,
    firstByteMs: undefined,
    proxy: undefined,
    reusedConnection: false,
  }
  expect(formatTrace({ ...failed, error: 'nothing answers' }).split('\n')[0]).toBe(
    'http: GET https://api.example.com/call?limit=5&token=*** -> nothing answers (81 ms, new connection)',
  )
})
