import { expect, it } from 'vitest'
import { excerpt } from '../../src/net/reply.ts'
import { GOOGLE } from '../../src/providers/google/vendor.ts'
import { garbageError, refusalError } from '../../src/providers/models/model-error.ts'
import {
  type ErrorContext,
  providerError,
  providerFailure,
  providerRefusal,
  secretsIn,
} from '../../src/providers/provider-error.ts'
import { findVendor } from '../../src/providers/vendors.ts'

const KEY = 'sk-0123456789-0123456789'
const vendor = findVendor('deepgram')
if (vendor === undefined) throw new Error('there is no deepgram')
const context: ErrorContext = { vendor, stage: 'voice', key: KEY }
const model = { vendor: GOOGLE, model: 'gemini', baseUrl: 'https://x.test', key: KEY }

/** Texts that are cut within the key, wherever. */
const cut = (limit: number) =>
  Array.from({ length: KEY.length }, (_, place) => `${'x'.repeat(limit - place)}${KEY} and so on`)

it.each(cut(300))('no beginning of a key is told where an error text is cut: %#', said => {
  const errors = [
    providerRefusal(context, 500, said),
    providerFailure(context, `sent: ${excerpt(said, 300)}`),
    refusalError(model, { message: said, code: '', status: 500 }),
    garbageError(model, `sent: ${excerpt(said, 300)}`),
  ]
  for (const { message } of errors) expect(message).not.toContain(KEY.slice(0, 4))
})

it('what went wrong below a provider is told without its key', () => {
  expect(providerError(context, new Error(`the key ${KEY} is strange`)).message).toContain(
    'the key *** is strange',
  )
})

it.each([
  [408, true],
  [429, true],
  [500, true],
  [402, false],
  [404, false],
])('after a status of %i another attempt is worth it: %s', (status, retryable) => {
  expect(providerRefusal(context, status, '').retryable).toBe(retryable)
  expect(providerRefusal(context, status, '', true).retryable).toBe(false)
})

it('secrets are the values of headers that name them, with and without their scheme', () => {
  const headers = { 'X-Tenant': 'acme', authorization: 'Bearer abc', 'x-vapi-secret': 'def', cookie: '' }
  expect(secretsIn(headers)).toEqual(['Bearer abc', 'abc', 'def'])
})
