import { expect, it } from 'vitest'
import { maskHeaders, maskUrl } from '../../src/net/trace.ts'

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

it('masks user, password and secret query values of an address', () => {
  const masked = maskUrl('https://me:pw@example.com/hook?limit=5&token=t1&api_key=k1&sig=x&code=c&token=t2')
  expect(masked).toBe('https://***:***@example.com/hook?limit=5&token=***&api_key=***&sig=***&code=***')
})
