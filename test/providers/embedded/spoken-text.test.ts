import { describe, expect, it } from 'vitest'
import { spokenParts } from '../../../src/providers/embedded/spoken-text.ts'

const said = (text: string) =>
  spokenParts(text).map(part => (part.type === 'say' ? part.text : `[${part.durationMs} ms]`))

describe('spoken text', () => {
  it('splits a text into sentences', () => {
    expect(said('Hello there. How are you?  Fine!\nGood')).toEqual([
      'Hello there.',
      'How are you?',
      'Fine!',
      'Good',
    ])
  })

  it('keeps abbreviations, initials and decimals inside their sentence', () => {
    expect(said('Dr. Smith met J. Doe, i.e. John, at 3.5 miles. Then he left.')).toEqual([
      'Dr. Smith met J. Doe, i.e. John, at 3.5 miles.',
      'Then he left.',
    ])
  })

  it('cuts a long sentence at a comma, and text without commas at a space', () => {
    const clause = 'this clause has about forty characters,'
    for (const part of said(`${clause} `.repeat(12))) {
      expect(part.length).toBeLessThanOrEqual(200)
      expect(part).toMatch(/,$/)
    }
    const words = said('word '.repeat(100))
    expect(words.join(' ').split(' ')).toHaveLength(100)
    expect(Math.max(...words.map(part => part.length))).toBeLessThanOrEqual(200)
    expect(said('x'.repeat(450)).map(part => part.length)).toEqual([200, 200, 50])
  })

  it('writes typographic signs, accents and symbols in a way that Flite pronounces', () => {
    expect(said('“It’s” – naïve… café & Straße')).toEqual(['"It\'s", naive...', 'cafe and Strasse'])
    expect(said('Pages 5–7 cost €5 or £3.50, mail me@home, #4, **now**')).toEqual([
      'Pages 5 to 7 cost 5 euros or 3.50 pounds, mail me at home, number 4, now',
    ])
  })

  it('turns breaks into pauses and spells what is to be spelled', () => {
    expect(said('One.<break time="1s"/>Two <break time="250ms" /> three <break/>')).toEqual([
      'One.',
      '[1000 ms]',
      'Two',
      '[250 ms]',
      'three',
      '[500 ms]',
    ])
    expect(said('Code <spell>AB1</spell> please')).toEqual(['Code A B 1 please'])
    expect(said('<break time="99s"/>')).toEqual(['[10000 ms]'])
  })

  it('drops other tags, keeps their content and decodes entities', () => {
    expect(said('<speak>Fish &amp; <emphasis level="strong">chips</emphasis></speak>')).toEqual([
      'Fish and chips',
    ])
    expect(said('3 < 4 is so')).toEqual(['3 4 is so'])
  })

  it.each(['', '   ', '...', '—!?', '<speak></speak>', '你好，世界', 'Здравствуйте, Anna', '😀'])(
    'refuses to read %j',
    text => {
      expect(() => spokenParts(text)).toThrow(
        expect.objectContaining({
          code: 'voice-cannot-read',
          retryable: false,
          endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
        }),
      )
    },
  )

  it('reads a text that is mostly English', () => {
    expect(said('The word 你好 means hello')).toEqual(['The word means hello'])
  })
})
