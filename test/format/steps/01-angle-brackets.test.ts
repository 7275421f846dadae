import { describe, expect, it } from 'vitest'
import { removeAngleBracketContent } from '../../../src/format/steps/01-angle-brackets.ts'
import { runStep } from '../support.ts'

describe('removeAngleBracketContent', () => {
  it.each([
    ['Hello <tag> world', 'Hello  world'],
    ['a <b class="x">bold</b> word', 'a bold word'],
    ['<!-- note -->Hi', 'Hi'],
    ['write to <https://example.com>', 'write to '],
    ['<breakfast>eggs', 'eggs'],
  ])('removes markup: %j', (before, after) => {
    expect(runStep(removeAngleBracketContent, before)).toBe(after)
  })

  it.each([
    'wait <break time="1.5s"/> there',
    '<BREAK/>',
    '<spell>AB<c>12</spell> and <spell>x</spell>',
    'say <<ˈ|v|ɑ|ˈ|p|i>> now',
    '<spell>never closed',
  ])('keeps audio tags with what they hold: %j', text => {
    expect(runStep(removeAngleBracketContent, text)).toBe(text)
  })

  it.each(['x < 5 and y > 3', 'a <5 b', 'I <3 you', '5 <= 6 >', 'an open < end', 'cut <off'])(
    'leaves comparisons and single brackets: %j',
    text => {
      expect(runStep(removeAngleBracketContent, text)).toBe(text)
    },
  )

  it('removes a tag behind an unclosed <spell>', () => {
    expect(runStep(removeAngleBracketContent, '<spell>one <i>two')).toBe('<spell>one two')
  })
})
