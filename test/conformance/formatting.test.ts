import { describe, expect, it } from 'vitest'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { compileVoices } from '../../src/assistant/voices.ts'
import { createFormatter } from '../../src/format/formatter.ts'
import { STEPS } from '../../src/format/steps.ts'
import { TrackedText } from '../../src/format/tracked-text.ts'
import { runSimulation } from '../support/simulation.ts'

/** The format plan of a voice, as an assistant sets it. */
function planOf(formatPlan: object = {}, chunkPlan: object = {}) {
  const voice = { provider: '11labs', voiceId: 'sarah', chunkPlan: { formatPlan, ...chunkPlan } }
  return compileVoices(parseAssistant({ voice }, 'a test').voice).format
}
const format = (text: string, formatPlan: object = {}) => createFormatter(planOf(formatPlan))(text).text
/** One step alone, by its place in the documented order: angle brackets 0, web addresses 1, markdown 2 … */
const step = (name: string, text: string, formatPlan: object = {}) => {
  const found = STEPS.filter(({ run }) => run.name === name)
  expect(found).toHaveLength(1)
  return found[0].run(TrackedText.of(text), planOf(formatPlan)).text
}

async function voiced(reply: string, chunkPlan: object = {}) {
  const voice = { provider: '11labs', voiceId: 'sarah', chunkPlan }
  const call = await runSimulation(
    JSON.stringify({
      assistant: { voice },
      caller: [{ at: 0, say: 'Hello.', lasts: 1 }],
      model: [{ reply }],
    }),
  )
  return { call, texts: call.all('voice.requested').map(({ text }) => text) }
}

const exact = (key: string, value: string, more: object = {}) => ({ type: 'exact', key, value, ...more })
const regex = (source: string, value: string, more: object = {}) => ({
  type: 'regex',
  regex: source,
  value,
  ...more,
})

describe('the formatter in a call', () => {
  it('[format-on-by-default, format-intro-currency] is on where nothing turns it off', async () => {
    expect((await voiced('$42.50')).texts).toEqual(['forty two dollars and fifty cents'])
    expect(planOf().enabled).toBe(true)
  })

  it('[format-intro-abbreviation] expands an abbreviation with its replacement', () => {
    expect(format('320 ST', { replacements: [exact('ST', 'STREET')] })).toBe('three hundred twenty STREET')
  })

  it('[format-intro-phone-number] spaces telephone numbers', async () => {
    expect((await voiced('123-456-7890')).texts).toEqual(['1 2 3 4 5 6 7 8 9 0'])
  })

  it('[format-before-the-voice] changes what the voice gets and nothing else', async () => {
    const { call, texts } = await voiced('It costs $5: _really_.')
    expect(texts).toEqual(['It costs five dollars. really.'])
    expect(call.first('assistant.speech.stopped').spokenText).toBe('It costs $5: _really_.')
    const { messages } = call.result.ended.artifact
    expect(JSON.stringify(messages)).toContain('It costs $5: _really_.')
    expect(JSON.stringify(messages)).not.toContain('five dollars')
  })

  it('[format-can-be-off, format-plan-disabled] off leaves the text as it is, in chunks', async () => {
    const { texts } = await voiced('It costs $5, and that is all of it. And <tag> 14:00', {
      formatPlan: { enabled: false },
    })
    expect(texts).toEqual(['It costs $5, and that is all of it.', 'And <tag> 14:00'])
  })

  it('[format-off-by-chunk-plan] is off with chunking off', async () => {
    expect((await voiced('$5: *a* 14:00', { enabled: false })).texts).toEqual(['$5: *a* 14:00'])
    expect(planOf({ enabled: true }, { enabled: false }).enabled).toBe(false)
  })

  it('[api-replacement-guard] gives up after 50 ms, with a warning', async () => {
    const runaway = { formatPlan: { replacements: [regex('(a+)+$', 'x')] } }
    const { call, texts } = await voiced(`${'a'.repeat(40)}!`, runaway)
    expect(call.all('warning').map(({ message }) => message)).toContainEqual(expect.stringContaining('50 ms'))
    expect(texts).toEqual([`${'a'.repeat(40)}!`])
  })
})

describe('the steps', () => {
  it('[format-order-of-steps] run in the order of the table', () => {
    expect(STEPS.map(({ run }) => run.name).filter(name => name !== 'protectWebAddresses')).toEqual([
      'removeAngleBracketContent',
      'removeMarkdownSymbols',
      'removePhrasesInAsterisks',
      'replaceNewLinesWithPeriods',
      'replaceColonsWithPeriods',
      'formatAcronyms',
      'formatDollarAmounts',
      'formatEmails',
      'formatDates',
      'formatTimes',
      'formatDistances',
      'formatUnits',
      'formatPercentages',
      'formatPhoneNumbers',
      'formatNumbers',
      'removeAsterisks',
      'applyReplacements',
    ])
    // Each on the result of the one before: step 4 ends a line that step 1 shortened, step 14 finds words of step 7.
    expect(format('a <b>\n$5', { replacements: [exact('five', 'V')] })).toBe('a  . V dollars')
  })

  /** The table of the page: rule, step, before, after. */
  it.each([
    ['format-angle-brackets', 'removeAngleBracketContent', 'a <b class="x">c</b>', 'a c'],
    [
      'format-angle-brackets-break',
      'removeAngleBracketContent',
      'a <break time="1s"/> b',
      'a <break time="1s"/> b',
    ],
    [
      'format-angle-brackets-spell',
      'removeAngleBracketContent',
      '<spell>A<b>1</spell>',
      '<spell>A<b>1</spell>',
    ],
    ['format-angle-brackets-double', 'removeAngleBracketContent', 'say <<v|a|p>> now', 'say <<v|a|p>> now'],
    ['format-angle-brackets-example', 'removeAngleBracketContent', 'Hello <tag> world', 'Hello  world'],
    ['format-markdown', 'removeMarkdownSymbols', '_a_ `b` ~c~', 'a b c'],
    [
      'format-markdown-asterisks-stay',
      'removeMarkdownSymbols',
      '**Wanted** to say *hi*',
      '**Wanted** to say *hi*',
    ],
    ['format-asterisk-phrases', 'removePhrasesInAsterisks', '**Wanted** to say *hi*', ' to say'],
    [
      'format-newlines',
      'replaceNewLinesWithPeriods',
      'Hello  world\n to say\nWe have NASA',
      'Hello  world .  to say . We have NASA',
    ],
    ['format-colons', 'replaceColonsWithPeriods', 'price: $42.50', 'price. $42.50'],
    ['format-acronyms-known', 'formatAcronyms', 'NASA', 'nasa'],
    ['format-acronyms-spaced', 'formatAcronyms', 'FBQ', 'F B Q'],
    ['format-acronyms-vowels', 'formatAcronyms', 'VAPI', 'VAPI'],
    ['format-acronyms-example', 'formatAcronyms', 'NASA and .NET', 'nasa and .net'],
    ['format-dollars', 'formatDollarAmounts', '$42.50', 'forty two dollars and fifty cents'],
    ['format-emails', 'formatEmails', 'Mail a.b@c.io. Done.', 'Mail a dot b at c dot io. Done.'],
    ['format-emails-example', 'formatEmails', 'JOHN.DOE@example.COM', 'JOHN dot DOE at example dot COM'],
    ['format-dates', 'formatDates', '2023 05 10', 'Wednesday, May 10, 2023'],
    ['format-times', 'formatTimes', '14:00', '14'],
    ['format-distances', 'formatDistances', '5km', '5 kilometers'],
    ['format-units', 'formatUnits', '43 lb', 'forty three pounds'],
    ['format-percentages', 'formatPercentages', '50%', '50 percent'],
    ['format-phone-numbers', 'formatPhoneNumbers', '123-456-7890', '1 2 3 4 5 6 7 8 9 0'],
    ['format-numbers-years', 'formatNumbers', '2023 1900 2099', '2023 1900 2099'],
    ['format-numbers-large', 'formatNumbers', '1200', 'twelve hundred'],
    ['format-numbers-negative', 'formatNumbers', '-9', 'minus nine'],
    ['format-numbers-decimal', 'formatNumbers', '2.5', 'two point five'],
    ['format-numbers-no-hyphen-no-and', 'formatNumbers', '142', 'one hundred forty two'],
    ['format-strip-asterisks', 'removeAsterisks', '**Bold** and *italic*', 'Bold and italic'],
  ])('[%s] %s: %j -> %j', (_rule, name, before, after) => {
    expect(step(name, before)).toBe(after)
  })

  it('[format-times] says 14 also where all steps run', () => expect(format('at 14:00')).toBe('at 14'))

  it('[format-emails] leaves full stops outside of addresses', () => {
    expect(format('See a.b@c.io. It is 5.')).toBe('See a dot b at c dot io. It is five.')
  })

  it('[format-colons-spare-times] spares times, web addresses and attributes', () => {
    expect(format('Now: 14:05:09, https://a.io:80/x <break time="1s" x="a:b"/>')).toBe(
      'Now. 14 oh 5 and 9 seconds, https://a.io:80/x <break time="1s" x="a:b"/>',
    )
  })

  it('[format-numbers-spare-earlier-steps] leaves digits that an earlier step wrote', () => {
    expect(format('5km, 50% and 5')).toBe('5 kilometers, 50 percent and five')
  })

  it('[format-strip-asterisks-last] removes asterisks after phrases in them were found', () => {
    expect(format('a *b* c', { formattersEnabled: ['asterisk', 'stripAsterisk'] })).toBe('a c')
    expect(format('a *b* c')).toBe('a b c')
  })

  const on = (name: string) => STEPS.find(({ run }) => run.name === name)?.isOnByDefault
  it.each([
    ['format-angle-brackets-default', 'removeAngleBracketContent', 'a<b>c', 'ac'],
    ['format-markdown-default', 'removeMarkdownSymbols', '_a_', 'a'],
    ['format-newlines-default', 'replaceNewLinesWithPeriods', 'a\nb', 'a . b'],
    ['format-colons-default', 'replaceColonsWithPeriods', 'a: b', 'a. b'],
    ['format-acronyms-default', 'formatAcronyms', 'FBQ', 'F B Q'],
    ['format-dollars-default', 'formatDollarAmounts', '$5', 'five dollars'],
    ['format-emails-default', 'formatEmails', 'a@b.io', 'a at b dot io'],
    ['format-dates-default', 'formatDates', '2023-05-10', 'Wednesday, May 10, 2023'],
    ['format-times-default', 'formatTimes', '14:30', '14 30'],
    ['format-quantities-default', 'formatDistances', '5km', '5 kilometers'],
    ['format-quantities-default', 'formatUnits', '5 lb', 'five pounds'],
    ['format-quantities-default', 'formatPercentages', '5%', '5 percent'],
    ['format-quantities-default', 'formatPhoneNumbers', '555-0100', '5 5 5 0 1 0 0'],
    ['format-numbers-default', 'formatNumbers', '5', 'five'],
    ['format-strip-asterisks-default', 'removeAsterisks', '*a*', 'a'],
    ['format-replacements-default', 'applyReplacements', 'a', 'a'],
  ])('[%s] %s is on by default: %j -> %j', (_rule, name, before, after) => {
    expect(on(name)).toBe(true)
    expect(format(before)).toBe(after)
  })

  it('[format-asterisk-phrases-default] phrases in asterisks stay by default', () => {
    expect(on('removePhrasesInAsterisks')).toBe(false)
    expect(format('say *hi* now')).toBe('say hi now')
  })
})

describe('the settings', () => {
  it('[format-cutoff-default] the cutoff is 2025 where it is not set', () => {
    expect(planOf().numberToDigitsCutoff).toBe(2025)
    expect(format('1899 2100')).toBe('one thousand eight hundred ninety nine 2 1 0 0')
  })

  it('[format-cutoff-above] numbers above it are read digit by digit', () => {
    expect(format('12345')).toBe('1 2 3 4 5')
    expect(format('500 501', { numberToDigitsCutoff: 500 })).toBe('five hundred 5 0 1')
  })

  it('[format-cutoff-raised] a higher one spells out larger numbers', () => {
    expect(format('12345', { numberToDigitsCutoff: 300_000 })).toBe(
      'twelve thousand three hundred forty five',
    )
  })

  it('[format-replacement-types] replacements are exact or regex', () => {
    expect(() => planOf({ replacements: [{ type: 'fuzzy', key: 'a', value: 'b' }] })).toThrow(
      'replacements[0]',
    )
    expect(() => planOf({ replacements: [{ type: 'exact', value: 'b' }] })).toThrow('key')
    expect(() => planOf({ replacements: [{ type: 'regex', value: 'b' }] })).toThrow('regex')
  })

  it('[format-replacement-exact, api-replacement-all] exact acts on its first place, or on all', () => {
    expect(format('hello and hello', { replacements: [exact('hello', 'hi')] })).toBe('hi and hello')
    const all = [exact('hello', 'hi', { replaceAllEnabled: true })]
    expect(format('hello and hello, Hello', { replacements: all })).toBe('hi and hi, Hello')
  })

  it('[format-replacement-regex] regex acts on every match', () => {
    expect(format('hello brave world', { replacements: [regex('\\b[a-zA-Z]{5}\\b', 'hi')] })).toBe('hi hi hi')
  })

  it('[api-replacement-options] a regex takes its options, and $1 in its value', () => {
    const option = (type: string) => ({ options: [{ type, enabled: true }] })
    expect(format('Ann ann', { replacements: [regex('ann', 'Bo', option('ignore-case'))] })).toBe('Bo Bo')
    expect(format('an and an', { replacements: [regex('an', 'x', option('whole-word'))] })).toBe('x and x')
    const lines = { formattersEnabled: [], replacements: [regex('^b', 'x', option('multi-line'))] }
    expect(format('a\nb', lines)).toBe('a\nx')
    expect(format('room 7B', { replacements: [regex('room (\\w+)', 'number $1')] })).toBe('number 7B')
    const disabled = { options: [{ type: 'ignore-case', enabled: false }] }
    expect(format('Ann', { replacements: [regex('ann', 'Bo', disabled)] })).toBe('Ann')
  })

  it('[format-replacements-step] the example of step 14, taken alone', () => {
    const replacements = [exact('ST', 'STREET'), exact('RD', 'ROAD')]
    expect(step('applyReplacements', '320 ST 21 RD', { replacements })).toBe('320 STREET 21 ROAD')
  })

  it('[format-replacements-last] replacements find what the other steps wrote', () => {
    expect(format('$5', { replacements: [exact('five dollars', 'a fiver')] })).toBe('a fiver')
  })

  it('[format-only-two-settings, api-formatters-enabled] formattersEnabled picks the steps; brackets and replacements always run', () => {
    const only = { formattersEnabled: ['dollarAmount'], replacements: [exact('x', 'y')] }
    expect(format('<b>x: $5 at 14:00', only)).toBe('y: five dollars at 14:00')
    expect(() => planOf({ formattersEnabled: ['sparkle'] })).toThrow('there is no formatter sparkle')
  })
})
