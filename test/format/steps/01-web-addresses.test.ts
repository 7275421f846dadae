import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { planWith } from '../support.ts'

const format = createFormatter(planWith())

describe('protectWebAddresses', () => {
  it.each([
    'https://example.com:8080/a_b/2023/05/10?t=14:00&x=NDA#5km',
    'http://localhost:3000',
    'www.example.com/~user',
    'wss://example.com/live_1',
  ])('keeps %j through all steps', address => {
    expect(format(`see ${address}`).text).toBe(`see ${address}`)
  })

  it.each([
    ['(https://example.com).', '(https://example.com).'],
    ['**https://example.com**', 'https://example.com'],
    ['_https://example.com_', 'https://example.com'],
    ['https://example.com: 5', 'https://example.com. five'],
  ])('does not take what surrounds an address for a part of it: %j', (before, after) => {
    expect(format(before).text).toBe(after)
  })
})
