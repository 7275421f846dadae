import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { jsonLines, startVapi, temporaryFolder, vapi } from '../support/program.ts'
import { sharedFolder } from '../support/requires.ts'

const small = `
assistant: { model: { provider: openai, model: gpt-4o }, voice: { provider: openai, voiceId: alloy }, firstMessageMode: assistant-waits-for-user }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi there." }]
`

function file(name: string, text: string): { folder: string; path: string } {
  const folder = temporaryFolder()
  const path = join(folder, name)
  writeFileSync(path, text)
  return { folder, path }
}

const shared = sharedFolder()

describe.skipIf(shared === false)(
  `the worked timelines of the documentation${shared ? '' : ' (../shared is not here)'}`,
  () => {
    const names = ['timeline-start.yaml', 'timeline-interruption.yaml']

    it('hold to the millisecond', async () => {
      const { stdout, code } = await vapi([
        'call',
        'simulate',
        ...names.map(name => `${shared}/scenarios/${name}`),
      ])
      expect(code).toBe(0)
      expect(stdout).not.toContain('does not hold')
    })

    const numbers = names.flatMap(name => {
      const text = shared === false ? '' : readFileSync(`${shared}/scenarios/${name}`, 'utf8')
      const from = text.indexOf('expect:')
      return [...text.matchAll(/(afterMs|waitMs|endpointingMs|modelMs|voiceMs|totalMs): (\d+)/g)]
        .filter(match => match.index > from)
        .map(match => ({
          name,
          text,
          place: match.index + match[0].length - (match[2]?.length ?? 0),
          number: match[2] ?? '',
        }))
    })

    it.each(numbers)(
      '$name fails when the $number at $place is changed',
      async ({ name, text, place, number }) => {
        const changed = text.slice(0, place) + String(Number(number) + 7) + text.slice(place + number.length)
        const { path } = file(name, changed)
        const { stdout, code } = await vapi(['call', 'simulate', path, '--quiet'])
        expect(code).toBe(3)
        expect(stdout).toContain('does not hold')
      },
    )
  },
)

describe('vapi call simulate', () => {
  it('hears Ctrl-C in the middle of a file', async () => {
    // Some 20 s of work, of which Ctrl-C leaves nothing.
    const turns = Array.from({ length: 4000 }, (_, at) => ({ at: at * 10, say: 'Hello again.', lasts: 1 }))
    const { path, folder } = file(
      'long.json',
      JSON.stringify({
        assistant: {
          model: { provider: 'openai', model: 'gpt-4o' },
          voice: { provider: 'openai', voiceId: 'alloy' },
          firstMessageMode: 'assistant-waits-for-user',
          maxDurationSeconds: 43_200,
        },
        caller: turns,
        model: turns.map(() => ({ reply: 'Hi there, what can I do for you?' })),
      }),
    )
    const { child, prints, finished } = startVapi(['call', 'simulate', path, path, '--json'], { cwd: folder })
    await prints('"turn.ended"')
    child.kill('SIGINT')
    const { stdout, code } = await finished
    expect(code).toBe(130)
    expect(stdout).not.toContain('"call.ended"')
  })

  it('runs the demo’s own file', async () => {
    const { stderr, code } = await vapi([
      'call',
      'simulate',
      packageFile('templates', 'demo', 'appointment-desk.yaml'),
    ])
    expect(code).toBe(0)
    expect(stderr).toContain('1 of 1 simulations passed')
  })

  it('shows each turn with its latency bar', async () => {
    const { path } = file('a.yaml', small)
    const { stdout } = await vapi(['call', 'simulate', path])
    expect(stdout).toMatch(/1\.00 +customer +Hello\./)
    expect(stdout).toMatch(/assistant +Hi there\./)
    expect(stdout).toMatch(/█+▓+▒+░* endpointing 200 \+ model 800 \+ voice 500 \+ wait 400 = 1900 ms/)
    expect(stdout).not.toContain('\u001b')
  })

  it('prints every event as a JSON line, the same each time', async () => {
    const { path, folder } = file('a.yaml', small)
    const first = await vapi(['call', 'simulate', 'a.yaml', '--json'], { cwd: folder })
    const events = jsonLines(first.stdout)
    expect(events.map(({ type }) => type)).toContain('turn.latency')
    expect(events[0]).toMatchObject({ file: 'a.yaml', type: 'call.started', atMs: 0 })
    expect(await vapi(['call', 'simulate', 'a.yaml', '--json'], { cwd: folder })).toEqual(first)
    const filtered = await vapi(['call', 'simulate', path, '--jq', 'select(.type == "turn.ended") | .text'])
    expect(filtered.stdout).toBe('"Hello."\n')
  })

  it('exits with 3 and says what was there instead when an expectation does not hold', async () => {
    const { path } = file(
      'a.yaml',
      `${small}expect: [{ event: turn.ended, matches: Goodbye }, { event: interruption, count: 1 }]`,
    )
    const { stdout, code } = await vapi(['call', 'simulate', path, '--quiet'])
    expect(code).toBe(3)
    expect(stdout).toContain('its text is "Hello."')
    expect(stdout).toContain('no interruption happened')
  })

  it('runs many files and tells JUnit of each', async () => {
    const { folder } = file('good.yaml', small)
    writeFileSync(join(folder, 'bad.yaml'), `${small}expect: [{ endedReason: silence-timed-out }]`)
    writeFileSync(join(folder, 'broken.yaml'), 'assistant: [')
    const { code } = await vapi(
      ['call', 'simulate', 'good.yaml', 'bad.yaml', 'broken.yaml', '--junit', 'out.xml', '--quiet'],
      { cwd: folder },
    )
    expect(code).toBe(2)
    const xml = readFileSync(join(folder, 'out.xml'), 'utf8')
    expect(xml).toContain('tests="3" failures="1" errors="1"')
    expect(xml).toContain('<testcase name="good.yaml"')
    expect(xml).toMatch(/<failure message="expect\[0\] .*customer-ended-call/)
  })

  it.each([
    ['a mistyped key', `${small}expct: []`, 'unknown key expct'],
    ['a mistyped expectation', `${small}expect: [{ event: interruption, coutn: 0 }]`, 'unknown key coutn'],
    [
      'a mistyped event',
      `${small}expect: [{ event: interuption, count: 0 }]`,
      'there is no event interuption',
    ],
    ['a mistyped caller key', small.replace('lasts', 'last'), 'caller[0]: unknown key last'],
    ['a syntax error', 'assistant: {\n  model: [', 'a.yaml:2:'],
    ['a wrong type', small.replace('at: 0', 'at: soon'), 'caller[0].at'],
    ['a broken expression', `${small}expect: [{ event: transcript, matches: "(" }]`, 'matches'],
    ['a missing assistant', 'assistant: ./nothing.json', 'nothing.json'],
  ])('%s is an error that names its place', async (_what, text, message) => {
    const { folder } = file('a.yaml', text)
    const { stderr, code } = await vapi(['call', 'simulate', 'a.yaml'], { cwd: folder })
    expect([2, 5]).toContain(code)
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('the example of the README holds', async () => {
    const readme = readFileSync(packageFile('README.md'), 'utf8')
    const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const { path } = file('readme.yaml', example)
    const { stderr, code } = await vapi(['call', 'simulate', path])
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('(3 expectations)') })
  })

  it('a script that is too short for its call is no pass', async () => {
    const { path } = file('a.yaml', small.replace('model: [{ reply: "Hi there." }]', 'model: []'))
    const { stderr, code } = await vapi(['call', 'simulate', path])
    expect(code).toBe(1)
    expect(stderr).toContain('the script has no reply left that fits')
    expect(stderr).toContain('0 of 1 simulations passed')
  })

  it.each([
    ['a history that does not exist', '{ history: asistant, count: 0 }'],
    ['an index of a history', '{ history: assistant, index: 1 }'],
    ['index and count together', '{ event: turn.ended, index: 0, count: 1 }'],
    ['a tolerance without a time', '{ event: turn.ended, toleranceMs: 5 }'],
    ['text for an ended reason', '{ endedReason: customer-ended-call, matches: x }'],
    ['two kinds at once', '{ event: turn.ended, history: user }'],
  ])('%s is a mistake of the file', async (_what, line) => {
    const { path } = file('a.yaml', `${small}expect: [${line}]`)
    const { stderr, code } = await vapi(['call', 'simulate', path])
    expect(code).toBe(2)
    expect(stderr).toContain('expect[0]')
  })

  it('a full disk behind stdout is an exit code, not a crash', async () => {
    const { path } = file('a.yaml', small)
    const { stderr } = await vapi(['call', 'simulate', path, '--json', '--junit', '/dev/full'])
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('a file that is not there is exit 5', async () => {
    expect((await vapi(['call', 'simulate', 'nothing.yaml'])).code).toBe(5)
  })
})
