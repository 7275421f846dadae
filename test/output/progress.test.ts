import { spawnSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createProgress, renderPace } from '../../src/output/progress.ts'
import { formatBytes, formatDuration, PaceMeter } from '../../src/output/rate.ts'
import { packageFile } from '../../src/package-root.ts'
import { bundleProgram } from '../support/bundle.ts'
import { startInTerminal } from '../support/terminal.ts'

const escapeCode = '\u001b'
let program: Awaited<ReturnType<typeof bundleProgram>>

beforeAll(async () => {
  program = await bundleProgram(packageFile('test', 'output', 'wait.program.ts'))
})
afterAll(() => program.remove())

const wait = (...args: string[]) => startInTerminal(args, { program: program.file, columns: 60 })
const cursorIsShown = (raw: string) => raw.lastIndexOf('\u001b[?25h') > raw.lastIndexOf('\u001b[?25l')

describe('progress on a terminal', () => {
  it('is seen while something takes long, and leaves nothing behind', async () => {
    const run = wait('spinner')
    await run.waitFor('Fetching calls')
    expect(run.raw()).toContain('\u001b[?25l')
    run.press('enter')
    await run.waitFor('over')
    await run.finished
    const lastLine = run.raw().slice(run.raw().lastIndexOf('Fetching'))
    expect(lastLine).toMatch(new RegExp(`${escapeCode}\\[1G${escapeCode}\\[0K.*over`, 's'))
    expect(run.text()).toContain('a note\r\n')
    expect(cursorIsShown(run.raw())).toBe(true)
  })

  it('is a bar once it is known how far it is', async () => {
    const run = wait('bar')
    await run.waitFor(/█{3}░{12} {2}25 % {2}500\.0 kB of 2\.0 MB/)
    run.press('enter')
    await run.finished
  })

  it('is gone before an error is printed', async () => {
    const run = wait('failing')
    await run.waitFor('Fetching calls')
    run.press('enter')
    await run.waitFor('error: it broke')
    await run.finished
    expect(run.text().slice(run.text().indexOf('error:'))).not.toContain('Fetching')
  })

  it.each([
    ['has no size, where drawing would never end', 'stty cols 0;'],
    ['knows no escape codes', 'TERM=dumb'],
  ])('is not drawn on one that %s', async (_, setting) => {
    const line = `${setting} "${process.execPath}" "${program.file}" spinner`
    const run = startInTerminal(['-c', line], { command: 'sh' })
    setTimeout(() => run.press('enter'), 1000)
    await run.waitFor('over')
    expect(await run.finished).toMatchObject({ code: 0 })
    expect(run.raw()).not.toContain(escapeCode)
  })

  it('leaves the cursor visible after Ctrl-C', async () => {
    const run = wait('spinner')
    await run.waitFor('Fetching calls')
    run.press('ctrl-c')
    expect(await run.finished).toMatchObject({ code: 130 })
    expect(cursorIsShown(run.raw())).toBe(true)
  })

  it.each([['quick'], ['forgotten'], ['spinner', 'quiet']])('is not seen when %s %s', async (...args) => {
    const run = wait(...args)
    if (args.includes('quiet')) run.press('enter')
    await run.finished
    expect(run.raw()).not.toContain('Fetching')
    expect(run.raw()).not.toContain('\u001b')
  })
})

describe('progress', () => {
  /** Shows progress for some time, in milliseconds, and gives what was written. */
  async function shownAfter(timeMs: number, terminal: boolean): Promise<string> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    await import('ora')
    const still = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true }
    const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), still)
    const stream = new PassThrough()
    const progress = createProgress(
      {
        stdout: stream,
        stderr,
        stdin: stream,
        stdoutIsTerminal: false,
        stderrIsTerminal: terminal,
        stdinIsTerminal: terminal,
        columns: () => 80,
      },
      { text: 'Fetching', shown: true, colour: false },
    )
    await vi.advanceTimersByTimeAsync(timeMs)
    await new Promise(resolve => setImmediate(resolve))
    progress.stop()
    return stderr.read() ?? ''
  }

  it('does not flash up for what is over soon', async () => {
    expect(await shownAfter(399, true)).toBe('')
    expect(await shownAfter(400, true)).toContain('Fetching')
  })

  it('is not seen in a pipe, however long it takes', async () => {
    expect(await shownAfter(60_000, false)).toBe('')
  })
})

it('shows no progress into a pipe', () => {
  const { stderr, stdout } = spawnSync(process.execPath, [program.file, 'spinner'], {
    input: '\n',
    encoding: 'utf8',
  })
  expect({ stderr, stdout }).toEqual({ stderr: 'a note\n', stdout: 'over\n' })
})

describe('the pace', () => {
  it('is the rate of what was done since the start, not of what was there', () => {
    const meter = new PaceMeter()
    expect(meter.measure(1000, 3000, 0)).toMatchObject({ perSecond: null, secondsLeft: null })
    expect(meter.measure(1500, 3000, 1000)).toMatchObject({ perSecond: 500, secondsLeft: 3 })
  })

  it('forgets what is long ago', () => {
    const meter = new PaceMeter()
    meter.measure(0, 100_000, 0)
    for (let second = 1; second <= 20; second++) meter.measure(1000, 100_000, second * 1000)
    expect(meter.measure(1000, 100_000, 21_000)).toMatchObject({ perSecond: 0, secondsLeft: null })
  })

  it('is written without what is not known', () => {
    expect(renderPace({ done: 12, total: null, perSecond: null, secondsLeft: null }, 'items', 60)).toBe('12')
    expect(renderPace({ done: 20, total: 10, perSecond: 2, secondsLeft: 0 }, 'items', 60)).toBe(
      `${'█'.repeat(20)}  100 %  20 of 10  2.0/s  0 s left`,
    )
  })

  it('has no bar where there is no room for one', () => {
    const pace = { done: 5, total: 10, perSecond: null, secondsLeft: null }
    expect(renderPace(pace, 'items', 17)).toBe('50 %  5 of 10')
    expect(renderPace(pace, 'items', 20)).toBe('██░░░  50 %  5 of 10')
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_960, '1.0 MB'],
    [27_000_000, '27.0 MB'],
    [2e12, '2.0 TB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [0.4, '0 s'],
    [59.6, '1 min 0 s'],
    [200, '3 min 20 s'],
    [7_500, '2 h 5 min'],
  ])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))
})
