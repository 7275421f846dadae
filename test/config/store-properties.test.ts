import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { storeOf } from './samples.ts'

/** Pieces of a file that the program knows nothing of, as people write them. */
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/)
const comment = fc.stringMatching(/^[ -~äß#:{}'"]{0,30}$/).map(text => `#${text}`)
const scalar = fc.oneof(
  fc.constantFrom(
    '1',
    '0x1F',
    '1e3',
    '1.50',
    'true',
    'NULL',
    '~',
    '',
    '2020-01-01',
    '"a: b"',
    "'it''s'",
    'plain words',
  ),
  fc.constantFrom(
    '[1,2,  3]',
    '{a: 1,b: "x"}',
    '|\n    two\n\n    lines',
    '>-\n    folded\n    text',
    '!tag value',
    '- 1',
  ),
)
const value = scalar.map(text => (text === '- 1' ? '\n- 1\n- a: 2\n  b: 3' : ` ${text}`))
const unknown = fc.record({
  name: word,
  value,
  above: fc.array(fc.oneof(comment, fc.constant('')), { maxLength: 3 }),
})
const known = fc.constantFrom(
  'timeout: 30 # seconds',
  'api_key:   "old"',
  'accounts:\n  work:   # mine\n    apikey: k\n    extra: kept\n    org_id: o\n  # below',
  'environment: staging',
  'aliases: {w: work}',
)

const files = fc
  .record({
    unknown: fc.uniqueArray(unknown, { selector: ({ name }) => name, maxLength: 6 }),
    known: fc.uniqueArray(known, { selector: text => text.split(':')[0] }),
    order: fc.array(fc.nat(100), { minLength: 11, maxLength: 11 }),
    head: fc.array(comment, { maxLength: 2 }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    lastEnd: fc.boolean(),
  })
  .map(({ unknown, known, order, head, lineEnd, lastEnd }) => {
    // Behind a block scalar an empty line would belong to it, so comments come first.
    const blocks = unknown.map(({ name, value, above }) => [...above, `x-${name}:${value}`].join('\n'))
    const pieces = [...blocks, ...known].map((text, index) => ({ text, place: order[index] ?? 0 }))
    const body = pieces.sort((a, b) => a.place - b.place).map(({ text }) => text)
    const text = [...head, ...body].join('\n') + (lastEnd ? '\n' : '')
    return {
      text: text.replaceAll('\n', lineEnd),
      lineEnd,
      blocks: blocks.map(block => block.replaceAll('\n', lineEnd)),
    }
  })

describe('any change of any file', () => {
  it('keeps the unknown keys byte for byte, every comment, and the other values', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }), async (file, changes) => {
        const { store, text } = storeOf(file.text)
        const before = parse(file.text, { logLevel: 'error' }) ?? {}
        await store.change(draft => {
          for (const change of changes) {
            if (change === 0) draft.set('timeout', 7)
            if (change === 1) draft.setLegacyKey('new-key')
            if (change === 2) draft.setAccount('other', { email: 'a@b.c' })
            if (change === 3) draft.set('timeout', null)
            if (change === 4) draft.set('environment', 'development')
            if (change === 5) draft.setLegacyKey(null)
            if (change === 6 && draft.config.accounts.some(({ name }) => name === 'work'))
              draft.setKey('work', 'n', 'file')
            if (change === 7 && draft.config.accounts.some(({ name }) => name === 'work'))
              draft.setAlias('w2', 'work')
          }
        })
        const after = parse(text(), { logLevel: 'error' })
        for (const block of file.blocks) expect(text()).toContain(block)
        for (const [name, old] of Object.entries(before)) {
          if (name.startsWith('x-')) expect(after[name]).toEqual(old)
        }
        if (before.accounts !== undefined) {
          expect(after.accounts.work).toMatchObject({ extra: 'kept', org_id: 'o' })
          expect(text()).toContain('# mine')
          expect(text()).toContain('# below')
        }
        if (file.text.includes('\r\n')) expect(text().replaceAll('\r\n', '')).not.toContain('\n')
        const again = text()
        await store.change(draft => draft.set('timeout', draft.config.timeoutSeconds))
        expect(text()).toBe(again)
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('never shows a piece of a broken file in its error', async () => {
    const secret = 'sk-5ecret'
    const lines = [
      `api_key: ${secret}`,
      `api_key: "${secret}`,
      `api_key: '${secret}`,
      `  ${secret}: [`,
      `*${secret}`,
      `a: *${secret}`,
      `a: !${secret} {`,
      `a: "\\${secret}"`,
      `%${secret} x`,
      `&${secret} &${secret} a`,
      `\t${secret}: 1`,
      `a: b: ${secret}`,
      `- ${secret}`,
      `? ${secret}`,
      `} ${secret}`,
      `@${secret}`,
      `a: |${secret}`,
      `'${secret}' ${secret}`,
      `accounts: ${secret}`,
      `timeout: ${secret}`,
      `storage: ${secret}`,
      `compat: ${secret}`,
      `base_url: ${secret}`,
      '---',
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 4 }), async chosen => {
        const { store } = storeOf(chosen.join('\n'))
        const shown = await store.read().then(
          () => '',
          error => `${error.message}${error.hint}`,
        )
        expect(shown).not.toContain(secret)
      }),
      { numRuns: 500 },
    )
  }, 60_000)
})
