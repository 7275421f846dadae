import { describe, expect, it } from 'vitest'
import { maskKey, readKey } from '../../src/auth/key.ts'

describe('readKey', () => {
  it('takes white space away from its ends', () => {
    expect(readKey(' \tkey-1\r\n')).toBe('key-1')
  })

  it.each(['', ' \n', 'a\nb', 'a\r\nb', 'a b', 'a\u0000b', 'schlüssel', 'x'.repeat(4097)])(
    'refuses %j without telling it',
    text => {
      expect(() => readKey(text)).toThrow(expect.objectContaining({ code: 'usage', exit: 2 }))
      if (text.trim().length > 3) expect(() => readKey(text)).not.toThrow(text.trim())
    },
  )
})

describe('maskKey', () => {
  it('shows the first 4 and the last 2 characters of long keys', () => {
    expect(maskKey('3f9c1f64-9c1e-4b7e-9d55-0c6a2f7e41d8')).toBe('3f9c********d8')
    expect(maskKey('12345678901234567')).toBe('1234********67')
  })

  it.each(['', 'a', '1234567', '1234567890123456'])('shows nothing of %j', key => {
    expect(maskKey(key)).toBe('********')
  })
})
