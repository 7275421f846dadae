import { describe, expect, it } from 'vitest'
import { flitePhones } from '../../../src/providers/embedded/phonemes.ts'

describe('phonemes for Flite', () => {
  it.each([
    ["/tə'meɪtoʊ/", 't ax m ey1 t ow0'],
    ['/ˌkuːbərˈneɪtiːz/', 'k uw0 b ax r n ey1 t iy0 z'],
    ['ˈbʌtn̩', 'b ah1 t ax n'],
    ['dʒɒb', 'jh aa1 b'],
    ['t͡ʃɜːtʃ', 'ch er1 ch'],
    ['kæt', 'k ae1 t'],
    ['ˈniə', 'n iy1 ax'],
  ])('of the International Phonetic Alphabet: %s', (phonemes, phones) => {
    expect(flitePhones(phonemes, 'ipa')).toBe(phones)
  })

  it.each([
    ['V AE P IY', 'v ae1 p iy0'],
    ['T AH0 M EY1 T OW2', 't ax m ey1 t ow1'],
    ['hh ah l ow1', 'hh ah0 l ow1'],
  ])('of Arpabet: %s', (phonemes, phones) => {
    expect(flitePhones(phonemes, 'cmu-arpabet')).toBe(phones)
  })

  it.each([
    ['ǃ', 'ipa'],
    ['', 'ipa'],
    ['ː', 'ipa'],
    ['V QQ', 'cmu-arpabet'],
    ['', 'cmu-arpabet'],
  ])('are none where a symbol is unknown: %j', (phonemes, alphabet) => {
    expect(flitePhones(phonemes, alphabet)).toBeNull()
  })
})
