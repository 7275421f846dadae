import { describe, expect, it } from 'vitest'
import { callLive, typing } from '../../support/live.ts'

describe('at the keyboard', () => {
  it('a slash and a word that is no command is not spoken: a note lists the commands', async () => {
    const notes: string[] = []
    const lines = typing('/foo bar', '/help', '/keys x', '/ 5 please', '/keys 42')
    const customer = { ...lines, note: (text: string) => notes.push(text) }
    const call = await callLive({ keypadInputPlan: { enabled: true, timeoutSeconds: 0.5 } }, customer, [
      'Fine.',
      'Thanks.',
    ])
    expect(notes[0]).toMatch(/^there is no command \/foo; commands: \/keys 42# .*\/beep .*\/help$/)
    expect(notes[1]).toMatch(/^commands: \/keys /)
    expect(notes[2]).toBe('/keys takes digits, * and #: /keys 42#')
    expect(call.all('turn.ended').map(({ text }) => text)).toEqual(['/ 5 please'])
    expect(call.all('keys.entered')).toMatchObject([{ keys: '42' }])
  })
})
