import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import callSimulate from '../../src/commands/call-simulate.ts'
import { packageFile } from '../../src/package-root.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { runSimulation } from '../support/simulation.ts'

const keypad = 'keypadInputPlan: { enabled: true, timeoutSeconds: 2 }'
const oneStep = 'caller: [{ at: 0, say: Hello., lasts: 1 }]'

function command(yaml: string, ...more: string[]) {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'a.yaml'), `assistant: { firstMessageMode: assistant-waits-for-user }\n${yaml}`)
  return runCommand(callSimulate, ['a.yaml', ...more], { baseUrl: 'http://127.0.0.1:9', cwd }).finished
}

describe('the scripted caller', () => {
  it('stays until its last keys were pressed and answered', async () => {
    const call = await runSimulation(`
assistant: { ${keypad} }
${oneStep}
keys: [{ at: 12, press: "4" }, { at: 13, press: "2" }]
model: [{ reply: Hi. }, { when: "^42$", reply: Thanks. }]`)
    expect(call.all('keys.pressed').map(({ keys, atMs }) => ({ keys, atMs }))).toEqual([
      { keys: '4', atMs: 12_000 },
      { keys: '2', atMs: 13_000 },
    ])
    expect(call.first('keys.entered')).toMatchObject({ keys: '42', atMs: 15_000 })
    expect(call.all('assistant.speech.stopped').at(-1)).toMatchObject({ spokenText: 'Thanks.' })
    expect(call.endedReason).toBe('customer-ended-call')
    expect(call.unmeant).toEqual([])
  })

  it('stays until the last live control was sent and answered', async () => {
    const call = await runSimulation(`
${oneStep}
control: [{ at: 12, send: { type: say, content: One moment. } }, { at: 12, send: { type: say, content: Still here. } }]
model: [{ reply: Hi. }]`)
    expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'Hi.',
      'One moment.',
      'Still here.',
    ])
  })
})

describe('pressed keys', () => {
  it('without a keypad plan are told, with one warning that they have no effect', async () => {
    const call = await runSimulation(`
${oneStep}
keys: [{ at: 5, press: "4" }, { at: 6, press: "2" }]
model: [{ reply: Hi. }]`)
    expect(call.all('keys.pressed')).toHaveLength(2)
    expect(call.all('keys.entered')).toEqual([])
    const warnings = call.all('warning').filter(({ message }) => message.includes('keypadInputPlan.enabled'))
    expect(warnings).toHaveLength(1)
  })

  it('are shown', async () => {
    const { stdout } = await command('keys: [{ at: 1, press: "42#" }]')
    expect(stdout).toMatch(/1\.00 +customer +presses 42#/)
  })
})

describe('entries that cannot be meant', () => {
  const yaml = `
${oneStep}
model: [{ reply: Hi. }, { when: appointment, reply: Never. }]
tools: { bok: { result: yes } }
failures: [{ voice: openai/nobody }, { model: openai/gpt-4o }]
control: [{ at: 900, send: { type: end-call } }]
keys: [{ at: 901, press: "1" }]`

  it('are warned of at the end, each by its place, and fail nothing', async () => {
    const call = await runSimulation(`assistant: { silenceTimeoutSeconds: 20 }
${yaml.replace(', { model: openai/gpt-4o }', '')}
expect: [{ event: warning, matches: bok, count: 0 }]`)
    expect(call.failed).toEqual([])
    expect(call.unmeant).toEqual([
      expect.stringMatching(/^tools\.bok: no assistant of the call has a tool of that name/),
      expect.stringMatching(
        /^failures\[0\]: no assistant of the call uses the voice openai\/nobody \(there is /,
      ),
      expect.stringMatching(/^keys\[0\] at 901 s did not happen: the call ended after /),
      expect.stringMatching(/^control\[0\] at 900 s did not happen: the call ended after /),
      'the model reply with when: "appointment" was never given',
    ])
  })

  it('are warned of with --quiet too', async () => {
    const { stdout, stderr, exit } = await command('tools: { bok: { result: yes } }', '--quiet')
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 0 })
    expect(stderr).toMatch(/^warning: tools\.bok: /m)
  })
})

describe('a line of expect that does not hold', () => {
  it('says how many events there were and shows five of their texts', async () => {
    const model = Array.from({ length: 7 }, (_, place) => `{ reply: Reply ${place}. }`).join(', ')
    const caller = Array.from({ length: 7 }, () => '{ after: assistant, plus: 1, say: Yes. }').join(', ')
    const call = await runSimulation(`
assistant: { firstMessage: Hello., firstMessageMode: assistant-speaks-first }
caller: [${caller}]
model: [${model}]
expect: [{ event: assistant.speech.started, matches: Goodbye }]`)
    expect(call.failed.map(({ reason }) => reason)).toEqual([
      'none of 8 assistant.speech.started events fits; texts: "Hello.", "Reply 0.", "Reply 1.", "Reply 2.", "Reply 3." and 3 more',
    ])
  })

  it('names the event that a mistyped one is near to', async () => {
    const { stderr, exit } = await command('expect: [{ event: interuption, count: 0 }]')
    expect(exit).toBe(2)
    expect(stderr).toContain('hint: did you mean interruption?')
  })

  it('lists all events where none is near, and each of them is in the documentation', async () => {
    const { error, stderr } = await command('expect: [{ event: zzzzzzzzzzzz }]')
    expect(error).toBeNull()
    const names = /hint: there are (.*)/.exec(stderr)?.[1]?.split(', ') ?? []
    expect(names.length).toBeGreaterThan(40)
    const page = readFileSync(packageFile('docs', 'simulation.md'), 'utf8')
    expect(names.filter(name => !page.includes(`\`${name}\``))).toEqual([])
  })

  it('is not counted where Ctrl-C came before its file, and that is told', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a.yaml'), 'assistant: {}')
    const run = runCommand(callSimulate, ['a.yaml', 'a.yaml'], { baseUrl: 'http://127.0.0.1:9', cwd })
    run.interrupt()
    expect((await run.finished).stderr).toMatch(
      /^\d of (0|1) simulations passed .*; stopped before the other [12]$/m,
    )
  })

  it('counts one as one', async () => {
    const { stderr } = await command('expect: [{ event: interruption, count: 0 }]')
    expect(stderr).toContain('1 of 1 simulations passed (1 expectation)')
  })
})
