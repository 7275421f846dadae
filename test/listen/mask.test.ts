import { describe, expect, it } from 'vitest'
import { hideAddress, maskText } from '../../src/listen/mask.ts'

describe('a masked text hides', () => {
  it.each([
    ['pay({"apiKey":"sk-very-secret","n":1})', 'pay({"apiKey":"***","n":1})'],
    ['{"my_token": "a\\"b", "x": "y"}', '{"my_token": "***", "x": "y"}'],
    ['pay({"password":"cut off…', 'pay({"password":"***'],
    ['/hook?token=abc&x=1', '/hook?token=***&x=1'],
    ['/hook?x=1&api_key=abc', '/hook?x=1&api_key=***'],
    ['call +15551234567 now', 'call +1••••••••67 now'],
    ['to /hook?key=abc&sig=def&day=1', 'to /hook?key=***&sig=***&day=1'],
    ['at http://ann:word@example.test/x', 'at http://***@example.test/x'],
  ])('secrets and numbers of %s', (text, masked) => expect(maskText(text)).toBe(masked))
})

describe('an address that is told hides', () => {
  it.each([
    ['/hook?token=abc&x=1', '/hook?token=***&x=1'],
    ['http://ann:word@example.test/x', 'http://***@example.test/x'],
    ['https://t0ken@example.test?key=k', 'https://***@example.test?key=***'],
    ['http://example.test/a@b?x=%20y', 'http://example.test/a@b?x=%20y'],
  ])('its secrets, and nothing else: %s', (address, shown) => expect(hideAddress(address)).toBe(shown))
})
