/** Phonemes in the two documented alphabets as those of Flite's American voices. */

/** Symbols of the International Phonetic Alphabet, longest first; `1` marks where the stress goes. */
const IPA = (
  'eɪ:ey1 oʊ:ow1 əʊ:ow1 aɪ:ay1 aʊ:aw1 ɔɪ:oy1 ɪə:ih1_ax eə:eh1_ax ʊə:uh1_ax tʃ:ch dʒ:jh t͡ʃ:ch d͡ʒ:jh i:iy1 ɪ:ih1 e:eh1 ' +
  'ɛ:eh1 æ:ae1 ɑ:aa1 ɒ:aa1 a:aa1 ɔ:ao1 o:ow1 ʊ:uh1 u:uw1 ʌ:ah1 ɐ:ah1 ə:ax1 ɚ:er1 ɝ:er1 ɜ:er1 ɨ:ih1 ʉ:uw1 y:uw1 p:p b:b ' +
  't:t d:d k:k ɡ:g g:g ʧ:ch ʤ:jh f:f v:v θ:th ð:dh s:s z:z ʃ:sh ʒ:zh h:hh m:m n:n ŋ:ng l:l ɫ:l r:r ɹ:r ʁ:r ɾ:d j:y w:w ' +
  'ʍ:w x:k ɲ:n_y ʎ:l_y c:k q:k β:b ɸ:f'
)
  .split(' ')
  .map(entry => {
    const [symbol = '', phones = ''] = entry.split(':')
    return { symbol, phones: phones.split('_') }
  })

/** Length, syllables, aspiration and marks over and under letters: Flite has none of them. */
const IPA_IGNORED = /[\p{M}ːˑ.‿ʰʲʷ()\s/[\]-]/u
/** Under a consonant that is a syllable of its own. */
const SYLLABIC = '\u0329'
const VOWELS = /^(?:aa|ae|ah|ao|aw|ax|ay|eh|er|ey|ih|iy|ow|oy|uh|uw)/

const ARPABET = /^(AA|AE|AH|AO|AW|AX|AY|EH|ER|EY|IH|IY|OW|OY|UH|UW)([012])?$/i
const ARPABET_CONSONANT = /^(?:B|CH|D|DH|F|G|HH|JH|K|L|M|N|NG|P|R|S|SH|T|TH|V|W|Y|Z|ZH)$/i

/**
 * The phones of Flite for phonemes in `ipa` (`/tə'meɪtoʊ/`) or `cmu-arpabet` (`T AH0 M EY1 T OW`), separated by spaces;
 * null where a symbol has none. Without a stress mark the first full vowel is stressed.
 */
export function flitePhones(phonemes: string, alphabet: string): string | null {
  const phones =
    alphabet === 'ipa' ? phonesOfIpa(phonemes.normalize('NFD')) : phonesOfArpabet(phonemes.trim())
  if (phones === null || phones.length === 0) return null
  if (!phones.some(phone => phone.endsWith('1'))) {
    const first = phones.findIndex(phone => VOWELS.test(phone) && !phone.startsWith('ax'))
    if (first >= 0) phones[first] = phones[first].replace(/0?$/, '1')
  }
  return phones.map(phone => phone.replace(/^ax[01]$/, 'ax')).join(' ')
}

function phonesOfIpa(phonemes: string): string[] | null {
  const phones: string[] = []
  let stressed = false
  for (let at = 0; at < phonemes.length; ) {
    const sign = phonemes[at]
    if ("ˈ'ˌ".includes(sign)) {
      stressed = sign !== 'ˌ'
      at++
      continue
    }
    const found = IPA.find(({ symbol }) => phonemes.startsWith(symbol, at))
    if (found === undefined) {
      if (!IPA_IGNORED.test(sign)) return null
      if (sign === SYLLABIC) phones.splice(-1, 0, 'ax')
      at++
      continue
    }
    for (const phone of found.phones) {
      const isVowel = VOWELS.test(phone)
      phones.push(isVowel ? phone.replace(/1?$/, stressed && phone.endsWith('1') ? '1' : '0') : phone)
      if (isVowel) stressed = false
    }
    at += found.symbol.length
  }
  return phones
}

function phonesOfArpabet(phonemes: string): string[] | null {
  const phones: string[] = []
  for (const symbol of phonemes.split(/[\s-]+/)) {
    const [, vowel, stress] = ARPABET.exec(symbol) ?? []
    if (vowel !== undefined) {
      const name = stress === '0' && vowel.toUpperCase() === 'AH' ? 'ax' : vowel.toLowerCase()
      phones.push(`${name}${stress === undefined || stress === '0' ? '0' : '1'}`)
    } else if (ARPABET_CONSONANT.test(symbol)) phones.push(symbol.toLowerCase())
    else return null
  }
  return phones
}
