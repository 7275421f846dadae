import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { jsonLines, startVapi, temporaryFolder, vapi } from '../support/program.ts'

const scenario = `
assistant:
  name: Desk
  model: { provider: openai, model: gpt-4o }
  voice: { provider: openai, voiceId: alloy }
  firstMessageMode: assistant-waits-for-user
  startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: livekit, waitFunction: "600" } }
latencies: { transcriberMs: 0, modelMs: 800, voiceMs: 500 }
caller: [{ at: 0, say: "Hi, I need an appointment.", lasts: 1.5 }]
model: [{ reply: "Which day suits you?" }]
`
const sum = 'endpointing 600 + model 800 + voice 500 + waitSeconds 400 = 2,300 ms'

/** A folder with the events of a simulated call in `events.jsonl`. */
async function recorded(): Promise<{ folder: string; events: string }> {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'call.yaml'), scenario)
  const { stdout } = await vapi(['call', 'simulate', 'call.yaml', '--json'], { cwd: folder })
  writeFileSync(join(folder, 'events.jsonl'), stdout)
  return { folder, events: stdout }
}

describe('vapi call explain', () => {
  it('explains the events of a simulation, from a file and from a pipe', async () => {
    const { folder, events } = await recorded()
    const file = await vapi(['call', 'explain', 'events.jsonl'], { cwd: folder })
    expect(file).toMatchObject({ code: 0, stderr: '' })
    expect(file.stdout).toContain(`\n  ${sum}\n`)
    expect(file.stdout).toContain('\n1. startSpeakingPlan.waitSeconds 0.4 → 0\n  400 ms earlier in turn 1.\n')
    expect(file.stdout).not.toContain('\u001b')
    expect(await vapi(['call', 'explain', '-'], { cwd: folder, stdin: events })).toEqual(file)
  })

  it('gives the whole explanation as JSON, one object a call', async () => {
    const { folder, events } = await recorded()
    const one = jsonLines((await vapi(['call', 'explain', 'events.jsonl', '--json'], { cwd: folder })).stdout)
    expect(one).toHaveLength(1)
    expect(one[0]).toMatchObject({
      file: 'call.yaml',
      assistantName: 'Desk',
      summary: { measured: 1, medianMs: 2300 },
      settings: { waitMs: 400, endpointing: { waitFunction: '600' }, model: 'openai/gpt-4o' },
      ended: { endedReason: 'customer-ended-call' },
    })
    const two = await vapi(['call', 'explain', '-', '--jq', '.turns[-1].time.totalMs'], {
      cwd: folder,
      stdin: events + events,
    })
    expect(two.stdout).toBe('2300\n2300\n')
  })

  it('shows one turn where it is asked to, and says which there are', async () => {
    const { folder } = await recorded()
    const { stdout } = await vapi(['call', 'explain', 'events.jsonl', '--turn', '1'], { cwd: folder })
    expect(stdout).toMatch(/^Turn 1 {2}0:00\.00\n/)
    expect(stdout).not.toContain('\nEnd ')
    const wrong = await vapi(['call', 'explain', 'events.jsonl', '--turn', '7'], { cwd: folder })
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toMatch(
      /events\.jsonl has no turn 7\nhint: its turns go from 0 \(the opening\) to 1/,
    )
  })

  it('finds local calls by folder, by id and by being the last', async () => {
    const { folder, events } = await recorded()
    const ids = ['20260105-090000-aaaa', '20260105-100000-bbbb']
    for (const [place, id] of ids.entries()) {
      mkdirSync(join(folder, '.vapi', 'calls', id), { recursive: true })
      const text = place === 0 ? events : events.replaceAll('"Desk"', '"Sales"')
      writeFileSync(join(folder, '.vapi', 'calls', id, 'events.jsonl'), text)
    }
    const headOf = async (...args: string[]) =>
      (await vapi(['call', 'explain', ...args], { cwd: folder })).stdout.split('\n')[0]
    expect(await headOf()).toMatch(/^Sales /)
    expect(await headOf(ids[0] ?? '')).toMatch(/^Desk /)
    expect(await headOf(join('.vapi', 'calls', ids[1] ?? ''))).toMatch(/^Sales /)
  })

  it.each([
    ['an empty file', '', 2, 'holds no events of a call'],
    ['something else', '{"a":1}\n', 2, 'holds no events of a call'],
    [
      'a call that a newer program saved',
      '{"format":99,"type":"call"}\n',
      2,
      'was saved by a newer vapi (format 99)',
    ],
  ])('refuses %s', async (_what, text, code, message) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'events.jsonl'), text)
    const result = await vapi(['call', 'explain', 'events.jsonl'], { cwd: folder })
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toContain(message)
    expect(result.stderr).toContain('hint: ')
  })

  it.each([
    [5, 'there is no file, folder or local call nothing.jsonl', ['nothing.jsonl']],
    [5, 'empty holds no events.jsonl', ['empty']],
    [2, 'which call shall be explained?', []],
    [5, 'there is no file, folder or local call xxx', ['x'.repeat(5000)]],
    [2, '--turn 1.5 is not a whole number', ['events.jsonl', '--turn', '1.5']],
  ])('what cannot be found is an error of code %i: %s', async (code, message, args) => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'empty'))
    const result = await vapi(['call', 'explain', ...args], { cwd: folder })
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toContain(message)
  })

  it('goes on behind a torn line, foreign lines and events it does not know, and tells of them', async () => {
    const { folder, events } = await recorded()
    const text = `{"a":1}\n${events}{"type":"thought.read","atMs":9,"file":"call.yaml"}\n{"type":"turn.en`
    const result = await vapi(['call', 'explain', '-'], { cwd: folder, stdin: text })
    expect(result.code).toBe(0)
    expect(result.stdout).toContain(sum)
    expect(result.stderr).toContain('the last line of standard input broke off and is left out')
    expect(result.stderr).toContain('one line of standard input cannot be read and is left out')
    expect(result.stderr).toContain(
      'one event of types that this vapi does not know is left out: thought.read',
    )
  })

  it('lets nothing of a record steer the terminal', async () => {
    const { folder, events } = await recorded()
    const hostile = events.replaceAll('appointment', 'appoint\\u001b[2J\\u202ement')
    const { stdout } = await vapi(['call', 'explain', '-'], { cwd: folder, stdin: hostile })
    expect(stdout).toContain('Hi, I need an appoint')
    for (const steering of ['\u001b', '\u202e']) expect(stdout).not.toContain(steering)
  })

  it('ends at Ctrl-C while it waits for a record', async () => {
    const running = startVapi(['call', 'explain', '-', '--debug'], { stdin: null })
    // More than a pipe holds: when it was taken, the program is reading.
    const line = '{"type":"call.started","atMs":0,"assistantName":"Desk"}\n'
    await new Promise<void>(resolve => running.child.stdin?.write(line.repeat(20_000), () => resolve()))
    running.child.kill('SIGINT')
    expect((await running.finished).code).toBe(130)
  })

  it('explains a call that was really made on this machine', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    server.script(textReply(['Tomorrow', ' at nine.']))
    const folder = temporaryFolder()
    const assistant = {
      name: 'Desk',
      firstMessage: 'Hello.',
      model: {
        provider: 'custom-llm',
        url: server.baseUrl,
        model: 'test',
        messages: [{ role: 'system', content: 'Be brief.' }],
      },
      startSpeakingPlan: { waitSeconds: 0.1, smartEndpointingPlan: { provider: 'vapi' } },
    }
    writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
    const local = await vapi(['call', 'local', 'assistant.json', '--in', 'text', '--save', 'call.vapicall'], {
      cwd: folder,
      stdin: 'When?\n',
    })
    expect(local).toMatchObject({ code: 0 })
    const [id] = readdirSync(join(folder, '.vapi', 'calls')).filter(name => name !== '.gitignore')
    const explained = await vapi(['call', 'explain', id ?? ''], { cwd: folder })
    expect(explained).toMatchObject({ code: 0, stderr: '' })
    expect(explained.stdout).toMatch(/Customer: “When\?”\n {2}Assistant: “Tomorrow at nine\.”/)
    expect(explained.stdout).not.toContain('own speech')
    expect(explained.stdout).toContain(
      'the words have punctuation, for which onPunctuationSeconds waits 100 ms',
    )
    expect(explained.stdout).toMatch(/ model [^\n]*waitSeconds 100[^\n]* = [\d,]+ ms\n/)

    // A saved call holds the same events but for what came of the call after its end.
    const turnOf = async (record: string) =>
      (
        await vapi(['call', 'explain', record, '--turn', '1', '--jq', '.turns[0] | del(.remarks)'], {
          cwd: folder,
        })
      ).stdout
    expect(await turnOf('call.vapicall')).toBe(await turnOf(id ?? ''))
    expect(await turnOf('call.vapicall')).toContain('"waitMs":100')
  })
})
