import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type KeyState, keyLine, keyMark, pressKey } from '../../src/commands/call-keys.ts'
import { packageFile } from '../../src/package-root.ts'
import { temporaryFolder, vapi } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { soundCardPrograms, startSoundCard } from '../support/sound-card.ts'
import { startInTerminal } from '../support/terminal.ts'

const fresh: KeyState = { muted: false, talking: false }

describe('the keys of a call', () => {
  it('space interrupts, m mutes and unmutes, q hangs up, others do nothing', () => {
    expect(pressKey(fresh, ' ', false)).toEqual({ state: fresh, actions: [{ type: 'interrupt' }] })
    const muted = pressKey(fresh, 'm', false)
    expect(muted).toEqual({ state: { ...fresh, muted: true }, actions: [{ type: 'mute', on: true }] })
    expect(pressKey(muted.state, 'M', false).actions).toEqual([{ type: 'mute', on: false }])
    expect(pressKey(fresh, 'q', false).actions).toEqual([{ type: 'hang-up' }])
    for (const key of ['x', '\r', '\u0004', '7'])
      expect(pressKey(fresh, key, false)).toEqual({ state: fresh, actions: [] })
  })

  it('with push to talk, space stops the assistant and talks, and again rests', () => {
    const on = pressKey(fresh, ' ', true)
    expect(on.actions).toEqual([{ type: 'interrupt' }, { type: 'talk', on: true }])
    expect(pressKey(on.state, ' ', true)).toEqual({ state: fresh, actions: [{ type: 'talk', on: false }] })
    expect([
      keyMark(fresh, true),
      keyMark(on.state, true),
      keyMark({ ...on.state, muted: true }, true),
    ]).toEqual(['resting', 'talking', 'muted'])
    expect(keyMark(fresh, false)).toBe('')
  })

  it('are said in one line', () => {
    for (const pushToTalk of [true, false])
      expect(keyLine(pushToTalk)).toMatch(/^keys: .*space.*m mutes.*q hangs up$/)
  })
})

it('push to talk needs a microphone and a terminal', async () => {
  const cwd = temporaryFolder()
  writeFileSync(
    join(cwd, 'a.json'),
    JSON.stringify({
      model: { provider: 'custom-llm', url: 'http://127.0.0.1:9/v1', model: 'none' },
      voice: { provider: 'silent' },
    }),
  )
  const text = await vapi(['call', 'local', 'a.json', '--in', 'text', '--push-to-talk'], { cwd })
  expect([text.code, text.stderr]).toEqual([2, expect.stringContaining('--push-to-talk needs --in mic')])
  const pipe = await vapi(['call', 'local', 'a.json', '--push-to-talk'], { cwd })
  expect([pipe.code, pipe.stderr]).toEqual([2, expect.stringContaining('--push-to-talk needs a terminal')])
})

const missing = requires(...soundCardPrograms, 'pocketsphinx_continuous', 'stty')

describe.skipIf(missing !== false)(
  `the keys of a call in a terminal${missing ? ` (${missing})` : ''}`,
  () => {
    const program = packageFile('bin', 'vapi.js')

    async function call(after: string, ...more: string[]) {
      const card = await startSoundCard()
      onTestFinished(() => card.stop())
      const cwd = temporaryFolder()
      const assistant = {
        firstMessageInterruptionsEnabled: true,
        firstMessage:
          'Hello, this is the clinic on the old market square. We have two openings this week, on Tuesday and on Thursday.',
        model: { provider: 'custom-llm', url: 'http://127.0.0.1:9/v1', model: 'none' },
        voice: { provider: 'embedded', voiceId: 'slt' },
        transcriber: { provider: 'pocketsphinx' },
      }
      writeFileSync(join(cwd, 'a.json'), JSON.stringify(assistant))
      const command = `before=$(stty -g); ${process.execPath} ${program} call local a.json --skip-analysis ${more.join(' ')}; echo "code $?"; ${after}`
      const run = startInTerminal(['-c', command], {
        command: '/bin/sh',
        cwd,
        env: { XDG_RUNTIME_DIR: card.env.XDG_RUNTIME_DIR, PULSE_SERVER: card.env.PULSE_SERVER },
      })
      onTestFinished(() => run.pty.kill('SIGKILL'))
      return run
    }
    const same = '[ "$(stty -g)" = "$before" ] && echo "as before"'

    it('interrupt, mute and hang up; the line of keys comes once, and the terminal is as it was', async () => {
      const run = await call(same)
      await run.waitFor('echo: half-duplex')
      await run.waitFor('keys: space interrupts, m mutes you, q hangs up')
      await run.waitFor('Hello, this is the clinic')
      run.press('space')
      await run.waitFor('interruption by key')
      run.type('m')
      await run.waitFor('the customer is muted')
      run.type('m')
      await run.waitFor('the customer is heard again')
      run.type('q')
      await run.waitFor('customer-ended-call')
      await run.waitFor('code 0')
      await run.waitFor('as before')
      expect(run.text().match(/keys: /g)).toHaveLength(1)
    }, 60_000)

    it('Ctrl-C ends the call as ever, and the terminal is as it was', async () => {
      const run = await call(same, '--push-to-talk')
      await run.waitFor('keys: space talks, space again listens')
      await run.waitFor('Listening.')
      run.press('ctrl-c')
      await run.waitFor('code 130')
      await run.waitFor('as before')
    }, 60_000)

    it('the terminal is as it was when the program is killed', async () => {
      const run = await call(
        'for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ "$(stty -g)" = "$before" ] && break; sleep 0.1; done; ' +
          same,
      )
      await run.waitFor('Listening.')
      const [child] = execFileSync('ps', ['-o', 'pid=', '--ppid', String(run.pty.pid)], { encoding: 'utf8' })
        .trim()
        .split(/\s+/)
      process.kill(Number(child), 'SIGKILL')
      await run.waitFor('code 137')
      await run.waitFor('as before')
    }, 60_000)
  },
)
