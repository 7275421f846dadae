import { describe, expect, it } from 'vitest'
import { maskText } from '../../src/listen/mask.ts'

describe('a masked text hides', () => {
  it.each([
    ['pay({"apiKey":"sk-very-secret","n":1})', 'pay({"apiKey":"***","n":1})'],
    ['{"my_token": "a\\"b", "x": "y"}', '{"my_token": "***", "x": "y"}'],
    ['pay({"password":"cut off…', 'pay({"password":"***'],
    ['/hook?token=abc&x=1', '/hook?token=***&x=1'],
    ['/hook?x=1&api_key=abc', '/hook?x=1&api_key=***'],
    ['call +15551234567 now', 'call +1••••••••67 now'],
  ])('secrets and numbers of %s', (text, masked) => expect(maskText(text)).toBe(masked))
})
