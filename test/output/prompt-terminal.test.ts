import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { bundleProgram } from '../support/bundle.ts'
import { startInTerminal } from '../support/terminal.ts'

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
let program: Awaited<ReturnType<typeof bundleProgram>>

beforeAll(async () => {
  program = await bundleProgram(packageFile('test', 'output', 'ask.program.ts'))
})
afterAll(() => program.remove())

const ask = (...args: string[]) => startInTerminal(args, { program: program.file })

/** A hidden cursor was shown again. */
const cursorIsShown = (raw: string) => raw.lastIndexOf(showCursor) >= raw.lastIndexOf(hideCursor)

describe('a question in a terminal', () => {
  it('gives the text that was typed', async () => {
    const run = ask('text')
    await run.waitFor('? Name')
    run.type('Grace')
    run.press('enter')
    await run.waitFor('answer: "Grace" raw: false')
    expect(await run.finished).toMatchObject({ code: 0 })
  })

  it('gives the default where nothing was typed', async () => {
    const run = ask('text-default')
    await run.waitFor('(Ada)')
    run.press('enter')
    await run.waitFor('answer: "Ada"')
  })

  it('says what is wrong and asks again', async () => {
    const run = ask('text-checked')
    await run.waitFor('Number')
    run.type('12')
    run.press('enter')
    await run.waitFor('it begins with +')
    run.press('ctrl-u')
    run.type('+12')
    run.press('enter')
    await run.waitFor('answer: "+12"')
  })

  it('never shows a secret', async () => {
    const run = ask('secret')
    await run.waitFor('Key')
    run.type('sesame-1234')
    run.press('enter')
    await run.waitFor('answer: "sesame-1234"')
    expect(run.text().match(/sesame/g)).toHaveLength(1)
    expect(run.text().match(/\*/g)).toBeNull()
  })

  it.each([
    ['confirm', '', false],
    ['confirm', 'y', true],
    ['confirm-yes', '', true],
    ['confirm-yes', 'n', false],
  ])('%s answered with "%s" is %s', async (name, typed, answer) => {
    const run = ask(name)
    await run.waitFor('it?')
    run.type(typed)
    run.press('enter')
    await run.waitFor(`answer: ${answer}`)
  })

  it('chooses with the arrow keys and shows what a choice means', async () => {
    const run = ask('select')
    await run.waitFor('a free number')
    run.press('down')
    await run.waitFor('❯ Twilio')
    run.press('enter')
    await run.waitFor('answer: "twilio"')
  })

  it('lets no text of a choice steer the terminal', async () => {
    const run = ask('select', 'plain')
    await run.waitFor('Twilio  [31mred')
    run.press('enter')
    await run.finished
    expect(run.raw()).not.toContain('\u001b[31m')
    expect(run.raw()).not.toContain('\u0007')
  })

  it('begins at the default', async () => {
    const run = ask('select-default')
    await run.waitFor('❯ vonage')
    run.press('enter')
    await run.waitFor('answer: "vonage"')
  })

  it('narrows a long list by what is typed', async () => {
    const run = ask('select-long')
    await run.waitFor('Voice 10')
    expect(run.text()).not.toContain('Voice 31')
    run.type('SEA voice')
    await run.waitFor('❯ Voice 31 of the sea')
    run.press('enter')
    await run.waitFor('answer: "voice-31"')
  })

  it('takes several choices', async () => {
    const run = ask('checkbox')
    await run.waitFor('vonage')
    run.press('space', 'down', 'down', 'space', 'enter')
    await run.waitFor('answer: ["vapi","vonage"]')
  })

  it('asks one thing after the other', async () => {
    const run = ask('two')
    await run.waitFor('First')
    run.type('a')
    run.press('enter')
    await run.waitFor('Second')
    run.type('b')
    run.press('enter')
    await run.waitFor('answer: ["a","b"]')
  })

  it('has no colour where none is wanted', async () => {
    const run = ask('select', 'plain')
    await run.waitFor('vonage')
    run.press('enter')
    await run.finished
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with one
    expect(run.raw()).not.toMatch(/\u001b\[[\d;]*m/)
  })
})

describe.each(['text', 'text-default', 'secret', 'confirm', 'select', 'select-long', 'checkbox'])(
  'the question %s',
  name => {
    it.each(['ctrl-c', 'ctrl-d'] as const)(
      'ends on %s with exit 130 and the terminal as it was',
      async key => {
        const run = ask(name)
        await run.waitFor('?')
        run.press(key)
        await run.waitFor('failed: interrupted raw: false')
        expect(await run.finished).toMatchObject({ code: 130 })
        expect(cursorIsShown(run.raw())).toBe(true)
      },
    )

    it('ends when the program is told to end', async () => {
      const run = ask(name)
      await run.waitFor('?')
      process.kill(run.pty.pid, 'SIGTERM')
      await run.waitFor('failed: interrupted raw: false')
      expect(await run.finished).toMatchObject({ code: 130 })
      expect(cursorIsShown(run.raw())).toBe(true)
    })
  },
)

describe('a question', () => {
  it('ends on its own signal', async () => {
    const run = ask('limited')
    await run.waitFor('browser')
    process.kill(run.pty.pid, 'SIGUSR2')
    await run.waitFor('failed: interrupted')
  })

  it.each([
    ['is answered', 'enter', 'answer: "Ada"'],
    ['is left with Ctrl-D', 'ctrl-d', 'failed: interrupted'],
  ] as const)('that was stopped with Ctrl-Z %s after fg', async (_, key, outcome) => {
    const shell = startInTerminal(['--norc', '--noprofile', '-i'], {
      command: 'bash',
      env: { PS1: 'shell> ' },
    })
    await shell.waitFor('shell>')
    shell.type(`${process.execPath} ${program.file} text\r`)
    await shell.waitFor('? Name')
    shell.press('ctrl-z')
    await shell.waitFor('shell>')
    shell.type('fg\r')
    await shell.waitFor('text')
    if (key === 'enter') {
      shell.type('Ada')
      await shell.waitFor('Name Ada')
    }
    shell.press(key)
    await shell.waitFor(outcome)
    await shell.waitFor('shell>')
    shell.type('exit\r')
    await shell.finished
  })
})
